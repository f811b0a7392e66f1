"""Writes the forward pass of a GPT-2 as an ONNX graph. The weights stay in their safetensors file.

    python tools/bench/gpt2_onnx.py WEIGHTS.safetensors CONFIG.json OUT.onnx

Input:  ids        int64    [batch, seq]
Output: log_probs  float32  [batch, seq - 1], of each token but the first, natural logarithm

OUT names WEIGHTS, without its folder, as its external data: both files hold the same bytes of every weight.
The operators are those that an exporter writes: LayerNormalization, Gemm (MatMul with its bias), MatMul,
Softmax under a causal mask, Gelu (tanh), and at the end LogSoftmax and GatherElements.
"""

import json
import struct
import sys
from math import prod
from pathlib import Path

import numpy as np
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper, save

# The first version of the operators that has Gelu, and the file format that came with it.
OPSET, IR_VERSION = 20, 9
# What a masked score falls by. exp() of it is 0.
MASKED = -1e30


class Graph:
    """The nodes and initializers of a graph that is being written, by the names of their outputs."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.initializers: dict[str, TensorProto] = {}

    def add(self, operator: str, *inputs: str, **attributes: object) -> str:
        """Adds a node of one output, and returns the output's name."""
        (output,) = self.split(operator, *inputs, outputs=1, **attributes)
        return output

    def split(self, operator: str, *inputs: str, outputs: int, **attributes: object) -> list[str]:
        """Adds a node, and returns the names of its outputs."""
        names = [f"{operator}_{len(self.nodes)}_{at}" for at in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names

    def integers(self, *values: int) -> str:
        """A constant vector of integers."""
        return self.constant("_".join(["int", *map(str, values)]), np.array(values, np.int64))

    def scalar(self, value: float) -> str:
        """A constant number."""
        return self.constant(f"float_{value}", np.array(value, np.float32))

    def constant(self, name: str, value: np.ndarray) -> str:
        """A constant, once for each name."""
        self.initializers.setdefault(name, numpy_helper.from_array(value, name))
        return name


def read_weights(graph: Graph, path: Path) -> None:
    """Declares every weight of a safetensors file as an initializer whose data is in that file."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    for name, tensor in header.items():
        # The file's causal masks are no weights.
        if name == "__metadata__" or name.endswith(".attn.bias"):
            continue
        start, end = tensor["data_offsets"]
        if tensor["dtype"] != "F32" or end - start != 4 * prod(tensor["shape"]):
            raise SystemExit(f"{path}: {name} should be F32; found {tensor}")
        place = {"location": path.name, "offset": 8 + length + start, "length": end - start}
        declared = TensorProto(
            name=name,
            data_type=TensorProto.FLOAT,
            dims=tensor["shape"],
            data_location=TensorProto.EXTERNAL,
        )
        for key, value in place.items():
            declared.external_data.add(key=key, value=str(value))
        graph.initializers[name] = declared


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

    # masked[query_pos, key_pos] = MASKED where key_pos > query_pos, else 0.
    square = add("Concat", seq, seq, axis=0)
    filled = add("Expand", graph.scalar(MASKED), square)
    masked = add("Trilu", filled, graph.constant("one", np.array(1, np.int64)), upper=1)

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
    start, one, last, axis = (graph.integers(at) for at in (0, 1, -1, 1))
    predicting = add("Slice", add("Reshape", stream, by_sequence), start, last, axis)
    final = norm(add("Reshape", predicting, rows), "ln_f")
    log_probs = add("LogSoftmax", add("Gemm", final, "wte.weight", transB=1), axis=-1)
    ends = graph.integers(np.iinfo(np.int64).max)
    targets = add("Reshape", add("Slice", "ids", one, ends, axis), graph.integers(-1, 1))
    of_targets = add("GatherElements", log_probs, targets, axis=1)
    return add("Reshape", of_targets, add("Concat", batch, last, axis=0))


def vector(name: str, kind: int, columns: str) -> ValueInfoProto:
    """An input or output, `[batch, columns]`."""
    return helper.make_tensor_value_info(name, kind, ["batch", columns])


def main() -> None:
    weights, config, out = (Path(argument) for argument in sys.argv[1:])
    graph = Graph()
    read_weights(graph, weights)
    output = write_forward(graph, json.loads(config.read_text()))
    graph.nodes.append(helper.make_node("Identity", [output], ["log_probs"]))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "gpt2",
            [vector("ids", TensorProto.INT64, "seq")],
            [vector("log_probs", TensorProto.FLOAT, "seq - 1")],
            list(graph.initializers.values()),
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    save(model, out)


if __name__ == "__main__":
    main()
