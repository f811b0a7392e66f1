//! One diagonal of every head's attention pattern in one layer, without the pattern.
//!
//! ```text
//! stripe[q] = A[q, q - offset] = exp(score[q, q - offset] - max_score[q]) / sum_exp[q]      0 for q < offset
//! ```
//!
//! GPU twin: `shaders/stripe.wgsl`.

use super::scores::{Layout, Place};
use crate::model::{Dims, ModelConfig, RowStats};

/// Weights `[rows, H]` on the keys `offset` before each query, in every sequence.
///
/// `qkv [rows, qkv]` and `stats [rows, H]` are those of the layer.
pub fn stripe(dims: &Dims, config: &ModelConfig, offset: usize, qkv: &[f32], stats: &[RowStats]) -> Vec<f32> {
    let layout = Layout::of(config);
    let seq = dims.seq as usize;
    let mut weights = vec![0.0; stats.len()];
    for sequence in 0..dims.batch as usize {
        for head in 0..config.n_heads {
            let place = Place { sequence, head };
            let queries = layout.rows(dims, qkv, place, 0).enumerate().skip(offset);
            for ((query_pos, query), key) in queries.zip(layout.rows(dims, qkv, place, 1)) {
                let at = (sequence * seq + query_pos) * config.n_heads + head;
                let score = layout.score(query, key);
                weights[at] = (score - stats[at].max_score).exp() / stats[at].sum_exp;
            }
        }
    }
    weights
}
