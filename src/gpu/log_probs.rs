//! Steps `log_probs`: each token's log-probability, fused with the unembedding.
//! Shader: shaders/log_probs.wgsl.

use super::kernel::{Source, Step, covering};
use super::pass::PassContext;
use crate::model::{BufferId, MatrixId, NormAt, SHARE_TILES, VectorId, normalized_stream, shares};

const WGSL: &str = include_str!("../../shaders/log_probs.wgsl");
const PARTIAL_SUMS: Source = Source::of_product("log_probs", WGSL, "partial_sums");
const COMBINE: Source = Source::of_product("log_probs", WGSL, "combine");

/// Column tiles and row tiles of a workgroup at a time.
const WORKGROUP: (usize, usize) = (16, 4);

/// The sums of all shares, and what they add up to.
pub(super) fn steps(pass: PassContext) -> [Step; 2] {
    [Step::cut_by_rows(pass.gpu.row_tiles, |quads| partial_sums(pass, quads)), combine(pass)]
}

fn partial_sums(pass: PassContext, quads: u32) -> Step {
    let PassContext { gpu, kernels, config, weights, .. } = pass;
    let unembed = weights.matrix(MatrixId::Unembed);
    let shares = shares(unembed.columns);
    let [f16, n8, k4] = unembed.constants();
    let tiles = ("TILES", (SHARE_TILES / WORKGROUP.0) as f64);
    let constants = [f16, n8, k4, ("ROW_QUADS", f64::from(quads)), tiles, ("SHARES", shares as f64)];
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
            &[(0, unembed.tensor.binding()), (1, pass.binding(normalized_stream(config, NormAt::Final)))],
        ],
        move |dims| [shares as u32, covering(dims.new_rows(), rows), 1],
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
