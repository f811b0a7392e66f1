//! Matrices and vectors that a backend keeps, with their padded sizes.

use super::config::{ModelConfig, Size};
use super::shapes::{PADDING_BIAS, Shapes};

/// A weight matrix as the kernels read it: row-major, padded to [`Shapes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MatrixId {
    /// `W_E [d_vocab, D]`.
    Embed,
    /// `W_pos [n_ctx, D]`.
    Positions,
    /// `[W_Q | W_K | W_V] [D, qkv]` of a layer: q from column 0, k from `z`, v from `z + kv` on. Head `h` of
    /// each starts `h * C` columns further.
    Qkv(usize),
    /// `W_O [H * C, D]` of a layer.
    Output(usize),
    /// `W_in`, or `[W_gate | W_in]` in a gated MLP, `[D, mlp_in]`; `W_in` starts at column `M` there.
    MlpIn(usize),
    /// `W_out [M, D]` of a layer.
    MlpOut(usize),
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
    /// `[q_norm | k_norm] [2 * C]` of a layer: the weights that each query and each key is multiplied by.
    QkNormWeight(usize),
    /// `ln2.w [D]` of a layer; ones where the model has none.
    Ln2Weight(usize),
    /// `ln2.b [D]` of a layer; zeros where the model has none.
    Ln2Bias(usize),
    /// `b_in`, or `[b_gate | b_in]` in a gated MLP, `[mlp_in]` of a layer; zeros where the model has none.
    MlpInBias(usize),
    /// `mlp.ln.w [M]` of a layer.
    MlpLnWeight(usize),
    /// `mlp.ln.b [M]` of a layer.
    MlpLnBias(usize),
    /// `b_out [D]` of a layer.
    MlpOutBias(usize),
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
            MatrixId::MlpIn(_) => [shapes.d_model, shapes.mlp_in],
            MatrixId::MlpOut(_) => [shapes.d_mlp, shapes.d_model],
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
        let d_mlp = config.size(Size::Mlp);
        let (value, len, padding, padded) = match self {
            VectorId::QkvBias(_) => (0.0, 0, 0.0, shapes.qkv),
            VectorId::QkNormWeight(_) => (0.0, 0, 0.0, 2 * shapes.d_head),
            VectorId::MlpInBias(_) => (0.0, 0, 0.0, shapes.mlp_in),
            VectorId::MlpLnWeight(_) => (1.0, d_mlp, 0.0, shapes.d_mlp),
            VectorId::MlpLnBias(_) => (0.0, d_mlp, 0.0, shapes.d_mlp),
            VectorId::UnembedBias => (0.0, config.d_vocab, PADDING_BIAS, shapes.d_vocab),
            VectorId::Ln1Weight(_) | VectorId::Ln2Weight(_) | VectorId::LnFinalWeight => {
                (1.0, config.d_model, 0.0, shapes.d_model)
            }
            VectorId::OutputBias(_)
            | VectorId::MlpOutBias(_)
            | VectorId::Ln1Bias(_)
            | VectorId::Ln2Bias(_)
            | VectorId::LnFinalBias => (0.0, config.d_model, 0.0, shapes.d_model),
        };
        let mut values = vec![value; len];
        values.resize(padded, padding);
        values
    }
}
