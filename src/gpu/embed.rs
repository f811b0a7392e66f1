//! Steps `embed`: the residual stream before the first layer. Shader: shaders/embed.wgsl.

use super::kernel::{Source, Step, covering};
use super::matrix::{Matrix, Shard};
use super::pass::PassContext;
use super::weights::Weights;
use crate::model::{BufferId, MatrixId, ModelConfig, PositionalEmbedding, Shapes};

const WGSL: &str = include_str!("../../shaders/embed.wgsl");
const ROWS: Source = Source::new("embed", WGSL, "embed");
const COLUMNS: Source = Source::new("embed", WGSL, "embed_columns");

/// The matrix that holds `W_E`, and whether it does so column by column.
pub(super) fn table<'a>(config: &ModelConfig, weights: &'a Weights) -> (&'a Matrix, bool) {
    let tied = config.tied_unembedding;
    (weights.matrix(if tied { MatrixId::Unembed } else { MatrixId::Embed }), tied)
}

/// Writes the new rows of `Resid(0)`: a step for each shard of the matrix.
pub(super) fn steps(pass: PassContext) -> Vec<Step> {
    let (matrix, tied) = table(pass.config, pass.weights);
    matrix.shards.iter().map(|shard| step(pass, matrix, shard, tied)).collect()
}

fn step(pass: PassContext, matrix: &Matrix, shard: &Shard, tied: bool) -> Step {
    let PassContext { gpu, kernels, config, weights, .. } = pass;
    let standard = config.positional_embedding == PositionalEmbedding::Standard;
    let d8 = Shapes::of(config).d_model / 8;
    let own = [("STANDARD_POSITIONS", f64::from(u8::from(standard))), ("D8", d8 as f64)];
    let constants: Vec<_> = matrix.placed(shard).chain(own).collect();
    let (source, tiles) = if tied { (COLUMNS, d8) } else { (ROWS, shard.tiles) };
    kernels.get(source, &constants).step(
        gpu,
        &[
            &[
                (0, pass.dims()),
                (1, pass.binding(BufferId::Tokens)),
                (2, weights.positions().binding()),
                (3, pass.binding(BufferId::Resid(0))),
            ],
            &[(0, shard.tensor.binding())],
        ],
        move |dims| [covering(tiles, 64), dims.new_rows() as u32, 1],
    )
}
