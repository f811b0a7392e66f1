//! Plays operations: the kernel of each, on the buffers of a run.

use super::ablate::{ablate, ablate_mlp};
use super::activate::{MlpNorm, activate};
use super::attention::attention;
use super::buffers::Buffers;
use super::embed::{Embedding, embed};
use super::linear::{Positioned, linear};
use super::log_probs::log_probs;
use super::norm::norm;
use super::offsets::offsets;
use super::position::position;
use super::qk_norm::qk_norm;
use super::rotate::rotate;
use super::thumbnails::thumbnails;
use super::{Matrix, Weights};
use crate::model::{
    Ablation, Activation, BufferId, Dims, MatrixId, ModelConfig, NormAt, Operation, PositionalEmbedding,
    QkvInput, Shapes, VectorId, attention_output, normalized_stream, residual_stream,
};

/// The context of a pass: everything that its operations read beside the buffers.
#[derive(Debug, Clone, Copy)]
pub(super) struct PassContext<'a> {
    pub config: &'a ModelConfig,
    pub weights: &'a Weights,
    /// Cosines and sines `[seq, rotary dims]` of the positions; empty without rotary positions.
    pub rotations: &'a [f32],
    pub dims: &'a Dims,
    pub tokens: &'a [u32],
    /// The heads and MLPs that `Ablate` and `AblateMlp` replace.
    pub ablation: Option<&'a Ablation>,
    /// The first position of each sequence whose log-probability is made.
    pub first_pos: usize,
    pub input: QkvInput,
}

