//! One head's attention pattern, from its queries, keys and row statistics.
//!
//! ```text
//! A[q, k] = exp(score[q, k] - max_score[q]) / sum_exp[q]      for a key that the query sees, else 0
//! ```
//!
//! GPU twin: `shaders/pattern.wgsl`.
//!
//! Definition: docs/definitions.md#attention-pattern.

use super::exp::exp_minus;
use super::scores::{HeadOf, Layout, Scores};
use crate::model::{Dims, ModelConfig, RowStats};

/// Adds `share` times the pattern of a head, in the first sequence, to `pattern [query_pos, key_pos]`: the
/// rows of new queries.
///
/// `qkv [rows, qkv]` and `stats [rows, H]` are those of the head's layer.
pub fn add_pattern(
    dims: &Dims,
    config: &ModelConfig,
    (layer, head): (usize, usize),
    share: f32,
    qkv: &[f32],
    stats: &[RowStats],
    pattern: &mut [f32],
) {
    let layout = Layout::of(config, layer);
    let (seq, first_row) = (dims.seq as usize, dims.first_row as usize);
    let scores = Scores::new(dims, layout, qkv, HeadOf { sequence: 0, head }, first_row);
    scores.for_each_tile(|mut tile| {
        for (query_pos, row) in tile.rows() {
            let RowStats { max_score, sum_exp, .. } = stats[query_pos * config.n_heads + head];
            exp_minus(row, max_score);
            for (to, &weight) in pattern[(query_pos - first_row) * seq..][..=query_pos].iter_mut().zip(&*row)
            {
                *to += share * (weight / sum_exp);
            }
        }
    });
}
