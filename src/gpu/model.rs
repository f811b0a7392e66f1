//! A model on the GPU.

use std::rc::Rc;

use super::Weights;
use super::device::Gpu;
use super::play::Steps;
use super::run::Run;
use super::shared::{Pass, Shared};
use super::tuning;
use crate::error::Result;
use crate::model::{Batch, BufferId, ModelConfig, Work};

/// A model whose weights are on the GPU.
#[derive(Debug)]
pub struct Model {
    pub(super) shared: Rc<Shared>,
}

impl Model {
    /// Makes a model of loaded weights. The first model of a device tunes it. Compiles the kernels of runs
    /// and thumbnails, with one token.
    ///
    /// # Errors
    /// [`Error::GpuValidation`](crate::Error::GpuValidation) when a kernel is refused,
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn new(gpu: &Rc<Gpu>, config: ModelConfig, weights: Weights) -> Result<Self> {
        let token = Batch::one(&config, vec![0])?;
        let model = Model { shared: Rc::new(Shared::new(gpu, config, weights)) };
        tuning::tune(&model.shared).await?;
        let run = model.run(&token, None).await?;
        let layers: Vec<usize> = (0..model.shared.parts.config.n_layers).collect();
        run.thumbnails(&layers, 0).await?;
        drop(run);
        Ok(model)
    }

    /// Runs a batch. The rows that a single sequence shares with the beginning of `previous`, a run of
    /// this model, are copied from it.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuMemory`](crate::Error::GpuMemory),
    /// [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn run(&self, batch: &Batch, previous: Option<&Run>) -> Result<Run> {
        let first_row = previous.map_or(0, |previous| batch.rows_shared_with(previous.batch()));
        let plan = self.shared.plan(batch.tokens().len()).await?;
        let known = previous.map(|previous| (previous.buffers(), first_row));
        let (operations, own) = (self.shared.parts.program.operations(), &Steps::default());
        let pass = Pass { first_row, known: known.as_slice(), ..Pass::new(batch, operations, own) };
        let (dims, readout) = self.shared.play(&plan, pass).await?;
        Ok(Run::new(&self.shared, plan, batch.clone(), dims, readout))
    }

    /// The kernels that the model's device was told to run so far.
    pub fn work(&self) -> Work {
        self.shared.parts.gpu.work()
    }

    /// Runs a batch from the operation number `first` of the program on. `buffers` holds the bytes of
    /// every buffer as the operations before `first` leave them, for example on the CPU. This tells
    /// whose kernel is wrong when two backends disagree.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn run_from(
        &self,
        batch: &Batch,
        first: usize,
        buffers: &[(BufferId, Vec<u8>)],
    ) -> Result<Run> {
        let plan = self.shared.plan(batch.tokens().len()).await?;
        for (id, bytes) in buffers {
            plan.buffers.get(*id).write(0, bytes);
        }
        let operations = &self.shared.parts.program.operations()[first..];
        let own = &Steps::default();
        let (dims, readout) = self.shared.play(&plan, Pass::new(batch, operations, own)).await?;
        Ok(Run::new(&self.shared, plan, batch.clone(), dims, readout))
    }
}
