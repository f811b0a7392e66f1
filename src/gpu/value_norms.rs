//! Step `value_norms`: the norms of a head's values. Shader: shaders/value_norms.wgsl.

use super::heads;
use super::kernel::{Source, Step, covering};
use super::pass::PassContext;
use super::tensor::Tensor;
use crate::model::{BufferId, MatrixId};

const SOURCE: Source =
    Source::new("value_norms", include_str!("../../shaders/value_norms.wgsl"), "value_norms");

/// Writes `norms`, `[seq]` pairs. `head` is a uniform of four u32 whose first is the head.
pub(super) fn step(pass: PassContext, layer: usize, head: &Tensor, norms: &Tensor) -> Step {
    let PassContext { gpu, kernels, config, weights, .. } = pass;
    let output = weights.matrix(MatrixId::Output(layer));
    let [h, c4, qkv4, scale] = heads::constants(config);
    let [f16, n8, _] = output.constants();
    kernels.get(SOURCE, &[h, c4, qkv4, scale, f16, n8]).step(
        gpu,
        &[
            &[(0, pass.dims()), (1, head.binding()), (2, norms.binding())],
            &[(0, output.tensor.binding()), (2, pass.binding(BufferId::Qkv(layer)))],
        ],
        |dims| [covering(dims.seq as usize, 64), 1, 1],
    )
}
