//! Where a model's figures overflow, although its weights are finite.

use super::{Readout, RowStats};

/// The first figures of a run that are infinite or not a number.
///
/// Definition: docs/definitions.md#figures-that-are-not-finite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFinite {
    /// The first layer with such a head. `n_layers` where all patterns are finite and log-probabilities are
    /// not.
    pub layer: usize,
    /// The heads of that layer whose scores are not finite, ascending. Empty at `n_layers`.
    pub heads: Vec<usize>,
}

impl NotFinite {
    /// Looks for such figures; none where all are finite.
    pub fn first_of(readout: &Readout, n_layers: usize, n_heads: usize) -> Option<Self> {
        let rows = readout.log_probs.len();
        for (layer, stats) in readout.stats.chunks_exact(rows * n_heads).take(n_layers).enumerate() {
            let overflows = |&head: &usize| !stats.iter().skip(head).step_by(n_heads).all(is_finite);
            let heads: Vec<usize> = (0..n_heads).filter(overflows).collect();
            if !heads.is_empty() {
                return Some(NotFinite { layer, heads });
            }
        }
        let predictions = readout.log_probs.iter().chain(&readout.top_log_probs);
        let finite = predictions.copied().all(f32::is_finite);
        (!finite).then(|| NotFinite { layer: n_layers, heads: Vec::new() })
    }
}

/// Whether a row of a pattern is made of finite scores. Its weights may look sound where they are not.
fn is_finite(stats: &RowStats) -> bool {
    [stats.max_score, stats.sum_exp, stats.top].into_iter().all(f32::is_finite)
}
