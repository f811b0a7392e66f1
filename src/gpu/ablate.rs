//! Step `ablate`: switches heads of one layer off. Shader: shaders/ablate.wgsl.

use super::attention::head_constants;
use super::kernel::{Site, Source, Step, covering};
use super::tensor::Tensor;
use crate::model::Shapes;

const SOURCE: Source =
    Source { stem: "ablate", wgsl: include_str!("../../shaders/ablate.wgsl"), entry: "ablate" };

/// `fates` has a [`HeadFate`](crate::model::HeadFate) for each head of the layer.
pub(super) fn step(site: Site, fates: &Tensor) -> Step {
    let Site { gpu, kernels, config, scratch, .. } = site;
    let [heads, c4, ..] = head_constants(config);
    let numbers = Shapes::of(config).z / 4;
    kernels.get(SOURCE, &[heads, c4]).step(
        gpu,
        &[&[(0, scratch.dims.binding()), (1, fates.binding()), (2, scratch.z.binding())]],
        move |dims| [covering(dims.seq as usize * numbers, 64), 1, 1],
    )
}
