//! Definition 1, the notebook's: how often one candidate has the largest weight of its row.

use serde::Serialize;

use super::{Thresholds, heads_above};
use crate::model::RowStats;

/// The dominant-weight detector's figures for one candidate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dominant {
    /// Fraction of rows that count, `[layer][head]`, from 0 to 1.
    pub fraction: Vec<Vec<f64>>,
    /// Names of the heads whose fraction is above the threshold, in layer order.
    pub heads: Vec<String>,
}

/// Figures and verdict of every head. `candidate` picks the weight in question out of a row.
pub(super) fn judge(
    heads: &[Vec<Vec<RowStats>>],
    candidate: impl Fn(&RowStats) -> f32,
    thresholds: &Thresholds,
) -> Dominant {
    let fraction: Vec<Vec<f64>> = heads
        .iter()
        .map(|layer| layer.iter().map(|rows| fraction(rows, &candidate, thresholds.active)).collect())
        .collect();
    let scores = fraction.iter().map(|layer| layer.iter().copied().map(Some).collect()).collect();
    Dominant { heads: heads_above(&scores, thresholds.fraction), fraction }
}

/// The fraction of rows in which the candidate's weight is the row's largest, ties included, and
/// above `active`. Row 0 counts for each candidate: its one weight is 1.
pub(super) fn fraction(rows: &[RowStats], candidate: impl Fn(&RowStats) -> f32, active: f64) -> f64 {
    let counts = |row: &&RowStats| candidate(row) == row.top && f64::from(row.top) > active;
    rows.iter().filter(counts).count() as f64 / rows.len() as f64
}
