//! How much each component of the residual stream adds to the logit of the next token.
//!
//! ```text
//! direction[row, :]                = W_U[:, t], t the token after the row's; 0 in a sequence's last row
//! attribution[row, 0]              = resid_pre.0[row, :] . direction[row, :]
//! attribution[row, 1 + l * H + h]  = (z[row, h, :] W_O[h]) . direction[row, :]
//! attribution[row, biases]         = (sum over l of b_O[l]) . direction[row, :] + b_U[t]
//! attribution[row, logit]          = resid_post.last[row, :] . direction[row, :] + b_U[t]
//! ```
//!
//! The columns before the last sum to the last. GPU twin: `shaders/attribution.wgsl`.
//!
//! Definition: docs/definitions.md#direct-logit-attribution.

use super::Matrix;
use crate::model::{COLUMN_TILE, Dims, ModelConfig, Shapes};

/// Columns of the result: the embedding, every head, the biases, the logit itself.
pub fn columns(config: &ModelConfig) -> usize {
    1 + config.total_heads() + 2
}

/// Makes `direction [rows, D]`: the direction of the stream that the next token's logit reads.
pub fn directions(dims: &Dims, tokens: &[u32], unembed: &Matrix) -> Vec<f32> {
    let depth = unembed.rows();
    let mut directions = vec![0.0; dims.rows as usize * depth];
    for (row, direction) in directions.chunks_exact_mut(depth).enumerate() {
        let Some(token) = dims.next_token(tokens, row) else { continue };
        unembed.read_column(token as usize, direction);
    }
    directions
}

/// Writes the columns of the embedding and the logit, and starts the biases' column with `b_U`.
pub fn of_streams(
    dims: &Dims,
    tokens: &[u32],
    [first, last]: [&[f32]; 2],
    unembed_bias: &[f32],
    direction: &[f32],
    attribution: &mut [f32],
) {
    let rows = dims.rows as usize;
    let (depth, columns) = (direction.len() / rows, attribution.len() / rows);
    for (row, to) in attribution.chunks_exact_mut(columns).enumerate() {
        let part = row * depth..(row + 1) * depth;
        let bias = dims.next_token(tokens, row).map_or(0.0, |token| unembed_bias[token as usize]);
        to[0] = dot(&first[part.clone()], &direction[part.clone()]);
        to[columns - 2] = bias;
        to[columns - 1] = dot(&last[part.clone()], &direction[part]) + bias;
    }
}

/// Writes the columns of a layer's heads from `z [rows, H * C]`, and adds `b_O` to the biases'.
pub fn of_heads(
    dims: &Dims,
    config: &ModelConfig,
    layer: usize,
    (z, output, bias): (&[f32], &Matrix, &[f32]),
    direction: &[f32],
    attribution: &mut [f32],
) {
    let Shapes { d_head, z: width, d_model: depth, .. } = Shapes::of(config);
    let columns = columns(config);
    for row in 0..dims.rows as usize {
        let to = &mut attribution[row * columns..][..columns];
        to[1 + layer * config.n_heads..][..config.n_heads].fill(0.0);
        to[columns - 2] += dot(bias, &direction[row * depth..][..depth]);
    }
    // Each row of W_O is widened once for all rows of z.
    let mut weights = vec![0.0; depth];
    for number in 0..width {
        output.read_row(number, &mut weights);
        let column = 1 + layer * config.n_heads + number / d_head;
        for (row, direction) in direction.chunks_exact(depth).enumerate() {
            attribution[row * columns + column] += z[row * width + number] * dot(&weights, direction);
        }
    }
}

/// A sum of products, in eight lanes that the compiler turns into SIMD. Rows are whole column tiles.
fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut lanes = [0.0; COLUMN_TILE];
    for (left, right) in left.as_chunks::<COLUMN_TILE>().0.iter().zip(right.as_chunks::<COLUMN_TILE>().0) {
        for lane in 0..COLUMN_TILE {
            lanes[lane] += left[lane] * right[lane];
        }
    }
    lanes.iter().sum()
}
