//! The uniform baseline: uniform causal attention, `A[q, k] = 1 / (q + 1)`.
//!
//! Definition: docs/definitions.md#uniform-baseline.

use super::heads::{OneHead, Text};
use crate::model::{LARGE_WEIGHT, OFFSETS, RowStats};

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
            induction_large: if weight >= LARGE_WEIGHT { earlier as f32 * weight } else { 0.0 },
            max_score: 0.0,
            sum_exp: keys,
        }
    };
    let rows: Vec<RowStats> = text.earlier.iter().enumerate().map(row).collect();
    let mean = |offset: usize| {
        let weights = rows.iter().skip(offset).map(|row| f64::from(row.current));
        (weights.sum::<f64>() / rows.len().saturating_sub(offset).max(1) as f64) as f32
    };
    OneHead { offsets: (0..OFFSETS).map(mean).collect(), rows }
}