impl PassContext<'_> {
    /// Plays operations in order.
    pub fn play(&self, operations: &[Operation], buffers: &mut Buffers) {
        for &operation in operations {
            self.play_one(operation, buffers);
        }
    }

    fn play_one(&self, operation: Operation, buffers: &mut Buffers) {
        match operation {
            Operation::Embed => self.embed(buffers),
            Operation::Norm(at) => self.norm(at, buffers),
            Operation::Position(layer) => self.position(layer, buffers),
            Operation::Qkv(layer) => self.qkv(layer, buffers),
            Operation::QkNorm(layer) => buffers.with(BufferId::Qkv(layer), |qkv, _| {
                let weight = self.weights.vector(VectorId::QkNormWeight(layer));
                qk_norm(self.dims, self.config, weight, qkv);
            }),
            Operation::Rotate(layer) => self.rotate(layer, buffers),
            Operation::Attention(layer) => self.attention(layer, buffers),
            Operation::Ablate(layer) => self.ablate(layer, buffers),
            Operation::Offsets(layer) => buffers.with(BufferId::Offsets(layer), |means, from| {
                let qkv = from.get(BufferId::Qkv(layer));
                offsets(self.dims, (self.config, layer), qkv, from.stats(layer), means);
            }),
            Operation::Thumbnails(layer) => buffers.with(BufferId::Thumbnails(layer), |cells, from| {
                let qkv = from.get(BufferId::Qkv(layer));
                thumbnails(self.dims, (self.config, layer), qkv, from.stats(layer), cells);
            }),
            Operation::Output(layer) => self.output(layer, buffers),
            Operation::MlpIn(layer) => self.mlp_in(layer, buffers),
            Operation::Activate(layer) => self.activate(layer, buffers),
            Operation::MlpOut(layer) => self.mlp_out(layer, buffers),
            Operation::AblateMlp(layer) => self.ablate_mlp(layer, buffers),
            Operation::LogProbs => self.log_probs(buffers),
        }
    }

    fn embed(&self, buffers: &mut Buffers) {
        let standard = self.config.positional_embedding == PositionalEmbedding::Standard;
        let positions = standard.then(|| self.weights.matrix(MatrixId::Positions));
        let embedding = Embedding::of(self.config, self.weights);
        buffers.with(BufferId::Resid(0), |resid, _| {
            embed(self.dims, self.tokens, embedding, positions, resid);
        });
    }

    fn norm(&self, at: NormAt, buffers: &mut Buffers) {
        let (weight, bias) = at.vectors();
        let (weight, bias) = (self.weights.vector(weight), self.weights.vector(bias));
        buffers.with(BufferId::X, |x, from| {
            let resid = from.get(residual_stream(self.config, at));
            norm(self.dims, self.config, resid, weight, bias, x);
        });
    }

    fn position(&self, layer: usize, buffers: &mut Buffers) {
        let table = self.weights.matrix(MatrixId::Positions);
        let x = normalized_stream(self.config, NormAt::Layer(layer));
        buffers.with(BufferId::XPos, |x_pos, from| position(self.dims, from.get(x), table, x_pos));
    }

    fn qkv(&self, layer: usize, buffers: &mut Buffers) {
        let (matrix, bias) = self.product(MatrixId::Qkv(layer), VectorId::QkvBias(layer));
        let Shapes { z, kv, .. } = Shapes::of(self.config);
        let columns = z + kv;
        let shortformer = self.config.positional_embedding == PositionalEmbedding::Shortformer;
        buffers.with(BufferId::Qkv(layer), |qkv, from| match self.input {
            QkvInput::Stream => {
                let x = from.get(normalized_stream(self.config, NormAt::Layer(layer)));
                let positioned = shortformer.then(|| Positioned { x_pos: from.get(BufferId::XPos), columns });
                linear(self.dims, x, positioned, matrix, Some(bias), None, qkv);
            }
            QkvInput::Positions => {
                let table = self.weights.matrix(MatrixId::Positions).to_f32();
                linear(self.dims, &table, None, matrix, None, None, qkv);
            }
        });
    }

    fn rotate(&self, layer: usize, buffers: &mut Buffers) {
        let PositionalEmbedding::Rotary(rotary) = self.config.positional_embedding else { return };
        buffers.with(BufferId::Qkv(layer), |qkv, _| {
            rotate(self.dims, self.config, rotary, self.rotations, qkv);
        });
    }

    fn attention(&self, layer: usize, buffers: &mut Buffers) {
        let PassContext { config, dims, tokens, .. } = *self;
        buffers.with_both((BufferId::Z, BufferId::Stats(layer)), |z, stats, from| {
            let stats = bytemuck::cast_slice_mut(stats);
            attention(dims, (config, layer), tokens, from.get(BufferId::Qkv(layer)), z, stats);
        });
    }

    fn ablate(&self, layer: usize, buffers: &mut Buffers) {
        let Some(ablation) = self.ablation else { return };
        let modes = ablation.modes(layer, self.config.n_heads);
        buffers.with(BufferId::Z, |z, _| ablate(self.dims, self.config, &modes, z));
    }

    fn output(&self, layer: usize, buffers: &mut Buffers) {
        let (matrix, bias) = self.product(MatrixId::Output(layer), VectorId::OutputBias(layer));
        buffers.with(attention_output(self.config, layer), |after, from| {
            let (z, before) = (from.get(BufferId::Z), from.get(BufferId::Resid(layer)));
            linear(self.dims, z, None, matrix, Some(bias), Some(before), after);
        });
    }

    fn mlp_in(&self, layer: usize, buffers: &mut Buffers) {
        let (matrix, bias) = self.product(MatrixId::MlpIn(layer), VectorId::MlpInBias(layer));
        buffers.with(BufferId::MlpIn, |out, from| {
            let x = from.get(normalized_stream(self.config, NormAt::Mlp(layer)));
            linear(self.dims, x, None, matrix, Some(bias), None, out);
        });
    }

    fn activate(&self, layer: usize, buffers: &mut Buffers) {
        let Some(mlp) = self.config.mlp else { return };
        let norm = (mlp.activation == Activation::SoluLn).then(|| MlpNorm {
            weight: self.weights.vector(VectorId::MlpLnWeight(layer)),
            bias: self.weights.vector(VectorId::MlpLnBias(layer)),
            eps: self.config.eps,
        });
        buffers.with(BufferId::MlpHidden, |hidden, from| {
            activate(self.dims, mlp, norm, from.get(BufferId::MlpIn), hidden);
        });
    }

    fn mlp_out(&self, layer: usize, buffers: &mut Buffers) {
        let (matrix, bias) = self.product(MatrixId::MlpOut(layer), VectorId::MlpOutBias(layer));
        buffers.with(BufferId::Resid(layer + 1), |after, from| {
            let (hidden, mid) = (from.get(BufferId::MlpHidden), from.get(BufferId::Mid));
            linear(self.dims, hidden, None, matrix, Some(bias), Some(mid), after);
        });
    }

    fn ablate_mlp(&self, layer: usize, buffers: &mut Buffers) {
        let Some(ablation) = self.ablation else { return };
        buffers.with(BufferId::Resid(layer + 1), |resid, from| {
            ablate_mlp(self.dims, ablation.kind(), from.get(BufferId::Mid), resid);
        });
    }

    fn log_probs(&self, buffers: &mut Buffers) {
        let (unembed, bias) = self.product(MatrixId::Unembed, VectorId::UnembedBias);
        let x = normalized_stream(self.config, NormAt::Final);
        buffers.with(BufferId::LogProbs, |found, from| {
            log_probs(self.dims, self.first_pos, self.tokens, from.get(x), unembed, bias, found);
        });
    }

    fn product(&self, matrix: MatrixId, bias: VectorId) -> (&Matrix, &[f32]) {
        (self.weights.matrix(matrix), self.weights.vector(bias))
    }
}
