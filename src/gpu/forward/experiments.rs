//! What the experiments ask of a finished run.

use super::{Run, Shared};
use crate::error::Result;
use crate::gpu::kernel::Step;
use crate::gpu::tensor::{Tensor, Usage};
use crate::gpu::{ablate, attribution, stripe, value_norms};
use crate::model::{Ablation, Dims};

/// Offsets of bindings within a buffer are multiples of this many bytes on every device.
const BINDING_ALIGNMENT: usize = 256;

impl Run {
    /// The same tokens with heads switched off. What comes before the first of them is taken over.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn ablated(&self, ablation: &Ablation) -> Result<Run> {
        let Shared { gpu, config, .. } = &*self.shared;
        let rows = self.dims.rows as usize;
        let plan = self.shared.plan(rows).await?;
        let first_layer = ablation.first_layer().unwrap_or(config.n_layers);
        // The steps that switch heads off, each after its layer's attention.
        let make = async || {
            let step = |layer| {
                let fates: Vec<u32> =
                    ablation.fates(layer, config.n_heads).iter().map(|&fate| fate as u32).collect();
                let fate_of_head = Tensor::numbers(gpu, "fates", fates.len())?;
                fate_of_head.write(0, bytemuck::cast_slice(&fates));
                let step = ablate::step(plan.site(&self.shared), &fate_of_head);
                Ok((plan.attention[layer], step, fate_of_head))
            };
            (first_layer..config.n_layers).map(step).collect()
        };
        let ablations: Vec<(usize, Step, Tensor)> = gpu.checked("an ablation", make).await?;

        let dims = Dims { first_row: 0, ..self.dims };
        ablations.iter().try_for_each(|(_, step, _)| step.check(gpu, &dims))?;
        plan.scratch.dims.write(0, bytemuck::bytes_of(&dims));
        plan.activations.tokens.write(0, bytemuck::cast_slice(&self.tokens));
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        plan.activations.copy_rows(&mut encoder, &self.plan().activations, rows);
        let mut pass = encoder.begin_compute_pass(&Default::default());
        // Without a head off, all that there is to do is to read back.
        let first_step = plan.attention.get(first_layer).copied().unwrap_or(plan.steps.len());
        for (index, step) in plan.steps.iter().enumerate().skip(first_step) {
            step.record(&mut pass, &dims);
            if let Some((_, ablate, _)) = ablations.iter().find(|(after, ..)| *after == index) {
                ablate.record(&mut pass, &dims);
            }
        }
        drop(pass);
        let mut run = self.shared.finish(plan, dims, &self.tokens, encoder).await?;
        // Thumbnails are made in scratch, which has another run's where this one began later.
        let known = self.readout.thumbnails.len() / config.n_layers * first_layer;
        run.readout.thumbnails[..known].copy_from_slice(&self.readout.thumbnails[..known]);
        Ok(run)
    }

    /// The weight on the key `offset` before each query, `[layer, row, head]`; 0 where there is none.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn stripe(&self, offset: usize) -> Result<Vec<f32>> {
        let Shared { gpu, config, .. } = &*self.shared;
        let bytes = 4 * self.dims.rows as usize * config.n_heads;
        let stride = bytes.next_multiple_of(BINDING_ALIGNMENT);
        let make = async || {
            let stripes = Tensor::new(gpu, "stripes", stride * config.n_layers, Usage::Storage)?;
            let uniform = Tensor::word(gpu, "offset", offset as u32)?;
            let step =
                |layer| stripe::step(self.site(), layer, &uniform, stripes.part(layer * stride, stride));
            let steps: Vec<Step> = (0..config.n_layers).map(step).collect();
            Ok((steps, uniform, stripes))
        };
        let (steps, _uniform, stripes) = gpu.checked("the induction stripes", make).await?;
        let all = self.compute(&steps, &stripes, 0, stride * config.n_layers).await?;
        Ok(all.chunks_exact(stride).flat_map(|layer| bytemuck::pod_collect_to_vec(&layer[..bytes])).collect())
    }

    /// What adds to the logit of each next token, `[row, columns]`: the embedding, every head, the
    /// biases, and last the logit itself, which is their sum.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn attribution(&self) -> Result<Vec<f32>> {
        let Shared { gpu, config, .. } = &*self.shared;
        let numbers = self.dims.rows as usize * attribution::columns(config);
        let make = async || {
            let attribution = Tensor::numbers(gpu, "attribution", numbers)?;
            Ok((attribution::steps(self.site(), &attribution), attribution))
        };
        let (steps, attribution) = gpu.checked("an attribution", make).await?;
        let bytes = self.compute(&steps, &attribution, 0, 4 * numbers).await?;
        Ok(bytemuck::pod_collect_to_vec(&bytes))
    }

    /// How large a head's value is at each position, and how large once it went through `W_O`, `[seq]`.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`](crate::Error::HeadOutOfRange), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn value_norms(&self, layer: usize, head: usize) -> Result<Vec<[f32; 2]>> {
        let Shared { gpu, config, .. } = &*self.shared;
        config.check_head(layer, head)?;
        let seq = self.dims.seq as usize;
        let make = async || {
            let norms = Tensor::numbers(gpu, "norms", 2 * seq)?;
            let uniform = Tensor::word(gpu, "head", head as u32)?;
            Ok((value_norms::step(self.site(), layer, &uniform, &norms), uniform, norms))
        };
        let (step, _uniform, norms) = gpu.checked("the norms of values", make).await?;
        let bytes = self.compute(&[step], &norms, 0, 8 * seq).await?;
        Ok(bytemuck::pod_collect_to_vec(&bytes))
    }
}
