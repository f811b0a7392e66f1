//! LayerNorm over the real width of the residual stream.
//!
//! ```text
//! out[row, m] = (resid[row, m] - mean) / sqrt(var + eps) * weight[m] + bias[m]
//! ```
//!
//! with the row's mean and biased variance. GPU twin: `shaders/norm.wgsl`.
//!
//! Definition: docs/definitions.md#normalization.

use crate::model::{Dims, ModelConfig};

/// Writes the new rows of `out [rows, D]`. Weight and bias are padded with zeros, so padding stays 0. In a
/// model without learned ones (`LNPre`) they are ones and zeros.
pub fn norm(dims: &Dims, config: &ModelConfig, resid: &[f32], weight: &[f32], bias: &[f32], out: &mut [f32]) {
    let width = weight.len();
    let rows = resid.chunks_exact(width).zip(out.chunks_exact_mut(width));
    for (resid, out) in rows.skip(dims.first_row as usize) {
        let real = &resid[..config.d_model];
        let mean = real.iter().copied().map(f64::from).sum::<f64>() / real.len() as f64;
        let variance = real.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>();
        let scale = 1.0 / (variance / real.len() as f64 + config.eps).sqrt();
        for (m, out) in out.iter_mut().enumerate() {
            let normalized = (f64::from(resid[m]) - mean) * scale;
            *out = normalized as f32 * weight[m] + bias[m];
        }
    }
}
