//! Each token's log-probability, fused with the unembedding.
//!
//! ```text
//! logits[row, n]  = sum over m of x[row, m] * W_U[m, n] + b_U[n]
//! log_probs[row]  = (logits[row, token[row + 1]], largest of logits[row, :])
//!                   - log(sum over n of exp(logits[row, n]))
//! ```
//!
//! Logits exist for one block of columns at a time. GPU twin: `shaders/log_probs.wgsl`.
//!
//! Definition: docs/definitions.md#log-probability.

use super::Matrix;
use super::log_sum_exp::LogSumExp;
use super::tile::{COLUMNS, ColumnBlock, ROWS, RowTiles, multiply_weights};
use crate::model::{Dims, NO_TOKEN};

/// The log-sum-exp of a row's logits over some columns of the vocabulary, and the target's logit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    sum: LogSumExp,
    /// The target's logit, from the part whose columns have it.
    target: f32,
}

impl Part {
    /// Adds other columns; `has_target` says whether the target's is among them.
    pub fn join(&mut self, other: Part, has_target: bool) {
        self.sum.join(&other.sum);
        if has_target {
            self.target = other.target;
        }
    }

    /// As four numbers, for a message.
    pub fn to_f32(self) -> [f32; 4] {
        let [max, high, low] = self.sum.to_f32();
        [max, high, low, self.target]
    }

    /// Undoes [`to_f32`](Self::to_f32).
    pub fn from_f32([max, high, low, target]: [f32; 4]) -> Self {
        Part { sum: LogSumExp::from_f32([max, high, low]), target }
    }
}

/// The rows of a run whose log-probability is made.
#[derive(Debug)]
pub(super) struct PredictingRows {
    first_row: usize,
    rows: Vec<usize>,
}

impl PredictingRows {
    /// The new rows that have a next token, from `first_pos` of each sequence on.
    pub fn of(dims: &Dims, first_pos: usize) -> Self {
        let (seq, first_row) = (dims.seq as usize, dims.first_row as usize);
        let predicts = |row: &usize| !(row + 1).is_multiple_of(seq) && row % seq >= first_pos;
        PredictingRows { first_row, rows: (first_row..dims.rows as usize).filter(predicts).collect() }
    }

    /// These rows of `x [rows, depth]`.
    pub fn gather(&self, x: &[f32], depth: usize) -> Vec<f32> {
        self.rows.iter().flat_map(|row| &x[row * depth..][..depth]).copied().collect()
    }

    /// The next token of each.
    pub fn targets(&self, tokens: &[u32]) -> Vec<u32> {
        self.rows.iter().map(|row| tokens[row + 1]).collect()
    }

    /// Writes the new rows of `log_probs [rows, 2]`.
    pub fn write(&self, parts: &[Part], log_probs: &mut [f32]) {
        log_probs[2 * self.first_row..].fill(0.0);
        for (row, Part { sum, target }) in self.rows.iter().zip(parts) {
            for (to, logit) in log_probs[2 * row..][..2].iter_mut().zip([*target, sum.max()]) {
                *to = (f64::from(logit) - sum.value()) as f32;
            }
        }
    }
}

/// Writes the new rows of `log_probs [rows, 2]` from `x [rows, D]`, the normalized stream: that of the next
/// token, and that of the most probable one. The last row of a sequence has no next token and gets 0.
/// Positions before `first_pos` get 0 too.
pub fn log_probs(
    dims: &Dims,
    first_pos: usize,
    tokens: &[u32],
    x: &[f32],
    unembed: &Matrix,
    bias: &[f32],
    log_probs: &mut [f32],
) {
    let rows = PredictingRows::of(dims, first_pos);
    let parts = parts_of(&rows.gather(x, unembed.rows()), &rows.targets(tokens), unembed, bias);
    rows.write(&parts, log_probs);
}

/// The part of each row `x [rows, D]` over the columns of `unembed [D, N]`. A row's target is one of these
/// columns, or [`NO_TOKEN`].
pub(super) fn parts_of(x: &[f32], targets: &[u32], unembed: &Matrix, bias: &[f32]) -> Vec<Part> {
    let depth = unembed.rows();
    let left = RowTiles::pack(depth, x.chunks_exact(depth));
    let mut parts = vec![Part { sum: LogSumExp::new(), target: 0.0 }; targets.len()];
    let mut logits = vec![0.0; left.len() * ROWS * ColumnBlock::columns_of(depth)];
    ColumnBlock::for_each(unembed, |block| {
        let (first, width) = (block.first_column(), block.columns());
        for (column, panel) in block.panels() {
            let bias = &bias[column..column + COLUMNS];
            for index in 0..left.len() {
                let products = multiply_weights(left.tile(index), panel);
                for (row, products) in products.iter().enumerate() {
                    let to = &mut logits[(index * ROWS + row) * width + column - first..][..COLUMNS];
                    for lane in 0..COLUMNS {
                        to[lane] = products[lane] + bias[lane];
                    }
                }
            }
        }
        for (index, (part, &target)) in parts.iter_mut().zip(targets).enumerate() {
            let logits = &mut logits[index * width..][..width];
            let column = Some(target).filter(|&target| target != NO_TOKEN);
            let within = column.and_then(|target| (target as usize).checked_sub(first));
            if let Some(&logit) = within.and_then(|n| logits.get(n)) {
                part.target = logit;
            }
            part.sum.add(logits);
        }
    });
    parts
}
