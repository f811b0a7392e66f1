//! The mean weight of each offset: the first diagonals of every head's pattern of one layer.
//!
//! ```text
//! mean[head, k] = mean of A[q, q - k] over q >= k      for k < OFFSETS; 0 where seq <= k
//! ```
//!
//! GPU twin: `shaders/offsets.wgsl`.
//!
//! Definition: docs/definitions.md#offset.

use super::exp::exp_minus;
use super::scores::{HeadOf, Layout, Scores};
use crate::model::{Dims, ModelConfig, OFFSETS, RowStats};

/// Writes `means [H, OFFSETS]` of a layer in the first sequence, whatever rows are new.
///
/// `qkv [rows, qkv]` and `stats [rows, H]` are those of the layer.
pub fn offsets(
    dims: &Dims,
    (config, layer): (&ModelConfig, usize),
    qkv: &[f32],
    stats: &[RowStats],
    means: &mut [f32],
) {
    // Scores of the last keys of each query only: the work grows with the text, not with its square.
    let layout = Layout::of(config, layer).within(OFFSETS);
    let seq = dims.seq as usize;
    for (head, means) in means.chunks_exact_mut(OFFSETS).enumerate() {
        let mut sums = [0.0_f64; OFFSETS];
        let scores = Scores::new(dims, layout, qkv, HeadOf { sequence: 0, head }, 0);
        scores.for_each_tile(|mut tile| {
            let first_key = tile.first_key();
            for (query_pos, row) in tile.rows() {
                let RowStats { max_score, sum_exp, .. } = stats[query_pos * config.n_heads + head];
                exp_minus(&mut row[first_key..], max_score);
                let back = row[first_key..=query_pos].iter().rev();
                sums.iter_mut().zip(back).for_each(|(sum, weight)| *sum += f64::from(weight / sum_exp));
            }
        });
        for (offset, (mean, sum)) in means.iter_mut().zip(sums).enumerate() {
            *mean = if offset < seq { (sum / (seq - offset) as f64) as f32 } else { 0.0 };
        }
    }
}
