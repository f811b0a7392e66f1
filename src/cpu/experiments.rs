//! Experiments on a finished run.

use super::attention::attention;
use super::attribution::{directions_of, of_heads, of_mlp, of_streams};
use super::run::Run;
use super::shared::Shared;
use super::stripe::stripe;
use super::value_norms::value_norms;
use crate::error::Result;
use crate::model::{BufferId, MatrixId, NO_TOKEN, RowStats, Shapes, VectorId};

impl Run {
    /// The weight on the key `offset` before each query, `[layer, row, head]`. It is 0 where that key
    /// does not exist.
    pub fn stripe(&self, offset: usize) -> Vec<f32> {
        let config = &self.shared.config;
        let of_layer = |layer| {
            let (qkv, stats) = (self.buffers().get(BufferId::Qkv(layer)), self.buffers().stats(layer));
            stripe(self.dims(), (config, layer), offset, qkv, stats)
        };
        (0..config.n_layers).flat_map(of_layer).collect()
    }

    /// The column of `W_U` of each row's target minus that of its subtracted token, `[rows, D]` with the
    /// padding.
    pub async fn directions(&self, targets: &[[u32; 2]]) -> Vec<f32> {
        let weights = &self.shared.weights;
        let wanted = |&token: &u32| token != NO_TOKEN;
        let tokens: Vec<u32> = targets.as_flattened().iter().copied().filter(wanted).collect();
        let columns = weights.columns(MatrixId::Unembed, &tokens).await;
        directions_of(targets, weights.size(MatrixId::Unembed).0, &columns)
    }

    /// How much each component adds to a direction `[rows, D]` of the stream's end, `[rows, columns]`; the
    /// columns are those of [`ModelConfig::attribution_columns`](crate::model::ModelConfig).
    pub async fn attribution(&self, direction: &[f32]) -> Vec<f32> {
        let Shared { config, weights, .. } = &*self.shared;
        let (dims, tokens) = (self.batch().dims(0), self.batch().tokens());
        let rows = dims.rows as usize;
        let stream = |layer| self.buffers().get(BufferId::Resid(layer));
        let mut attribution = vec![0.0; rows * config.attribution_columns()];
        of_streams(config, [stream(0), stream(config.n_layers)], direction, &mut attribution);
        // z is scratch, so it is made again.
        let mut z = vec![0.0; rows * Shapes::of(config).z];
        let mut stats = vec![RowStats::default(); rows * config.n_heads];
        for layer in 0..config.n_layers {
            let qkv = self.buffers().get(BufferId::Qkv(layer));
            attention(&dims, (config, layer), tokens, qkv, &mut z, &mut stats);
            let output = weights.whole(MatrixId::Output(layer)).await;
            let bias = weights.vector(VectorId::OutputBias(layer));
            of_heads(&dims, config, layer, (&z, &output, bias), direction, &mut attribution);
            if config.mlp.is_some() {
                let streams = [stream(layer), stream(layer + 1)];
                let biases = [bias, weights.vector(VectorId::MlpOutBias(layer))];
                of_mlp(config, layer, streams, biases, direction, &mut attribution);
            }
        }
        attribution
    }

    /// The norm of a head's value at each position, before and after `W_O`, `[seq]`.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`](crate::Error::HeadOutOfRange).
    pub async fn value_norms(&self, layer: usize, head: usize) -> Result<Vec<[f32; 2]>> {
        let Shared { config, weights, .. } = &*self.shared;
        config.check_head(layer, head)?;
        let output = weights.whole(MatrixId::Output(layer)).await;
        let qkv = self.buffers().get(BufferId::Qkv(layer));
        Ok(value_norms(self.dims(), config, (layer, head), qkv, &output))
    }
}
