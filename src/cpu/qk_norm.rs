//! Divides each query and key by its root mean square.
//!
//! ```text
//! q[row, head, c] = q[row, head, c] / sqrt(mean of q[row, head, :]^2 + eps) * weight[c]       k alike
//! ```
//!
//! The mean is that of the head's real numbers. GPU twin: `shaders/qk_norm.wgsl`.
//!
//! Definition: docs/definitions.md#normalization.

use crate::model::{Dims, ModelConfig, Shapes};

/// Normalizes the new rows of q and k in `qkv [rows, qkv]`. `weight` is `[q_norm | k_norm] [2 * C]`.
pub fn qk_norm(dims: &Dims, config: &ModelConfig, weight: &[f32], qkv: &mut [f32]) {
    let Shapes { d_head, z, kv, qkv: width, .. } = Shapes::of(config);
    let (of_queries, of_keys) = weight.split_at(d_head);
    for numbers in qkv.chunks_exact_mut(width).skip(dims.first_row as usize) {
        let (queries, keys) = numbers[..z + kv].split_at_mut(z);
        for (parts, weight) in [(queries, of_queries), (keys, of_keys)] {
            for part in parts.chunks_exact_mut(d_head) {
                let squares = part.iter().map(|&number| f64::from(number).powi(2)).sum::<f64>();
                let scale = 1.0 / (squares / config.d_head as f64 + config.eps).sqrt();
                for (number, weight) in part.iter_mut().zip(weight) {
                    *number = (f64::from(*number) * scale) as f32 * weight;
                }
            }
        }
    }
}
