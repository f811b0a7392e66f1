//! A matrix product with what is added to it: q, k and v of all heads, their output, both sides of an MLP.
//!
//! ```text
//! out[row, n] = sum over k of input[row, k] * W[k, n]  + bias[n] + residual[row, n]
//! input       = x_pos in the first columns, x in the others
//! ```
//!
//! With shortformer positions the first columns are those of q and k.
//! GPU twin: `shaders/linear.wgsl`.

use super::Matrix;
use super::tile::{COLUMNS, ColumnBlock, ROWS, RowTiles, multiply_weights};
use crate::model::Dims;

/// The input of the first columns.
#[derive(Debug, Clone, Copy)]
pub struct Positioned<'a> {
    /// `[rows, K]`.
    pub x_pos: &'a [f32],
    /// Number of columns that read it; a multiple of 4.
    pub columns: usize,
}

/// Writes the new rows of `out [rows, N]`, from `x [rows, K]` and `weight [K, N]`. `bias` is `[N]` and
/// `residual` is `[rows, N]`.
pub fn linear(
    dims: &Dims,
    x: &[f32],
    positioned: Option<Positioned>,
    weight: &Matrix,
    bias: Option<&[f32]>,
    residual: Option<&[f32]>,
    out: &mut [f32],
) {
    let (depth, width) = (weight.rows(), weight.columns());
    let first_row = dims.first_row as usize;
    let pack = |x: &[f32]| {
        let new = &x[first_row * depth..dims.rows as usize * depth];
        RowTiles::pack(depth, new.chunks_exact(depth))
    };
    let plain = pack(x);
    let positioned = positioned.map(|Positioned { x_pos, columns }| (pack(x_pos), columns));

    ColumnBlock::for_each(weight, |block| {
        for (column, panel) in block.panels() {
            // The columns of this panel that read x_pos.
            let first = positioned.as_ref().map_or(0, |(_, columns)| columns.saturating_sub(column));
            let input = match &positioned {
                Some((positioned, _)) if first > 0 => positioned,
                _ => &plain,
            };
            for index in 0..input.len() {
                let mut product = multiply_weights(input.tile(index), panel);
                if (1..COLUMNS).contains(&first) {
                    let others = multiply_weights(plain.tile(index), panel);
                    for (product, others) in product.iter_mut().zip(&others) {
                        product[first..].copy_from_slice(&others[first..]);
                    }
                }
                let rows = first_row + index * ROWS..dims.rows as usize;
                for (row, product) in rows.zip(&product) {
                    let range = row * width + column..row * width + column + COLUMNS;
                    let to = &mut out[range.clone()];
                    match bias {
                        Some(bias) => {
                            for ((to, product), bias) in to.iter_mut().zip(product).zip(&bias[column..]) {
                                *to = product + bias;
                            }
                        }
                        None => to.copy_from_slice(product),
                    }
                    if let Some(residual) = residual {
                        to.iter_mut().zip(&residual[range]).for_each(|(to, residual)| *to += residual);
                    }
                }
            }
        }
    });
}
