//! Step `logits`: the logits of one position. Shader: shaders/logits.wgsl.

use super::kernel::{Source, Step, covering};
use super::matrix::Shard;
use super::pass::PassContext;
use super::tensor::Tensor;
use crate::model::{MatrixId, NormAt, VectorId, normalized_stream};

const SOURCE: Source = Source::of_product("logits", include_str!("../../shaders/logits.wgsl"), "logits_at");

/// Writes `logits [V]` from a row of the normalized stream: a step for each shard of the unembedding.
/// `position` is a uniform of four u32 whose first is the row.
pub(super) fn steps(pass: PassContext, position: &Tensor, logits: &Tensor) -> Vec<Step> {
    let shards = pass.weights.matrix(MatrixId::Unembed).shards.iter();
    shards.map(|shard| step(pass, shard, position, logits)).collect()
}

fn step(pass: PassContext, shard: &Shard, position: &Tensor, logits: &Tensor) -> Step {
    let PassContext { gpu, kernels, config, weights, .. } = pass;
    let unembed = weights.matrix(MatrixId::Unembed);
    let tiles = shard.tiles;
    let mut constants = unembed.product_constants(shard);
    constants.extend(unembed.place(shard));
    kernels.get(SOURCE, &constants).step(
        gpu,
        &[
            &[
                (0, position.binding()),
                (1, weights.vector(VectorId::UnembedBias).binding()),
                (2, logits.binding()),
            ],
            &[(0, shard.tensor.binding()), (1, pass.binding(normalized_stream(config, NormAt::Final)))],
        ],
        move |_| [covering(tiles, 64), 1, 1],
    )
}
