"""The model that is trained: attention only, shortformer, no normalization, no biases, untied embeddings.

Letters: B rows of a batch, T tokens of a row. The config's names are TransformerLens'.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Config:
    """The model's shape; the defaults are the shipped model's."""

    n_layers: int = 2
    n_heads: int = 8
    d_model: int = 256
    d_head: int = 32
    n_ctx: int = 512
    d_vocab: int = 4096


def initial_positions(n_ctx, d_model):
    """[n_ctx, d_model]: quick sinusoids on the first half of the dimensions, noise on the rest.

    Frequencies fall from 2 radians a token (a period of 3 tokens) to a 300th of a radian. Neighbours are far apart from the start, so that
    a previous-token head, which the induction head waits for, is found early.
    """
    n_frequencies = d_model // 4
    frequency = 2.0 * torch.exp(-torch.arange(n_frequencies) * math.log(600.0) / n_frequencies)
    angle = torch.arange(n_ctx)[:, None] * frequency
    positions = torch.randn(n_ctx, d_model) * 0.02
    positions[:, 0 : 2 * n_frequencies : 2] = angle.sin()
    positions[:, 1 : 2 * n_frequencies : 2] = angle.cos()
    return positions


class Attention(nn.Module):
    """One layer. The heads' matrices lie side by side, so that all heads are one product: [d_model, n_heads * d_head]."""

    def __init__(self, config):
        super().__init__()
        self.n_heads, self.d_head = config.n_heads, config.d_head
        d_model, d_heads = config.d_model, config.n_heads * config.d_head
        self.W_Q = nn.Parameter(torch.randn(d_model, d_heads) * d_model**-0.5)
        self.W_K = nn.Parameter(torch.randn(d_model, d_heads) * d_model**-0.5)
        self.W_V = nn.Parameter(torch.randn(d_model, d_heads) * d_model**-0.5)
        self.W_O = nn.Parameter(torch.randn(d_heads, d_model) * d_heads**-0.5 * 0.5)

    def split_heads(self, projected):
        """[B, T, n_heads * d_head] to [B, n_heads, T, d_head]"""
        rows, tokens, _ = projected.shape
        return projected.view(rows, tokens, self.n_heads, self.d_head).transpose(1, 2)

    def forward(self, resid_pre, positions):
        """What the layer adds to the residual stream. Shortformer: positions reach queries and keys, never values."""
        rows, tokens, _ = resid_pre.shape
        placed = resid_pre + positions
        query = self.split_heads(placed @ self.W_Q)
        key = self.split_heads(placed @ self.W_K)
        value = self.split_heads(resid_pre @ self.W_V)
        z = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        return z.transpose(1, 2).reshape(rows, tokens, -1) @ self.W_O


class AttentionOnly(nn.Module):
    """Embedding, layers of attention, unembedding."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.W_E = nn.Parameter(torch.randn(config.d_vocab, config.d_model) * 0.3)
        self.W_pos = nn.Parameter(initial_positions(config.n_ctx, config.d_model))
        self.W_U = nn.Parameter(torch.randn(config.d_model, config.d_vocab) * 0.02)
        self.layers = nn.ModuleList([Attention(config) for _ in range(config.n_layers)])

    def residual(self, ids):
        """ids [B, T] to the last residual stream [B, T, d_model]."""
        residual = self.W_E[ids]
        positions = self.W_pos[: ids.shape[1]]
        for layer in self.layers:
            residual = residual + layer(residual, positions)
        return residual

    def forward(self, ids):
        """ids [B, T] to logits [B, T, d_vocab]."""
        return self.residual(ids) @ self.W_U
