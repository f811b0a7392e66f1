//! A model on the CPU, and its forward pass.

use std::borrow::Cow;
use std::sync::Arc;

use super::ablate::ablate;
use super::attention::attention;
use super::embed::embed;
use super::linear::{Positions, linear};
use super::log_probs::log_probs;
use super::norm::norm;
use super::thumbnails::thumbnails;
use super::{Run, Weights};
use crate::error::{Error, Result};
use crate::model::{
    Ablation, Dims, MatrixId, ModelConfig, PositionalEmbedding, Readout, RowStats, Shapes, VectorId,
};

/// A model whose weights are in memory.
#[derive(Debug)]
pub struct Model {
    pub(super) shared: Arc<Shared>,
}

/// What a model and its runs have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub config: ModelConfig,
    pub weights: Weights,
}

/// What one run keeps, so that patterns can be made of it later and the next run can go on from
/// the tokens it shares.
#[derive(Debug, Clone)]
pub(super) struct Activations {
    /// `[n_layers + 1]` times `[rows, D]`: the stream before each layer, and after the last.
    pub resid: Vec<Vec<f32>>,
    /// `[n_layers]` times `[rows, qkv]`.
    pub qkv: Vec<Vec<f32>>,
}

/// Which heads a pass goes without, and what it is to make then. The default is a whole pass.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ablated<'a> {
    /// The heads; none of them off still resumes from what is known.
    pub heads: Option<&'a Ablation>,
    /// The first position whose log-probability is asked for.
    pub first_pos: usize,
}

impl Model {
    /// A model of loaded weights.
    pub fn new(config: ModelConfig, weights: Weights) -> Self {
        Model { shared: Arc::new(Shared { config, weights }) }
    }

    /// Runs `batch` sequences of equal length, given one after the other. Rows that a single
    /// sequence shares with the beginning of `previous`, a run of this model, are copied from it.
    ///
    /// # Errors
    /// [`Error::EmptyInput`], [`Error::TooManyTokens`], [`Error::TokenOutOfRange`].
    ///
    /// # Panics
    /// When the sequences are not of equal length.
    pub fn run(&self, tokens: &[u32], batch: usize, previous: Option<&Run>) -> Result<Run> {
        let config = &self.shared.config;
        let seq = tokens.len() / batch.max(1);
        if seq == 0 {
            return Err(Error::EmptyInput {});
        }
        assert_eq!(tokens.len(), seq * batch, "a batch is of sequences of equal length");
        for sequence in tokens.chunks(seq) {
            config.check_tokens(sequence)?;
        }
        let known = previous.map_or(0, |previous| previous.rows_shared_with(tokens, batch));
        let dims = Dims::new(seq, batch, known);
        let (mut activations, mut readout) = self.shared.allocate(&dims);
        if let Some(previous) = previous {
            activations.copy_rows(&previous.activations, known, &dims);
            copy_figures(&mut readout, &previous.readout, known, previous.dims.rows as usize, config);
        }
        self.shared.forward(&dims, tokens, Ablated::default(), &mut activations, &mut readout);
        Ok(Run { shared: Arc::clone(&self.shared), dims, tokens: tokens.to_vec(), activations, readout })
    }
}

impl Shared {
    fn allocate(&self, dims: &Dims) -> (Activations, Readout) {
        let shapes = Shapes::of(&self.config);
        let rows = dims.rows as usize;
        let n_layers = self.config.n_layers;
        let activations = Activations {
            resid: vec![vec![0.0; rows * shapes.d_model]; n_layers + 1],
            qkv: vec![vec![0.0; rows * shapes.qkv]; n_layers],
        };
        let readout = Readout {
            stats: vec![RowStats::default(); n_layers * rows * self.config.n_heads],
            log_probs: vec![0.0; rows],
            ..Readout::default()
        };
        (activations, readout)
    }

