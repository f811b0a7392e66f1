//! Definition 3: TransformerLens' `detect_head`, nothing excluded.
//!
//! It compares a pattern `A` with an ideal one, `P`, of zeros and ones. Both measures follow from
//! `S`, the weight that `A` has where `P` is one, and `|P|`, the number of ones, since the rows of
//! `A` sum to 1 and no weight is above 1:
//!
//! ```text
//! mul = sum(A P) / sum(A)     = S / n
//! abs = 1 - sum(|A - P|) / n  = 1 - ((n - S) + (|P| - S)) / n  =  (2 S - |P|) / n
//! ```

use serde::Serialize;

use super::Scores;
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
    /// 1 minus the summed difference a row: 1 when equal, negative when far off.
    pub abs: T,
}

/// Figures of every head, `[layer][head]`.
pub(super) fn judge(heads: &[Vec<Vec<RowStats>>], earlier: &[usize]) -> HeadPatterns<MulAbs<Scores>> {
    let all: Vec<Vec<HeadPatterns<MulAbs<f64>>>> =
        heads.iter().map(|layer| layer.iter().map(|rows| judge_head(rows, earlier)).collect()).collect();
    let pick = |figure: fn(&HeadPatterns<MulAbs<f64>>) -> f64| -> Scores {
        all.iter().map(|layer| layer.iter().map(|head| Some(figure(head))).collect()).collect()
    };
    HeadPatterns {
        previous_token_head: MulAbs {
            mul: pick(|head| head.previous_token_head.mul),
            abs: pick(|head| head.previous_token_head.abs),
        },
        duplicate_token_head: MulAbs {
            mul: pick(|head| head.duplicate_token_head.mul),
            abs: pick(|head| head.duplicate_token_head.abs),
        },
        induction_head: MulAbs {
            mul: pick(|head| head.induction_head.mul),
            abs: pick(|head| head.induction_head.abs),
        },
    }
}

/// Figures of one head.
pub(super) fn judge_head(rows: &[RowStats], earlier: &[usize]) -> HeadPatterns<MulAbs<f64>> {
    let sum = |weight: fn(&RowStats) -> f32, from: usize| -> f64 {
        rows.iter().skip(from).map(|row| f64::from(weight(row))).sum()
    };
    let matches = earlier.iter().sum();
    let likeness = |on_pattern: f64, ones: usize| MulAbs {
        mul: on_pattern / rows.len() as f64,
        abs: (2.0 * on_pattern - ones as f64) / rows.len() as f64,
    };
    HeadPatterns {
        previous_token_head: likeness(sum(|row| row.previous, 1), rows.len() - 1),
        duplicate_token_head: likeness(sum(|row| row.duplicate, 0), matches),
        induction_head: likeness(sum(|row| row.induction, 0), matches),
    }
}
