//! Step `embed`: the residual stream before the first layer. Shader: shaders/embed.wgsl.

use super::kernel::{Site, Source, Step, covering};
use crate::model::{MatrixId, PositionalEmbedding};

const SOURCE: Source =
    Source { stem: "embed", wgsl: include_str!("../../shaders/embed.wgsl"), entry: "embed" };

pub(super) fn step(site: Site) -> Step {
    let Site { gpu, kernels, config, weights, scratch, run } = site;
    let table = weights.matrix(MatrixId::Embed);
    let standard = config.positional_embedding == PositionalEmbedding::Standard;
    // `embed` looks rows up and multiplies nothing, so K4 is not read.
    let [f16, n8, _] = table.constants();
    let constants = [f16, n8, ("STANDARD_POSITIONS", f64::from(u8::from(standard)))];
    let tiles = table.column_tiles();
    kernels.get(SOURCE, &constants).step(
        gpu,
        &[
            &[
                (0, scratch.dims.binding()),
                (1, run.tokens.binding()),
                (2, weights.matrix(MatrixId::Positions).tensor.binding()),
                (3, run.resid[0].binding()),
            ],
            &[(0, table.tensor.binding())],
        ],
        move |dims| [covering(tiles, 64), dims.new_rows() as u32, 1],
    )
}
