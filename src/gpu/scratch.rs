//! Buffers that live for one command buffer and serve every run of a size class in turn.

use std::rc::Rc;

use super::device::Gpu;
use super::log_probs::shares;
use super::tensor::{Tensor, Usage};
use super::thumbnails::layer_bytes;
use crate::error::Result;
use crate::model::{Dims, ModelConfig, RowStats, Shapes};

/// Scratch for up to `capacity` rows.
#[derive(Debug)]
pub(super) struct Scratch {
    /// `Dims`.
    pub dims: Tensor,
    /// f32 `[2, capacity, D]`: the normalized stream, and with positions added.
    pub x: Tensor,
    /// f32 `[capacity, H * C]`.
    pub z: Tensor,
    /// vec2f `[capacity, shares]`.
    pub partials: Tensor,
    /// f32 `[capacity]`.
    pub target_logit: Tensor,
    /// u8 `[n_layers, H, side, side]`, the layers a fixed distance apart.
    pub thumbnails: Tensor,
    /// Where a run's figures are copied to be read.
    pub read_back: Tensor,
}

impl Scratch {
    /// Allocates for `capacity` rows.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit).
    pub fn new(gpu: &Rc<Gpu>, config: &ModelConfig, capacity: usize) -> Result<Self> {
        let shapes = Shapes::of(config);
        let stats = size_of::<RowStats>() * config.total_heads() * capacity;
        let thumbnails = layer_bytes(config) * config.n_layers;
        Ok(Scratch {
            dims: Tensor::new(gpu, "dims", size_of::<Dims>(), Usage::Uniform)?,
            x: Tensor::numbers(gpu, "x", 2 * capacity * shapes.d_model)?,
            z: Tensor::numbers(gpu, "z", capacity * shapes.z)?,
            partials: Tensor::numbers(gpu, "partials", 2 * capacity * shares(shapes.d_vocab))?,
            target_logit: Tensor::numbers(gpu, "target_logit", capacity)?,
            thumbnails: Tensor::new(gpu, "thumbnails", thumbnails, Usage::Storage)?,
            read_back: Tensor::new(gpu, "read_back", stats + 4 * capacity + thumbnails, Usage::ReadBack)?,
        })
    }
}
