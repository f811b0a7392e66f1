//! The distance that a head looks back: the offset with the largest mean weight.
//!
//! Definition: docs/definitions.md#offset.

use serde::Serialize;

use super::heads::{Heads, Text};

/// The distance, and figures of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Offset<T> {
    /// Positions from the key to its query, from 0 to 32. Of equal means the smallest.
    pub distance: T,
    /// The mean weight on the keys at that distance.
    pub mean: T,
    /// The same mean where it makes an offset head: at a distance of [`NEAREST`] or more, over
    /// [`LEAST_ENTRIES`] or more queries, of which at most [`MOST_MATCHING`] match.
    pub score: T,
}

/// The distances 0 and 1 have names of their own: current and previous token.
const NEAREST: usize = 2;

/// A diagonal with fewer entries says little. The last diagonal of a short text is one weight.
const LEAST_ENTRIES: usize = 10;

/// Where more of the keys at a distance are earlier occurrences of the query's token, or follow one, the text
/// repeats with that period: induction and duplicate-token heads look there too.
const MOST_MATCHING: f64 = 0.25;

/// Figures of each head.
pub(super) fn judge<H: Heads>(heads: &H, text: &Text) -> Offset<H::Score> {
    let seq = text.earlier.len();
    let counts = |distance: usize| {
        distance >= NEAREST && seq - distance >= LEAST_ENTRIES && text.matching[distance] <= MOST_MATCHING
    };
    Offset {
        distance: heads.score_offsets(|means| best(means).map(|(distance, _)| distance as f64)),
        mean: heads.score_offsets(|means| best(means).map(|(_, mean)| mean.into())),
        score: heads.score_offsets(|means| {
            best(means).filter(|&(distance, _)| counts(distance)).map(|(_, mean)| mean.into())
        }),
    }
}

/// The first largest mean and its offset; undefined without an offset.
fn best(means: &[f32]) -> Option<(usize, f32)> {
    let larger = |best: (usize, f32), one: (usize, f32)| if one.1 > best.1 { one } else { best };
    means.iter().copied().enumerate().reduce(larger)
}
