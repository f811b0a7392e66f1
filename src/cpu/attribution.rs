//! How much each component of the residual stream adds to a direction of its end.
//!
//! ```text
//! direction[row, :]          = W_U[:, target] - W_U[:, subtracted], which the caller may fold a norm into
//! attribution[row, embed]    = resid_pre.0[row, :] . direction[row, :]
//! attribution[row, l.h]      = (z[row, h, :] W_O[h]) . direction[row, :]
//! attribution[row, l.mlp]    = (resid_pre.l+1 - resid_pre.l - b_O[l] - b_out[l])[row, :] . direction[row, :]
//!                              - sum over h of attribution[row, l.h]
//! attribution[row, bias]     = (sum over l of b_O[l] + b_out[l]) . direction[row, :]
//! attribution[row, sum]      = resid_post.last[row, :] . direction[row, :]
//! ```
//!
//! The columns before the last sum to the last. GPU twin: `shaders/attribution.wgsl`.
//!
//! Definition: docs/definitions.md#direct-logit-attribution.

use super::Matrix;
use super::share::read_columns;
use crate::model::{COLUMN_TILE, Dims, ModelConfig, NO_TOKEN, Shapes};

/// Makes `direction [rows, D]` of each row's target and subtracted token.
pub fn directions(targets: &[[u32; 2]], unembed: &Matrix) -> Vec<f32> {
    let wanted = |&token: &u32| token != NO_TOKEN;
    let tokens: Vec<u32> = targets.as_flattened().iter().copied().filter(wanted).collect();
    directions_of(targets, unembed.rows(), &read_columns(unembed, &tokens))
}

/// Makes `direction [rows, depth]` of the columns of each token that is one, in order, `[tokens, depth]`.
pub(super) fn directions_of(targets: &[[u32; 2]], depth: usize, columns: &[f32]) -> Vec<f32> {
    let mut directions = vec![0.0; targets.len() * depth];
    let mut columns = columns.chunks_exact(depth);
    for (&[target, subtracted], direction) in targets.iter().zip(directions.chunks_exact_mut(depth)) {
        for (token, sign) in [(target, 1.0), (subtracted, -1.0)] {
            let column = if token == NO_TOKEN { None } else { columns.next() };
            for (to, value) in direction.iter_mut().zip(column.unwrap_or_default()) {
                *to += sign * value;
            }
        }
    }
    directions
}

/// Writes the columns of the embedding and of the sum, and starts the biases' column with 0.
pub fn of_streams(
    config: &ModelConfig,
    [first, last]: [&[f32]; 2],
    direction: &[f32],
    attribution: &mut [f32],
) {
    let columns = config.attribution_columns();
    let depth = Shapes::of(config).d_model;
    for (row, to) in attribution.chunks_exact_mut(columns).enumerate() {
        let part = row * depth..(row + 1) * depth;
        to[0] = dot(&first[part.clone()], &direction[part.clone()]);
        to[columns - 2] = 0.0;
        to[columns - 1] = dot(&last[part.clone()], &direction[part]);
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
    let columns = config.attribution_columns();
    let first = 1 + layer * config.layer_components();
    for row in 0..dims.rows as usize {
        let to = &mut attribution[row * columns..][..columns];
        to[first..][..config.n_heads].fill(0.0);
        to[columns - 2] += dot(bias, &direction[row * depth..][..depth]);
    }
    // Each row of W_O is widened once for all rows of z.
    let mut weights = vec![0.0; depth];
    for number in 0..width {
        output.read_row(number, &mut weights);
        let column = first + number / d_head;
        for (row, direction) in direction.chunks_exact(depth).enumerate() {
            attribution[row * columns + column] += z[row * width + number] * dot(&weights, direction);
        }
    }
}

/// Writes the column of a layer's MLP from the streams `[rows, D]` before and after the layer, and adds
/// `b_out` to the biases'. The layer's heads have been written.
pub fn of_mlp(
    config: &ModelConfig,
    layer: usize,
    [before, after]: [&[f32]; 2],
    [output_bias, mlp_bias]: [&[f32]; 2],
    direction: &[f32],
    attribution: &mut [f32],
) {
    let columns = config.attribution_columns();
    let depth = Shapes::of(config).d_model;
    let first = 1 + layer * config.layer_components();
    let mut written = vec![0.0; depth];
    for (row, to) in attribution.chunks_exact_mut(columns).enumerate() {
        let part = row * depth..(row + 1) * depth;
        for (d, written) in written.iter_mut().enumerate() {
            *written = after[row * depth + d] - before[row * depth + d] - output_bias[d] - mlp_bias[d];
        }
        let heads: f32 = to[first..first + config.n_heads].iter().sum();
        to[first + config.n_heads] = dot(&written, &direction[part.clone()]) - heads;
        to[columns - 2] += dot(mlp_bias, &direction[part]);
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
