//! The uniform baseline: uniform causal attention, `A[q, k] = 1 / (q + 1)`.
//!
//! Definition: docs/definitions.md#uniform-baseline.

use super::heads::{OneHead, Text};
use crate::model::RowStats;

/// A head of uniform causal attention on a text: all scores equal, so each is the row's largest.
pub(super) fn uniform_head(text: &Text) -> OneHead {
    let row = |(query_pos, &earlier): (usize, &usize)| {
        let keys = (query_pos + 1) as f32;
        let weight = 1.0 / keys;
        RowStats {
            top: weight,
            current: weight,
            previous: weight,
            first: weight,
            induction: earlier as f32 * weight,
            duplicate: earlier as f32 * weight,
            max_score: 0.0,
            sum_exp: keys,
        }
    };
    OneHead(text.earlier.iter().enumerate().map(row).collect())
}
