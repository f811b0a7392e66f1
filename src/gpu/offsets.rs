//! Steps `offsets`: the mean weight of each offset, for every head of a layer. Shader: shaders/offsets.wgsl.

use super::heads;
use super::kernel::{Source, Step, covering};
use super::pass::PassContext;
use crate::model::{BufferId, OFFSET_BLOCK, OFFSETS};

const WGSL: &str = include_str!("../../shaders/offsets.wgsl");
const BLOCK_SUMS: Source = Source::new("offsets", WGSL, "block_sums");
const MEAN_WEIGHTS: Source = Source::new("offsets", WGSL, "mean_weights");

/// Writes the layer's sums of the blocks that have a new row, and its means.
pub(super) fn steps(pass: PassContext, layer: usize) -> Vec<Step> {
    vec![block_sums(pass, layer), mean_weights(pass, layer)]
}

fn block_sums(pass: PassContext, layer: usize) -> Step {
    let PassContext { gpu, kernels, config, .. } = pass;
    let n_heads = config.n_heads as u32;
    let own = [("OFFSETS", OFFSETS as f64), ("BLOCK", OFFSET_BLOCK as f64)];
    let constants: Vec<_> = heads::of_scores(config, layer).into_iter().chain(own).collect();
    kernels.get(BLOCK_SUMS, &constants).step(
        gpu,
        &[
            &[
                (0, pass.dims()),
                (1, pass.binding(BufferId::Stats(layer))),
                (3, pass.binding(BufferId::OffsetSums(layer))),
            ],
            &[(2, pass.binding(BufferId::Qkv(layer)))],
        ],
        move |dims| {
            let first = dims.first_row as usize / OFFSET_BLOCK;
            let blocks = (dims.seq as usize).div_ceil(OFFSET_BLOCK) - first;
            [covering(blocks * OFFSETS, 64), n_heads, 1]
        },
    )
}

fn mean_weights(pass: PassContext, layer: usize) -> Step {
    let PassContext { gpu, kernels, config, .. } = pass;
    let own = [("OFFSETS", OFFSETS as f64), ("BLOCK", OFFSET_BLOCK as f64)];
    let constants: Vec<_> = heads::of_z(config).into_iter().chain(own).collect();
    let heads = config.n_heads;
    kernels.get(MEAN_WEIGHTS, &constants).step(
        gpu,
        &[&[
            (0, pass.dims()),
            (2, pass.binding(BufferId::Offsets(layer))),
            (3, pass.binding(BufferId::OffsetSums(layer))),
        ]],
        move |_| [covering(heads * OFFSETS, 64), 1, 1],
    )
}
