//! What a head does, told from the weights it gives: DEFINITIONS.md, "Detectors on any text".
//!
//! Pure functions of what the attention pass leaves for each query ([`RowStats`]), the tokens and
//! the thresholds; no pattern is needed, and no model. [`detect`] makes all figures at once, which
//! takes microseconds, so that a threshold can follow a slider.
//!
//! An undefined score, such as the previous-token mean of a single token, is `None`; there is
//! never a NaN.

mod dominant;
mod head_detector;
mod mean;
mod null_line;
mod row_stats;
mod token_matching;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::RowStats;

pub use dominant::Dominant;
pub use head_detector::{HeadPatterns, MulAbs};
pub use null_line::{NullLine, NullPasses};
pub use row_stats::row_stats_of_patterns;
pub use token_matching::TokenMatching;

/// A figure of every head, `[layer][head]`; `None` where it is undefined.
pub type Scores = Vec<Vec<Option<f64>>>;

/// The three keys that a simple head looks at, and a figure for each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Candidates<T> {
    /// The query's own position.
    pub current: T,
    /// The position before the query's.
    pub previous: T,
    /// Position 0.
    pub first: T,
}

/// Above which figures a row counts and a head is named. Every comparison is strict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// A row counts for the dominant-weight detector when its largest weight is above this.
    pub active: f64,
    /// The dominant-weight detector names a head when this fraction of its rows is exceeded.
    pub fraction: f64,
    /// The mean-score detector names a head whose score is above this.
    pub mean: f64,
}

impl Default for Thresholds {
    /// The notebook's and ARENA's.
    fn default() -> Self {
        Thresholds { active: 0.4, fraction: 0.3, mean: 0.4 }
    }
}

/// Every detector's figures for every head, and what uniform attention would get.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detection {
    /// Definition 1: how often the candidate has the row's largest weight.
    pub dominant: Candidates<Dominant>,
    /// Definition 2: the candidate's mean weight.
    pub mean: Candidates<Scores>,
    /// Definition 4: the mean weight on what followed the token before, and on the token itself.
    pub token_matching: TokenMatching<Scores>,
    /// Definition 3: TransformerLens' `detect_head`.
    pub head_detector: HeadPatterns<MulAbs<Scores>>,
    /// Definition 5: the same figures of uniform causal attention on this very text.
    pub null: NullLine,
}

/// Makes all detectors' figures for one sequence.
///
/// `stats` is `[layer, query_pos, head]` of `tokens.len()` queries, as the attention pass writes it.
///
/// # Errors
/// [`Error::EmptyInput`] when there is no token.
///
/// # Panics
/// When `stats` is not of that shape.
pub fn detect(
    stats: &[RowStats],
    n_layers: usize,
    n_heads: usize,
    tokens: &[u32],
    thresholds: &Thresholds,
) -> Result<Detection> {
    let seq = tokens.len();
    assert_eq!(stats.len(), n_layers * seq * n_heads, "row statistics are [layer, query_pos, head]");
    if seq == 0 {
        return Err(Error::EmptyInput {});
    }
    let earlier = token_matching::earlier_matches(tokens);
    let heads: Vec<Vec<Vec<RowStats>>> = stats
        .chunks_exact(seq * n_heads)
        .map(|layer| (0..n_heads).map(|head| rows_of_head(layer, head, n_heads)).collect())
        .collect();

    Ok(Detection {
        dominant: Candidates {
            current: dominant::judge(&heads, |row| row.current, thresholds),
            previous: dominant::judge(&heads, |row| row.previous, thresholds),
            first: dominant::judge(&heads, |row| row.first, thresholds),
        },
        mean: Candidates {
            current: each_head(&heads, mean::current),
            previous: each_head(&heads, mean::previous),
            first: each_head(&heads, mean::first),
        },
        token_matching: TokenMatching {
            induction: each_head(&heads, |rows| token_matching::induction(rows, &earlier)),
            duplicate: each_head(&heads, |rows| token_matching::duplicate(rows, &earlier)),
        },
        head_detector: head_detector::judge(&heads, &earlier),
        null: null_line::judge(&earlier, thresholds),
    })
}

/// The names, such as `1.4`, of the heads whose score is above `threshold`, in layer order.
pub fn heads_above(scores: &Scores, threshold: f64) -> Vec<String> {
    let mut names = Vec::new();
    for (layer, heads) in scores.iter().enumerate() {
        for (head, score) in heads.iter().enumerate() {
            if score.is_some_and(|score| score > threshold) {
                names.push(format!("{layer}.{head}"));
            }
        }
    }
    names
}

/// One head's rows `[query_pos]` out of a layer's `[query_pos, head]`.
fn rows_of_head(layer: &[RowStats], head: usize, n_heads: usize) -> Vec<RowStats> {
    layer.iter().skip(head).step_by(n_heads).copied().collect()
}

/// A score of every head, from the rows of each.
fn each_head(heads: &[Vec<Vec<RowStats>>], score: impl Fn(&[RowStats]) -> Option<f64>) -> Scores {
    heads.iter().map(|layer| layer.iter().map(|rows| score(rows)).collect()).collect()
}
