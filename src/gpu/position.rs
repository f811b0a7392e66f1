//! Step `position`: the input of a layer's queries and keys. Shader: shaders/position.wgsl.

use super::kernel::{Source, Step, covering};
use super::pass::PassContext;
use crate::model::{BufferId, NormAt, Shapes, normalized_stream};

const SOURCE: Source = Source::new("position", include_str!("../../shaders/position.wgsl"), "position");

/// Writes the new rows of `XPos` from the normalized stream of a layer.
pub(super) fn step(pass: PassContext, layer: usize) -> Step {
    let PassContext { gpu, kernels, config, weights, .. } = pass;
    let d4 = Shapes::of(config).d_model / 4;
    kernels.get(SOURCE, &[("D4", d4 as f64)]).step(
        gpu,
        &[&[
            (0, pass.dims()),
            (1, pass.binding(normalized_stream(config, NormAt::Layer(layer)))),
            (2, weights.positions().binding()),
            (3, pass.binding(BufferId::XPos)),
        ]],
        move |dims| [covering(d4, 64), dims.new_rows() as u32, 1],
    )
}
