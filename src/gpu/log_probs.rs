//! Steps `log_probs`: each token's log-probability, fused with the unembedding. Shader: shaders/log_probs.wgsl.

use super::kernel::{Site, Source, Step, covering};
use crate::model::{COLUMN_TILE, MatrixId, VectorId};

const WGSL: &str = include_str!("../../shaders/log_probs.wgsl");
const PARTIAL_SUMS: Source = Source { stem: "log_probs", wgsl: WGSL, entry: "partial_sums" };
const COMBINE: Source = Source { stem: "log_probs", wgsl: WGSL, entry: "combine" };

/// Column tiles that one invocation goes through.
const TILES: usize = 4;

/// Column tiles, and row tiles, of a workgroup at a time.
const WORKGROUP: (usize, usize) = (16, 4);

/// Shares that a vocabulary of `d_vocab` (padded) entries is divided into.
pub(super) fn shares(d_vocab: usize) -> usize {
    (d_vocab / COLUMN_TILE).div_ceil(TILES * WORKGROUP.0)
}

pub(super) fn steps(site: Site) -> [Step; 2] {
    [Step::cut_by_rows(site.gpu.row_tiles, |quads| partial_sums(site, quads)), combine(site)]
}

fn partial_sums(site: Site, quads: u32) -> Step {
    let Site { gpu, kernels, weights, scratch, run, .. } = site;
    let unembed = weights.matrix(MatrixId::Unembed);
    let shares = shares(unembed.columns);
    let [f16, n8, k4] = unembed.constants();
    let quads = ("ROW_QUADS", f64::from(quads));
    let rows = WORKGROUP.1 * 4 * quads.1 as usize;
    let constants = [f16, n8, k4, quads, ("TILES", TILES as f64), ("SHARES", shares as f64)];
    kernels.get(PARTIAL_SUMS, &constants).step(
        gpu,
        &[
            &[
                (0, scratch.dims.binding()),
                (1, run.tokens.binding()),
                (2, weights.vector(VectorId::UnembedBias).binding()),
                (3, scratch.partials.binding()),
                (4, scratch.target_logit.binding()),
            ],
            &[(0, unembed.tensor.binding()), (1, scratch.x.binding())],
        ],
        move |dims| [shares as u32, covering(dims.new_rows(), rows), 1],
    )
}

fn combine(site: Site) -> Step {
    let Site { gpu, kernels, weights, scratch, run, .. } = site;
    let shares = shares(weights.matrix(MatrixId::Unembed).columns);
    kernels.get(COMBINE, &[("SHARES", shares as f64)]).step(
        gpu,
        &[&[
            (0, scratch.dims.binding()),
            (3, scratch.partials.binding()),
            (4, scratch.target_logit.binding()),
            (5, run.log_probs.binding()),
        ]],
        |dims| [covering(dims.new_rows(), 64), 1, 1],
    )
}
