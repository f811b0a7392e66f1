"""Writes the forward pass of a GPT-2 as an ONNX graph. The weights stay in their safetensors file.

    python tools/bench/gpt2_onnx.py WEIGHTS.safetensors CONFIG.json OUT.onnx

Input:  ids        int64    [batch, seq]
Output: log_probs  float32  [batch, seq - 1], of each token but the first, natural logarithm

OUT names WEIGHTS, without its folder, as its external data: both files hold the same bytes of every weight.
The operators are those that an exporter writes: LayerNormalization, Gemm (MatMul with its bias), MatMul,
Softmax under a causal mask, Gelu (tanh), and at the end LogSoftmax and GatherElements.
"""

import json
import sys
from pathlib import Path

from onnx import TensorProto

from onnx_graph import Graph, causal_mask, log_probs_of_targets, read_weights, save_graph, value


def write_forward(graph: Graph, config: dict) -> str:
    """Adds the forward pass, and returns the name of its output."""
    n_embd, n_head, eps = config["n_embd"], config["n_head"], config["layer_norm_epsilon"]
    d_head = n_embd // n_head
    add = graph.add

    def norm(stream: str, name: str) -> str:
        return add("LayerNormalization", stream, f"{name}.weight", f"{name}.bias", epsilon=eps)

    def linear(rows: str, name: str) -> str:
        return add("Gemm", rows, f"{name}.weight", f"{name}.bias")

    shape = add("Shape", "ids")
    batch, seq = graph.split("Split", shape, outputs=2, num_outputs=2)
    by_sequence = add("Concat", batch, seq, graph.integers(n_embd), axis=0)
    by_head = add("Concat", batch, seq, graph.integers(n_head, d_head), axis=0)
    rows = graph.integers(-1, n_embd)

    masked = causal_mask(graph, seq)
    positions = add("Slice", "wpe.weight", graph.integers(0), seq, graph.integers(0))
    embedded = add("Add", add("Gather", "wte.weight", "ids"), positions)
    stream = add("Reshape", embedded, rows)  # [batch * seq, n_embd]
    for layer in range(config["n_layer"]):
        block = f"h.{layer}"
        joined = linear(norm(stream, f"{block}.ln_1"), f"{block}.attn.c_attn")
        parts = graph.split("Split", joined, outputs=3, num_outputs=3, axis=1)
        query, key, value = (add("Reshape", part, by_head) for part in parts)
        query = add("Transpose", query, perm=[0, 2, 1, 3])  # [batch, head, query_pos, d_head]
        key = add("Transpose", key, perm=[0, 2, 3, 1])  # [batch, head, d_head, key_pos]
        value = add("Transpose", value, perm=[0, 2, 1, 3])  # [batch, head, key_pos, d_head]
        scores = add("Mul", add("MatMul", query, key), graph.scalar(d_head**-0.5))
        pattern = add("Softmax", add("Add", scores, masked), axis=-1)
        z = add("Transpose", add("MatMul", pattern, value), perm=[0, 2, 1, 3])
        stream = add("Add", stream, linear(add("Reshape", z, rows), f"{block}.attn.c_proj"))
        hidden = linear(norm(stream, f"{block}.ln_2"), f"{block}.mlp.c_fc")
        hidden = add("Gelu", hidden, approximate="tanh")
        stream = add("Add", stream, linear(hidden, f"{block}.mlp.c_proj"))

    # The last position predicts no token of the sequence.
    start, last, axis = (graph.integers(at) for at in (0, -1, 1))
    predicting = add("Slice", add("Reshape", stream, by_sequence), start, last, axis)
    final = norm(add("Reshape", predicting, rows), "ln_f")
    logits = add("Gemm", final, "wte.weight", transB=1)
    return log_probs_of_targets(graph, logits, batch, last)


def main() -> None:
    weights, config, out = (Path(argument) for argument in sys.argv[1:])
    graph = Graph()
    read_weights(graph, weights)
    output = write_forward(graph, json.loads(config.read_text()))
    ids = value("ids", TensorProto.INT64, "batch", "seq")
    log_probs = value("log_probs", TensorProto.FLOAT, "batch", "seq - 1")
    save_graph(graph, "gpt2", [ids], {output: log_probs}, out)


if __name__ == "__main__":
    main()
