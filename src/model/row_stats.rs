//! Statistics of one row of one head's attention pattern, for the detectors.
//!
//! Definition: docs/definitions.md#row-statistics.

/// The smallest weight that Neuronpedia's induction score counts. The same as in `shaders/attention.wgsl`.
pub const LARGE_WEIGHT: f32 = 0.01;

/// The ingredients of every detector for one query and one head, made by the attention pass.
///
/// `struct RowStats` of `shaders/common.wgsl` is the same struct; `tests/native/shaders.rs` compares
/// them. Stored as `[layer, row, head]`. With `A` the head's pattern and `q` the query's position:
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Default, bytemuck::Pod, bytemuck::Zeroable)]
pub struct RowStats {
    /// The row's largest weight.
    pub top: f32,
    /// `A[q, q]`.
    pub current: f32,
    /// `A[q, q-1]`; `A[0, 0]` in row 0, as in ARENA's notebook.
    pub previous: f32,
    /// `A[q, 0]`.
    pub first: f32,
    /// Sum of `A[q, j+1]` over `j < q` with the same token as `q`.
    pub induction: f32,
    /// Sum of `A[q, j]` over `j < q` with the same token as `q`.
    pub duplicate: f32,
    /// The part of `induction` that is in weights of at least [`LARGE_WEIGHT`].
    pub induction_large: f32,
    /// The row's largest score, `m`.
    pub max_score: f32,
    /// Sum of `exp(score - m)` over the row: `A[q, k] = exp(score[k] - m) / sum_exp`.
    pub sum_exp: f32,
}
