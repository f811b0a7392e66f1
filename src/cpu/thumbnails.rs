//! Every head's pattern of one layer, small: each cell is the largest weight it covers.
//!
//! ```text
//! cell[head, a, b] = max of A[q, k] over q in cell a, k in cell b, k <= q
//! ```
//!
//! The largest and not the mean, which would wash a thin diagonal out. Cell `c` covers positions
//! `c * seq / side .. (c + 1) * seq / side`. GPU twin: `shaders/thumbnails.wgsl`.

use super::exp::{LANES, exp_minus, largest};
use super::scores::{Layout, Place, Scores};
use crate::model::{Dims, ModelConfig, RowStats, THUMBNAIL_SIDE};

/// Thumbnails `[H, side, side]` of a layer in the first sequence, 255 being a weight of 1; `side`
/// is `min(seq, THUMBNAIL_SIDE)`.
pub fn thumbnails(dims: &Dims, config: &ModelConfig, qkv: &[f32], stats: &[RowStats]) -> Vec<u8> {
    let mut cells = Vec::new();
    for head in 0..config.n_heads {
        let weights = largest_weights(dims, config, head, qkv, stats);
        cells.extend(weights.iter().map(|weight| (255.0 * weight).round() as u8));
    }
    cells
}

/// Cells `[side, side]` of one head, as weights.
fn largest_weights(
    dims: &Dims,
    config: &ModelConfig,
    head: usize,
    qkv: &[f32],
    stats: &[RowStats],
) -> Vec<f32> {
    let seq = dims.seq as usize;
    let side = seq.min(THUMBNAIL_SIDE);
    let starts: Vec<usize> = (0..=side).map(|cell| cell * seq / side).collect();
    let mut cells = vec![0.0; side * side];
    let mut query_cell = 0;
    let scores = Scores::new(dims, Layout::of(config), qkv, Place { sequence: 0, head }, 0);
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
