//! What one run keeps on the GPU, so that patterns can be made of it later and the next run can
//! go on from the tokens it shares.

use std::rc::Rc;

use super::device::Gpu;
use super::tensor::Tensor;
use crate::error::Result;
use crate::model::{ModelConfig, RowStats, Shapes};

/// Buffers of one run, for up to `capacity` rows.
#[derive(Debug)]
pub(super) struct Activations {
    /// u32 `[capacity]`.
    pub tokens: Tensor,
    /// f32 `[n_layers + 1]` times `[capacity, D]`: the stream before each layer, and after the last.
    pub resid: Vec<Tensor>,
    /// f32 `[n_layers]` times `[capacity, qkv]`.
    pub qkv: Vec<Tensor>,
    /// `RowStats [n_layers, capacity, H]`.
    pub stats: Tensor,
    /// f32 `[capacity]`.
    pub log_probs: Tensor,
    /// Bytes of one row of each buffer, and of one layer of `stats`.
    row: RowBytes,
}

#[derive(Debug, Clone, Copy)]
struct RowBytes {
    resid: usize,
    qkv: usize,
    stats: usize,
    stats_layer: usize,
}

impl Activations {
    /// Allocates for `capacity` rows.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit).
    pub fn new(gpu: &Rc<Gpu>, config: &ModelConfig, capacity: usize) -> Result<Self> {
        let shapes = Shapes::of(config);
        let row = RowBytes {
            resid: 4 * shapes.d_model,
            qkv: 4 * shapes.qkv,
            stats: size_of::<RowStats>() * config.n_heads,
            stats_layer: size_of::<RowStats>() * config.n_heads * capacity,
        };
        let tensors = |label: &str, count: usize, width: usize| -> Result<Vec<Tensor>> {
            let label = |index: usize| format!("{label}.{index}");
            (0..count).map(|index| Tensor::numbers(gpu, &label(index), capacity * width)).collect()
        };
        Ok(Activations {
            tokens: Tensor::numbers(gpu, "tokens", capacity)?,
            resid: tensors("resid", config.n_layers + 1, shapes.d_model)?,
            qkv: tensors("qkv", config.n_layers, shapes.qkv)?,
            stats: Tensor::numbers(gpu, "stats", config.n_layers * row.stats_layer / 4)?,
            log_probs: Tensor::numbers(gpu, "log_probs", capacity)?,
            row,
        })
    }

    /// `RowStats [capacity, H]` of one layer, as a binding.
    pub fn stats_of(&self, layer: usize) -> wgpu::BindingResource<'_> {
        self.stats.part(layer * self.row.stats_layer, self.row.stats_layer)
    }

    /// Where a layer's `RowStats` start, in bytes.
    pub fn stats_offset(&self, layer: usize) -> usize {
        layer * self.row.stats_layer
    }

    /// Records the copy of the first `rows` rows of an earlier run of the same model.
    pub fn copy_rows(&self, encoder: &mut wgpu::CommandEncoder, from: &Activations, rows: usize) {
        let mut copy = |from: &Tensor, from_offset: usize, to: &Tensor, to_offset: usize, bytes: usize| {
            let (from_offset, to_offset) = (from_offset as u64, to_offset as u64);
            encoder.copy_buffer_to_buffer(&from.buffer, from_offset, &to.buffer, to_offset, bytes as u64);
        };
        for (from, to) in from.resid.iter().zip(&self.resid) {
            copy(from, 0, to, 0, rows * self.row.resid);
        }
        for (layer, (from_qkv, to_qkv)) in from.qkv.iter().zip(&self.qkv).enumerate() {
            copy(from_qkv, 0, to_qkv, 0, rows * self.row.qkv);
            let bytes = rows * self.row.stats;
            copy(&from.stats, from.stats_offset(layer), &self.stats, self.stats_offset(layer), bytes);
        }
        copy(&from.log_probs, 0, &self.log_probs, 0, 4 * rows);
    }
}
