//! Pools every head's pattern of one layer. A cell holds the largest weight that it covers.
//!
//! ```text
//! cell[head, a, b] = max of A[q, k] over q in cell a, k in cell b
//! ```
//!
//! A cell holds the largest weight, since a mean would wash a thin diagonal out. Cell `c` covers the
//! positions `c * seq / side .. (c + 1) * seq / side`. GPU twin: `shaders/thumbnails.wgsl`.
//!
//! Definition: docs/definitions.md#thumbnails.

use super::exp::{LANES, exp_minus, largest};
use super::scores::{HeadOf, Layout, Scores};
use crate::model::{Dims, ModelConfig, RowStats, THUMBNAIL_SIDE, first_cell, thumbnail_side};

/// Writes `cells [H, side, side rounded up to 4]` of a layer in the first sequence; 255 is a weight of 1.
/// `side` is `min(seq, THUMBNAIL_SIDE)`. Rows of cells before that of the first new row stay as they are.
pub fn thumbnails(
    dims: &Dims,
    (config, layer): (&ModelConfig, usize),
    qkv: &[f32],
    stats: &[RowStats],
    cells: &mut [u8],
) {
    let (side, first) = (thumbnail_side(dims.seq as usize), first_cell(dims));
    let padded = side.next_multiple_of(4);
    for (head, cells) in cells.chunks_exact_mut(side * padded).enumerate() {
        let weights = largest_weights(dims, config, (layer, head), qkv, stats);
        for (to, row) in cells.chunks_exact_mut(padded).zip(weights.chunks_exact(side)).skip(first) {
            to.iter_mut().zip(row).for_each(|(to, weight)| *to = (255.0 * weight).round() as u8);
        }
    }
}

/// Cells `[side, side]` of one head, as weights, from the cells of the first new row on.
fn largest_weights(
    dims: &Dims,
    config: &ModelConfig,
    (layer, head): (usize, usize),
    qkv: &[f32],
    stats: &[RowStats],
) -> Vec<f32> {
    let seq = dims.seq as usize;
    let side = thumbnail_side(seq);
    let starts: Vec<usize> = (0..=side).map(|cell| cell * seq / side).collect();
    let mut cells = vec![0.0; side * side];
    let mut query_cell = first_cell(dims);
    let scores =
        Scores::new(dims, Layout::of(config, layer), qkv, HeadOf { sequence: 0, head }, starts[query_cell]);
    scores.for_each_tile(|mut tile| {
        for (query_pos, row) in tile.rows() {
            if query_pos == starts[query_cell + 1] {
                query_cell += 1;
            }
            // The largest weight has the largest score: one exponential a cell.
            let mut best = [f32::NEG_INFINITY; THUMBNAIL_SIDE.next_multiple_of(LANES)];
            for (best, range) in best.iter_mut().zip(starts.windows(2)) {
                let Some(scores) = row.get(range[0]..range[1].min(query_pos + 1)) else { break };
                *best = largest(scores);
            }
            let RowStats { max_score, sum_exp, .. } = stats[query_pos * config.n_heads + head];
            exp_minus(&mut best, max_score);
            for (cell, weight) in cells[query_cell * side..][..side].iter_mut().zip(best) {
                *cell = largest(&[*cell, weight / sum_exp]);
            }
        }
    });
    cells
}
