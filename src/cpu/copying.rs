//! How many entries of each row of `left right` are at least as large as the row's own.
//!
//! ```text
//! own[row]      = (left right)[row, first + row]
//! at_least[row] = number of n < d_vocab, n != first + row, with (left right)[row, n] >= own[row]
//! ```
//!
//! with `left = W_E[first.., :] W_V` and `right = W_O W_U`: the rows of a vocabulary by vocabulary
//! matrix of which a few numbers exist at a time. GPU twin: `shaders/copying.wgsl`.

use super::tile::{COLUMNS, ColumnBlock, ROWS, RowTiles, multiply};
use super::{Matrix, linear::linear};
use crate::model::Dims;

/// Counts `[rows]` for the rows of `left [rows, K]`, which are those of the ids from `first` on.
pub fn at_least(first: usize, left: &[f32], right: &Matrix, d_vocab: usize) -> Vec<u32> {
    let depth = right.rows();
    let rows = left.len() / depth;
    let own = own_entries(first, left, right);
    let tiles = RowTiles::pack(depth, left.chunks_exact(depth));
    let mut counts = vec![0; rows];
    ColumnBlock::for_each(right, |block| {
        for (column, panel) in block.panels() {
            for index in 0..tiles.len() {
                let products = multiply(tiles.tile(index), panel);
                for (row, products) in (index * ROWS..rows).zip(&products) {
                    let mut count = 0;
                    for (lane, product) in products.iter().enumerate() {
                        let other = column + lane != first + row && column + lane < d_vocab;
                        count += u32::from(other && *product >= own[row]);
                    }
                    counts[row] += count;
                }
            }
        }
    });
    counts
}

/// Each row's own entry, made in the same order of sums as all others.
fn own_entries(first: usize, left: &[f32], right: &Matrix) -> Vec<f32> {
    let depth = right.rows();
    let mut panel = vec![[0.0; COLUMNS]; depth];
    let rows = left.chunks_exact(depth).enumerate();
    rows.map(|(row, left)| {
        let id = first + row;
        right.read_columns(id - id % COLUMNS, &mut panel);
        left.iter().zip(&panel).map(|(left, right)| left * right[id % COLUMNS]).sum()
    })
    .collect()
}

/// The factors of one experiment, ready for any rows of the vocabulary.
#[derive(Debug)]
pub struct Factors {
    /// `[D, K]`.
    values: Matrix,
    /// `[K, V]`.
    right: Matrix,
}

impl Factors {
    /// From `values [D, K]`, `output [K, D]` and `W_U [D, V]`.
    pub fn new(width: usize, values: &[f32], output: &[f32], unembed: &Matrix) -> Self {
        let right = product(output, unembed);
        Factors { values: Matrix::of_f32(width, values), right: Matrix::of_f32(unembed.columns(), &right) }
    }

    /// [`at_least`] for the ids from `first` on, of an embedding `W_E [d_vocab, D]`.
    pub fn at_least(&self, embed: &Matrix, first: usize, rows: usize) -> Vec<u32> {
        let mut x = vec![0.0; rows * embed.columns()];
        for (row, to) in x.chunks_exact_mut(embed.columns()).enumerate() {
            embed.read_row(first + row, to);
        }
        at_least(first, &product(&x, &self.values), &self.right, embed.rows())
    }
}

/// `x [rows, K]` times `weight [K, N]`.
fn product(x: &[f32], weight: &Matrix) -> Vec<f32> {
    let rows = x.len() / weight.rows();
    let mut out = vec![0.0; rows * weight.columns()];
    let no_bias = vec![0.0; weight.columns()];
    linear(&Dims::new(rows, 1, 0), x, weight, &no_bias, None, None, &mut out);
    out
}
