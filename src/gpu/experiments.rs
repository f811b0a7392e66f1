//! Experiments on a finished run.

use super::attribution::{self, Attribution};
use super::kernel::Step;
use super::plan::Parts;
use super::play::Steps;
use super::run::Run;
use super::shared::Pass;
use super::tensor::{BINDING_ALIGNMENT, Tensor, Usage};
use super::{ablate, stripe, value_norms};
use crate::error::Result;
use crate::model::{Ablation, Operation, Shapes};

impl Run {
    /// Runs the same tokens with heads and MLPs ablated. The pass begins at the attention of the first
    /// ablated layer; everything before it is copied from this run.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuMemory`](crate::Error::GpuMemory),
    /// [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn ablated(&self, ablation: &Ablation) -> Result<Run> {
        let Parts { gpu, config, program, .. } = &self.shared.parts;
        let rows = self.batch().tokens().len();
        let plan = self.shared.plan(rows).await?;
        let operations = program.ablated(ablation);
        let make = async || {
            let (mut own, mut tensors) = (Steps::default(), Vec::new());
            for &operation in &operations {
                let context = self.shared.parts.context(&plan.buffers);
                match operation {
                    Operation::Ablate(layer) => {
                        let modes = ablation.modes(layer, config.n_heads);
                        let modes: Vec<u32> = modes.iter().map(|&mode| mode as u32).collect();
                        let tensor = Tensor::numbers(gpu, "modes", modes.len())?;
                        tensor.write(0, bytemuck::cast_slice(&modes));
                        own.add(operation, vec![ablate::step(context, &tensor)]);
                        tensors.push(tensor);
                    }
                    Operation::AblateMlp(layer) => {
                        own.add(operation, vec![ablate::mlp_step(context, layer, ablation.kind())]);
                    }
                    _ => {}
                }
            }
            Ok((own, tensors))
        };
        let (own, _modes) = gpu.checked("an ablation", make).await?;
        let known = Some((self.buffers(), rows));
        let pass = Pass { batch: self.batch(), first_row: 0, known, operations: &operations, own: &own };
        let (dims, mut readout) = self.shared.play(&plan, pass).await?;
        // No buffer keeps the offsets of the layers before.
        let first_layer = ablation.first_layer().unwrap_or(config.n_layers);
        readout.take_offsets_before(first_layer, config.n_layers, self.readout());
        Ok(Run::new(&self.shared, plan, self.batch().clone(), dims, readout))
    }

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

    /// How much each component adds to a direction `[rows, D]` of the stream's end, `[rows, columns]`; the
    /// columns are those of [`ModelConfig::attribution_columns`](crate::model::ModelConfig).
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn attribution(&self, direction: &[f32]) -> Result<Vec<f32>> {
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
        Ok(bytemuck::pod_collect_to_vec(&self.compute(&steps, &components, 4 * numbers).await?))
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
