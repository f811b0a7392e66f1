"""The forward pass by TransformerLens on PyTorch, as a process that takes a line of JSON for each work.

    python tools/bench/rivals/lens.py WEIGHTS.safetensors CONFIG.json

A request has `method`: `open`, or `run` with the work of types.d.ts and `threads`, 0 for all cores. The
answer is one line: what types.d.ts calls `Opened` or `Answer`, or `error`.

Runs on TransformerLens 3: version 4 has no shortformer positions.
"""

import json
import os
import re
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformer_lens import HookedTransformer, HookedTransformerConfig

FIELDS = ("n_layers", "n_heads", "d_model", "d_head", "n_ctx", "d_vocab", "attn_only", "eps")


def load(weights: Path, config: dict) -> HookedTransformer:
    """The model in f32."""
    fields = {name: config[name] for name in FIELDS}
    model = HookedTransformer(
        HookedTransformerConfig(
            **fields,
            normalization_type=config["normalization_type"],
            positional_embedding_type=config["positional_embedding_type"],
            device="cpu",
        )
    )
    state = {name: tensor.float() for name, tensor in load_file(weights).items()}
    model.load_state_dict(state, strict=False)
    return model.eval()


def log_probs(logits: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Of each token but the first, `[batch, seq - 1]`."""
    predicted = logits[:, :-1].log_softmax(-1)
    return predicted.gather(-1, ids[:, 1:, None])[..., 0]


def means(patterns: list[torch.Tensor], kind: str, distance: int = 0) -> list[float]:
    """The mean weight of every head on one kind of token."""
    if kind == "first":
        return [mean for pattern in patterns for mean in pattern[..., 0].mean((0, 2)).tolist()]
    diagonals = (pattern.diagonal(-distance, -2, -1) for pattern in patterns)
    return [mean for diagonal in diagonals for mean in diagonal.mean((0, 2)).tolist()]


def run_with_patterns(model: HookedTransformer, ids: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """The log-probabilities, and every layer's patterns `[batch, head, query_pos, key_pos]`."""
    logits, cache = model.run_with_cache(ids, names_filter=lambda name: name.endswith("hook_pattern"))
    return log_probs(logits, ids), [cache["pattern", layer] for layer in range(model.cfg.n_layers)]


def loss_without(model: HookedTransformer, ids: torch.Tensor, layer: int, head: int) -> float:
    """The loss with one head's z replaced by 0."""

    def ablate(z: torch.Tensor, hook: object) -> torch.Tensor:
        z[:, :, head] = 0
        return z

    logits = model.run_with_hooks(ids, fwd_hooks=[(f"blocks.{layer}.attn.hook_z", ablate)])
    return -log_probs(logits, ids).mean().item()


def make(model: HookedTransformer, work: dict) -> dict:
    """The figures of a piece of work, as rivals/types.d.ts has them, the whole pattern among them."""
    ids = torch.tensor(work["rows"])
    what = work["what"]
    if what == "unembed":
        return {"logProbs": log_probs(model.unembed(model.embed(ids)), ids)}
    if what == "ablate":
        whole = log_probs(model(ids), ids)
        loss = -whole.mean().item()
        heads = [(layer, head) for layer in range(model.cfg.n_layers) for head in range(model.cfg.n_heads)]
        increases = [loss_without(model, ids, layer, head) - loss for layer, head in heads]
        return {"logProbs": whole, "lossIncrease": increases}
    predicted, patterns = run_with_patterns(model, ids)
    if what == "repeated":
        return {"logProbs": predicted, "stripe": means(patterns, "lagged", work["seqLen"] - 1)}
    three = [means(patterns, "current"), means(patterns, "previous", 1), means(patterns, "first")]
    shown = patterns[work["layer"]][0, work["head"]].contiguous()
    return {"logProbs": predicted, "means": three, "pattern": shown}


def forget_peak() -> None:
    """Starts counting the process's peak anew, where the system can."""
    peaks = Path("/proc/self/clear_refs")
    if peaks.exists():
        peaks.write_text("5")


def memory() -> dict:
    """The most bytes that the process has taken since `forget_peak`; without /proc, since its start."""
    status = Path("/proc/self/status")
    if status.exists():
        (peak,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"wasm": 1024 * int(peak), "gpu": 0}


def answer(model: HookedTransformer, work: dict, threads: int) -> dict:
    """The figures of a piece of work and its time."""
    torch.set_num_threads(threads or len(os.sched_getaffinity(0)))
    forget_peak()
    since = time.perf_counter()
    figures = make(model, work)
    ms = 1000 * (time.perf_counter() - since)
    figures["logProbs"] = figures["logProbs"].flatten().tolist()
    if "pattern" in figures:
        figures["pattern"] = figures["pattern"][work["samples"]].flatten().tolist()
    return {"ms": ms, "figures": figures, "memory": memory()}


def main() -> None:
    weights, config = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    torch.set_grad_enabled(False)
    model = None
    # Libraries print too: the answers have the first output to themselves.
    told, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["method"] == "open":
                since = time.perf_counter()
                model = load(weights, config)
                ms = 1000 * (time.perf_counter() - since)
                versions = f"{version('transformer-lens')} on torch {torch.__version__}"
                forget_peak()
                adapter = torch.backends.cpu.get_cpu_capability()
                found = {"ms": ms, "adapter": adapter, "version": versions, "memory": memory()}
            else:
                found = answer(model, request["work"], request["threads"])
        except Exception as error:
            found = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(found), file=told, flush=True)


if __name__ == "__main__":
    main()
