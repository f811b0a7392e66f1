//! Step `logits`: the logits of one position. Shader: shaders/logits.wgsl.

use super::kernel::{Site, Source, Step, covering};
use super::tensor::Tensor;
use crate::model::{MatrixId, VectorId};

const SOURCE: Source =
    Source { stem: "logits", wgsl: include_str!("../../shaders/logits.wgsl"), entry: "logits_at" };

/// `x` holds normalized rows; `position` is a uniform of four u32 whose first is the row.
pub(super) fn step(site: Site, position: &Tensor, logits: &Tensor) -> Step {
    let Site { gpu, kernels, weights, scratch, .. } = site;
    let unembed = weights.matrix(MatrixId::Unembed);
    let tiles = unembed.column_tiles();
    kernels.get(SOURCE, &unembed.constants()).step(
        gpu,
        &[
            &[
                (0, position.binding()),
                (1, weights.vector(VectorId::UnembedBias).binding()),
                (2, logits.binding()),
            ],
            &[(0, unembed.tensor.binding()), (1, scratch.x.binding())],
        ],
        move |_| [covering(tiles, 64), 1, 1],
    )
}
