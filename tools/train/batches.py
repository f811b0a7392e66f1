"""What a training batch is made of: windows of the corpus, and sequences that repeat.

A row has context + 1 tokens and begins with BOS; the model reads all but the last and predicts all but the first.
"""

import math

import torch

BOS_ID = 0


def windows(tokens, rows, context):
    """[rows, context + 1] ids: random spans of the corpus, their first token replaced by BOS."""
    starts = torch.randint(len(tokens) - context - 1, (rows,))
    ids = torch.stack([tokens[start : start + context + 1] for start in starts])
    ids[:, 0] = BOS_ID
    return ids


class Repeats:
    """Draws rows `[BOS, x, x, ...]`, on which only induction helps. Each has its own period, drawn log-uniformly.

    `x` is a span of the corpus with probability `corpus_share`, else ids drawn uniformly.
    """

    def __init__(self, tokens, d_vocab, shortest_period, longest_period, corpus_share):
        self.tokens = tokens
        self.d_vocab = d_vocab
        self.log_periods = math.log(shortest_period), math.log(longest_period)
        self.corpus_share = corpus_share

    def draw(self, rows, context):
        """(ids [rows, context + 1], scored [rows, context]): scored is 1 where the prediction can be read off the row's past."""
        ids, scored = [], []
        for _ in range(rows):
            period = int(math.exp(torch.empty(1).uniform_(*self.log_periods)))
            unit = self._corpus_span(period) if torch.rand(()) < self.corpus_share else self._uniform(period)
            ids.append(_tiled(unit, context))
            mask = torch.ones(context)
            mask[: period + 1] = 0  # the first copy, and the second's first token, can only be guessed
            scored.append(mask)
        return torch.stack(ids), torch.stack(scored)

    def draw_uniform(self, rows, context, period):
        """[rows, context + 1] ids: repeats of uniformly drawn ids, all of one period; what progress is measured on."""
        return torch.stack([_tiled(self._uniform(period), context) for _ in range(rows)])

    def _corpus_span(self, period):
        start = int(torch.randint(len(self.tokens) - period, (1,)))
        return self.tokens[start : start + period]

    def _uniform(self, period):
        return torch.randint(1, self.d_vocab, (period,))


def _tiled(unit, context):
    """[context + 1] ids: BOS, then the unit again and again, cut to length."""
    copies = -(-context // len(unit))
    return torch.cat([torch.tensor([BOS_ID]), unit.repeat(copies)])[: context + 1]
