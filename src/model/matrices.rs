//! Matrices and vectors that a backend keeps, with their padded sizes.

use super::config::ModelConfig;
use super::shapes::{PADDING_BIAS, Shapes};

/// A weight matrix as the kernels read it: row-major, padded to [`Shapes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MatrixId {
    /// `W_E [d_vocab, D]`.
    Embed,
    /// `W_pos [n_ctx, D]`.
    Positions,
    /// `[W_Q | W_K | W_V] [D, qkv]` of a layer; head `h` of each starts at column `h * C` of its third.
    Qkv(usize),
    /// `W_O [H * C, D]` of a layer.
    Output(usize),
    /// `W_U [D, V]`.
    Unembed,
}

/// A vector as the kernels read it: f32, padded to [`Shapes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VectorId {
    /// `[b_Q | b_K | b_V] [qkv]` of a layer.
    QkvBias(usize),
    /// `b_O [D]` of a layer.
    OutputBias(usize),
    /// `b_U [V]`, padded with [`PADDING_BIAS`].
    UnembedBias,
    /// `ln1.w [D]` of a layer; ones where the model has none.
    Ln1Weight(usize),
    /// `ln1.b [D]` of a layer; zeros where the model has none.
    Ln1Bias(usize),
    /// `ln_final.w [D]`; ones where the model has none.
    LnFinalWeight,
    /// `ln_final.b [D]`; zeros where the model has none.
    LnFinalBias,
}

impl MatrixId {
    /// Rows and columns, padding included.
    pub fn shape(self, config: &ModelConfig) -> [usize; 2] {
        let shapes = Shapes::of(config);
        match self {
            MatrixId::Embed => [config.d_vocab, shapes.d_model],
            MatrixId::Positions => [config.n_ctx, shapes.d_model],
            MatrixId::Qkv(_) => [shapes.d_model, shapes.qkv],
            MatrixId::Output(_) => [shapes.z, shapes.d_model],
            MatrixId::Unembed => [shapes.d_model, shapes.d_vocab],
        }
    }

    /// Whether the elements are kept in f32 whatever their type in the file.
    ///
    /// True of positions: they are few, and kernels add them to f32 activations.
    pub fn is_always_f32(self) -> bool {
        self == MatrixId::Positions
    }
}

impl VectorId {
    /// The vector that a model without this parameter has, padding included.
    pub fn blank(self, config: &ModelConfig) -> Vec<f32> {
        let shapes = Shapes::of(config);
        let (value, len, padding, padded) = match self {
            VectorId::QkvBias(_) => (0.0, 0, 0.0, shapes.qkv),
            VectorId::UnembedBias => (0.0, config.d_vocab, PADDING_BIAS, shapes.d_vocab),
            VectorId::Ln1Weight(_) | VectorId::LnFinalWeight => (1.0, config.d_model, 0.0, shapes.d_model),
            VectorId::OutputBias(_) | VectorId::Ln1Bias(_) | VectorId::LnFinalBias => {
                (0.0, config.d_model, 0.0, shapes.d_model)
            }
        };
        let mut values = vec![value; len];
        values.resize(padded, padding);
        values
    }
}
