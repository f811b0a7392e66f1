//! Plays operations: the kernel of each, on the buffers of a run.

use super::ablate::{ablate, ablate_mlp};
use super::activate::{MlpNorm, activate};
use super::attention::attention;
use super::buffers::Buffers;
use super::embed::{Embedding, embed};
use super::linear::Positioned;
use super::log_probs::PredictingRows;
use super::norm::norm;
use super::offsets::offsets;
use super::position::position;
use super::qk_norm::qk_norm;
use super::rotate::rotate;
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
    /// Plays operations in order. It waits where helpers have columns of an operation's matrix.
    pub async fn play(&self, operations: &[Operation], buffers: &mut Buffers) {
        for &operation in operations {
            self.play_one(operation, buffers).await;
        }
    }

    async fn play_one(&self, operation: Operation, buffers: &mut Buffers) {
        match operation {
            Operation::Embed => self.embed(buffers).await,
            Operation::Norm(at) => self.norm(at, buffers),
            Operation::Position(layer) => self.position(layer, buffers),
            Operation::Qkv(layer) => self.qkv(layer, buffers).await,
            Operation::QkNorm(layer) => buffers.with(BufferId::Qkv(layer), |qkv, _| {
                let weight = self.weights.vector(VectorId::QkNormWeight(layer));
                qk_norm(self.dims, self.config, weight, qkv);
            }),
            Operation::Rotate(layer) => self.rotate(layer, buffers),
            Operation::Attention(layer) => self.attention(layer, buffers),
            Operation::Ablate(layer) => self.ablate(layer, buffers),
            Operation::Offsets(layer) => {
                let both = (BufferId::OffsetSums(layer), BufferId::Offsets(layer));
                buffers.with_both(both, |sums, means, from| {
                    let qkv = from.get(BufferId::Qkv(layer));
                    offsets(self.dims, (self.config, layer), qkv, from.stats(layer), sums, means);
                });
            }
            Operation::Output(layer) => self.output(layer, buffers).await,
            Operation::MlpIn(layer) => self.mlp_in(layer, buffers).await,
            Operation::Activate(layer) => self.activate(layer, buffers),
            Operation::MlpOut(layer) => self.mlp_out(layer, buffers).await,
            Operation::AblateMlp(layer) => self.ablate_mlp(layer, buffers),
            Operation::LogProbs => self.log_probs(buffers).await,
        }
    }

    async fn embed(&self, buffers: &mut Buffers) {
        let standard = self.config.positional_embedding == PositionalEmbedding::Standard;
        let positions = standard.then(|| self.weights.matrix(MatrixId::Positions));
        let mut resid = buffers.take(BufferId::Resid(0));
        if self.config.tied_unembedding {
            // A row of its own for each token, so that the columns may come from helpers.
            let columns = self.weights.columns(MatrixId::Unembed, self.tokens).await;
            let table = Matrix::of_f32(self.weights.size(MatrixId::Unembed).0, &columns);
            let rows: Vec<u32> = (0..self.dims.rows).collect();
            embed(self.dims, &rows, Embedding::Rows(&table), positions, &mut resid);
        } else {
            embed(self.dims, self.tokens, Embedding::of(self.config, self.weights), positions, &mut resid);
        }
        buffers.put(BufferId::Resid(0), resid);
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

    async fn qkv(&self, layer: usize, buffers: &mut Buffers) {
        let (id, bias) = (MatrixId::Qkv(layer), self.weights.vector(VectorId::QkvBias(layer)));
        let Shapes { z, kv, .. } = Shapes::of(self.config);
        let columns = z + kv;
        let shortformer = self.config.positional_embedding == PositionalEmbedding::Shortformer;
        let mut qkv = buffers.take(BufferId::Qkv(layer));
        match self.input {
            QkvInput::Stream => {
                let x = buffers.get(normalized_stream(self.config, NormAt::Layer(layer)));
                let x_pos = shortformer.then(|| buffers.get(BufferId::XPos));
                let positioned = x_pos.map(|x_pos| Positioned { x_pos, columns });
                self.weights.linear(id, self.dims, (x, positioned), Some(bias), None, &mut qkv).await;
            }
            QkvInput::Positions => {
                let table = self.weights.matrix(MatrixId::Positions).to_f32();
                self.weights.linear(id, self.dims, (&table, None), None, None, &mut qkv).await;
            }
        }
        buffers.put(BufferId::Qkv(layer), qkv);
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

    async fn output(&self, layer: usize, buffers: &mut Buffers) {
        let (matrix, bias) = (MatrixId::Output(layer), VectorId::OutputBias(layer));
        let after = attention_output(self.config, layer);
        self.product(matrix, bias, BufferId::Z, Some(BufferId::Resid(layer)), after, buffers).await;
    }

    async fn mlp_in(&self, layer: usize, buffers: &mut Buffers) {
        let (matrix, bias) = (MatrixId::MlpIn(layer), VectorId::MlpInBias(layer));
        let x = normalized_stream(self.config, NormAt::Mlp(layer));
        self.product(matrix, bias, x, None, BufferId::MlpIn, buffers).await;
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

    async fn mlp_out(&self, layer: usize, buffers: &mut Buffers) {
        let (matrix, bias) = (MatrixId::MlpOut(layer), VectorId::MlpOutBias(layer));
        let after = BufferId::Resid(layer + 1);
        self.product(matrix, bias, BufferId::MlpHidden, Some(BufferId::Mid), after, buffers).await;
    }

    fn ablate_mlp(&self, layer: usize, buffers: &mut Buffers) {
        let Some(ablation) = self.ablation else { return };
        buffers.with(BufferId::Resid(layer + 1), |resid, from| {
            ablate_mlp(self.dims, ablation.kind(), from.get(BufferId::Mid), resid);
        });
    }

    async fn log_probs(&self, buffers: &mut Buffers) {
        let x = buffers.get(normalized_stream(self.config, NormAt::Final));
        let rows = PredictingRows::of(self.dims, self.first_pos);
        let x = rows.gather(x, self.weights.size(MatrixId::Unembed).0);
        let parts = self.weights.log_sum_exp(&x, &rows.targets(self.tokens)).await;
        buffers.with(BufferId::LogProbs, |found, _| rows.write(&parts, found));
    }

    /// `to = x matrix + bias + residual`.
    async fn product(
        &self,
        matrix: MatrixId,
        bias: VectorId,
        x: BufferId,
        residual: Option<BufferId>,
        to: BufferId,
        buffers: &mut Buffers,
    ) {
        let mut out = buffers.take(to);
        let (x, residual) = (buffers.get(x), residual.map(|id| buffers.get(id)));
        let bias = Some(self.weights.vector(bias));
        self.weights.linear(matrix, self.dims, (x, None), bias, residual, &mut out).await;
        buffers.put(to, out);
    }
}
