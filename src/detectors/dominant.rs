//! How often one candidate has the largest weight of its row, as in ARENA's notebook.
//!
//! Definition: docs/definitions.md#dominant-weight.

use serde::Serialize;

use super::heads::{AllHeads, Candidates, OneHead, heads_above};
use super::thresholds::Thresholds;
use crate::model::RowStats;

/// The dominant-weight detector's figures for one candidate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dominant {
    /// Fraction of rows that count, `[layer][head]`, from 0 to 1.
    pub fraction: Vec<Vec<f64>>,
    /// Names of the heads whose fraction is above the threshold, in layer order.
    pub heads: Vec<String>,
}

/// Figures of every head, and the heads that are named.
pub(super) fn judge(heads: &AllHeads, thresholds: &Thresholds) -> Candidates<Dominant> {
    let judge = |candidate: fn(&RowStats) -> f32| {
        let fraction = heads.each(|head| fraction(&head.rows, candidate, thresholds.active));
        let scores = fraction.iter().map(|layer| layer.iter().copied().map(Some).collect()).collect();
        Dominant { heads: heads_above(&scores, thresholds.fraction), fraction }
    };
    Candidates {
        current: judge(|row| row.current),
        previous: judge(|row| row.previous),
        first: judge(|row| row.first),
    }
}

/// The same fractions of one head.
pub(super) fn fractions(OneHead { rows, .. }: &OneHead, active: f64) -> Candidates<f64> {
    Candidates {
        current: fraction(rows, |row| row.current, active),
        previous: fraction(rows, |row| row.previous, active),
        first: fraction(rows, |row| row.first, active),
    }
}

/// The fraction of rows in which the candidate's weight is the row's largest, ties included, and
/// above `active`. Row 0 counts for each candidate: its one weight is 1.
fn fraction(rows: &[RowStats], candidate: fn(&RowStats) -> f32, active: f64) -> f64 {
    let counts = |row: &&RowStats| candidate(row) == row.top && f64::from(row.top) > active;
    rows.iter().filter(counts).count() as f64 / rows.len() as f64
}
