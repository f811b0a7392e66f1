//! Where a head's queries, keys and values stand, and their scores.
//!
//! ```text
//! score[q, k] = dot(query[q], key[k]) / sqrt(d_head)
//! A[q, k]     = exp(score[q, k] - max_score[q]) / sum_exp[q]
//! ```
//!
//! GPU twin: `shaders/common.wgsl`.

use super::tile::{COLUMNS, ROWS, RowTiles, multiply};
use crate::model::{Dims, ModelConfig, RowStats, Shapes};

/// One head of one sequence of a batch.
#[derive(Debug, Clone, Copy)]
pub struct HeadOf {
    /// Number of the sequence in its batch.
    pub sequence: usize,
    /// Number of the head in its layer.
    pub head: usize,
}

/// Rows of a head's part, for a sequence's positions.
pub trait Rows<'a>: ExactSizeIterator<Item = &'a [f32]> {}

impl<'a, I: ExactSizeIterator<Item = &'a [f32]>> Rows<'a> for I {}

/// Where a head's numbers lie within a row of `[q | k | v]`.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    shapes: Shapes,
    n_heads: usize,
    /// `1 / sqrt(d_head)`, of the real width.
    scale: f32,
}

impl Layout {
    /// The layout of a model.
    pub fn of(config: &ModelConfig) -> Self {
        Layout {
            shapes: Shapes::of(config),
            n_heads: config.n_heads,
            scale: (1.0 / (config.d_head as f64).sqrt()) as f32,
        }
    }

    /// Heads of each layer.
    pub fn n_heads(&self) -> usize {
        self.n_heads
    }

    /// Width of a row of z.
    pub fn z(&self) -> usize {
        self.shapes.z
    }

    /// Width of a head, padding included.
    pub fn d_head(&self) -> usize {
        self.shapes.d_head
    }

    /// The score of a query and a key of one head.
    pub fn score(&self, query: &[f32], key: &[f32]) -> f32 {
        query.iter().zip(key).map(|(query, key)| query * key).sum::<f32>() * self.scale
    }

    /// A head's queries, one for each position.
    pub fn queries<'a>(&self, dims: &Dims, qkv: &'a [f32], head_of: HeadOf) -> impl Rows<'a> {
        self.parts(dims, qkv, head_of, 0)
    }

    /// A head's keys, one for each position.
    pub fn keys<'a>(&self, dims: &Dims, qkv: &'a [f32], head_of: HeadOf) -> impl Rows<'a> {
        self.parts(dims, qkv, head_of, self.shapes.z)
    }

    /// A head's values, one for each position.
    pub fn values<'a>(&self, dims: &Dims, qkv: &'a [f32], head_of: HeadOf) -> impl Rows<'a> {
        self.parts(dims, qkv, head_of, 2 * self.shapes.z)
    }

    /// A head's part of the third of each row that starts at column `third`.
    fn parts<'a>(&self, dims: &Dims, qkv: &'a [f32], head_of: HeadOf, third: usize) -> impl Rows<'a> {
        let Shapes { d_head, qkv: width, .. } = self.shapes;
        let seq = dims.seq as usize;
        let from = third + head_of.head * d_head;
        let sequence = &qkv[head_of.sequence * seq * width..][..seq * width];
        sequence.chunks_exact(width).map(move |row| &row[from..from + d_head])
    }
}

/// The attention weight of a score in its row.
pub fn weight_of(score: f32, row: &RowStats) -> f32 {
    (score - row.max_score).exp() / row.sum_exp
}

/// The queries and keys of one head, packed for [`multiply`].
pub struct Scores {
    /// The queries from `first_query` on.
    queries: RowTiles,
    /// `[key tile][C]` of `[COLUMNS]` keys.
    keys: Vec<[f32; COLUMNS]>,
    first_query: usize,
    seq: usize,
    layout: Layout,
}

impl Scores {
    /// Packs all keys, and the queries from `first_query` on.
    pub fn new(dims: &Dims, layout: Layout, qkv: &[f32], head_of: HeadOf, first_query: usize) -> Self {
        let seq = dims.seq as usize;
        let depth = layout.d_head();
        let queries = RowTiles::pack(depth, layout.queries(dims, qkv, head_of).skip(first_query));
        let mut keys = vec![[0.0; COLUMNS]; seq.div_ceil(COLUMNS) * depth];
        for (key_pos, key) in layout.keys(dims, qkv, head_of).enumerate() {
            let panel = &mut keys[key_pos / COLUMNS * depth..][..depth];
            for (to, &value) in panel.iter_mut().zip(key) {
                to[key_pos % COLUMNS] = value;
            }
        }
        Scores { queries, keys, first_query, seq, layout }
    }

    /// Calls `with_tile` for each four queries, in order; the last tile may have fewer.
    pub fn for_each_tile(&self, mut with_tile: impl FnMut(ScoreTile)) {
        let mut scores = vec![0.0; ROWS * self.seq.next_multiple_of(COLUMNS)];
        for index in 0..self.queries.len() {
            let first_query = self.first_query + index * ROWS;
            let queries = ROWS.min(self.seq - first_query);
            let width = (first_query + queries).next_multiple_of(COLUMNS);
            let mut tile = ScoreTile { first_query, width, scores: &mut scores[..queries * width] };
            let panels = self.keys.chunks_exact(self.layout.d_head());
            for (key_tile, panel) in panels.take(width / COLUMNS).enumerate() {
                let products = multiply(self.queries.tile(index), panel);
                for ((_, row), products) in tile.rows().zip(&products) {
                    let to = &mut row[key_tile * COLUMNS..][..COLUMNS];
                    to.copy_from_slice(&products.map(|product| product * self.layout.scale));
                }
            }
            for (query_pos, row) in tile.rows() {
                row[query_pos + 1..].fill(f32::NEG_INFINITY);
            }
            with_tile(tile);
        }
    }
}

/// Scores of up to four neighbouring queries of one head. The receiver may overwrite them.
pub struct ScoreTile<'a> {
    first_query: usize,
    width: usize,
    scores: &'a mut [f32],
}

impl ScoreTile<'_> {
    /// The position and scores of each query. All rows have the length of the last query's, rounded up to
    /// a multiple of 8. Keys after the query have `-inf`.
    pub fn rows(&mut self) -> impl Iterator<Item = (usize, &mut [f32])> {
        (self.first_query..).zip(self.scores.chunks_exact_mut(self.width))
    }

    /// Positions of the queries.
    pub fn queries(&self) -> std::ops::Range<usize> {
        self.first_query..self.first_query + self.scores.len() / self.width
    }
}
