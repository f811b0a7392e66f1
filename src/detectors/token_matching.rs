//! Weights on earlier occurrences of the query's token, for pasted text.
//!
//! Definition: docs/definitions.md#token-matching.

use serde::Serialize;

use super::heads::{Heads, Text};
use crate::model::RowStats;

/// The two kinds of keys that a token-matching head looks at, and a figure for each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TokenMatching<T> {
    /// The tokens that followed earlier occurrences of the query's token.
    pub induction: T,
    /// The earlier occurrences themselves.
    pub duplicate: T,
}

/// Figures of each head; undefined when no token occurs twice.
pub(super) fn judge<H: Heads>(heads: &H, text: &Text) -> TokenMatching<H::Score> {
    TokenMatching {
        induction: heads.score(|rows| mean_over_repeats(rows, text, |row| row.induction)),
        duplicate: heads.score(|rows| mean_over_repeats(rows, text, |row| row.duplicate)),
    }
}

/// Mean of the weights over the queries whose token occurred before.
pub(super) fn mean_over_repeats(rows: &[RowStats], text: &Text, weight: fn(&RowStats) -> f32) -> Option<f64> {
    let repeats = rows.iter().zip(&text.earlier).filter(|&(_, &earlier)| earlier > 0);
    let (sum, count) =
        repeats.fold((0.0, 0_usize), |(sum, count), (row, _)| (sum + f64::from(weight(row)), count + 1));
    (count > 0).then(|| sum / count as f64)
}
