//! How many entries of each row of `left right` are at least as large as the row's own.
//!
//! ```text
//! own[row]      = (left right)[row, first + row]
//! at_least[row] = number of n < d_vocab, n != first + row, with (left right)[row, n] >= own[row]
//! ```
//!
//! with `left = W_E[first.., :] W_V` and `right = W_O W_U`. The product is a vocabulary by vocabulary
//! matrix; a few of its numbers exist at a time. GPU twin: `shaders/copying.wgsl`.

use std::ops::Range;

use super::tile::{COLUMNS, ColumnBlock, ROWS, RowTiles, Tile, multiply_weights};
use super::{Matrix, embed::Embedding, share::product};
use crate::checkpoint::{Block, WeightDtype};

/// Counts `[rows]` of the rows of `left [rows, K]`. Row 0 is that of the id `first`.
pub fn at_least(first: usize, left: &[f32], right: &Matrix, d_vocab: usize) -> Vec<u32> {
    let depth = right.rows();
    let rows = left.len() / depth;
    let tiles = RowTiles::pack(depth, left.chunks_exact(depth));
    // The rows that only fill the last tile count nothing.
    let mut own = own_entries(first, left, right);
    own.resize(tiles.len() * ROWS, f32::INFINITY);
    let (own, _) = own.as_chunks::<ROWS>();
    let mut counts = vec![[0; ROWS]; tiles.len()];
    ColumnBlock::for_each(right, |block| {
        for (column, panel) in block.panels() {
            for (index, (own, counts)) in own.iter().zip(&mut counts).enumerate() {
                let mut products = multiply_weights(tiles.tile(index), panel);
                let id = first + index * ROWS;
                // Entries that must not count are set to -inf: the diagonal's and the padding's.
                if id < column + COLUMNS && column < id + ROWS {
                    for row in (0..ROWS).filter(|row| (column..column + COLUMNS).contains(&(id + row))) {
                        products[row][id + row - column] = f32::NEG_INFINITY;
                    }
                }
                if column + COLUMNS > d_vocab {
                    products.iter_mut().for_each(|row| row[d_vocab - column..].fill(f32::NEG_INFINITY));
                }
                add_reaching(&products, own, counts);
            }
        }
    });
    let mut counts = counts.into_flattened();
    counts.truncate(rows);
    counts
}

/// Adds how many products of each row are at least as large as its own entry.
fn add_reaching(products: &Tile, own: &[f32; ROWS], counts: &mut [u32; ROWS]) {
    for row in 0..ROWS {
        let mut lanes = [0; COLUMNS];
        for lane in 0..COLUMNS {
            lanes[lane] = u32::from(products[row][lane] >= own[row]);
        }
        counts[row] += lanes.iter().sum::<u32>();
    }
}

/// Each row's own entry.
fn own_entries(first: usize, left: &[f32], right: &Matrix) -> Vec<f32> {
    let depth = right.rows();
    let mut column = vec![0.0; depth];
    let rows = left.chunks_exact(depth).enumerate();
    rows.map(|(row, left)| {
        right.read_column(first + row, &mut column);
        left.iter().zip(&column).map(|(left, right)| left * right).sum()
    })
    .collect()
}

/// The factors of one experiment. They serve any rows of the vocabulary once all of `right` is made.
#[derive(Debug)]
pub struct Factors {
    /// `[D, K]`.
    values: Matrix,
    /// `[K, D]`.
    output: Vec<f32>,
    /// `[K, V]`, made by [`prepare`](Self::prepare).
    right: Matrix,
}

impl Factors {
    /// Takes `values [D, K]` and `output [K, D]`, for a `W_U [D, V]`.
    pub fn new(width: usize, values: &[f32], output: &[f32], unembed: &Matrix) -> Self {
        Self::of_width(width, values, output, unembed.columns())
    }

    /// Takes `values [D, K]` and `output [K, D]`, for a `W_U` of so many columns.
    pub(super) fn of_width(width: usize, values: &[f32], output: &[f32], columns: usize) -> Self {
        Factors {
            values: Matrix::of_f32(width, values),
            output: output.to_vec(),
            right: Matrix::zeros(width, columns, WeightDtype::F32),
        }
    }

    /// Makes these rows of `right = W_O W_U`.
    pub fn prepare(&mut self, unembed: &Matrix, rows: Range<usize>) {
        let made = product(self.output(&rows, unembed.rows()), None, unembed);
        self.keep(rows, &made);
    }

    /// Rows of `output [K, depth]`.
    pub(super) fn output(&self, rows: &Range<usize>, depth: usize) -> &[f32] {
        &self.output[rows.start * depth..rows.end * depth]
    }

    /// Takes these rows of `right`.
    pub(super) fn keep(&mut self, rows: Range<usize>, made: &[f32]) {
        let block = Block::of_rows(rows, self.right.columns());
        self.right.write(&block, bytemuck::cast_slice(made));
    }

    /// Calls [`at_least`] for `rows` ids from `first` on, of the embedding of `d_vocab` ids.
    pub fn at_least(&self, embedding: Embedding, d_vocab: usize, first: usize, rows: usize) -> Vec<u32> {
        let mut x = vec![0.0; rows * embedding.width()];
        for (row, to) in x.chunks_exact_mut(embedding.width()).enumerate() {
            embedding.read(first + row, to);
        }
        self.at_least_of(&x, d_vocab, first)
    }

    /// The same for the rows `x [rows, D]` of the embedding.
    pub(super) fn at_least_of(&self, x: &[f32], d_vocab: usize, first: usize) -> Vec<u32> {
        at_least(first, &product(x, None, &self.values), &self.right, d_vocab)
    }
}
