//! Experiments on a finished run.

use super::attention::attention;
use super::attribution::{directions_of, of_heads, of_mlp, of_streams};
use super::run::Run;
use super::shared::Shared;
use super::stripe::stripe;
use super::value_norms::value_norms;
use super::work::count_product;
use crate::error::Result;
use crate::model::{BufferId, Dims, MatrixId, NO_TOKEN, RowStats, Shapes, VectorId};

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

    /// How much each component adds to a direction `[rows, D]` of the stream's end, `[rows, columns]`, in the
    /// rows from `first_row` on; the columns are those of
    /// [`ModelConfig::attribution_columns`](crate::model::ModelConfig).
    pub async fn attribution(&self, direction: &[f32], first_row: usize) -> Vec<f32> {
        let Shared { config, weights, .. } = &*self.shared;
        let (dims, tokens) = (self.batch().dims(first_row), self.batch().tokens());
        let (rows, Shapes { d_model, z: width, .. }) = (dims.rows as usize, Shapes::of(config));
        let stream = |layer| &self.buffers().get(BufferId::Resid(layer))[first_row * d_model..];
        let direction = &direction[first_row * d_model..];
        let columns = config.attribution_columns();
        let mut attribution = vec![0.0; rows * columns];
        let new = &mut attribution[first_row * columns..];
        of_streams(config, [stream(0), stream(config.n_layers)], direction, new);
        // z is scratch, so it is made again.
        let mut z = vec![0.0; rows * width];
        let mut stats = vec![RowStats::default(); rows * config.n_heads];
        let new_rows = Dims::new(dims.new_rows(), 1, 0);
        for layer in 0..config.n_layers {
            let qkv = self.buffers().get(BufferId::Qkv(layer));
            attention(&dims, (config, layer), tokens, qkv, &mut z, &mut stats);
            let output = weights.whole(MatrixId::Output(layer)).await;
            let bias = weights.vector(VectorId::OutputBias(layer));
            count_product(dims.new_rows(), width * d_model);
            let z = &z[first_row * width..];
            of_heads(&new_rows, config, layer, (z, &output, bias), direction, new);
            if config.mlp.is_some() {
                let streams = [stream(layer), stream(layer + 1)];
                let biases = [bias, weights.vector(VectorId::MlpOutBias(layer))];
                of_mlp(config, layer, streams, biases, direction, new);
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
