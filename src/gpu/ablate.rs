//! Step `ablate`: ablates heads of one layer. Shader: shaders/ablate.wgsl.

use super::heads;
use super::kernel::{Source, Step, covering};
use super::pass::PassContext;
use super::tensor::Tensor;
use crate::model::{BufferId, Shapes};

const SOURCE: Source = Source::new("ablate", include_str!("../../shaders/ablate.wgsl"), "ablate");

/// Replaces parts of z. `modes` holds a [`HeadMode`](crate::model::HeadMode) for each head of the layer.
pub(super) fn step(pass: PassContext, modes: &Tensor) -> Step {
    let PassContext { gpu, kernels, config, .. } = pass;
    let numbers = Shapes::of(config).z / 4;
    kernels.get(SOURCE, &heads::constants(config)).step(
        gpu,
        &[&[(0, pass.dims()), (1, modes.binding()), (2, pass.binding(BufferId::Z))]],
        move |dims| [covering(dims.seq as usize * numbers, 64), 1, 1],
    )
}
