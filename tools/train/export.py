"""Write a checkpoint of train.py as the page reads it: model.safetensors (f16, TransformerLens' names) and config.json.

    python export.py work/run.pt ../../models/default
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file


def tensors(weights, config):
    """The weights under TransformerLens' names and in its shapes, f16."""
    n_heads, d_head, d_model = config["n_heads"], config["d_head"], config["d_model"]
    named = {
        "embed.W_E": weights["W_E"],
        "pos_embed.W_pos": weights["W_pos"],
        "unembed.W_U": weights["W_U"],
    }
    for layer in range(config["n_layers"]):
        for name in ("W_Q", "W_K", "W_V"):
            side_by_side = weights[f"layers.{layer}.{name}"]
            named[f"blocks.{layer}.attn.{name}"] = side_by_side.view(d_model, n_heads, d_head).permute(1, 0, 2)
        named[f"blocks.{layer}.attn.W_O"] = weights[f"layers.{layer}.W_O"].view(n_heads, d_head, d_model)
    return {name: tensor.half().contiguous() for name, tensor in named.items()}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("checkpoint", type=Path)
    arguments.add_argument("model", type=Path, help="folder to write to")
    options = arguments.parse_args()

    checkpoint = torch.load(options.checkpoint)
    config = checkpoint["config"] | {
        "attn_only": True,
        "attention_dir": "causal",
        "normalization_type": None,
        "positional_embedding_type": "shortformer",
        "eps": 1e-5,
    }
    options.model.mkdir(parents=True, exist_ok=True)
    save_file(tensors(checkpoint["weights"], config), options.model / "model.safetensors")
    (options.model / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
