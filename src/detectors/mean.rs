//! Definition 2, ARENA's: the mean weight on one candidate.

use crate::model::RowStats;

/// Mean of the pattern's diagonal, `n` entries.
pub(super) fn current(rows: &[RowStats]) -> Option<f64> {
    mean(rows.iter().map(|row| row.current))
}

/// Mean of the first sub-diagonal, `n - 1` entries; undefined for a single token.
pub(super) fn previous(rows: &[RowStats]) -> Option<f64> {
    // Row 0 has no previous token: what it carries serves the dominant-weight detector alone.
    mean(rows.iter().skip(1).map(|row| row.previous))
}

/// Mean of column 0, `n` entries.
pub(super) fn first(rows: &[RowStats]) -> Option<f64> {
    mean(rows.iter().map(|row| row.first))
}

fn mean(weights: impl ExactSizeIterator<Item = f32>) -> Option<f64> {
    let count = weights.len();
    (count > 0).then(|| weights.map(f64::from).sum::<f64>() / count as f64)
}
