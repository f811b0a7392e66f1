//! Step `pattern`: the attention pattern of one head, or the mean of several.
//! Shader: shaders/pattern.wgsl.

use super::heads;
use super::kernel::{Source, Step, covering};
use super::pass::PassContext;
use super::tensor::Tensor;
use crate::model::BufferId;

const SOURCE: Source = Source::new("pattern", include_str!("../../shaders/pattern.wgsl"), "head_pattern");

/// Heads of a layer, and the band of queries whose weights are made.
///
/// `Selection` of shaders/pattern.wgsl is the same struct; `tests/native/shaders.rs` compares them.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub struct Selection {
    /// The first head.
    pub first_head: u32,
    /// Number of heads from there on.
    pub heads: u32,
    /// 1 to add to the pattern, 0 to overwrite it.
    pub accumulate: u32,
    /// Factor of each head's weight.
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

/// Writes a band of `pattern`, which has room for `queries` rows. `selection` is a uniform that holds a
/// [`Selection`]; the last band may have fewer queries.
pub(super) fn step(
    pass: PassContext,
    layer: usize,
    selection: &Tensor,
    queries: usize,
    pattern: &Tensor,
) -> Step {
    let PassContext { gpu, kernels, config, .. } = pass;
    kernels.get(SOURCE, &heads::of_scores(config, layer)).step(
        gpu,
        &[
            &[
                (0, pass.dims()),
                (1, selection.binding()),
                (2, pass.binding(BufferId::Stats(layer))),
                (3, pattern.binding()),
            ],
            &[(2, pass.binding(BufferId::Qkv(layer)))],
        ],
        move |dims| [dims.seq.div_ceil(8), covering(queries, 8), 1],
    )
}
