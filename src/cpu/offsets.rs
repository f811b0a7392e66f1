//! The mean weight of each offset: the first diagonals of every head's pattern of one layer.
//!
//! ```text
//! sums[block, head, k] = sum of A[q, q - k] over q >= k in the block's OFFSET_BLOCK queries
//! mean[head, k]        = sum over all blocks / (seq - k)      for k < OFFSETS; 0 where seq <= k
//! ```
//!
//! Only the blocks that have a new row are made; the others are known.
//!
//! GPU twin: `shaders/offsets.wgsl`.
//!
//! Definition: docs/definitions.md#offset.

use super::exp::exp_minus;
use super::scores::{HeadOf, Layout, Scores};
use crate::model::{Dims, ModelConfig, OFFSET_BLOCK, OFFSETS, RowStats};

/// Writes `means [H, OFFSETS]` of a layer in the first sequence, and its `sums [blocks, H, OFFSETS, 2]`: each
/// sum as the nearest f32 and what that leaves.
///
/// `qkv [rows, qkv]` and `stats [rows, H]` are those of the layer.
pub fn offsets(
    dims: &Dims,
    (config, layer): (&ModelConfig, usize),
    qkv: &[f32],
    stats: &[RowStats],
    sums: &mut [f32],
    means: &mut [f32],
) {
    // Scores of the last keys of each query only: the work grows with the text, not with its square.
    let layout = Layout::of(config, layer).within(OFFSETS);
    let seq = dims.seq as usize;
    let width = 2 * config.n_heads * OFFSETS;
    let blocks = seq.div_ceil(OFFSET_BLOCK);
    let first_block = dims.first_row as usize / OFFSET_BLOCK;
    for (head, means) in means.chunks_exact_mut(OFFSETS).enumerate() {
        let mut new = vec![[0.0_f64; OFFSETS]; blocks - first_block];
        let first_query = first_block * OFFSET_BLOCK;
        let scores = Scores::new(dims, layout, qkv, HeadOf { sequence: 0, head }, first_query);
        scores.for_each_tile(|mut tile| {
            let first_key = tile.first_key();
            for (query_pos, row) in tile.rows() {
                let RowStats { max_score, sum_exp, .. } = stats[query_pos * config.n_heads + head];
                exp_minus(&mut row[first_key..], max_score);
                let back = row[first_key..=query_pos].iter().rev();
                let sums = &mut new[query_pos / OFFSET_BLOCK - first_block];
                sums.iter_mut().zip(back).for_each(|(sum, weight)| *sum += f64::from(weight / sum_exp));
            }
        });
        for (to, new) in sums.chunks_exact_mut(width).skip(first_block).zip(&new) {
            let of_head = &mut to[2 * head * OFFSETS..][..2 * OFFSETS];
            of_head.as_chunks_mut().0.iter_mut().zip(new).for_each(|(to, sum)| *to = parts_of(*sum));
        }
        let mut all = [0.0_f64; OFFSETS];
        for block in sums.chunks_exact(width).take(blocks) {
            let of_head = &block[2 * head * OFFSETS..][..2 * OFFSETS];
            all.iter_mut().zip(of_head.as_chunks().0).for_each(|(all, parts)| *all += sum_of(*parts));
        }
        for (offset, (mean, sum)) in means.iter_mut().zip(all).enumerate() {
            *mean = if offset < seq { (sum / (seq - offset) as f64) as f32 } else { 0.0 };
        }
    }
}

/// The nearest f32, and what it leaves.
fn parts_of(sum: f64) -> [f32; 2] {
    let high = sum as f32;
    [high, (sum - f64::from(high)) as f32]
}

fn sum_of([high, low]: [f32; 2]) -> f64 {
    f64::from(high) + f64::from(low)
}
