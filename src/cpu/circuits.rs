//! Experiments on a model's weights.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use super::buffers::Buffers;
use super::copying::Factors;
use super::embed::Embedding;
use super::model::Model;
use super::play::PassContext;
use super::shared::Shared;
use crate::model::{Dims, MatrixId, POSITION_SCORES, QkvInput, RowStats, VectorId};

impl Model {
    /// A matrix of weights, `[rows, columns]` with the padding.
    pub async fn matrix(&self, id: MatrixId) -> Vec<f32> {
        self.shared.weights.whole(id).await.to_f32()
    }

    /// A vector of weights, with the padding.
    pub fn vector(&self, id: VectorId) -> Vec<f32> {
        self.shared.weights.vector(id).to_vec()
    }

    /// Statistics `[n_ctx, H]` of layer 0's patterns when its queries and keys see `W_pos` alone.
    pub async fn position_stats(&self) -> Vec<RowStats> {
        let Shared { config, weights, .. } = &*self.shared;
        let dims = Dims::new(config.n_ctx, 1, 0);
        // Every token occurs once, so that the detectors' sums stay 0.
        let tokens: Vec<u32> = (0..dims.rows).collect();
        let (dims, tokens, input) = (&dims, &tokens[..], QkvInput::Positions);
        let mut buffers = Buffers::new(config, dims);
        let (ablation, rotations) = (None, &[][..]);
        let context = PassContext { config, weights, rotations, dims, tokens, ablation, first_pos: 0, input };
        context.play(&POSITION_SCORES, &mut buffers).await;
        buffers.stats(0).to_vec()
    }

    /// Starts the copying experiment, on the factors `values [D, K]` and `output [K, D]`.
    pub fn copying(&self, width: usize, values: &[f32], output: &[f32]) -> Copying {
        let (_, columns) = self.shared.weights.size(MatrixId::Unembed);
        let factors = Factors::of_width(width, values, output, columns);
        Copying { shared: Rc::clone(&self.shared), factors: RefCell::new(factors) }
    }
}

/// A copying experiment under way.
#[derive(Debug)]
pub struct Copying {
    shared: Rc<Shared>,
    factors: RefCell<Factors>,
}

impl Copying {
    /// Makes these rows of `W_O W_U [K, V]`. [`at_least`](Self::at_least) needs all of them.
    pub async fn prepare(&self, rows: Range<usize>) {
        let (weights, unembed) = (&self.shared.weights, MatrixId::Unembed);
        let x = self.factors.borrow().output(&rows, weights.size(unembed).0).to_vec();
        let dims = Dims::new(rows.len(), 1, 0);
        let mut made = vec![0.0; rows.len() * weights.size(unembed).1];
        weights.linear(unembed, &dims, (&x, None), None, None, &mut made).await;
        self.factors.borrow_mut().keep(rows, &made);
    }

    /// Counts, for `rows` ids from `first` on, the other entries of the id's row that are at least as
    /// large as the entry on the diagonal.
    pub async fn at_least(&self, first: usize, rows: usize) -> Vec<u32> {
        let Shared { config, weights, .. } = &*self.shared;
        if !config.tied_unembedding {
            let embedding = Embedding::of(config, weights);
            return self.factors.borrow().at_least(embedding, config.d_vocab, first, rows);
        }
        let ids: Vec<u32> = (first as u32..(first + rows) as u32).collect();
        let x = weights.columns(MatrixId::Unembed, &ids).await;
        self.factors.borrow().at_least_of(&x, config.d_vocab, first)
    }
}
