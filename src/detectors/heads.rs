//! The input of a detector, and the scores that it gives.

use std::collections::HashMap;

use serde::Serialize;

use crate::model::{OFFSETS, RowStats};

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

impl<T> Candidates<T> {
    /// Another figure for each, made of this one.
    pub fn map<U>(self, change: impl Fn(T) -> U) -> Candidates<U> {
        Candidates {
            current: change(self.current),
            previous: change(self.previous),
            first: change(self.first),
        }
    }
}

/// The facts about a text's tokens that detectors need.
#[derive(Debug)]
pub(super) struct Text {
    /// For each query, the number of earlier positions with its token.
    pub earlier: Vec<usize>,
    /// For each offset, the share of the queries whose key at that distance is an earlier occurrence of the
    /// query's token or follows one.
    pub matching: Vec<f64>,
}

impl Text {
    /// Counts the earlier occurrences of each token.
    pub fn of(tokens: &[u32]) -> Self {
        let mut seen: HashMap<u32, usize> = HashMap::new();
        let count = |token: &u32| {
            let count = seen.entry(*token).or_default();
            *count += 1;
            *count - 1
        };
        Text {
            earlier: tokens.iter().map(count).collect(),
            matching: (0..OFFSETS).map(|offset| matching_at(tokens, offset)).collect(),
        }
    }
}

/// The share of the queries whose key `offset` before them is an earlier occurrence of their token, or
/// follows one; 0 without such queries. Offset 0 has no earlier occurrence.
fn matching_at(tokens: &[u32], offset: usize) -> f64 {
    let matches = |&query_pos: &usize| {
        let key_pos = query_pos - offset;
        let is = offset > 0 && tokens[key_pos] == tokens[query_pos];
        is || (key_pos > 0 && tokens[key_pos - 1] == tokens[query_pos])
    };
    let queries = tokens.len().saturating_sub(offset);
    (offset..tokens.len()).filter(matches).count() as f64 / queries.max(1) as f64
}

/// One head or many, whose rows a detector judges.
pub(super) trait Heads {
    /// A score of each head.
    type Score;

    /// Scores each head by its rows, `[query_pos]`, of which there is at least one.
    fn score(&self, score: impl Fn(&[RowStats]) -> Option<f64>) -> Self::Score;

    /// Scores each head by the mean weight of each offset, `[offset]`, that the text is long enough for.
    fn score_offsets(&self, score: impl Fn(&[f32]) -> Option<f64>) -> Self::Score;
}

/// Every head of a model, `[layer][head]`.
#[derive(Debug)]
pub(super) struct AllHeads(Vec<Vec<OneHead>>);

impl AllHeads {
    /// Sorts `stats`, `[layer, query_pos, head]`, and `offsets`, `[layer, head, offset]`, by head.
    pub fn of(stats: &[RowStats], offsets: &[f32], n_heads: usize, seq: usize) -> Self {
        let of_layer = |(stats, offsets): (&[RowStats], &[f32])| {
            let heads = offsets.chunks_exact(OFFSETS).enumerate();
            let head = |(head, offsets): (usize, &[f32])| OneHead {
                rows: stats.iter().skip(head).step_by(n_heads).copied().collect(),
                offsets: offsets.to_vec(),
            };
            heads.map(head).collect()
        };
        let layers = stats.chunks_exact(seq * n_heads).zip(offsets.chunks_exact(n_heads * OFFSETS));
        AllHeads(layers.map(of_layer).collect())
    }

    /// A figure of each head, `[layer][head]`.
    pub fn each<T>(&self, figure: impl Fn(&OneHead) -> T) -> Vec<Vec<T>> {
        self.0.iter().map(|layer| layer.iter().map(&figure).collect()).collect()
    }
}

impl Heads for AllHeads {
    type Score = Scores;

    fn score(&self, score: impl Fn(&[RowStats]) -> Option<f64>) -> Scores {
        self.each(|head| head.score(&score))
    }

    fn score_offsets(&self, score: impl Fn(&[f32]) -> Option<f64>) -> Scores {
        self.each(|head| head.score_offsets(&score))
    }
}

/// One head.
#[derive(Debug)]
pub(super) struct OneHead {
    /// `[query_pos]`.
    pub rows: Vec<RowStats>,
    /// The mean weight of each offset, `[offset]`.
    pub offsets: Vec<f32>,
}

impl Heads for OneHead {
    type Score = Option<f64>;

    fn score(&self, score: impl Fn(&[RowStats]) -> Option<f64>) -> Option<f64> {
        score(&self.rows)
    }

    fn score_offsets(&self, score: impl Fn(&[f32]) -> Option<f64>) -> Option<f64> {
        score(&self.offsets[..OFFSETS.min(self.rows.len())])
    }
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
