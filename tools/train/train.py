"""Train the default model on the encoded corpus.

    python train.py --tokens work --checkpoint work/run.pt

The defaults are the recipe of the shipped model: 62 minutes on two CPU cores. Prints, every 50 steps, the step, seconds,
tokens a second, the loss on windows of the corpus ("loss") and on repeats ("syn"); every 250 steps, on held-out data, the loss of
windows ("val") and of the first and second copy of random repeats of 50 ("rep1", "rep2"), and writes the checkpoint.
"""

import argparse
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from batches import Repeats, windows
from cross_entropy import ChunkedCrossEntropy
from model import AttentionOnly, Config
from muon import Muon

MUON_LEARNING_RATE = 0.02
WARM_UP = 100  # steps
DECAY_FROM = 0.3  # of the run; the learning rate is level before, falls to 0 after
LONG_CONTEXT_FROM = 0.75  # of the run; from then on rows are twice as long and half as many, so that every position is trained
REPEAT_SEQ_LEN = 50  # of the repeats that progress is measured on
EVALUATE_EVERY = 250  # steps


def load_tokens(path):
    """The encoded split as i64, which indexing needs."""
    return torch.from_numpy(np.load(path).astype(np.int64))


def learning_rate_scale(step, done):
    """Warm-up, a level stretch, and a straight fall to 0; `done` is the fraction of the run that lies behind."""
    level = 1 - DECAY_FROM
    return min(1, (step + 1) / WARM_UP) * (1 - done if done > DECAY_FROM else level) / level


@torch.no_grad()
def evaluate(model, held_out, repeats, context):
    """(loss on held-out windows, on the first copy of random repeats, on the second), always on the same draws."""
    state = torch.get_rng_state()
    torch.manual_seed(7)
    with torch.autocast("cpu", torch.bfloat16):
        ids = windows(held_out, 8, context)
        held_out_loss = F.cross_entropy(model(ids[:, :-1]).float().flatten(0, 1), ids[:, 1:].flatten())
        ids = repeats.draw_uniform(16, 2 * REPEAT_SEQ_LEN, REPEAT_SEQ_LEN)
        logits = model(ids[:, :-1]).float()
        per_token = F.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none")
    torch.set_rng_state(state)
    first_copy, second_copy = per_token[:, :REPEAT_SEQ_LEN], per_token[:, REPEAT_SEQ_LEN + 1 :]
    return held_out_loss.item(), first_copy.mean().item(), second_copy.mean().item()


class Trainer:
    """The model with its two optimizers and its data; `step` is one update."""

    def __init__(self, model, tokens, repeats, repeat_share, adam_learning_rate):
        self.model, self.tokens, self.repeats = model, tokens, repeats
        self.repeat_share = repeat_share
        self.muon = Muon(matrix for layer in model.layers for matrix in layer.parameters())
        groups = [
            {"params": [model.W_E, model.W_pos], "full_rate": adam_learning_rate},
            {"params": [model.W_U], "full_rate": adam_learning_rate * 0.5},
        ]
        self.adam = torch.optim.Adam(groups, betas=(0.9, 0.98))

    def step(self, rows, context, rate_scale):
        """One update; returns (loss on corpus windows, loss on repeats, tokens drawn)."""
        n_repeats = max(1, int(rows * self.repeat_share))
        natural = windows(self.tokens, rows - n_repeats, context)
        repeating, repeats_scored = self.repeats.draw(n_repeats, context)
        ids = torch.cat([natural, repeating])
        scored = torch.ones(rows, context)
        scored[-n_repeats:] = repeats_scored

        with torch.autocast("cpu", torch.bfloat16):
            residual = self.model.residual(ids[:, :-1])
        targets, weights = ids[:, 1:].flatten(), scored.flatten()
        loss, per_token = ChunkedCrossEntropy.apply(residual.float().flatten(0, 1), self.model.W_U, targets, weights)
        loss.backward()

        for group in self.adam.param_groups:
            group["lr"] = group["full_rate"] * rate_scale
        self.adam.step()
        self.adam.zero_grad(set_to_none=True)
        self.muon.step(MUON_LEARNING_RATE * rate_scale)

        per_token = per_token.view_as(scored)
        repeats_loss = (per_token[-n_repeats:] * repeats_scored).sum() / repeats_scored.sum()
        return per_token[:-n_repeats].mean().item(), repeats_loss.item(), ids.numel()


def save(model, step, path):
    torch.save({"weights": model.state_dict(), "config": asdict(model.config), "step": step}, path)


def train(options):
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    config = Config()
    model = AttentionOnly(config)
    print(sum(weights.numel() for weights in model.parameters()) / 1e6, "M")
    tokens = load_tokens(options.tokens / "train.npy")
    held_out = load_tokens(options.tokens / "val.npy")
    repeats = Repeats(tokens, config.d_vocab, shortest_period=8, longest_period=120, corpus_share=0.5)
    trainer = Trainer(model, tokens, repeats, options.repeats, options.learning_rate)

    rows, context = options.rows, options.context
    tokens_seen, start = 0, time.time()

    def report_progress(step):
        print("  EVAL val %.3f rep1 %.2f rep2 %.2f" % evaluate(model, held_out, repeats, context), flush=True)
        save(model, step, options.checkpoint)

    for step in range(options.steps):
        elapsed = time.time() - start
        done = max(step / options.steps, elapsed / (options.minutes * 60))
        if done >= 1:
            break
        if done > LONG_CONTEXT_FROM and context == options.context:
            rows, context = rows // 2, context * 2
        corpus_loss, repeats_loss, drawn = trainer.step(rows, context, learning_rate_scale(step, done))
        tokens_seen += drawn
        if step % options.log_every == 0:
            rate = tokens_seen / (elapsed + 1e-9)
            print(f"{step} {elapsed:.0f}s tok/s {rate:.0f} loss {corpus_loss:.3f} syn {repeats_loss:.3f}", flush=True)
        if step % EVALUATE_EVERY == 0:
            report_progress(step)
    report_progress(step)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--tokens", type=Path, required=True, help="folder of train.npy and val.npy")
    arguments.add_argument("--checkpoint", type=Path, required=True, help="file to write, for export.py")
    arguments.add_argument("--minutes", type=float, default=62, help="length of the run; sets the schedule (%(default)s)")
    arguments.add_argument("--steps", type=int, default=100_000, help="length of the run where it is the shorter (%(default)s)")
    arguments.add_argument("--rows", type=int, default=24, help="of a batch (%(default)s)")
    arguments.add_argument("--context", type=int, default=256, help="tokens of a row, at most n_ctx / 2 (%(default)s)")
    arguments.add_argument("--repeats", type=float, default=0.3, help="share of a batch's rows that repeat (%(default)s)")
    arguments.add_argument("--learning-rate", type=float, default=3e-3, help="Adam's (%(default)s)")
    arguments.add_argument("--threads", type=int, default=2, help="(%(default)s)")
    arguments.add_argument("--seed", type=int, default=0, help="(%(default)s)")
    arguments.add_argument("--log-every", type=int, default=50, help="steps (%(default)s)")
    options = arguments.parse_args()
    if options.context * 2 > Config().n_ctx:
        arguments.error(f"--context {options.context}: the last quarter doubles it past n_ctx, {Config().n_ctx}")
    train(options)


if __name__ == "__main__":
    main()
