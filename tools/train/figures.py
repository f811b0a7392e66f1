"""The figures of the model card, by the definitions of Headscope's detectors.

Patterns are [n_layers, n_heads, query_pos, key_pos]; a score is [n_layers, n_heads].
"""

from dataclasses import dataclass

import torch

from exported import BOS_ID

ACTIVE, FRACTION = 0.4, 0.3  # the dominant-weight detectors' thresholds
CANDIDATES = ("current", "previous", "first")


def candidate_weights(pattern, candidate):
    """[n_layers, n_heads, rows]: the weight that each query gives to its current, previous or first token.

    `previous` has no entry for query 0.
    """
    match candidate:
        case "current":
            return pattern.diagonal(dim1=-2, dim2=-1)
        case "previous":
            return pattern.diagonal(offset=-1, dim1=-2, dim2=-1)
        case "first":
            return pattern[..., 0]


def dominant_fraction(pattern, candidate):
    """The fraction of queries whose largest weight is the candidate's and above `ACTIVE`."""
    weights = candidate_weights(pattern, candidate)
    if candidate == "previous":  # the notebook counts query 0, which can only look at itself
        weights = torch.cat([pattern[..., :1, 0], weights], -1)
    largest = pattern.max(-1).values
    return ((largest == weights) & (largest > ACTIVE)).double().mean(-1)


def mean_score(pattern, candidate):
    """The candidate's mean weight over the queries that have one."""
    return candidate_weights(pattern, candidate).mean(-1)


def heads_above(scores, threshold):
    """Names, `layer.head`, of the heads whose score is above the threshold."""
    return [f"{layer}.{head}" for layer, head in (scores > threshold).nonzero().tolist()]


@dataclass(frozen=True)
class Repeated:
    """The repeated-sequence experiment on a batch of `[BOS, x, x]`."""

    tokens: torch.Tensor
    """[batch, 1 + 2 * seq_len]"""
    log_probs: torch.Tensor
    """[batch, 2 * seq_len], in nats"""
    stripe: torch.Tensor
    """[batch, n_layers, n_heads]: mean of the whole diagonal at offset -(seq_len - 1)"""
    strict: torch.Tensor
    """the same over the queries of the second copy alone"""


def repeated(model, seq_len, batch, seed):
    """Run the experiment on `batch` draws of `seq_len` ids, uniform over all but BOS."""
    generator = torch.Generator().manual_seed(seed)
    tokens, log_probs, stripe, strict = [], [], [], []
    for _ in range(batch):
        drawn = torch.randint(1, model.config["d_vocab"], (seq_len,), generator=generator).tolist()
        run = model.run([BOS_ID, *drawn, *drawn])
        diagonal = run.pattern.diagonal(offset=1 - seq_len, dim1=-2, dim2=-1)
        tokens.append(run.ids)
        log_probs.append(run.log_probs)
        stripe.append(diagonal.mean(-1))
        strict.append(diagonal[..., -seq_len:].mean(-1))
    return Repeated(*map(torch.stack, (tokens, log_probs, stripe, strict)))
