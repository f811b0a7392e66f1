//! What the experiments ask of a finished run.

use std::sync::Arc;

use super::Run;
use super::stripe::stripe;
use crate::model::{Ablation, Dims};

impl Run {
    /// The same tokens with heads switched off. What comes before the first of them is taken over.
    pub fn ablated(&self, ablation: &Ablation) -> Run {
        let mut run = Run {
            shared: Arc::clone(&self.shared),
            dims: Dims { first_row: 0, ..self.dims },
            tokens: self.tokens.clone(),
            activations: self.activations.clone(),
            readout: self.readout.clone(),
        };
        let Run { shared, dims, tokens, activations, readout } = &mut run;
        shared.forward(dims, tokens, Some(ablation), activations, readout);
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
}
