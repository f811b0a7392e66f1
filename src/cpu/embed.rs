//! The residual stream before the first layer.
//!
//! ```text
//! resid[row, :] = W_E[token[row], :] + W_pos[pos(row), :]     the second term with standard positions only
//! ```
//!
//! GPU twin: `shaders/embed.wgsl`.

use super::Matrix;
use crate::model::Dims;

/// Writes the new rows of `resid [rows, D]`. `positions` is `W_pos` in a model with standard positions.
pub fn embed(dims: &Dims, tokens: &[u32], embed: &Matrix, positions: Option<&Matrix>, resid: &mut [f32]) {
    let width = embed.columns();
    let mut position = vec![0.0; width];
    let rows = resid.chunks_exact_mut(width).enumerate().skip(dims.first_row as usize);
    for (row, to) in rows {
        embed.read_row(tokens[row] as usize, to);
        if let Some(positions) = positions {
            positions.read_row(row % dims.seq as usize, &mut position);
            to.iter_mut().zip(&position).for_each(|(to, position)| *to += position);
        }
    }
}
