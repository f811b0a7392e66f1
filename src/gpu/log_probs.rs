//! Steps `log_probs`: each token's log-probability, fused with the unembedding.
//! Shader: shaders/log_probs.wgsl.

use super::cut::Cut;
use super::kernel::{Axis, Source, Step, covering};
use super::matrix::Shard;
use super::pass::PassContext;
use crate::model::{BufferId, MatrixId, NormAt, SHARE_TILES, VectorId, normalized_stream, shares};

const WGSL: &str = include_str!("../../shaders/log_probs.wgsl");
const PARTIAL_SUMS: Source = Source::of_shared_product("log_probs", WGSL, "partial_sums");
const PARTIAL_SUMS_SHARED: Source = Source::of_shared_product("log_probs", WGSL, "partial_sums_shared");
const COMBINE: Source = Source::of_shared_product("log_probs", WGSL, "combine");

/// The sums of all shares, shard by shard of the unembedding, and what they add up to.
pub(super) fn steps(pass: PassContext) -> Vec<Step> {
    let unembed = pass.weights.matrix(MatrixId::Unembed);
    let sums = |shard: &Shard| Step::cut(pass.gpu.cuts(), shard.tiles, |cut| partial_sums(pass, shard, cut));
    unembed.shards.iter().map(sums).chain([combine(pass)]).collect()
}

fn partial_sums(pass: PassContext, shard: &Shard, cut: Cut) -> Step {
    let PassContext { gpu, kernels, config, weights, .. } = pass;
    let unembed = weights.matrix(MatrixId::Unembed);
    let mut constants = unembed.product_constants(shard);
    constants.extend(unembed.place(shard));
    constants.extend(cut.constants());
    constants.extend([
        ("TILES", (SHARE_TILES / cut.column_tiles()) as f64),
        ("SHARES", shares(unembed.columns) as f64),
        ("FIRST_SHARE", (shard.first_tile / SHARE_TILES) as f64),
    ]);
    let shares = covering(shard.tiles, SHARE_TILES);
    let (rows, work) = (cut.rows(), unembed.work_of_row(shard));
    kernels
        .get(cut.either(PARTIAL_SUMS, PARTIAL_SUMS_SHARED), &constants)
        .step(
            gpu,
            &[
                &[
                    (0, pass.dims()),
                    (1, pass.binding(BufferId::Tokens)),
                    (2, weights.vector(VectorId::UnembedBias).binding()),
                    (3, pass.binding(BufferId::Partials)),
                    (4, pass.binding(BufferId::TargetLogit)),
                ],
                &[(0, shard.tensor.binding()), (1, pass.binding(normalized_stream(config, NormAt::Final)))],
            ],
            move |dims| [shares, covering(dims.new_rows(), rows), 1],
        )
        .long(Axis::Rows, rows, move |_| work)
}

fn combine(pass: PassContext) -> Step {
    let PassContext { gpu, kernels, weights, .. } = pass;
    let shares = shares(weights.matrix(MatrixId::Unembed).columns);
    kernels.get(COMBINE, &[("SHARES", shares as f64)]).step(
        gpu,
        &[&[
            (0, pass.dims()),
            (3, pass.binding(BufferId::Partials)),
            (4, pass.binding(BufferId::TargetLogit)),
            (5, pass.binding(BufferId::LogProbs)),
        ]],
        |dims| [covering(dims.new_rows(), 64), 1, 1],
    )
}
