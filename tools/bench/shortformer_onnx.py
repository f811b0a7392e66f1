"""Writes the forward pass of an attention-only shortformer as an ONNX graph, for the rivals' bench.

    python tools/bench/shortformer_onnx.py forward|unembed WEIGHTS.safetensors CONFIG.json OUT.onnx

Inputs of `forward`:
    ids      int64    [batch, seq]
    keep     float32  [n_layers, n_heads], 0 for a head that is ablated, else 1
    lag      int64    [1], the distance of the fourth mean
    head     int64    [1], the head of the last layer whose pattern is asked for
Outputs:
    log_probs  float32  [batch, seq - 1], of each token but the first
    means      float32  [n_layers, 4, n_heads], mean weight on the current token, the previous one, the first
                        one and the one `lag` before, over all sequences
    pattern    float32  [batch, seq, seq], of one head

`unembed` is the graph of the embedding and the unembedding alone: from `ids` to `log_probs`.

WEIGHTS has TransformerLens' names, in f16. A runtime without f16 products makes f32 of them as it loads the
graph: casts, transpositions and reshapes of weights have no input, so they are folded into constants.
"""

import json
import sys
from pathlib import Path

from onnx import TensorProto

from onnx_graph import MASKED, Graph, causal_mask, log_probs_of_targets, read_weights, save_graph, value

# The vocabulary is padded to a multiple of this with tokens of probability 0.
COLUMNS = 128
EMBEDDINGS = ("embed.W_E", "unembed.W_U", "unembed.b_U")


