//! Experiments on a finished run.

use super::attribution::{self, Attribution};
use super::kernel::Step;
use super::plan::Parts;
use super::run::Run;
use super::tensor::{BINDING_ALIGNMENT, Tensor, Usage};
use super::{stripe, value_norms};
use crate::error::Result;
use crate::model::Shapes;

impl Run {
    /// The weight on the key `offset` before each query, `[layer, row, head]`. It is 0 where that key
    /// does not exist.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn stripe(&self, offset: usize) -> Result<Vec<f32>> {
        let Parts { gpu, config, .. } = &self.shared.parts;
        let bytes = 4 * self.dims().rows as usize * config.n_heads;
        let stride = bytes.next_multiple_of(BINDING_ALIGNMENT);
        let make = async || {
            let stripes = Tensor::new(gpu, "stripes", stride * config.n_layers, Usage::Storage)?;
            let uniform = Tensor::word(gpu, "offset", offset as u32)?;
            let step =
                |layer| stripe::step(self.context(), layer, &uniform, stripes.part(layer * stride, stride));
            let steps: Vec<Step> = (0..config.n_layers).map(step).collect();
            Ok((steps, uniform, stripes))
        };
        let (steps, _uniform, stripes) = gpu.checked("the induction stripes", make).await?;
        let all = self.compute(&steps, &stripes, stride * config.n_layers).await?;
        Ok(all.chunks_exact(stride).flat_map(|layer| bytemuck::pod_collect_to_vec(&layer[..bytes])).collect())
    }

    /// The column of `W_U` of each row's target minus that of its subtracted token, `[rows, D]` with the
    /// padding.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn directions(&self, targets: &[[u32; 2]]) -> Result<Vec<f32>> {
        let Parts { gpu, config, .. } = &self.shared.parts;
        let numbers = targets.len() * Shapes::of(config).d_model;
        let make = async || {
            let tokens = Tensor::numbers(gpu, "targets", 2 * targets.len())?;
            tokens.write(0, bytemuck::cast_slice(targets));
            let made = Tensor::numbers(gpu, "direction", numbers)?;
            Ok((attribution::directions(self.context(), &tokens, &made), tokens, made))
        };
        let (steps, _targets, made) = gpu.checked("the directions of logits", make).await?;
        Ok(bytemuck::pod_collect_to_vec(&self.compute(&steps, &made, 4 * numbers).await?))
    }

    /// How much each component adds to a direction `[rows, D]` of the stream's end, `[rows, columns]`, in the
    /// rows from `first_row` on; the columns are those of
    /// [`ModelConfig::attribution_columns`](crate::model::ModelConfig).
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn attribution(&self, direction: &[f32], first_row: usize) -> Result<Vec<f32>> {
        let Parts { gpu, config, .. } = &self.shared.parts;
        let numbers = self.dims().rows as usize * config.attribution_columns();
        let make = async || {
            let given = Tensor::numbers(gpu, "direction", direction.len())?;
            given.write(0, bytemuck::cast_slice(direction));
            let components = Tensor::numbers(gpu, "attribution", numbers)?;
            let attribution = Attribution { direction: &given, components: &components };
            Ok((attribution.steps(self.context()), given, components))
        };
        let (steps, _direction, components) = gpu.checked("an attribution", make).await?;
        let dims = self.batch().dims(first_row);
        Ok(bytemuck::pod_collect_to_vec(&self.compute_rows(&dims, &steps, &components, 4 * numbers).await?))
    }

    /// The norm of a head's value at each position, before and after `W_O`, `[seq]`.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`](crate::Error::HeadOutOfRange), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn value_norms(&self, layer: usize, head: usize) -> Result<Vec<[f32; 2]>> {
        let Parts { gpu, config, .. } = &self.shared.parts;
        config.check_head(layer, head)?;
        let seq = self.dims().seq as usize;
        let make = async || {
            let norms = Tensor::numbers(gpu, "norms", 2 * seq)?;
            let uniform = Tensor::word(gpu, "head", head as u32)?;
            Ok((value_norms::steps(self.context(), layer, &uniform, &norms), uniform, norms))
        };
        let (steps, _uniform, norms) = gpu.checked("the norms of values", make).await?;
        let bytes = self.compute(&steps, &norms, 8 * seq).await?;
        Ok(bytemuck::pod_collect_to_vec(&bytes))
    }
}
