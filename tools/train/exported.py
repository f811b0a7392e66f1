"""A reference forward pass of an exported model, in float64 and as plain as the definitions allow.

Letters: T tokens of the text.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file

BOS_ID = 0


@dataclass(frozen=True)
class Run:
    """What one pass over `ids` [T] computes."""

    ids: torch.Tensor
    pattern: torch.Tensor
    """[n_layers, n_heads, query_pos, key_pos]; rows sum to 1, 0 above the diagonal"""
    log_probs: torch.Tensor
    """[T - 1]: of each next token, in nats"""


class ExportedModel:
    """Reads `config.json` and `model.safetensors`; shortformer models without normalization and biases only."""

    def __init__(self, folder):
        folder = Path(folder)
        self.config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        kind = self.config["positional_embedding_type"], self.config["normalization_type"]
        if kind != ("shortformer", None):
            raise ValueError(f"{folder}: expected a shortformer without normalization, found {kind}")
        stored = load_file(folder / "model.safetensors")
        biases = [name for name, tensor in stored.items() if ".b_" in name and tensor.any()]
        if biases:
            raise ValueError(f"{folder}: expected a model without biases, found {', '.join(biases)}")
        self.weights = {name: tensor.double() for name, tensor in stored.items()}

    def run(self, ids):
        """One pass over a list of ids, BOS included."""
        ids = torch.tensor(ids)
        seq = len(ids)
        positions = self.weights["pos_embed.W_pos"][:seq]
        causal = torch.ones(seq, seq).tril().bool()
        residual = self.weights["embed.W_E"][ids]
        patterns = []
        for layer in range(self.config["n_layers"]):
            W_Q, W_K, W_V, W_O = (self.weights[f"blocks.{layer}.attn.W_{name}"] for name in "QKVO")
            query = (residual + positions) @ W_Q  # [n_heads, T, d_head]
            key = (residual + positions) @ W_K
            value = residual @ W_V  # shortformer: no positions here
            scores = query @ key.transpose(1, 2) / math.sqrt(self.config["d_head"])
            pattern = scores.masked_fill(~causal, -torch.inf).softmax(-1)
            residual = residual + (pattern @ value @ W_O).sum(0)
            patterns.append(pattern)
        logits = residual @ self.weights["unembed.W_U"]
        log_probs = logits[:-1].log_softmax(-1).gather(1, ids[1:, None])[:, 0]
        return Run(ids, torch.stack(patterns), log_probs)
