//! What the experiments ask of a finished run.

use super::Run;
use super::stripe::stripe;

impl Run {
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
