//! The four answers in which two models differ: norm, positions, MLP, heads.
//!
//! No code asks for a model's family: it asks for one of these. Definition: docs/definitions.md#the-model.

use serde::Serialize;

/// How the residual stream is normalized before attention, before an MLP, and before the unembedding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Normalization {
    /// LayerNorm with learned weight and bias.
    #[serde(rename = "LN")]
    Ln,
    /// LayerNorm without weight and bias.
    #[serde(rename = "LNPre")]
    LnPre,
    /// Root mean square, with a learned weight.
    #[serde(rename = "RMS")]
    Rms,
    /// Root mean square, without a weight.
    #[serde(rename = "RMSPre")]
    RmsPre,
}

impl Normalization {
    /// Every kind.
    pub const ALL: [Normalization; 4] =
        [Normalization::Ln, Normalization::LnPre, Normalization::Rms, Normalization::RmsPre];

    /// TransformerLens' name.
    pub fn name(self) -> &'static str {
        match self {
            Normalization::Ln => "LN",
            Normalization::LnPre => "LNPre",
            Normalization::Rms => "RMS",
            Normalization::RmsPre => "RMSPre",
        }
    }

    /// Whether the mean is subtracted.
    pub fn centres(self) -> bool {
        matches!(self, Normalization::Ln | Normalization::LnPre)
    }

    /// Whether there is a learned weight.
    pub fn has_weight(self) -> bool {
        matches!(self, Normalization::Ln | Normalization::Rms)
    }

    /// Whether there is a learned bias.
    pub fn has_bias(self) -> bool {
        self == Normalization::Ln
    }
}

/// How a model tells positions apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PositionalEmbedding {
    /// `W_pos`, added once to the residual stream.
    Standard,
    /// `W_pos`, added after `ln1` to the inputs of q and k of every layer, never to v (Press et al. 2020).
    Shortformer,
    /// q and k are turned by an angle that grows with the position (Su et al. 2021).
    Rotary(Rotary),
    /// Not at all: only the causal mask tells.
    None,
}

impl PositionalEmbedding {
    /// TransformerLens' name.
    pub fn name(self) -> &'static str {
        match self {
            PositionalEmbedding::Standard => "standard",
            PositionalEmbedding::Shortformer => "shortformer",
            PositionalEmbedding::Rotary(_) => "rotary",
            PositionalEmbedding::None => "none",
        }
    }

    /// Whether the model has a matrix `W_pos`.
    pub fn has_matrix(self) -> bool {
        matches!(self, PositionalEmbedding::Standard | PositionalEmbedding::Shortformer)
    }
}

/// The rotation of queries and keys. Pair `i` of `dims / 2` turns by `position * base^(-2i / dims)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rotary {
    /// Numbers of each query and key that are turned, from the first on; even, at most `d_head`.
    pub dims: usize,
    /// The base of the angles.
    pub base: f64,
    /// Which two numbers make a pair.
    pub pairing: Pairing,
}

/// Which two numbers of a query or key turn together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    /// Number `i` and number `i + dims / 2`: GPT-NeoX, Llama.
    Half,
    /// Number `2i` and number `2i + 1`: GPT-J, TransformerLens' `rotary_adjacent_pairs`.
    Adjacent,
}

/// What each layer's heads are, beside their number and width.
#[derive(Debug, Clone, PartialEq)]
pub struct Heads {
    /// Heads of keys and values, which neighbouring query heads share; `None` where each has its own.
    pub n_key_value_heads: Option<usize>,
    /// The factor of each score; `None` for `1 / sqrt(d_head)`.
    pub scale: Option<f64>,
    /// Whether scores of a layer are also divided by its number, counted from 1.
    pub scale_by_inverse_layer: bool,
    /// Whether each query and key is divided by its root mean square and multiplied by a learned weight.
    pub qk_norm: bool,
    /// For each layer, how many keys a query sees, its own included; `None` for all before it.
    /// Empty where no layer has a window.
    pub windows: Vec<Option<usize>>,
}

impl Heads {
    /// The heads of ARENA's model: keys and values of their own, a scale of `1 / sqrt(d_head)`, no window.
    pub const PLAIN: Heads = Heads {
        n_key_value_heads: None,
        scale: None,
        scale_by_inverse_layer: false,
        qk_norm: false,
        windows: Vec::new(),
    };

    /// The window of a layer, if it has one.
    pub fn window(&self, layer: usize) -> Option<usize> {
        self.windows.get(layer).copied().flatten()
    }
}

/// The MLP of each layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mlp {
    /// Width of the hidden layer.
    pub d_mlp: usize,
    /// The function between the two matrices.
    pub activation: Activation,
    /// Whether a second matrix, `W_gate`, makes the factors of the hidden layer.
    pub gated: bool,
    /// Whether the MLP reads the stream before attention, and not the one after it.
    pub parallel: bool,
}

/// The function in the middle of an MLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `x * Phi(x)`, by the error function.
    Gelu,
    /// The same by a hyperbolic tangent.
    GeluNew,
    /// `max(x, 0)`.
    Relu,
    /// `x / (1 + exp(-x))`.
    Silu,
    /// `x * softmax(x)`, then a LayerNorm (Elhage et al. 2022).
    SoluLn,
}

impl Activation {
    /// Every function.
    pub const ALL: [Activation; 5] =
        [Activation::Gelu, Activation::GeluNew, Activation::Relu, Activation::Silu, Activation::SoluLn];

    /// TransformerLens' name.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Gelu => "gelu",
            Activation::GeluNew => "gelu_new",
            Activation::Relu => "relu",
            Activation::Silu => "silu",
            Activation::SoluLn => "solu_ln",
        }
    }
}
