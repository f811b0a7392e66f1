//! Step `embed`: the residual stream before the first layer. Shader: shaders/embed.wgsl.

use super::kernel::{Source, Step, covering};
use super::pass::PassContext;
use crate::model::{BufferId, MatrixId, PositionalEmbedding};

const SOURCE: Source = Source::new("embed", include_str!("../../shaders/embed.wgsl"), "embed");

/// Writes the new rows of `Resid(0)`.
pub(super) fn step(pass: PassContext) -> Step {
    let PassContext { gpu, kernels, config, weights, .. } = pass;
    let table = weights.matrix(MatrixId::Embed);
    let standard = config.positional_embedding == PositionalEmbedding::Standard;
    // `embed` multiplies nothing, so it has no K4.
    let [f16, n8, _] = table.constants();
    let constants = [f16, n8, ("STANDARD_POSITIONS", f64::from(u8::from(standard)))];
    let tiles = table.column_tiles();
    kernels.get(SOURCE, &constants).step(
        gpu,
        &[
            &[
                (0, pass.dims()),
                (1, pass.binding(BufferId::Tokens)),
                (2, weights.matrix(MatrixId::Positions).tensor.binding()),
                (3, pass.binding(BufferId::Resid(0))),
            ],
            &[(0, table.tensor.binding())],
        ],
        move |dims| [covering(tiles, 64), dims.new_rows() as u32, 1],
    )
}
