//! Steps `ablate`: ablates heads of one layer, or its MLP. Shader: shaders/ablate.wgsl.

use super::heads;
use super::kernel::{Source, Step, covering};
use super::pass::PassContext;
use super::tensor::Tensor;
use crate::model::{AblationKind, BufferId, Dims, Shapes};

const WGSL: &str = include_str!("../../shaders/ablate.wgsl");
const HEADS: Source = Source::new("ablate", WGSL, "ablate");
const MLP: Source = Source::new("ablate", WGSL, "ablate_mlp");

/// Replaces parts of z. `modes` holds a [`HeadMode`](crate::model::HeadMode) for each head of the layer.
pub(super) fn step(pass: PassContext, modes: &Tensor) -> Step {
    let PassContext { gpu, kernels, config, .. } = pass;
    let numbers = Shapes::of(config).z / 4;
    kernels.get(HEADS, &heads::of_z(config)).step(
        gpu,
        &[&[(0, pass.dims()), (1, modes.binding()), (2, pass.binding(BufferId::Z))]],
        move |dims| [covering(positions(dims) * numbers, 64), 1, 1],
    )
}

/// Replaces what the MLP of a layer has added to the stream.
pub(super) fn mlp_step(pass: PassContext, layer: usize, kind: AblationKind) -> Step {
    let PassContext { gpu, kernels, config, .. } = pass;
    let d4 = Shapes::of(config).d_model / 4;
    let mean = f64::from(u8::from(kind == AblationKind::Mean));
    kernels.get(MLP, &[("D4", d4 as f64), ("MEAN_OF_MLP", mean)]).step(
        gpu,
        &[&[
            (0, pass.dims()),
            (3, pass.binding(BufferId::Mid)),
            (4, pass.binding(BufferId::Resid(layer + 1))),
        ]],
        move |dims| [covering(positions(dims) * d4, 64), 1, 1],
    )
}

/// New positions of each sequence.
fn positions(dims: &Dims) -> usize {
    (dims.seq - dims.first_row) as usize
}
