//! Step `pattern`: the attention pattern of one head, or the mean of several. Shader: shaders/pattern.wgsl.

use super::attention::head_constants;
use super::kernel::{Site, Source, Step};
use super::tensor::Tensor;

const SOURCE: Source =
    Source { stem: "pattern", wgsl: include_str!("../../shaders/pattern.wgsl"), entry: "head_pattern" };

/// Which heads of a layer go into the pattern. `Selection` of shaders/pattern.wgsl is the same struct;
/// `tests/shaders.rs` compares them.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub struct Selection {
    /// The first head.
    pub first_head: u32,
    /// How many from there on.
    pub heads: u32,
    /// 1 to add to what the pattern holds, 0 to overwrite it.
    pub accumulate: u32,
    /// What each head's weight is multiplied by.
    pub share: f32,
}

pub(super) fn step(site: Site, layer: usize, selection: &Tensor, pattern: &Tensor) -> Step {
    let Site { gpu, kernels, config, scratch, run, .. } = site;
    kernels.get(SOURCE, &head_constants(config)).step(
        gpu,
        &[&[
            (0, scratch.dims.binding()),
            (1, selection.binding()),
            (2, run.qkv[layer].binding()),
            (3, run.stats_of(layer)),
            (4, pattern.binding()),
        ]],
        |dims| [dims.seq.div_ceil(8), dims.seq.div_ceil(8), 1],
    )
}
