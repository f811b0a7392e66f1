//! LayerNorm or root mean square norm over the real width of the residual stream.
//!
//! ```text
//! out[row, m] = (resid[row, m] - mean) / sqrt(mean of (resid[row, :] - mean)^2 + eps) * weight[m] + bias[m]
//! ```
//!
//! `mean` is the row's mean in a LayerNorm, and 0 in a root mean square norm. GPU twin: `shaders/norm.wgsl`.
//!
//! Definition: docs/definitions.md#normalization.

use crate::model::{Dims, ModelConfig, Normalization};

/// Writes the new rows of `out [rows, D]`. Weight and bias are padded with zeros, so padding stays 0. In a
/// model without learned ones they are ones and zeros.
pub fn norm(dims: &Dims, config: &ModelConfig, resid: &[f32], weight: &[f32], bias: &[f32], out: &mut [f32]) {
    let width = weight.len();
    let centres = config.normalization.is_none_or(Normalization::centres);
    let rows = resid.chunks_exact(width).zip(out.chunks_exact_mut(width));
    for (resid, out) in rows.skip(dims.first_row as usize) {
        let real = &resid[..config.d_model];
        let sum: f64 = if centres { real.iter().copied().map(f64::from).sum() } else { 0.0 };
        let mean = sum / real.len() as f64;
        let squares = real.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>();
        let scale = 1.0 / (squares / real.len() as f64 + config.eps).sqrt();
        for (m, out) in out.iter_mut().enumerate() {
            let normalized = (f64::from(resid[m]) - mean) * scale;
            *out = normalized as f32 * weight[m] + bias[m];
        }
    }
}
