//! The input of a layer's queries and keys with shortformer positions.
//!
//! ```text
//! x_pos[row, :] = x[row, :] + W_pos[pos(row), :]
//! ```
//!
//! GPU twin: `shaders/position.wgsl`.
//!
//! Definition: docs/definitions.md#positions.

use super::Matrix;
use crate::model::Dims;

/// Writes the new rows of `x_pos [rows, D]` from `x [rows, D]` and `W_pos [n_ctx, D]`.
pub fn position(dims: &Dims, x: &[f32], table: &Matrix, x_pos: &mut [f32]) {
    let width = table.columns();
    let rows = x_pos.chunks_exact_mut(width).zip(x.chunks_exact(width)).enumerate();
    for (row, (to, x)) in rows.skip(dims.first_row as usize) {
        table.read_row(row % dims.seq as usize, to);
        to.iter_mut().zip(x).for_each(|(to, x)| *to += x);
    }
}
