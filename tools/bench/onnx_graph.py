"""Parts of the scripts that write a forward pass as an ONNX graph.

The weights stay in their safetensors file. A graph names that file, without its folder, as its external data.
"""

import json
import struct
from collections.abc import Collection
from math import prod
from pathlib import Path

import numpy as np
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper, save

# The first version of the operators that has Gelu, and the file format that came with it.
OPSET, IR_VERSION = 20, 9
# What a masked score falls by. exp() of it is 0.
MASKED = -1e30
# The types of a safetensors file that a graph takes: ONNX's name, and bytes.
TYPES = {"F32": (TensorProto.FLOAT, 4), "F16": (TensorProto.FLOAT16, 2)}


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


def read_weights(graph: Graph, path: Path, only: Collection[str] | None = None) -> None:
    """Declares weights of a safetensors file as initializers whose data is in that file."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    for name, tensor in header.items():
        # The file's causal masks are no weights.
        if name == "__metadata__" or name.endswith(".attn.bias"):
            continue
        if only is not None and name not in only:
            continue
        start, end = tensor["data_offsets"]
        kind, width = TYPES.get(tensor["dtype"], (None, 0))
        if end - start != width * prod(tensor["shape"]) or kind is None:
            raise SystemExit(f"{path}: {name} should be F32 or F16; found {tensor}")
        place = {"location": path.name, "offset": 8 + length + start, "length": end - start}
        declared = TensorProto(
            name=name,
            data_type=kind,
            dims=tensor["shape"],
            data_location=TensorProto.EXTERNAL,
        )
        for key, value in place.items():
            declared.external_data.add(key=key, value=str(value))
        graph.initializers[name] = declared


def causal_mask(graph: Graph, seq: str) -> str:
    """A matrix with MASKED where key_pos > query_pos, and else 0. `seq` is a vector of one number."""
    square = graph.add("Concat", seq, seq, axis=0)
    filled = graph.add("Expand", graph.scalar(MASKED), square)
    return graph.add("Trilu", filled, graph.constant("one", np.array(1, np.int64)), upper=1)


def log_probs_of_targets(graph: Graph, logits: str, batch: str, last: str) -> str:
    """Log-probabilities of each token but the first, `[batch, seq - 1]`; a row of logits is a position."""
    one, axis = graph.integers(1), graph.integers(1)
    log_probs = graph.add("LogSoftmax", logits, axis=-1)
    ends = graph.integers(np.iinfo(np.int64).max)
    targets = graph.add("Reshape", graph.add("Slice", "ids", one, ends, axis), graph.integers(-1, 1))
    of_targets = graph.add("GatherElements", log_probs, targets, axis=1)
    return graph.add("Reshape", of_targets, graph.add("Concat", batch, last, axis=0))


def value(name: str, kind: int, *shape: str | int) -> ValueInfoProto:
    """An input or output. A dimension is a number or a name."""
    return helper.make_tensor_value_info(name, kind, shape)


def save_graph(
    graph: Graph, name: str, inputs: list[ValueInfoProto], outputs: dict[str, ValueInfoProto], out: Path
) -> None:
    """Writes a graph. `outputs` has the name of the node's output that each output is."""
    for inner, told in outputs.items():
        graph.nodes.append(helper.make_node("Identity", [inner], [told.name]))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes, name, inputs, list(outputs.values()), list(graph.initializers.values())
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    save(model, out)
