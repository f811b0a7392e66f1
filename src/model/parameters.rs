//! Names and shapes of a model's parameters, and the matrices the kernels make of them.

use super::{ModelConfig, Normalization};

/// A tensor that a checkpoint of some configuration holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// TransformerLens' name, such as `blocks.0.attn.W_Q`.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Whether it may be absent, which means zero. True of biases.
    pub optional: bool,
}

/// A weight matrix as the kernels read it: row-major, padded to [`Shapes`](super::Shapes).
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

/// A vector as the kernels read it: f32, padded to [`Shapes`](super::Shapes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VectorId {
    /// `[b_Q | b_K | b_V] [qkv]` of a layer.
    QkvBias(usize),
    /// `b_O [D]` of a layer.
    OutputBias(usize),
    /// `b_U [V]`, padded with [`PADDING_BIAS`](super::PADDING_BIAS).
    UnembedBias,
    /// `ln1.w [D]` of a layer; ones where the model has none.
    Ln1Weight(usize),
    /// `ln1.b [D]` of a layer; zeros where the model has none.
    Ln1Bias(usize),
    /// `ln_final.w [D]`.
    LnFinalWeight,
    /// `ln_final.b [D]`.
    LnFinalBias,
}

/// Every parameter of a model, in the order of the forward pass.
pub fn parameters(config: &ModelConfig) -> Vec<Parameter> {
    let ModelConfig { n_layers, n_heads, d_model, d_head, n_ctx, d_vocab, .. } = *config;
    let learned_norm = config.normalization == Some(Normalization::Ln);
    let mut all =
        vec![required("embed.W_E", &[d_vocab, d_model]), required("pos_embed.W_pos", &[n_ctx, d_model])];
    for layer in 0..n_layers {
        if learned_norm {
            all.push(required(&format!("blocks.{layer}.ln1.w"), &[d_model]));
            all.push(required(&format!("blocks.{layer}.ln1.b"), &[d_model]));
        }
        for part in ["Q", "K", "V"] {
            all.push(required(&format!("blocks.{layer}.attn.W_{part}"), &[n_heads, d_model, d_head]));
            all.push(optional(&format!("blocks.{layer}.attn.b_{part}"), &[n_heads, d_head]));
        }
        all.push(required(&format!("blocks.{layer}.attn.W_O"), &[n_heads, d_head, d_model]));
        all.push(optional(&format!("blocks.{layer}.attn.b_O"), &[d_model]));
    }
    if learned_norm {
        all.push(required("ln_final.w", &[d_model]));
        all.push(required("ln_final.b", &[d_model]));
    }
    all.push(required("unembed.W_U", &[d_model, d_vocab]));
    all.push(optional("unembed.b_U", &[d_vocab]));
    all
}

fn required(name: &str, shape: &[usize]) -> Parameter {
    Parameter { name: name.to_owned(), shape: shape.to_vec(), optional: false }
}

fn optional(name: &str, shape: &[usize]) -> Parameter {
    Parameter { optional: true, ..required(name, shape) }
}
