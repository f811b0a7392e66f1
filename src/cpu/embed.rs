//! The residual stream before the first layer.
//!
//! ```text
//! resid[row, :] = W_E[token[row], :] + W_pos[pos(row), :]     the second term with standard positions only
//! ```
//!
//! GPU twin: `shaders/embed.wgsl`.

use super::{Matrix, Weights};
use crate::model::{Dims, MatrixId, ModelConfig};

/// `W_E`, as the model keeps it.
#[derive(Debug, Clone, Copy)]
pub enum Embedding<'a> {
    /// Row by row: `W_E [d_vocab, D]`.
    Rows(&'a Matrix),
    /// Column by column of a tied `W_U [D, V]`.
    Columns(&'a Matrix),
}

impl<'a> Embedding<'a> {
    /// The embedding of a model.
    pub fn of(config: &ModelConfig, weights: &'a Weights) -> Self {
        if config.tied_unembedding {
            Embedding::Columns(weights.matrix(MatrixId::Unembed))
        } else {
            Embedding::Rows(weights.matrix(MatrixId::Embed))
        }
    }

    /// `D`.
    pub fn width(&self) -> usize {
        match self {
            Embedding::Rows(matrix) => matrix.columns(),
            Embedding::Columns(matrix) => matrix.rows(),
        }
    }

    /// Copies a token's `[D]` numbers, widened.
    pub fn read(&self, token: usize, into: &mut [f32]) {
        match self {
            Embedding::Rows(matrix) => matrix.read_row(token, into),
            Embedding::Columns(matrix) => matrix.read_column(token, into),
        }
    }
}

/// Writes the new rows of `resid [rows, D]`. `positions` is `W_pos` in a model with standard positions.
pub fn embed(
    dims: &Dims,
    tokens: &[u32],
    embedding: Embedding,
    positions: Option<&Matrix>,
    resid: &mut [f32],
) {
    let width = embedding.width();
    let mut position = vec![0.0; width];
    let rows = resid.chunks_exact_mut(width).enumerate().skip(dims.first_row as usize);
    for (row, to) in rows {
        embedding.read(tokens[row] as usize, to);
        if let Some(positions) = positions {
            positions.read_row(row % dims.seq as usize, &mut position);
            to.iter_mut().zip(&position).for_each(|(to, position)| *to += position);
        }
    }
}
