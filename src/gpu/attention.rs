//! Step `attention`: z and the detectors' ingredients of one layer. Shader: shaders/attention.wgsl.

use super::heads;
use super::kernel::{Axis, Source, Step, covering};
use super::pass::PassContext;
use crate::model::BufferId;

const SOURCE: Source = Source::new("attention", include_str!("../../shaders/attention.wgsl"), "attention");

/// Queries of one workgroup.
const QUERIES: usize = 16;

/// Writes the new rows of z and of the layer's statistics.
pub(super) fn step(pass: PassContext, layer: usize) -> Step {
    let PassContext { gpu, kernels, config, .. } = pass;
    let n_heads = config.n_heads as u32;
    kernels
        .get(SOURCE, &heads::of_scores(config, layer))
        .step(
            gpu,
            &[
                &[
                    (0, pass.dims()),
                    (1, pass.binding(BufferId::Tokens)),
                    (2, pass.binding(BufferId::Z)),
                    (3, pass.binding(BufferId::Stats(layer))),
                ],
                &[(2, pass.binding(BufferId::Qkv(layer)))],
            ],
            move |dims| [covering(dims.new_queries(), QUERIES), n_heads, dims.batch],
        )
        .long(Axis::Queries, QUERIES, heads::work_of_query(config, layer, 2))
}
