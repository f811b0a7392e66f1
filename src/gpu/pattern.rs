//! Step `pattern`: the attention pattern of one head, or the mean of several. Shader: shaders/pattern.wgsl.

use super::attention::head_constants;
use super::kernel::{Site, Source, Step, covering};
use super::tensor::Tensor;

const SOURCE: Source =
    Source { stem: "pattern", wgsl: include_str!("../../shaders/pattern.wgsl"), entry: "head_pattern" };

/// Which heads of a layer go into which band of the pattern. `Selection` of shaders/pattern.wgsl is the same struct;
/// `tests/native/shaders.rs` compares them.
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
    /// The band's first query.
    pub first_query: u32,
    /// Queries of the band.
    pub queries: u32,
}

/// Weights of a band at most: 4 MiB.
const BAND: usize = 1 << 20;

/// Queries of a band of a text of `seq` tokens.
pub(super) fn band_queries(seq: usize) -> usize {
    (BAND / seq).clamp(1, seq)
}

/// `pattern` has room for `queries` rows; of `selection`, the last band may have fewer.
pub(super) fn step(site: Site, layer: usize, selection: &Tensor, queries: usize, pattern: &Tensor) -> Step {
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
        move |dims| [dims.seq.div_ceil(8), covering(queries, 8), 1],
    )
}
