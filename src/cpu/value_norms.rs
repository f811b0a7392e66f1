//! The norm of one head's value at each position, before and after its output matrix.
//!
//! ```text
//! norms[row] = (|v[row]|, |v[row] W_O[head]|)
//! ```
//!
//! GPU twin: `shaders/value_norms.wgsl`.
//!
//! Definition: docs/definitions.md#value-weighted-pattern.

use super::Matrix;
use super::scores::{HeadOf, Layout};
use crate::model::{Dims, ModelConfig};

/// Norms `[seq]` of a head's values in the first sequence, from `qkv [rows, qkv]` and `W_O [H * C, D]`.
pub fn value_norms(
    dims: &Dims,
    config: &ModelConfig,
    (layer, head): (usize, usize),
    qkv: &[f32],
    output: &Matrix,
) -> Vec<[f32; 2]> {
    let layout = Layout::of(config, layer);
    let width = output.columns();
    let mut weights = vec![0.0; width * layout.d_head()];
    for (c, row) in weights.chunks_exact_mut(width).enumerate() {
        output.read_row(head * layout.d_head() + c, row);
    }
    let size = |numbers: &[f32]| numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
    let values = layout.values(dims, qkv, HeadOf { sequence: 0, head });
    values
        .map(|value| {
            let mut written = vec![0.0; width];
            for (v, row) in value.iter().zip(weights.chunks_exact(width)) {
                written.iter_mut().zip(row).for_each(|(to, weight)| *to += v * weight);
            }
            [size(value), size(&written)]
        })
        .collect()
}
