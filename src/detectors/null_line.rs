//! Definition 5: what uniform causal attention, `A[q, k] = 1 / (q + 1)`, scores on this very text.

use serde::Serialize;

use super::{
    Candidates, HeadPatterns, MulAbs, Thresholds, TokenMatching, dominant, head_detector, mean,
    token_matching,
};
use crate::model::RowStats;

/// Every detector's figure for one head of uniform causal attention.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NullLine {
    /// Definition 1. Each row is a tie, so each row counts whose weights are above `active`.
    pub dominant: Candidates<f64>,
    /// Definition 2.
    pub mean: Candidates<Option<f64>>,
    /// Definition 4.
    pub token_matching: TokenMatching<Option<f64>>,
    /// Definition 3.
    pub head_detector: HeadPatterns<MulAbs<f64>>,
    /// Which of these figures would get a head named.
    pub passes: NullPasses,
}

/// Where uniform attention passes the detector's own threshold, so that a verdict says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NullPasses {
    /// Of the dominant-weight detector: with the usual thresholds, texts of up to 6 tokens.
    pub dominant: Candidates<bool>,
    /// Of the mean-score detector.
    pub mean: Candidates<bool>,
}

/// The null line of a text, given how many earlier positions hold each query's token.
pub(super) fn judge(earlier: &[usize], thresholds: &Thresholds) -> NullLine {
    let rows = uniform_rows(earlier);
    let dominant = Candidates {
        current: dominant::fraction(&rows, |row| row.current, thresholds.active),
        previous: dominant::fraction(&rows, |row| row.previous, thresholds.active),
        first: dominant::fraction(&rows, |row| row.first, thresholds.active),
    };
    let mean = Candidates {
        current: mean::current(&rows),
        previous: mean::previous(&rows),
        first: mean::first(&rows),
    };
    let above = |score: Option<f64>| score.is_some_and(|score| score > thresholds.mean);
    NullLine {
        dominant,
        mean,
        token_matching: TokenMatching {
            induction: token_matching::induction(&rows, earlier),
            duplicate: token_matching::duplicate(&rows, earlier),
        },
        head_detector: head_detector::judge_head(&rows, earlier),
        passes: NullPasses {
            dominant: Candidates {
                current: dominant.current > thresholds.fraction,
                previous: dominant.previous > thresholds.fraction,
                first: dominant.first > thresholds.fraction,
            },
            mean: Candidates {
                current: above(mean.current),
                previous: above(mean.previous),
                first: above(mean.first),
            },
        },
    }
}

/// The rows of uniform causal attention: all scores equal, so each is the row's largest.
fn uniform_rows(earlier: &[usize]) -> Vec<RowStats> {
    earlier
        .iter()
        .enumerate()
        .map(|(query_pos, &matches)| {
            let keys = (query_pos + 1) as f32;
            let weight = 1.0 / keys;
            RowStats {
                top: weight,
                current: weight,
                previous: weight,
                first: weight,
                induction: matches as f32 * weight,
                duplicate: matches as f32 * weight,
                max_score: 0.0,
                sum_exp: keys,
            }
        })
        .collect()
}
