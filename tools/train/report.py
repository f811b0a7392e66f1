"""Print the model card's figures from an exported model, as Markdown, computed in float64.

    python report.py ../../models/default [--val work/val.npy] [--json FILE]

--val adds the loss on the held-out split. --json writes the notebook paragraph's figures and the repeats' in full, for tests.
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from exported import BOS_ID, ExportedModel
from figures import ACTIVE, CANDIDATES, FRACTION, dominant_fraction, heads_above, mean_score, repeated
from texts import NOTEBOOK_PARAGRAPH, OWN_PARAGRAPHS

SEQ_LEN, BATCH, SEED = 50, 10, 3  # of the card's repeated sequences
OTHER_SEQ_LENS = (10, 20, 100, 200, 255)
INDUCTION = 0.4  # a head whose strict score is above it is called an induction head


def table(header, rows):
    """A Markdown table; floats to two decimals."""
    cells = [[f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    lines = [header, ["---"] * len(header), *cells]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def scores_by_head(run, repeats):
    """One row a head: mean scores and dominant fractions on a text, induction on the repeats."""
    means = [mean_score(run.pattern, candidate) for candidate in CANDIDATES]
    fractions = [dominant_fraction(run.pattern, candidate) for candidate in CANDIDATES]
    columns = [*means, *fractions, repeats.strict.mean(0), repeats.strict.std(0), repeats.stripe.mean(0)]
    n_layers, n_heads = columns[0].shape
    header = ["head", *(f"{name} mean" for name in CANDIDATES), *(f"{name} dominant" for name in CANDIDATES)]
    rows = [
        [f"{layer}.{head}", *(column[layer, head].item() for column in columns)]
        for layer in range(n_layers)
        for head in range(n_heads)
    ]
    return table([*header, "induction strict", "its sd", "induction stripe"], rows)


def named_heads(runs):
    """One row a text: its loss and the heads that the dominant-weight detectors name."""
    rows = []
    for name, run in runs.items():
        named = [heads_above(dominant_fraction(run.pattern, candidate), FRACTION) for candidate in CANDIDATES]
        rows.append([name, len(run.ids), -run.log_probs.mean().item(), *map(", ".join, named)])
    return table(["text", "tokens", "loss", *CANDIDATES], rows)


def halves(repeats):
    """Mean log-probability of the first and of the second copy, nats."""
    seq_len = repeats.log_probs.shape[1] // 2
    return repeats.log_probs[:, :seq_len].mean().item(), repeats.log_probs[:, seq_len:].mean().item()


def repeats_by_length(model):
    """One row a length: log-probability of both copies, and the induction heads."""
    rows = []
    for seq_len in sorted((SEQ_LEN, *OTHER_SEQ_LENS)):
        repeats = repeated(model, seq_len, BATCH, SEED)
        strict = repeats.strict.mean(0)
        named = [f"{head} ({strict[tuple(map(int, head.split('.')))]:.2f})" for head in heads_above(strict, INDUCTION)]
        rows.append([seq_len, *halves(repeats), ", ".join(named)])
    return table(["seq_len", "first copy", "second copy", "heads above 0.4, strict score"], rows)


def held_out_loss(model, path):
    """(mean loss in nats, tokens scored) over the split, cut into windows of n_ctx tokens that each begin with BOS."""
    ids = np.load(path).tolist()
    step = model.config["n_ctx"] - 1
    total, scored = 0.0, 0
    for start in range(0, len(ids) - step, step):
        log_probs = model.run([BOS_ID, *ids[start : start + step]]).log_probs
        total -= log_probs.sum().item()
        scored += len(log_probs)
    return total / scored, scored


def as_json(run, repeats):
    """What tests compare with; names as in the other fixtures."""
    fractions = {candidate: dominant_fraction(run.pattern, candidate) for candidate in CANDIDATES}
    first, second = halves(repeats)
    return {
        "text": NOTEBOOK_PARAGRAPH,
        "ids": run.ids.tolist(),
        "log_probs": run.log_probs.tolist(),
        "detectors": {
            candidate: {"fraction": fraction.tolist(), "heads": heads_above(fraction, FRACTION)}
            for candidate, fraction in fractions.items()
        },
        "mean_scores": {candidate: mean_score(run.pattern, candidate).tolist() for candidate in CANDIDATES},
        "repeated": {
            "tokens": repeats.tokens.tolist(),
            "seq_len": SEQ_LEN,
            "log_probs": repeats.log_probs.tolist(),
            "mean_log_prob_first_half": first,
            "mean_log_prob_second_half": second,
            "induction_stripe": repeats.stripe.mean(0).tolist(),
            "induction_strict": repeats.strict.mean(0).tolist(),
        },
    }


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("model", type=Path, help="folder of model.safetensors, config.json and tokenizer.json")
    arguments.add_argument("--val", type=Path, help="the encoded held-out split")
    arguments.add_argument("--json", type=Path, help="file to write")
    options = arguments.parse_args()

    model = ExportedModel(options.model)
    tokenizer = Tokenizer.from_file(str(options.model / "tokenizer.json"))
    texts = {"notebook": NOTEBOOK_PARAGRAPH}
    texts |= {f"own {number}": text for number, text in enumerate(OWN_PARAGRAPHS, 1)}
    runs = {name: model.run([BOS_ID, *tokenizer.encode(text).ids]) for name, text in texts.items()}
    repeats = repeated(model, SEQ_LEN, BATCH, SEED)

    print(f"Heads named by the dominant-weight detectors (active {ACTIVE}, fraction {FRACTION}):\n")
    print(named_heads(runs))
    print(f"Every head, on the notebook paragraph and on {BATCH} repeats of {SEQ_LEN} tokens (seed {SEED}):\n")
    print(scores_by_head(runs["notebook"], repeats))
    print(f"Repeats of other lengths, {BATCH} each (seed {SEED}), log-probabilities in nats:\n")
    print(repeats_by_length(model))
    if options.val:
        loss, scored = held_out_loss(model, options.val)
        print(f"Held-out loss: {loss:.3f} nats a token, perplexity {math.exp(loss):.1f}, over {scored:,} tokens")
    if options.json:
        options.json.write_text(json.dumps(as_json(runs["notebook"], repeats)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
