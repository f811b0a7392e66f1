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
        let mut steps = vec![self.directions(pass), self.of_streams(pass)];
        for layer in 0..pass.config.n_layers {
            steps.push(attention::step(pass, layer));
            steps.push(self.of_heads(pass, layer));
        }
        steps
    }

    /// Writes the direction of each row.
    pub fn directions(&self, pass: PassContext) -> Step {
        let PassContext { gpu, kernels, config, weights, .. } = pass;
        let unembed = weights.matrix(MatrixId::Unembed);
        let d4 = Shapes::of(config).d_model / 4;
        let [f16, n8, _] = unembed.constants();
        let constants: Vec<_> = own_constants(config, 0).into_iter().chain([f16, n8]).collect();
        kernels.get(DIRECTIONS, &constants as Constants).step(
            gpu,
            &[
                &[(0, pass.dims()), (1, pass.binding(BufferId::Tokens)), (6, self.direction.binding())],
                &[(0, unembed.tensor.binding())],
            ],
            move |dims| [covering(dims.rows as usize * d4, 64), 1, 1],
        )
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

    /// Writes the columns of a layer's heads from z, and adds the layer's share to the biases' column.
    pub fn of_heads(&self, pass: PassContext, layer: usize) -> Step {
        let PassContext { gpu, kernels, config, weights, .. } = pass;
        let output = weights.matrix(MatrixId::Output(layer));
        let [f16, n8, _] = output.constants();
        let own = own_constants(config, layer).into_iter().chain(heads::constants(config));
        let constants: Vec<_> = own.chain([f16, n8]).collect();
        let parts = config.n_heads + 1;
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
                &[(0, output.tensor.binding())],
            ],
            move |dims| [covering(dims.rows as usize * parts, 64), 1, 1],
        )
    }
}

fn own_constants(config: &ModelConfig, layer: usize) -> [(&'static str, f64); 3] {
    [
        ("D4", (Shapes::of(config).d_model / 4) as f64),
        ("COLUMNS", columns(config) as f64),
        ("FIRST_HEAD", (1 + layer * config.n_heads) as f64),
    ]
}
