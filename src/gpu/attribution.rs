//! Steps `attribution`: what adds to a direction of the stream's end. Shader: shaders/attribution.wgsl.

use super::kernel::{Axis, Constants, Source, Step, covering};
use super::pass::PassContext;
use super::tensor::Tensor;
use super::{attention, heads};
use crate::model::{BufferId, MatrixId, ModelConfig, Shapes, VectorId};

const WGSL: &str = include_str!("../../shaders/attribution.wgsl");
const DIRECTIONS: Source = Source::new("attribution", WGSL, "directions");
const OF_STREAMS: Source = Source::new("attribution", WGSL, "of_streams");
const OF_HEADS: Source = Source::new("attribution", WGSL, "of_heads");
const OF_MLP: Source = Source::new("attribution", WGSL, "of_mlp");

/// Writes the direction `[rows, D]` of each row's target and subtracted token: a step for each shard of the
/// unembedding.
pub(super) fn directions(pass: PassContext, targets: &Tensor, made: &Tensor) -> Vec<Step> {
    let PassContext { gpu, kernels, config, weights, .. } = pass;
    let unembed = weights.matrix(MatrixId::Unembed);
    let d4 = Shapes::of(config).d_model / 4;
    let step = |shard| {
        let own = own_constants(config, 0).into_iter();
        let constants: Vec<_> = own.chain(unembed.placed(shard)).collect();
        kernels.get(DIRECTIONS, &constants as Constants).step(
            gpu,
            &[
                &[(0, pass.dims()), (1, targets.binding()), (6, made.binding())],
                &[(0, shard.tensor.binding())],
            ],
            move |dims| [covering(dims.rows as usize * d4, 64), 1, 1],
        )
    };
    unembed.shards.iter().map(step).collect()
}

/// The tensors of one attribution.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attribution<'a> {
    /// f32 `[rows, D]`.
    pub direction: &'a Tensor,
    /// f32 `[rows, columns]`: the result.
    pub components: &'a Tensor,
}

impl Attribution<'_> {
    /// All steps. They make the z of each layer again.
    pub fn steps(&self, pass: PassContext) -> Vec<Step> {
        let mut steps = vec![self.of_streams(pass)];
        for layer in 0..pass.config.n_layers {
            steps.push(attention::step(pass, layer));
            steps.extend(self.of_heads(pass, layer));
            steps.extend(pass.config.mlp.map(|_| self.of_mlp(pass, layer)));
        }
        steps
    }

    /// Writes the columns of the embedding and of the sum.
    pub fn of_streams(&self, pass: PassContext) -> Step {
        let PassContext { gpu, kernels, config, .. } = pass;
        kernels.get(OF_STREAMS, &own_constants(config, 0)).step(
            gpu,
            &[&[
                (0, pass.dims()),
                (3, pass.binding(BufferId::Resid(0))),
                (4, pass.binding(BufferId::Resid(config.n_layers))),
                (7, self.components.binding()),
                (8, self.direction.binding()),
            ]],
            |dims| [covering(dims.new_rows(), 64), 1, 1],
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
            let work = output.work_of_row(shard);
            kernels
                .get(OF_HEADS, &constants as Constants)
                .step(
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
                    move |dims| [covering(dims.new_rows() * parts, 64), 1, 1],
                )
                .long(Axis::Rows, 1, move |_| work)
        };
        output.shards.iter().map(step).collect()
    }

    /// Writes the column of a layer's MLP, and adds `b_out` to the biases' column. The layer's heads have
    /// been written.
    pub fn of_mlp(&self, pass: PassContext, layer: usize) -> Step {
        let PassContext { gpu, kernels, config, weights, .. } = pass;
        let own = own_constants(config, layer).into_iter().chain(heads::of_z(config));
        kernels.get(OF_MLP, &own.collect::<Vec<_>>() as Constants).step(
            gpu,
            &[&[
                (0, pass.dims()),
                (2, weights.vector(VectorId::OutputBias(layer)).binding()),
                (3, pass.binding(BufferId::Resid(layer))),
                (4, pass.binding(BufferId::Resid(layer + 1))),
                (7, self.components.binding()),
                (8, self.direction.binding()),
                (9, weights.vector(VectorId::MlpOutBias(layer)).binding()),
            ]],
            |dims| [covering(dims.new_rows(), 64), 1, 1],
        )
    }
}

fn own_constants(config: &ModelConfig, layer: usize) -> [(&'static str, f64); 3] {
    [
        ("D4", (Shapes::of(config).d_model / 4) as f64),
        ("COLUMNS", config.attribution_columns() as f64),
        ("FIRST_HEAD", (1 + layer * config.layer_components()) as f64),
    ]
}
