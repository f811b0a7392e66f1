//! Experiments on a model's weights.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use super::buffers::Buffers;
use super::copying::Factors;
use super::embed::Embedding;
use super::model::Model;
use super::play::PassContext;
use super::shared::Shared;
use crate::model::{Dims, MatrixId, POSITION_SCORES, QkvInput, RowStats, VectorId};

impl Model {
    /// A matrix of weights, `[rows, columns]` with the padding.
    pub fn matrix(&self, id: MatrixId) -> Vec<f32> {
        self.shared.weights.matrix(id).to_f32()
    }

    /// A vector of weights, with the padding.
    pub fn vector(&self, id: VectorId) -> Vec<f32> {
        self.shared.weights.vector(id).to_vec()
    }

    /// Statistics `[n_ctx, H]` of layer 0's patterns when its queries and keys see `W_pos` alone.
    pub fn position_stats(&self) -> Vec<RowStats> {
        let Shared { config, weights, .. } = &*self.shared;
        let dims = Dims::new(config.n_ctx, 1, 0);
        // Every token occurs once, so that the detectors' sums stay 0.
        let tokens: Vec<u32> = (0..dims.rows).collect();
        let (dims, tokens, input) = (&dims, &tokens[..], QkvInput::Positions);
        let mut buffers = Buffers::new(config, dims);
        let (ablation, rotations) = (None, &[][..]);
        let context = PassContext { config, weights, rotations, dims, tokens, ablation, first_pos: 0, input };
        context.play(&POSITION_SCORES, &mut buffers);
        buffers.stats(0).to_vec()
    }

    /// Starts the copying experiment, on the factors `values [D, K]` and `output [K, D]`.
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
    /// Makes these rows of `W_O W_U [K, V]`. [`at_least`](Self::at_least) needs all of them.
    pub fn prepare(&self, rows: Range<usize>) {
        self.factors.borrow_mut().prepare(self.shared.weights.matrix(MatrixId::Unembed), rows);
    }

    /// Counts, for `rows` ids from `first` on, the other entries of the id's row that are at least as
    /// large as the entry on the diagonal.
    pub fn at_least(&self, first: usize, rows: usize) -> Vec<u32> {
        let Shared { config, weights, .. } = &*self.shared;
        self.factors.borrow().at_least(Embedding::of(config, weights), config.d_vocab, first, rows)
    }
}
