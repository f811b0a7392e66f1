//! Step `offsets`: the mean weight of each offset, for every head of a layer. Shader: shaders/offsets.wgsl.

use super::heads;
use super::kernel::{Source, Step};
use super::pass::PassContext;
use crate::model::{BufferId, OFFSETS};

const SOURCE: Source = Source::new("offsets", include_str!("../../shaders/offsets.wgsl"), "mean_weights");

/// Writes the layer's means.
pub(super) fn step(pass: PassContext, layer: usize) -> Step {
    let PassContext { gpu, kernels, config, .. } = pass;
    let n_heads = config.n_heads as u32;
    kernels.get(SOURCE, &heads::of_scores(config, layer)).step(
        gpu,
        &[
            &[
                (0, pass.dims()),
                (1, pass.binding(BufferId::Stats(layer))),
                (2, pass.binding(BufferId::Offsets(layer))),
            ],
            &[(2, pass.binding(BufferId::Qkv(layer)))],
        ],
        move |_| [OFFSETS as u32, n_heads, 1],
    )
}
