"""Cross-entropy of the unembedded residual stream, computed in chunks so that the logits are never held whole.

At 6,000 tokens a batch and 4,096 ids the logits and their gradient would be 200 MB a step; here they are 33 MB, reused.
Letters: N tokens of the batch, C of them in a chunk.
"""

import torch

CHUNK = 1024  # tokens


class ChunkedCrossEntropy(torch.autograd.Function):
    """(residual [N, d_model], W_U [d_model, d_vocab], targets [N], weights [N]) -> (weighted mean, loss per token [N]).

    The gradients are computed on the way forward, chunk by chunk; products are in bf16, sums in f32.
    """

    @staticmethod
    def forward(context, residual, W_U, targets, weights):
        residual_half, W_U_half = residual.to(torch.bfloat16), W_U.to(torch.bfloat16)
        residual_grad, W_U_grad = torch.empty_like(residual), torch.zeros_like(W_U)
        per_token = torch.empty(len(targets))
        total_weight = weights.sum()
        for start in range(0, len(targets), CHUNK):
            chunk = slice(start, start + CHUNK)
            logits = (residual_half[chunk] @ W_U_half).float()  # [C, d_vocab]
            target = targets[chunk, None]
            log_sum_exp = logits.logsumexp(-1, keepdim=True)
            per_token[chunk] = (log_sum_exp - logits.gather(1, target))[:, 0]

            # The gradient of a token's loss by its logits is softmax - onehot(target); written over the logits.
            logits.sub_(log_sum_exp).exp_()
            logits.scatter_add_(1, target, torch.full_like(target, -1, dtype=logits.dtype))
            logits.mul_((weights[chunk] / total_weight)[:, None])
            logits_grad = logits.to(torch.bfloat16)
            residual_grad[chunk] = logits_grad @ W_U_half.T
            W_U_grad += residual_half[chunk].T @ logits_grad
        context.save_for_backward(residual_grad, W_U_grad)
        context.mark_non_differentiable(per_token)
        return (per_token * weights).sum() / total_weight, per_token

    @staticmethod
    def backward(context, loss_grad, _per_token_grad):
        residual_grad, W_U_grad = context.saved_tensors
        return residual_grad * loss_grad, W_U_grad * loss_grad, None, None
