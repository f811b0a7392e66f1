//! A model on the CPU.

use std::rc::Rc;

use super::Weights;
use super::buffers::Buffers;
use super::rotate::Rotations;
use super::run::Run;
use super::shared::{Pass, Shared};
use crate::model::{Batch, BufferId, ModelConfig, Program};

/// A model whose weights are in memory.
#[derive(Debug)]
pub struct Model {
    pub(super) shared: Rc<Shared>,
}

impl Model {
    /// Makes a model of loaded weights.
    pub fn new(config: ModelConfig, weights: Weights) -> Self {
        let program = Program::of(&config);
        Model { shared: Rc::new(Shared { config, program, weights, rotations: Rotations::default() }) }
    }

    /// Runs a batch. The rows that a single sequence shares with the beginning of `previous`, a run of
    /// this model, are copied from it.
    pub async fn run(&self, batch: &Batch, previous: Option<&Run>) -> Run {
        let Shared { config, program, .. } = &*self.shared;
        let first_row = previous.map_or(0, |previous| batch.rows_shared_with(previous.batch()));
        let dims = batch.dims(first_row);
        let mut buffers = Buffers::new(config, &dims);
        if let Some(previous) = previous {
            buffers.copy_rows(config, previous.buffers(), first_row);
        }
        let pass = Pass::new(batch, &dims, program.operations());
        let readout = self.shared.play(pass, &mut buffers).await;
        Run::new(&self.shared, batch.clone(), dims, buffers, readout)
    }

    /// The bytes of every buffer after the first `count` operations of the program.
    pub async fn buffers_after(&self, batch: &Batch, count: usize) -> Vec<(BufferId, Vec<u8>)> {
        let Shared { config, program, .. } = &*self.shared;
        let dims = batch.dims(0);
        let mut buffers = Buffers::new(config, &dims);
        self.shared.play(Pass::new(batch, &dims, &program.operations()[..count]), &mut buffers).await;
        buffers.all_bytes()
    }
}
