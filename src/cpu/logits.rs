//! The logits of one position.
//!
//! ```text
//! logits[n] = sum over m of x[m] * W_U[m, n] + b_U[n]
//! ```
//!
//! GPU twin: `shaders/logits.wgsl`.
//!
//! Definition: docs/definitions.md#predictions.

use super::Matrix;
use super::linear::linear;
use crate::model::Dims;

/// Logits `[V]`, padding included, from one row `x [D]` of the normalized stream.
pub fn logits(x: &[f32], unembed: &Matrix, bias: &[f32]) -> Vec<f32> {
    let mut logits = vec![0.0; unembed.columns()];
    linear(&Dims::new(1, 1, 0), x, None, unembed, Some(bias), None, &mut logits);
    logits
}
