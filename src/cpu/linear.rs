//! A matrix product with what is added to it: q, k and v of all heads, or the heads' output.
//!
//! ```text
//! out[row, n] = sum over k of (x[row, k] + [n < pos_columns] W_pos[pos(row), k]) * W[k, n]
//!               + bias[n] + residual[row, n]
//! ```
//!
//! Shortformer positions reach q and k, the first `2 * H * C` columns, and not v.
//! GPU twin: `shaders/linear.wgsl`.

use super::Matrix;
use super::tile::{COLUMNS, ColumnBlock, ROWS, RowTiles, multiply};
use crate::model::Dims;

/// Positions that are added to the inputs of the first columns.
#[derive(Debug, Clone, Copy)]
pub struct Positions<'a> {
    /// `W_pos [n_ctx, K]`.
    pub table: &'a Matrix,
    /// Number of columns that they reach; a multiple of 8, since those of q and k are `2 * H * C`.
    pub columns: usize,
}

/// Writes the new rows of `out [rows, N]`, from `x [rows, K]` and `weight [K, N]`.
pub fn linear(
    dims: &Dims,
    x: &[f32],
    weight: &Matrix,
    bias: &[f32],
    positions: Option<Positions>,
    residual: Option<&[f32]>,
    out: &mut [f32],
) {
    let (depth, width) = (weight.rows(), weight.columns());
    let first_row = dims.first_row as usize;
    let new = &x[first_row * depth..dims.rows as usize * depth];
    let plain = RowTiles::pack(depth, new.chunks_exact(depth));
    let placed = positions.map(|positions| {
        let rows = add_positions(dims, new, positions.table);
        (RowTiles::pack(depth, rows.chunks_exact(depth)), positions.columns)
    });

    ColumnBlock::for_each(weight, |block| {
        for (column, panel) in block.panels() {
            for index in 0..plain.len() {
                let product = match &placed {
                    Some((placed, until)) if column < *until => multiply(placed.tile(index), panel),
                    _ => multiply(plain.tile(index), panel),
                };
                let rows = first_row + index * ROWS..dims.rows as usize;
                for (row, product) in rows.zip(&product) {
                    let range = row * width + column..row * width + column + COLUMNS;
                    let to = &mut out[range.clone()];
                    for ((to, product), bias) in to.iter_mut().zip(product).zip(&bias[column..]) {
                        *to = product + bias;
                    }
                    if let Some(residual) = residual {
                        to.iter_mut().zip(&residual[range]).for_each(|(to, residual)| *to += residual);
                    }
                }
            }
        }
    });
}

/// The new rows, each with its position's embedding.
fn add_positions(dims: &Dims, new: &[f32], table: &Matrix) -> Vec<f32> {
    let depth = table.columns();
    let mut sums = vec![0.0; new.len()];
    for (index, (sum, row)) in sums.chunks_exact_mut(depth).zip(new.chunks_exact(depth)).enumerate() {
        let pos = (dims.first_row as usize + index) % dims.seq as usize;
        table.read_row(pos, sum);
        sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
    }
    sums
}
