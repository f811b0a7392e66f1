"""Muon: momentum whose update is made orthogonal before it is applied, for the attention matrices.

The method is Keller Jordan's (https://kellerjordan.github.io/posts/muon/). An update with all singular values near 1 moves the rare directions
as far as the common ones; here that is what makes the induction circuit form within a few million tokens.
"""

import torch

MOMENTUM = 0.95
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # the quintic's coefficients, which take singular values in (0, 1] close to 1
ITERATIONS = 5


def orthogonalized(matrix):
    """The nearest matrix with orthonormal rows or columns, roughly: five quintic Newton-Schulz iterations."""
    linear, cubic, quintic = NEWTON_SCHULZ
    result = matrix / (matrix.norm() + 1e-7)
    tall = result.shape[0] > result.shape[1]
    if tall:  # the products below are of the smaller side's size
        result = result.T
    for _ in range(ITERATIONS):
        gram = result @ result.T
        result = linear * result + (cubic * gram + quintic * gram @ gram) @ result
    return result.T if tall else result


class Muon:
    """Holds the matrices and their momentum; `step` applies their gradients and clears them."""

    def __init__(self, matrices):
        self.matrices = list(matrices)
        self.momenta = [torch.zeros_like(matrix) for matrix in self.matrices]

    @torch.no_grad()
    def step(self, learning_rate):
        for matrix, momentum in zip(self.matrices, self.momenta, strict=True):
            momentum.mul_(MOMENTUM).add_(matrix.grad)
            update = orthogonalized(matrix.grad + MOMENTUM * momentum)
            rows, columns = matrix.shape
            matrix.add_(update, alpha=-learning_rate * max(1, rows / columns) ** 0.5)
            matrix.grad = None
