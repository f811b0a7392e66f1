//! Query-key products of one head, four queries at a time.

use super::tile::{COLUMNS, ROWS, RowTiles, multiply};
use crate::model::{Dims, ModelConfig, Shapes};

/// One head of one sequence of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Number of the sequence in its batch.
    pub sequence: usize,
    /// Number of the head in its layer.
    pub head: usize,
}

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

    /// A head's part of `q` (0), `k` (1) or `v` (2) in each row of a sequence.
    pub fn rows<'a>(
        &self,
        dims: &Dims,
        qkv: &'a [f32],
        place: Place,
        part: usize,
    ) -> impl ExactSizeIterator<Item = &'a [f32]> {
        let Shapes { z, d_head, qkv: width, .. } = self.shapes;
        let seq = dims.seq as usize;
        let from = part * z + place.head * d_head;
        let sequence = &qkv[place.sequence * seq * width..][..seq * width];
        sequence.chunks_exact(width).map(move |row| &row[from..from + d_head])
    }
}

/// The queries and keys of one head, packed for [`multiply`].
pub struct Scores {
    /// Those from `first_query` on.
    queries: RowTiles,
    /// `[key tile][C]` of `[COLUMNS]` keys.
    keys: Vec<[f32; COLUMNS]>,
    first_query: usize,
    seq: usize,
    layout: Layout,
}

impl Scores {
    /// Packs all keys, and the queries from `first_query` on.
    pub fn new(dims: &Dims, layout: Layout, qkv: &[f32], place: Place, first_query: usize) -> Self {
        let seq = dims.seq as usize;
        let depth = layout.d_head();
        let queries = RowTiles::pack(depth, layout.rows(dims, qkv, place, 0).skip(first_query));
        let mut keys = vec![[0.0; COLUMNS]; seq.div_ceil(COLUMNS) * depth];
        for (key_pos, key) in layout.rows(dims, qkv, place, 1).enumerate() {
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

/// Scores of up to four neighbouring queries of one head; the receiver's to overwrite.
pub struct ScoreTile<'a> {
    first_query: usize,
    width: usize,
    scores: &'a mut [f32],
}

impl ScoreTile<'_> {
    /// Each query's position and scores. All rows are as long as the last query has keys, rounded
    /// up to a multiple of 8; keys that a query can't see have `-inf`.
    pub fn rows(&mut self) -> impl Iterator<Item = (usize, &mut [f32])> {
        (self.first_query..).zip(self.scores.chunks_exact_mut(self.width))
    }

    /// Positions of the queries.
    pub fn queries(&self) -> std::ops::Range<usize> {
        self.first_query..self.first_query + self.scores.len() / self.width
    }
}
