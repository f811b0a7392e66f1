//! Steps `log_probs`: each token's log-probability, fused with the unembedding.
//! Shader: shaders/log_probs.wgsl.

use super::kernel::{Source, Step, covering};
use super::matrix::Shard;
use super::pass::PassContext;
use crate::model::{BufferId, MatrixId, NormAt, SHARE_TILES, VectorId, normalized_stream, shares};

const WGSL: &str = include_str!("../../shaders/log_probs.wgsl");
const PARTIAL_SUMS: Source = Source::of_product("log_probs", WGSL, "partial_sums");
const COMBINE: Source = Source::of_product("log_probs", WGSL, "combine");

/// Column tiles and row tiles of a workgroup at a time.
const WORKGROUP: (usize, usize) = (16, 4);

/// The sums of all shares, shard by shard of the unembedding, and what they add up to.
pub(super) fn steps(pass: PassContext) -> Vec<Step> {
    let unembed = pass.weights.matrix(MatrixId::Unembed);
    let sums = |shard| Step::cut_by_rows(pass.gpu.row_tiles, |quads| partial_sums(pass, shard, quads));
    unembed.shards.iter().map(sums).chain([combine(pass)]).collect()
}

fn partial_sums(pass: PassContext, shard: &Shard, quads: u32) -> Step {
    let PassContext { gpu, kernels, config, weights, .. } = pass;
    let unembed = weights.matrix(MatrixId::Unembed);
    let mut constants = unembed.product_constants(shard);
    constants.extend(unembed.place(shard));
    constants.extend([
        ("ROW_QUADS", f64::from(quads)),
        ("TILES", (SHARE_TILES / WORKGROUP.0) as f64),
        ("SHARES", shares(unembed.columns) as f64),
        ("FIRST_SHARE", (shard.first_tile / SHARE_TILES) as f64),
    ]);
    let shares = covering(shard.tiles, SHARE_TILES);
    let rows = WORKGROUP.1 * 4 * quads as usize;
    kernels.get(PARTIAL_SUMS, &constants).step(
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
