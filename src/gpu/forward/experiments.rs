//! What the experiments ask of a finished run.

use super::{Run, Shared};
use crate::error::Result;
use crate::gpu::kernel::Step;
use crate::gpu::stripe;
use crate::gpu::tensor::{Tensor, Usage};

/// Offsets of bindings within a buffer are multiples of this many bytes on every device.
const BINDING_ALIGNMENT: usize = 256;

impl Run {
    /// The weight on the key `offset` before each query, `[layer, row, head]`; 0 where there is none.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn stripe(&self, offset: usize) -> Result<Vec<f32>> {
        let Shared { gpu, config, kernels, .. } = &*self.shared;
        let plan = self.plan();
        let bytes = 4 * self.dims.rows as usize * config.n_heads;
        let stride = bytes.next_multiple_of(BINDING_ALIGNMENT);
        let stripes = Tensor::new(gpu, "stripes", stride * config.n_layers, Usage::Storage)?;
        let uniform = Tensor::new(gpu, "offset", 16, Usage::Uniform)?;
        uniform.write(0, bytemuck::bytes_of(&[offset as u32, 0, 0, 0]));
        let make = || {
            let (scratch, run) = (&plan.scratch, &plan.activations);
            let step = |layer| {
                let to = stripes.part(layer * stride, stride);
                stripe::step(gpu, kernels, config, scratch, run, (layer, &uniform), to)
            };
            Ok((0..config.n_layers).map(step).collect())
        };
        let steps: Vec<Step> = kernels.checked(make).await?;
        let all = self.compute(&steps, &stripes, 0, stride * config.n_layers).await?;
        Ok(all.chunks_exact(stride).flat_map(|layer| bytemuck::pod_collect_to_vec(&layer[..bytes])).collect())
    }
}
