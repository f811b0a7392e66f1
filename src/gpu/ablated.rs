//! Runs of the same tokens with heads and MLPs ablated.

use std::rc::Rc;

use super::plan::{Parts, Plan};
use super::play::Steps;
use super::run::{LayerZ, Run};
use super::shared::Pass;
use super::submit::Recorder;
use super::tensor::Tensor;
use super::{ablate, attention};
use crate::error::Result;
use crate::model::{Ablation, BufferId, Delivers, Dims, Operation, Readout, Shapes};

impl Run {
    /// Runs the same tokens with heads and MLPs ablated. The pass begins after the attention of the first
    /// ablated layer; everything before it is copied from this run. The rows that the tokens share with the
    /// beginning of `previous`, a run with the same ablation, are copied from that run.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuMemory`](crate::Error::GpuMemory),
    /// [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn ablated(&self, ablation: &Ablation, previous: Option<&Run>) -> Result<Run> {
        let config = &self.shared.parts.config;
        let plan = self.shared.plan(self.batch().tokens().len()).await?;
        let (dims, mut readout) = self.play_ablated(&plan, ablation, Delivers::Figures, previous).await?;
        // No buffer keeps the offsets of the layers before. The first ablated layer has the same patterns.
        let same = ablation.first_layer().map_or(config.n_layers, |layer| layer + 1);
        readout.take_offsets_before(same, config.n_layers, self.readout());
        Ok(Run::new(&self.shared, plan, self.batch().clone(), dims, readout))
    }

    /// The log-probabilities `[rows]` of such a run, and no more.
    ///
    /// # Errors
    /// As [`ablated`](Self::ablated).
    pub async fn ablated_log_probs(&self, ablation: &Ablation) -> Result<Vec<f32>> {
        let plan = self.shared.plan(self.batch().tokens().len()).await?;
        let played = self.play_ablated(&plan, ablation, Delivers::LogProbs, None).await;
        self.shared.give_back(plan);
        Ok(played?.1.log_probs)
    }

    async fn play_ablated(
        &self,
        plan: &Plan,
        ablation: &Ablation,
        delivers: Delivers,
        previous: Option<&Run>,
    ) -> Result<(Dims, Readout)> {
        let Parts { gpu, program, .. } = &self.shared.parts;
        let batch = self.batch();
        let first_row = previous.map_or(0, |previous| batch.rows_shared_with(previous.batch()));
        let operations = &program.ablated(ablation, delivers)[..];
        let z = match ablation.first_layer() {
            Some(layer) => Some(self.layer_z(layer, first_row).await?),
            None => None,
        };
        let make = async || self.own_steps(plan, ablation, operations);
        let (own, _modes) = gpu.checked("an ablation", make).await?;
        let whole = (self.buffers(), batch.tokens().len());
        let known: Vec<_> = [whole].into_iter().chain(previous.map(|it| (it.buffers(), first_row))).collect();
        let z = z.as_deref().map(|layer| &layer.z);
        let pass = Pass { first_row, known: &known, z, delivers, ..Pass::new(batch, operations, &own) };
        self.shared.play(plan, pass).await
    }

    /// The steps that only this ablation has, and the tensors that they read.
    fn own_steps(
        &self,
        plan: &Plan,
        ablation: &Ablation,
        operations: &[Operation],
    ) -> Result<(Steps, Vec<Tensor>)> {
        let Parts { gpu, config, .. } = &self.shared.parts;
        let context = self.shared.parts.context(&plan.buffers);
        let (mut own, mut tensors) = (Steps::default(), Vec::new());
        for &operation in operations {
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
    }

    /// z of a layer from a row on, the one that is kept or a new one.
    async fn layer_z(&self, layer: usize, first_row: usize) -> Result<Rc<LayerZ>> {
        let kept = self.z.borrow().clone();
        if let Some(kept) = kept.filter(|kept| kept.layer == layer && kept.first_row <= first_row) {
            return Ok(kept);
        }
        let Parts { gpu, config, .. } = &self.shared.parts;
        let dims = self.batch().dims(first_row);
        let make = async || {
            let z = Tensor::numbers(gpu, "z", dims.rows as usize * Shapes::of(config).z)?;
            Ok((attention::step(self.context(), layer), z))
        };
        let (step, z) = gpu.checked("the values of a layer", make).await?;
        step.check(gpu, &dims)?;
        let mut recorder = Recorder::new(gpu, &self.buffers().scratch().dims, &dims);
        recorder.record(&[step]);
        let from = &self.buffers().get(BufferId::Z).buffer;
        recorder.encoder().copy_buffer_to_buffer(from, 0, &z.buffer, 0, z.buffer.size());
        recorder.finish();
        let made = Rc::new(LayerZ { layer, first_row, z });
        *self.z.borrow_mut() = Some(Rc::clone(&made));
        Ok(made)
    }
}
