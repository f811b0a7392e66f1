//! The parts of a model that its runs share.

use super::Weights;
use super::buffers::Buffers;
use super::play::PassContext;
use super::rotate::Rotations;
use crate::model::{
    Ablation, Batch, Delivers, Dims, ModelConfig, Operation, PositionalEmbedding, Program, QkvInput, Readout,
};

/// A model's parts.
#[derive(Debug)]
pub(super) struct Shared {
    pub config: ModelConfig,
    pub program: Program,
    pub weights: Weights,
    pub rotations: Rotations,
}

/// The operations of a pass, and what they run on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass<'a> {
    pub batch: &'a Batch,
    pub dims: &'a Dims,
    pub operations: &'a [Operation],
    /// The heads and MLPs that `Ablate` and `AblateMlp` replace.
    pub ablation: Option<&'a Ablation>,
    /// The first position of each sequence whose log-probability is made.
    pub first_pos: usize,
    pub delivers: Delivers,
}

impl<'a> Pass<'a> {
    /// A pass of the whole model.
    pub fn new(batch: &'a Batch, dims: &'a Dims, operations: &'a [Operation]) -> Self {
        Pass { batch, dims, operations, ablation: None, first_pos: 0, delivers: Delivers::Figures }
    }
}

impl Shared {
    /// Plays operations on buffers, and collects the figures of the run.
    pub async fn play(&self, pass: Pass<'_>, buffers: &mut Buffers) -> Readout {
        let Shared { config, weights, rotations, .. } = self;
        let Pass { batch, dims, operations, ablation, first_pos, delivers } = pass;
        let input = QkvInput::Stream;
        let tokens = batch.tokens();
        let table = match config.positional_embedding {
            PositionalEmbedding::Rotary(rotary) => rotations.of(rotary, batch.seq()),
            _ => Default::default(),
        };
        let rotations = &table[..];
        let context = PassContext { config, weights, rotations, dims, tokens, ablation, first_pos, input };
        context.play(operations, buffers).await;
        Readout::of(config, delivers, |id| buffers.bytes(id))
    }
}
