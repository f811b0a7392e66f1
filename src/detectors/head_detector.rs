//! TransformerLens' `detect_head`, nothing excluded.
//!
//! Definition: docs/definitions.md#detect_head.
//!
//! It compares a pattern `A` with an ideal pattern `P` of zeros and ones. Both measures follow from
//! `S`, the sum of `A`'s weights where `P` is one, and `|P|`, the number of ones: the rows of `A` sum
//! to 1, and no weight is above 1.
//!
//! ```text
//! mul = sum(A P) / sum(A)     = S / n
//! abs = 1 - sum(|A - P|) / n  = 1 - ((n - S) + (|P| - S)) / n  =  (2 S - |P|) / n
//! ```

use serde::Serialize;

use super::heads::{Heads, Text};
use crate::model::RowStats;

/// TransformerLens' three ideal patterns, and figures for each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HeadPatterns<T> {
    /// Ones at `(q, q - 1)`.
    pub previous_token_head: T,
    /// Ones at `(q, j)`, `j < q`, where the tokens are equal.
    pub duplicate_token_head: T,
    /// The duplicate pattern moved one column to the right.
    pub induction_head: T,
}

/// The two measures of likeness to an ideal pattern.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MulAbs<T> {
    /// Fraction of all weight that lies on the ideal pattern, from 0 to 1.
    pub mul: T,
    /// 1 minus the summed difference a row: 1 when equal, negative when very different.
    pub abs: T,
}

/// An ideal pattern, as one row's weight on it, its first row with a one, and its number of ones.
type Ideal = (fn(&RowStats) -> f32, usize, usize);

/// Figures of each head.
pub(super) fn judge<H: Heads>(heads: &H, text: &Text) -> HeadPatterns<MulAbs<H::Score>> {
    let matches = text.earlier.iter().sum();
    let likeness = |ideal: Ideal| MulAbs {
        mul: heads.score(|rows| Some(mul(rows, ideal))),
        abs: heads.score(|rows| Some(abs(rows, ideal))),
    };
    HeadPatterns {
        previous_token_head: likeness((|row| row.previous, 1, text.earlier.len() - 1)),
        duplicate_token_head: likeness((|row| row.duplicate, 0, matches)),
        induction_head: likeness((|row| row.induction, 0, matches)),
    }
}

fn mul(rows: &[RowStats], ideal: Ideal) -> f64 {
    on_ideal(rows, ideal) / rows.len() as f64
}

fn abs(rows: &[RowStats], ideal: Ideal) -> f64 {
    let (_, _, ones) = ideal;
    (2.0 * on_ideal(rows, ideal) - ones as f64) / rows.len() as f64
}

/// The sum of the weights where the ideal pattern is one.
fn on_ideal(rows: &[RowStats], (weight, first_row, _): Ideal) -> f64 {
    rows.iter().skip(first_row).map(|row| f64::from(weight(row))).sum()
}
