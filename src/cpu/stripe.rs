//! One diagonal of every head's attention pattern in one layer, without the pattern.
//!
//! ```text
//! stripe[row, head] = A[q, q - offset]      0 for a key that the query does not see
//! ```
//!
//! GPU twin: `shaders/stripe.wgsl`.
//!
//! Definition: docs/definitions.md#induction-stripe.

use super::scores::{HeadOf, Layout, weight_of};
use crate::model::{Dims, ModelConfig, RowStats};

/// Weights `[rows, H]` on the keys `offset` before each query, in every sequence.
///
/// `qkv [rows, qkv]` and `stats [rows, H]` are those of the layer.
pub fn stripe(
    dims: &Dims,
    (config, layer): (&ModelConfig, usize),
    offset: usize,
    qkv: &[f32],
    stats: &[RowStats],
) -> Vec<f32> {
    let layout = Layout::of(config, layer);
    let seq = dims.seq as usize;
    let mut weights = vec![0.0; stats.len()];
    if !layout.sees_back(offset) {
        return weights;
    }
    for sequence in 0..dims.batch as usize {
        for head in 0..config.n_heads {
            let head_of = HeadOf { sequence, head };
            let queries = layout.queries(dims, qkv, head_of).enumerate().skip(offset);
            for ((query_pos, query), key) in queries.zip(layout.keys(dims, qkv, head_of)) {
                let at = (sequence * seq + query_pos) * config.n_heads + head;
                weights[at] = weight_of(layout.score(query, key), &stats[at]);
            }
        }
    }
    weights
}
