//! Steps `value_norms`: the norms of a head's values. Shader: shaders/value_norms.wgsl.

use super::heads;
use super::kernel::{Source, Step, covering};
use super::pass::PassContext;
use super::tensor::Tensor;
use crate::model::{BufferId, MatrixId};

const SOURCE: Source =
    Source::new("value_norms", include_str!("../../shaders/value_norms.wgsl"), "value_norms");

/// Writes `norms`, `[seq]` pairs: a step for each shard of `W_O`, which adds its columns. `head` is a uniform
/// of four u32 whose first is the head.
pub(super) fn steps(pass: PassContext, layer: usize, head: &Tensor, norms: &Tensor) -> Vec<Step> {
    let PassContext { gpu, kernels, config, weights, .. } = pass;
    let output = weights.matrix(MatrixId::Output(layer));
    let step = |shard| {
        let constants: Vec<_> = heads::places(config).into_iter().chain(output.placed(shard)).collect();
        kernels.get(SOURCE, &constants).step(
            gpu,
            &[
                &[(0, pass.dims()), (1, head.binding()), (2, norms.binding())],
                &[(0, shard.tensor.binding()), (2, pass.binding(BufferId::Qkv(layer)))],
            ],
            |dims| [covering(dims.seq as usize, 64), 1, 1],
        )
    };
    output.shards.iter().map(step).collect()
}
