//! Helpers: other threads, each with some columns of the large matrices.
//!
//! The engine keeps the first columns of a divided matrix, helper 0 the next ones, and so on. Which columns
//! a product is made from does not change the order of its sums, so products do not depend on the number of
//! helpers. The logarithms of sums over the vocabulary depend on it by rounding alone.

use std::fmt;
use std::ops::Range;
use std::pin::Pin;

use super::linear::Positioned;
use crate::checkpoint::{Block, WeightDtype};
use crate::model::{COLUMN_TILE, MatrixId};

/// What a helper is told, without an answer. Matrices go by numbers that are never used twice.
#[derive(Debug, Clone)]
pub enum Order {
    /// Makes room for columns of a matrix.
    Begin {
        /// The matrix.
        matrix: u32,
        /// Its rows.
        rows: usize,
        /// The helper's columns of it.
        columns: usize,
        /// The type of its elements.
        dtype: WeightDtype,
    },
    /// Takes a block, whose columns count from the helper's first.
    Write {
        /// The matrix.
        matrix: u32,
        /// Where the block goes.
        block: Block,
        /// Its elements, row-major, little-endian.
        bytes: Vec<u8>,
    },
    /// Forgets a matrix.
    Free {
        /// The matrix.
        matrix: u32,
    },
}

/// What a helper is asked.
#[derive(Debug, Clone)]
pub enum Question {
    /// The product `[rows, columns]` of rows `[rows, K]` and the helper's columns.
    Product {
        /// The matrix.
        matrix: u32,
        /// `[rows, K]`.
        x: Vec<f32>,
        /// The other input `[rows, K]`, of the first columns; empty where there is none.
        x_pos: Vec<f32>,
        /// The number of the helper's columns that read it.
        positioned: usize,
    },
    /// Of each row of logits, the largest, the sum of exponentials in two parts, and one logit: `[rows, 4]`.
    LogSumExp {
        /// The matrix.
        matrix: u32,
        /// `[rows, K]`.
        x: Vec<f32>,
        /// What is added to the helper's columns.
        bias: Vec<f32>,
        /// The column whose logit is wanted; [`NO_TOKEN`](crate::model::NO_TOKEN) where another has it.
        targets: Vec<u32>,
    },
    /// The helper's columns, widened: `[K, columns]`.
    Whole {
        /// The matrix.
        matrix: u32,
    },
    /// Some of the helper's columns, widened: `[columns, K]`.
    Columns {
        /// The matrix.
        matrix: u32,
        /// Each counts from the helper's first.
        columns: Vec<u32>,
    },
}

/// A helper's answer. A helper that dies never answers: whoever started it ends the engine too.
pub type Answer = Pin<Box<dyn Future<Output = Vec<f32>>>>;

/// The helpers of an engine. Each does what it is told and asked in that order.
pub trait Team: fmt::Debug {
    /// How many there are.
    fn helpers(&self) -> usize;

    /// Whether they share the matrices of a model with so many elements in `W_U`.
    fn divides(&self, unembedding: usize) -> bool {
        unembedding >= LEAST_UNEMBEDDING
    }

    /// Fewest elements of a matrix that is divided.
    fn least_elements(&self) -> usize {
        LEAST_ELEMENTS
    }

    /// Tells one of them something.
    fn tell(&self, helper: usize, order: Order);

    /// Asks one of them. It starts at once, before the answer is awaited.
    fn ask(&self, helper: usize, question: Question) -> Answer;
}

/// Fewest elements of `W_U` of a model whose matrices are divided when nobody chose the number of helpers.
/// The page's model has a quarter of it. In the published build, on two cores, it runs 0.83, 0.95 and 1.11
/// times as fast with a helper at 16, 64 and 256 tokens, and a helper costs a worker and a heap.
pub const LEAST_UNEMBEDDING: usize = 1 << 22;

/// Fewest elements of a matrix that is divided. Measured in Chromium on two cores: a message from the
/// engine's worker to a helper and back takes 0.1 ms, with 256 rows of 768 numbers 0.1 to 0.2 ms. With a
/// `W_U` of twice this size, divided, in a quick build, runs of 4 to 16 tokens take as long as without a
/// helper, and 64 tokens three quarters as long.
const LEAST_ELEMENTS: usize = 1 << 19;

/// Columns of f16 that fill whole cache lines twice: shares of wide matrices are multiples of them.
const WIDE_TILE: usize = 128;

/// Whether a matrix is divided between helpers: the operand of a product, and large.
pub(super) fn is_divided(team: &dyn Team, id: MatrixId, rows: usize, columns: usize) -> bool {
    let multiplied = !matches!(id, MatrixId::Embed | MatrixId::Positions);
    let has_shares = columns >= COLUMN_TILE * (1 + team.helpers());
    multiplied && has_shares && rows * columns >= team.least_elements()
}

/// The columns of each of `parts` parts of a matrix.
pub(super) fn shares(columns: usize, parts: usize) -> Vec<Range<usize>> {
    let tile = if columns >= 4 * WIDE_TILE * parts { WIDE_TILE } else { COLUMN_TILE };
    let tiles = columns.div_ceil(tile);
    let bound = |part: usize| (part * tiles / parts * tile).min(columns);
    (0..parts).map(|part| bound(part)..bound(part + 1)).collect()
}

/// Columns of a share that read `x_pos`.
pub(super) fn positioned_of(positioned: Option<Positioned>, share: &Range<usize>) -> usize {
    positioned.map_or(0, |Positioned { columns, .. }| columns.saturating_sub(share.start).min(share.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_follow_each_other_and_are_whole_tiles() {
        for columns in [64, 768, 2304, 50_280, 50_304] {
            for parts in 1..=8 {
                let shares = shares(columns, parts);
                assert_eq!(shares.len(), parts);
                assert_eq!((shares[0].start, shares[parts - 1].end), (0, columns));
                assert!(shares.windows(2).all(|pair| pair[0].end == pair[1].start), "{shares:?}");
                let whole =
                    |share: &Range<usize>| !share.is_empty() && share.len().is_multiple_of(COLUMN_TILE);
                assert!(shares.iter().all(whole), "{shares:?}");
                let lengths = || shares.iter().map(|share| share.len());
                let (most, fewest) = (lengths().max().unwrap_or(0), lengths().min().unwrap_or(0));
                assert!(most - fewest <= 2 * WIDE_TILE, "{columns} columns: {shares:?}");
            }
        }
    }
}
