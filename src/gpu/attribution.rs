//! Steps `attribution`: what adds to the logit of the next token. Shader: shaders/attribution.wgsl.

use super::kernel::{Constants, Source, Step, covering};
use super::pass::PassContext;
use super::tensor::Tensor;
use super::{attention, heads};
use crate::model::{BufferId, MatrixId, ModelConfig, Shapes, VectorId};

const WGSL: &str = include_str!("../../shaders/attribution.wgsl");
const DIRECTIONS: Source = Source::new("attribution", WGSL, "directions");
const OF_STREAMS: Source = Source::new("attribution", WGSL, "of_streams");
const OF_HEADS: Source = Source::new("attribution", WGSL, "of_heads");

/// Columns of the result: the embedding, every head, the biases, the logit itself.
pub(super) fn columns(config: &ModelConfig) -> usize {
    1 + config.total_heads() + 2
}

/// The tensors of one attribution.
#[derive(Debug)]
pub(super) struct Attribution {
    /// f32 `[rows, D]`: the column of W_U of each row's next token.
    direction: Tensor,
    /// f32 `[rows, columns]`: the result.
    pub components: Tensor,
}

impl Attribution {
    /// Allocates for `rows` rows.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit).
    pub fn new(pass: PassContext, rows: usize) -> crate::Result<Self> {
        let width = Shapes::of(pass.config).d_model;
        Ok(Attribution {
            direction: Tensor::numbers(pass.gpu, "direction", rows * width)?,
            components: Tensor::numbers(pass.gpu, "attribution", rows * columns(pass.config))?,
        })
    }

    /// All steps. They make the z of each layer again.
    pub fn steps(&self, pass: PassContext) -> Vec<Step> {
        let mut steps = self.directions(pass);
        steps.push(self.of_streams(pass));
        for layer in 0..pass.config.n_layers {
            steps.push(attention::step(pass, layer));
            steps.extend(self.of_heads(pass, layer));
        }
        steps
    }

    /// Writes the direction of each row: a step for each shard of the unembedding.
    pub fn directions(&self, pass: PassContext) -> Vec<Step> {
        let PassContext { gpu, kernels, config, weights, .. } = pass;
        let unembed = weights.matrix(MatrixId::Unembed);
        let d4 = Shapes::of(config).d_model / 4;
        let step = |shard| {
            let own = own_constants(config, 0).into_iter();
            let constants: Vec<_> = own.chain(unembed.placed(shard)).collect();
            kernels.get(DIRECTIONS, &constants as Constants).step(
                gpu,
                &[
                    &[(0, pass.dims()), (1, pass.binding(BufferId::Tokens)), (6, self.direction.binding())],
                    &[(0, shard.tensor.binding())],
                ],
                move |dims| [covering(dims.rows as usize * d4, 64), 1, 1],
            )
        };
        unembed.shards.iter().map(step).collect()
    }

    /// Writes the columns that belong to no head.
    pub fn of_streams(&self, pass: PassContext) -> Step {
        let PassContext { gpu, kernels, config, weights, .. } = pass;
        kernels.get(OF_STREAMS, &own_constants(config, 0)).step(
            gpu,
            &[&[
                (0, pass.dims()),
                (1, pass.binding(BufferId::Tokens)),
                (2, weights.vector(VectorId::UnembedBias).binding()),
                (3, pass.binding(BufferId::Resid(0))),
                (4, pass.binding(BufferId::Resid(config.n_layers))),
                (7, self.components.binding()),
                (8, self.direction.binding()),
            ]],
            |dims| [covering(dims.rows as usize, 64), 1, 1],
        )
    }

    /// Writes the columns of a layer's heads from z, and adds the layer's share to the biases' column: a step
    /// for each shard of `W_O`.
    pub fn of_heads(&self, pass: PassContext, layer: usize) -> Vec<Step> {
        let PassContext { gpu, kernels, config, weights, .. } = pass;
        let output = weights.matrix(MatrixId::Output(layer));
        let parts = config.n_heads + 1;
        let step = |shard| {
            let own = own_constants(config, layer).into_iter().chain(heads::of_z(config));
            let constants: Vec<_> = own.chain(output.placed(shard)).collect();
            kernels.get(OF_HEADS, &constants as Constants).step(
                gpu,
                &[
                    &[
                        (0, pass.dims()),
                        (2, weights.vector(VectorId::OutputBias(layer)).binding()),
                        (5, pass.binding(BufferId::Z)),
                        (7, self.components.binding()),
                        (8, self.direction.binding()),
                    ],
                    &[(0, shard.tensor.binding())],
                ],
                move |dims| [covering(dims.rows as usize * parts, 64), 1, 1],
            )
        };
        output.shards.iter().map(step).collect()
    }
}

fn own_constants(config: &ModelConfig, layer: usize) -> [(&'static str, f64); 3] {
    [
        ("D4", (Shapes::of(config).d_model / 4) as f64),
        ("COLUMNS", columns(config) as f64),
        ("FIRST_HEAD", (1 + layer * config.n_heads) as f64),
    ]
}
