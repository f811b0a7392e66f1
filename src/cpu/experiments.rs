//! What the experiments ask of a finished run, and of a model's weights.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use super::attention::attention;
use super::attribution::{columns, directions, of_heads, of_streams};
use super::copying::Factors;
use super::forward::{Ablated, Shared};
use super::linear::linear;
use super::stripe::stripe;
use super::value_norms::value_norms;
use super::{Model, Run};
use crate::error::Result;
use crate::model::{Ablation, Dims, MatrixId, RowStats, Shapes, VectorId};

impl Run {
    /// The same tokens with heads switched off. What comes before the first of them is taken over, and
    /// log-probabilities are made from `first_pos` of each sequence on.
    pub fn ablated(&self, ablation: &Ablation, first_pos: usize) -> Run {
        let mut run = Run {
            shared: Arc::clone(&self.shared),
            dims: Dims { first_row: 0, ..self.dims },
            tokens: self.tokens.clone(),
            activations: self.activations.clone(),
            readout: self.readout.clone(),
        };
        let Run { shared, dims, tokens, activations, readout } = &mut run;
        let ablated = Ablated { heads: Some(ablation), first_pos };
        shared.forward(dims, tokens, ablated, activations, readout);
        run
    }

    /// The weight on the key `offset` before each query, `[layer, row, head]`; 0 where there is none.
    pub fn stripe(&self, offset: usize) -> Vec<f32> {
        let config = &self.shared.config;
        let layers = self.readout.stats.chunks_exact(self.dims.rows as usize * config.n_heads);
        layers
            .zip(&self.activations.qkv)
            .flat_map(|(stats, qkv)| stripe(&self.dims, config, offset, qkv, stats))
            .collect()
    }

    /// What adds to the logit of each next token, `[row, columns]`: the embedding, every head, the
    /// biases, and last the logit itself, which is their sum.
    pub fn attribution(&self) -> Vec<f32> {
        let Shared { config, weights } = &*self.shared;
        let dims = Dims { first_row: 0, ..self.dims };
        let rows = dims.rows as usize;
        let (unembed, unembed_bias) = self.shared.product(MatrixId::Unembed, VectorId::UnembedBias);
        let direction = directions(&dims, &self.tokens, unembed);
        let mut attribution = vec![0.0; rows * columns(config)];
        let streams = [0, config.n_layers].map(|layer| &self.activations.resid[layer][..]);
        of_streams(&dims, &self.tokens, streams, unembed_bias, &direction, &mut attribution);
        // Made again, since a run does not keep it.
        let mut z = vec![0.0; rows * Shapes::of(config).z];
        let mut stats = vec![RowStats::default(); rows * config.n_heads];
        for (layer, qkv) in self.activations.qkv.iter().enumerate() {
            attention(&dims, config, &self.tokens, qkv, &mut z, &mut stats);
            let output = weights.matrix(MatrixId::Output(layer));
            let bias = weights.vector(VectorId::OutputBias(layer));
            of_heads(&dims, config, layer, (&z, output, bias), &direction, &mut attribution);
        }
        attribution
    }

    /// How large a head's value is at each position, and how large once it went through `W_O`, `[seq]`.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`](crate::Error::HeadOutOfRange).
    pub fn value_norms(&self, layer: usize, head: usize) -> Result<Vec<[f32; 2]>> {
        let Shared { config, weights } = &*self.shared;
        config.check_head(layer, head)?;
        let output = weights.matrix(MatrixId::Output(layer));
        Ok(value_norms(&self.dims, config, head, &self.activations.qkv[layer], output))
    }
}

impl Model {
    /// A matrix of weights, `[rows, columns]` with the padding.
    pub fn matrix(&self, id: MatrixId) -> Vec<f32> {
        let matrix = self.shared.weights.matrix(id);
        let mut values = vec![0.0; matrix.rows() * matrix.columns()];
        for (row, to) in values.chunks_exact_mut(matrix.columns()).enumerate() {
            matrix.read_row(row, to);
        }
        values
    }

    /// Statistics `[n_ctx, H]` of layer 0's patterns when all that its queries and keys see is `W_pos`.
    pub fn position_stats(&self) -> Vec<RowStats> {
        let Shared { config, weights } = &*self.shared;
        let shapes = Shapes::of(config);
        let dims = Dims::new(config.n_ctx, 1, 0);
        let rows = config.n_ctx;
        let no_bias = vec![0.0; shapes.qkv];
        let mut qkv = vec![0.0; rows * shapes.qkv];
        let positions = self.matrix(MatrixId::Positions);
        linear(&dims, &positions, weights.matrix(MatrixId::Qkv(0)), &no_bias, None, None, &mut qkv);
        // No token occurs twice, so that the detectors' sums are over nothing.
        let tokens: Vec<u32> = (0..dims.rows).collect();
        let mut z = vec![0.0; rows * shapes.z];
        let mut stats = vec![RowStats::default(); rows * config.n_heads];
        attention(&dims, config, &tokens, &qkv, &mut z, &mut stats);
        stats
    }

    /// Begins the copying experiment, of the factors `values [D, K]` and `output [K, D]`.
    pub fn copying(&self, width: usize, values: &[f32], output: &[f32]) -> Copying {
        let unembed = self.shared.weights.matrix(MatrixId::Unembed);
        let factors = Factors::new(width, values, output, unembed);
        Copying { shared: Arc::clone(&self.shared), factors: RefCell::new(factors) }
    }
}

/// A copying experiment under way.
#[derive(Debug)]
pub struct Copying {
    shared: Arc<Shared>,
    factors: RefCell<Factors>,
}

impl Copying {
    /// Makes these rows of `W_O W_U [K, V]`; once all are there, it can count.
    pub fn prepare(&self, rows: Range<usize>) {
        self.factors.borrow_mut().prepare(self.shared.weights.matrix(MatrixId::Unembed), rows);
    }

    /// For `rows` ids from `first` on: how many other entries of the id's row are at least as large
    /// as the one on the diagonal.
    pub fn at_least(&self, first: usize, rows: usize) -> Vec<u32> {
        self.factors.borrow().at_least(self.shared.weights.matrix(MatrixId::Embed), first, rows)
    }
}