    /// The whole model, for the new rows. With an ablation, `run` and `readout` are those of the same
    /// tokens without it, and only what comes after its first head is computed.
    pub(super) fn forward(
        &self,
        dims: &Dims,
        tokens: &[u32],
        ablated: Ablated,
        run: &mut Activations,
        readout: &mut Readout,
    ) {
        let Shared { config, weights } = self;
        let shapes = Shapes::of(config);
        let table = weights.matrix(MatrixId::Positions);
        let (standard, shortformer) = match config.positional_embedding {
            PositionalEmbedding::Standard => (Some(table), None),
            PositionalEmbedding::Shortformer => (None, Some(Positions { table, columns: 2 * shapes.z })),
        };
        let Ablated { heads, first_pos } = ablated;
        let resumed = heads.map(|heads| heads.first_layer().unwrap_or(config.n_layers));
        if resumed.is_none() {
            embed(dims, tokens, weights.matrix(MatrixId::Embed), standard, &mut run.resid[0]);
        }
        let first_layer = resumed.unwrap_or(0);
        readout.thumbnails.truncate(readout.thumbnails.len() / config.n_layers * first_layer);

        let mut z = vec![0.0; dims.rows as usize * shapes.z];
        let stats_per_layer = dims.rows as usize * config.n_heads;
        for layer in first_layer..config.n_layers {
            let (before, after) = run.resid.split_at_mut(layer + 1);
            let (before, after, qkv) = (&before[layer], &mut after[0], &mut run.qkv[layer]);
            let stats = &mut readout.stats[layer * stats_per_layer..][..stats_per_layer];
            if resumed != Some(layer) {
                let x = self.normalized(dims, before, VectorId::Ln1Weight(layer), VectorId::Ln1Bias(layer));
                let (matrix, bias) = self.product(MatrixId::Qkv(layer), VectorId::QkvBias(layer));
                linear(dims, &x, matrix, bias, shortformer, None, qkv);
            }
            attention(dims, config, tokens, qkv, &mut z, stats);
            if let Some(heads) = heads {
                ablate(dims, config, &heads.fates(layer, config.n_heads), &mut z);
            }
            let (matrix, bias) = self.product(MatrixId::Output(layer), VectorId::OutputBias(layer));
            linear(dims, &z, matrix, bias, None, Some(before), after);
            readout.thumbnails.extend(thumbnails(dims, config, qkv, stats));
        }

        let x = self.normalized_final(dims, &run.resid[config.n_layers]);
        let (unembed, bias) = self.product(MatrixId::Unembed, VectorId::UnembedBias);
        log_probs(dims, first_pos, tokens, &x, unembed, bias, &mut readout.log_probs);
    }

    pub fn product(&self, matrix: MatrixId, bias: VectorId) -> (&super::Matrix, &[f32]) {
        (self.weights.matrix(matrix), self.weights.vector(bias))
    }

    /// `ln_final` of the stream after the last layer; the stream itself in a model without.
    pub fn normalized_final<'a>(&self, dims: &Dims, resid: &'a [f32]) -> Cow<'a, [f32]> {
        self.normalized(dims, resid, VectorId::LnFinalWeight, VectorId::LnFinalBias)
    }

    fn normalized<'a>(
        &self,
        dims: &Dims,
        resid: &'a [f32],
        weight: VectorId,
        bias: VectorId,
    ) -> Cow<'a, [f32]> {
        if self.config.normalization.is_none() {
            return Cow::Borrowed(resid);
        }
        let mut x = vec![0.0; resid.len()];
        let (weight, bias) = (self.weights.vector(weight), self.weights.vector(bias));
        norm(dims, &self.config, resid, weight, bias, &mut x);
        Cow::Owned(x)
    }
}

impl Activations {
    /// Copies the first `known` rows of an earlier run.
    fn copy_rows(&mut self, from: &Activations, known: usize, dims: &Dims) {
        let buffers = self.resid.iter_mut().chain(&mut self.qkv);
        for (to, from) in buffers.zip(from.resid.iter().chain(&from.qkv)) {
            let numbers = known * (to.len() / dims.rows as usize);
            to[..numbers].copy_from_slice(&from[..numbers]);
        }
    }
}

/// Copies the figures of the first `known` rows of an earlier run of `from_rows` rows.
fn copy_figures(to: &mut Readout, from: &Readout, known: usize, from_rows: usize, config: &ModelConfig) {
    let heads = config.n_heads;
    let layers = from.stats.chunks_exact(from_rows * heads);
    for (to, from) in to.stats.chunks_exact_mut(to.log_probs.len() * heads).zip(layers) {
        to[..known * heads].copy_from_slice(&from[..known * heads]);
    }
    to.log_probs[..known].copy_from_slice(&from.log_probs[..known]);
}
