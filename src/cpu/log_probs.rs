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
use super::tile::{COLUMNS, ColumnBlock, ROWS, RowTiles, multiply};
use crate::model::Dims;

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
    let depth = unembed.rows();
    let (seq, first_row) = (dims.seq as usize, dims.first_row as usize);
    let predicts = |row: usize| !(row + 1).is_multiple_of(seq) && row % seq >= first_pos;
    let rows: Vec<usize> = (first_row..dims.rows as usize).filter(|&row| predicts(row)).collect();
    let left: Vec<&[f32]> = rows.iter().map(|&row| &x[row * depth..][..depth]).collect();
    let left = RowTiles::pack(depth, left.into_iter());

    let mut sums = vec![LogSumExp::new(); rows.len()];
    let mut target_logits = vec![0.0; rows.len()];
    let mut logits = vec![0.0; left.len() * ROWS * ColumnBlock::columns_of(depth)];
    ColumnBlock::for_each(unembed, |block| {
        let (first, width) = (block.first_column(), block.columns());
        for (column, panel) in block.panels() {
            let bias = &bias[column..column + COLUMNS];
            for index in 0..left.len() {
                let products = multiply(left.tile(index), panel);
                for (row, products) in products.iter().enumerate() {
                    let to = &mut logits[(index * ROWS + row) * width + column - first..][..COLUMNS];
                    for lane in 0..COLUMNS {
                        to[lane] = products[lane] + bias[lane];
                    }
                }
            }
        }
        for (index, &row) in rows.iter().enumerate() {
            let logits = &mut logits[index * width..][..width];
            if let Some(&logit) = (tokens[row + 1] as usize).checked_sub(first).and_then(|n| logits.get(n)) {
                target_logits[index] = logit;
            }
            sums[index].add(logits);
        }
    });

    log_probs[2 * first_row..].fill(0.0);
    for ((&row, sum), logit) in rows.iter().zip(&sums).zip(target_logits) {
        for (to, logit) in log_probs[2 * row..][..2].iter_mut().zip([logit, sum.max()]) {
            *to = (f64::from(logit) - sum.value()) as f32;
        }
    }
}