class Shortformer:
    """The forward pass of a batch, in parts."""

    def __init__(self, graph: Graph, config: dict) -> None:
        self.graph, self.config, self.add = graph, config, graph.add
        n_heads, d_head, d_model = (config[name] for name in ("n_heads", "d_head", "d_model"))
        self.batch, self.seq = graph.split("Split", self.add("Shape", "ids"), outputs=2, num_outputs=2)
        self.by_head = self.add("Concat", self.batch, self.seq, graph.integers(n_heads, d_head), axis=0)
        self.by_sequence = self.add("Concat", self.batch, self.seq, graph.integers(d_model), axis=0)
        self.rows = graph.integers(-1, d_model)

    def weight(self, name: str, *shape: int) -> str:
        """A weight in f32, reshaped."""
        wide = self.add("Cast", name, to=TensorProto.FLOAT)
        return self.add("Reshape", wide, self.graph.integers(*shape)) if shape else wide

    def embedded(self) -> str:
        """The residual stream before layer 0, `[batch, seq, d_model]`."""
        return self.add("Gather", self.weight("embed.W_E"), "ids")

    def log_probs(self, stream: str) -> str:
        """The log-probability of each next token, of a stream `[batch, seq, d_model]`."""
        # The last position predicts no token of the sequence.
        start, last, axis = (self.graph.integers(at) for at in (0, -1, 1))
        predicting = self.add("Reshape", self.add("Slice", stream, start, last, axis), self.rows)
        # Padded as for the other libraries (rivals/safetensors.js): 50,278 columns are no vectors of four.
        padding = -self.config["d_vocab"] % COLUMNS
        weight, bias = self.weight("unembed.W_U"), self.weight("unembed.b_U")
        weight = self.add("Pad", weight, self.graph.integers(0, 0, 0, padding))
        bias = self.add("Pad", bias, self.graph.integers(0, padding), self.graph.scalar(MASKED))
        logits = self.add("Gemm", predicting, weight, bias)
        return log_probs_of_targets(self.graph, logits, self.batch, last)

    def projection(self, block: str, parts: str) -> tuple[str, str]:
        """Weights `[d_model, len(parts) * n_heads * d_head]` and biases of some of Q, K and V."""
        width, d_model = self.config["n_heads"] * self.config["d_head"], self.config["d_model"]
        weights = [
            self.add(
                "Reshape",
                self.add("Transpose", self.weight(f"{block}.W_{part}"), perm=[1, 0, 2]),
                self.graph.integers(d_model, width),
            )
            for part in parts
        ]
        biases = [self.weight(f"{block}.b_{part}", width) for part in parts]
        return self.add("Concat", *weights, axis=1), self.add("Concat", *biases, axis=0)

    def attention(self, layer: int, stream: str, positions: str, masked: str) -> tuple[str, str]:
        """The stream after a layer's attention, `[batch, seq, d_model]`, and the layer's patterns."""
        graph, add, block = self.graph, self.add, f"blocks.{layer}.attn"
        n_heads, d_head, d_model = (self.config[name] for name in ("n_heads", "d_head", "d_model"))

        def heads(rows: str, *perm: int) -> str:
            return add("Transpose", add("Reshape", rows, self.by_head), perm=perm)

        placed = add("Reshape", add("Add", stream, positions), self.rows)
        both = add("Gemm", placed, *self.projection(block, "QK"))
        query, key = graph.split("Split", both, outputs=2, num_outputs=2, axis=1)
        values = add("Gemm", add("Reshape", stream, self.rows), *self.projection(block, "V"))
        scores = add("MatMul", heads(query, 0, 2, 1, 3), heads(key, 0, 2, 3, 1))
        scores = add("Add", add("Mul", scores, graph.scalar(d_head**-0.5)), masked)
        pattern = add("Softmax", scores, axis=-1)  # [batch, head, query_pos, key_pos]
        z = add("MatMul", pattern, heads(values, 0, 2, 1, 3))
        kept = add("Gather", "keep", graph.integers(layer), axis=0)
        z = add("Mul", z, add("Reshape", kept, graph.integers(n_heads, 1, 1)))
        z = add("Reshape", add("Transpose", z, perm=[0, 2, 1, 3]), graph.integers(-1, n_heads * d_head))
        output = self.weight(f"{block}.W_O", n_heads * d_head, d_model)
        written = add("Gemm", z, output, self.weight(f"{block}.b_O"))
        return add("Add", stream, add("Reshape", written, self.by_sequence)), pattern

    def means(self, pattern: str) -> str:
        """The four mean weights of each head of a layer, `[1, 4, n_heads]`."""
        graph, add = self.graph, self.add
        (seq,) = (add("Squeeze", self.seq),)
        one, zero = (add("Squeeze", graph.integers(at)) for at in (1, 0))
        size, below = add("Mul", seq, seq), add("Add", seq, one)
        lagged = add("Mul", add("Squeeze", "lag"), seq)
        flat = add("Reshape", pattern, graph.integers(0, 0, -1))  # cell q * seq + k
        means = []
        for start, step in ((zero, below), (seq, below), (zero, seq), (lagged, below)):
            cells = add("Gather", flat, add("Range", start, size, step), axis=2)
            mean = add("ReduceMean", cells, graph.integers(0, 2), keepdims=0)
            means.append(add("Reshape", mean, graph.integers(1, 1, -1)))
        return add("Concat", *means, axis=1)

    def forward(self) -> tuple[str, str, str]:
        """Adds the forward pass, and returns the names of its three outputs."""
        graph, add = self.graph, self.add
        masked = causal_mask(graph, self.seq)
        start, axis = graph.integers(0), graph.integers(0)
        positions = add("Slice", self.weight("pos_embed.W_pos"), start, self.seq, axis)
        stream, pattern, means = self.embedded(), "", []
        for layer in range(self.config["n_layers"]):
            stream, pattern = self.attention(layer, stream, positions, masked)
            means.append(self.means(pattern))
        shown = add("Squeeze", add("Gather", pattern, "head", axis=1), graph.integers(1))
        return self.log_probs(stream), add("Concat", *means, axis=0), shown


def main() -> None:
    part, *files = sys.argv[1:]
    weights, config_file, out = map(Path, files)
    config = json.loads(config_file.read_text())
    graph = Graph()
    read_weights(graph, weights, EMBEDDINGS if part == "unembed" else None)
    model = Shortformer(graph, config)
    n_layers, n_heads = config["n_layers"], config["n_heads"]
    inputs = [value("ids", TensorProto.INT64, "batch", "seq")]
    log_probs = value("log_probs", TensorProto.FLOAT, "batch", "seq - 1")
    if part == "unembed":
        save_graph(graph, "unembed", inputs, {model.log_probs(model.embedded()): log_probs}, out)
        return
    inputs += [
        value("keep", TensorProto.FLOAT, n_layers, n_heads),
        value("lag", TensorProto.INT64, 1),
        value("head", TensorProto.INT64, 1),
    ]
    told = (
        log_probs,
        value("means", TensorProto.FLOAT, n_layers, 4, n_heads),
        value("pattern", TensorProto.FLOAT, "batch", "seq", "seq"),
    )
    save_graph(graph, "shortformer", inputs, dict(zip(model.forward(), told)), out)


if __name__ == "__main__":
    main()
