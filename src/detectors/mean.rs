//! The mean weight on one candidate, ARENA's score.
//!
//! Definition: docs/definitions.md#mean-score.

use super::heads::{Candidates, Heads};
use crate::model::RowStats;

/// Figures of each head.
pub(super) fn judge<H: Heads>(heads: &H) -> Candidates<H::Score> {
    Candidates {
        current: heads.score(|rows| mean(rows, |row| row.current)),
        // Row 0 has no previous token: its figure is for the dominant-weight detector alone.
        previous: heads.score(|rows| mean(&rows[1..], |row| row.previous)),
        first: heads.score(|rows| mean(rows, |row| row.first)),
    }
}

/// Mean over the rows; undefined without a row.
fn mean(rows: &[RowStats], weight: fn(&RowStats) -> f32) -> Option<f64> {
    let sum: f64 = rows.iter().map(|row| f64::from(weight(row))).sum();
    (!rows.is_empty()).then(|| sum / rows.len() as f64)
}
