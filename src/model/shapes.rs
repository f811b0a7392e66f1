//! Padded sizes: the layout of both backends' buffers, and of the shaders.
//!
//! Kernels read four or eight numbers at a time, so each row is padded with zeros to a whole
//! number of them. A padded weight is zero and a padded vocabulary entry has a bias of
//! [`PADDING_BIAS`], so no kernel needs a mask in its inner loop.

use super::ModelConfig;

/// Columns that one invocation of a matrix kernel makes; every matrix is padded to a multiple.
pub const COLUMN_TILE: usize = 8;

/// Largest side of a thumbnail, in cells.
pub const THUMBNAIL_SIDE: usize = 64;

/// Offsets, from a query back to its key, whose mean weights every run delivers: 0 to 32.
pub const OFFSETS: usize = 33;

/// Queries whose weights are added up to one of a run's sums of offsets.
pub const OFFSET_BLOCK: usize = 16;

/// Bias of vocabulary entries that do not exist: their probability is exactly 0 in f32.
pub const PADDING_BIAS: f32 = -1e30;

/// Sizes of a model's buffers, in numbers (not bytes), padding included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shapes {
    /// `D`: a row of the residual stream.
    pub d_model: usize,
    /// `C`: one head's part of a row of q, k or v; a multiple of 4.
    pub d_head: usize,
    /// `H * C`: a row of z, and of q.
    pub z: usize,
    /// `G * C`: a row of k, and of v. `G` is the number of key-value heads.
    pub kv: usize,
    /// A row of `[q | k | v]`, at least `z + 2 * kv`.
    pub qkv: usize,
    /// `M`: a row of an MLP's hidden layer; 0 without MLPs.
    pub d_mlp: usize,
    /// A row of what an MLP's activation reads: `M`, or `2 * M` for `[gate | in]`.
    pub mlp_in: usize,
    /// `V`: a row of logits.
    pub d_vocab: usize,
}

impl Shapes {
    /// The padded sizes of a model.
    pub fn of(config: &ModelConfig) -> Self {
        let d_head = config.d_head.next_multiple_of(4);
        let z = config.n_heads * d_head;
        let kv = config.n_key_value_heads() * d_head;
        let d_mlp = config.mlp.map_or(0, |mlp| mlp.d_mlp.next_multiple_of(COLUMN_TILE));
        let gated = config.mlp.is_some_and(|mlp| mlp.gated);
        Shapes {
            d_model: config.d_model.next_multiple_of(COLUMN_TILE),
            d_head,
            z,
            kv,
            qkv: (z + 2 * kv).next_multiple_of(COLUMN_TILE),
            d_mlp,
            mlp_in: if gated { 2 * d_mlp } else { d_mlp },
            d_vocab: config.d_vocab.next_multiple_of(COLUMN_TILE),
        }
    }
}
