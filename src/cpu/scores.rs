//! Where a head's queries, keys and values stand, and their scores.
//!
//! ```text
//! score[q, k] = dot(query[q], key[k]) * scale                   for k <= q and q - k < window
//! A[q, k]     = exp(score[q, k] - max_score[q]) / sum_exp[q]
//! ```
//!
//! Neighbouring heads share a key and a value where the model has fewer of them than queries.
//! GPU twin: `shaders/common.wgsl`.

use super::tile::{COLUMNS, ROWS, RowTiles, multiply};
use super::work::count_scores;
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

/// Where a head's numbers lie within a row of `[q | k | v]` of a layer, and which keys a query sees.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    shapes: Shapes,
    n_heads: usize,
    /// Heads that share a key and a value.
    group: usize,
    scale: f32,
    /// Keys that a query sees at most.
    window: usize,
}

impl Layout {
    /// The layout of a layer.
    pub fn of(config: &ModelConfig, layer: usize) -> Self {
        Layout {
            shapes: Shapes::of(config),
            n_heads: config.n_heads,
            group: config.n_heads / config.n_key_value_heads(),
            scale: config.score_scale(layer) as f32,
            window: config.heads.window(layer).unwrap_or(usize::MAX),
        }
    }

    /// The same layout for queries that see at most `window` keys.
    pub fn within(self, window: usize) -> Self {
        Layout { window: self.window.min(window), ..self }
    }

    /// The first key that a query sees.
    pub fn first_key(&self, query_pos: usize) -> usize {
        (query_pos + 1).saturating_sub(self.window)
    }

    /// Whether a query sees the key `offset` positions before it.
    pub fn sees_back(&self, offset: usize) -> bool {
        offset < self.window
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
        self.parts(dims, qkv, head_of.sequence, head_of.head * self.shapes.d_head)
    }

    /// A head's keys, one for each position.
    pub fn keys<'a>(&self, dims: &Dims, qkv: &'a [f32], head_of: HeadOf) -> impl Rows<'a> {
        let key = head_of.head / self.group;
        self.parts(dims, qkv, head_of.sequence, self.shapes.z + key * self.shapes.d_head)
    }

    /// A head's values, one for each position.
    pub fn values<'a>(&self, dims: &Dims, qkv: &'a [f32], head_of: HeadOf) -> impl Rows<'a> {
        let Shapes { d_head, z, kv, .. } = self.shapes;
        let value = head_of.head / self.group;
        self.parts(dims, qkv, head_of.sequence, z + kv + value * d_head)
    }

    /// The part of each row of a sequence that starts at column `from`.
    fn parts<'a>(&self, dims: &Dims, qkv: &'a [f32], sequence: usize, from: usize) -> impl Rows<'a> {
        let Shapes { d_head, qkv: width, .. } = self.shapes;
        let seq = dims.seq as usize;
        let sequence = &qkv[sequence * seq * width..][..seq * width];
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
            let first_tile = self.layout.first_key(first_query) / COLUMNS;
            count_scores(queries * (width - first_tile * COLUMNS));
            let scores = &mut scores[..queries * width];
            let mut tile = ScoreTile { first_query, width, first_key: first_tile * COLUMNS, scores };
            let panels = self.keys.chunks_exact(self.layout.d_head()).enumerate();
            for (key_tile, panel) in panels.take(width / COLUMNS).skip(first_tile) {
                let products = multiply(self.queries.tile(index), panel);
                for ((_, row), products) in tile.rows().zip(&products) {
                    let to = &mut row[key_tile * COLUMNS..][..COLUMNS];
                    to.copy_from_slice(&products.map(|product| product * self.layout.scale));
                }
            }
            for (query_pos, row) in tile.rows() {
                row[..self.layout.first_key(query_pos)].fill(f32::NEG_INFINITY);
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
    first_key: usize,
    scores: &'a mut [f32],
}

impl ScoreTile<'_> {
    /// The position and scores of each query. All rows have the length of the last query's, rounded up to
    /// a multiple of 8. Keys that the query does not see have `-inf`.
    pub fn rows(&mut self) -> impl Iterator<Item = (usize, &mut [f32])> {
        (self.first_query..).zip(self.scores.chunks_exact_mut(self.width))
    }

    /// A multiple of 8. No query of the tile sees a key before it.
    pub fn first_key(&self) -> usize {
        self.first_key
    }

    /// Positions of the queries.
    pub fn queries(&self) -> std::ops::Range<usize> {
        self.first_query..self.first_query + self.scores.len() / self.width
    }
}
