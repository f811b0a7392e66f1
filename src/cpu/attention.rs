//! Attention of every head of one layer: z, and the detectors' ingredients.
//!
//! ```text
//! score[q, k] = dot(query[q], key[k]) * scale      for k <= q and q - k < window
//! A[q, k]     = exp(score[q, k] - m) / sum over k of exp(score[q, k] - m)
//! z[q]        = sum over k of A[q, k] * value[k]
//! ```
//!
//! with `m` the row's largest score. Four rows of one head's pattern exist at a time, never more.
//! GPU twin: `shaders/attention.wgsl`.

use std::collections::HashMap;

use super::exp::{exp_minus, largest};
use super::scores::{HeadOf, Layout, Scores};
use super::tile::{COLUMNS, ROWS, multiply};
use crate::model::{Dims, LARGE_WEIGHT, ModelConfig, RowStats};

/// Writes the new rows of `z [rows, H * C]` and `stats [rows, H]` of a layer from its `qkv [rows, qkv]`.
pub fn attention(
    dims: &Dims,
    (config, layer): (&ModelConfig, usize),
    tokens: &[u32],
    qkv: &[f32],
    z: &mut [f32],
    stats: &mut [RowStats],
) {
    let layout = Layout::of(config, layer);
    let seq = dims.seq as usize;
    for (sequence, tokens) in tokens.chunks_exact(seq).enumerate() {
        let before = same_token_before(tokens);
        for head in 0..config.n_heads {
            attend(dims, layout, HeadOf { sequence, head }, &before, qkv, z, stats);
        }
    }
}

/// One head of one sequence.
fn attend(
    dims: &Dims,
    layout: Layout,
    head_of: HeadOf,
    same_token_before: &[Option<usize>],
    qkv: &[f32],
    z: &mut [f32],
    stats: &mut [RowStats],
) {
    let HeadOf { sequence, head } = head_of;
    let seq = dims.seq as usize;
    let values = value_panels(dims, layout, qkv, head_of);
    let mut columns = vec![[0.0; ROWS]; seq];

    let scores = Scores::new(dims, layout, qkv, head_of, dims.first_row as usize);
    scores.for_each_tile(|mut tile| {
        let queries = tile.queries();
        let first_key = tile.first_key();
        // The weights of each key for all four queries, up to the last query's own key.
        let columns = &mut columns[..queries.end];
        let mut inverse = [0.0; ROWS];
        for (lane, (query_pos, row)) in tile.rows().enumerate() {
            let max_score = largest(&row[first_key..]);
            let sum_exp = exp_minus(&mut row[first_key..], max_score);
            row[..first_key].fill(0.0);
            inverse[lane] = 1.0 / sum_exp;
            stats[(sequence * seq + query_pos) * layout.n_heads() + head] =
                row_stats(query_pos, row, max_score, sum_exp, same_token_before);
            for (column, &weight) in columns.iter_mut().zip(&*row) {
                column[lane] = weight;
            }
        }
        for (index, panel) in values.chunks_exact(seq).enumerate() {
            let sums = multiply(&columns[first_key..], &panel[first_key..]);
            let from = head * layout.d_head() + index * COLUMNS;
            let real = COLUMNS.min(layout.d_head() - index * COLUMNS);
            for (lane, query_pos) in queries.clone().enumerate() {
                let at = (sequence * seq + query_pos) * layout.z() + from;
                for (to, sum) in z[at..at + real].iter_mut().zip(&sums[lane]) {
                    *to = sum * inverse[lane];
                }
            }
        }
    });
}

/// The detectors' ingredients of a row, from `exp(score - m)` of each key. All weights are divided by the
/// same sum, so keys with equal scores have equal weights.
fn row_stats(
    query_pos: usize,
    row: &[f32],
    max_score: f32,
    sum_exp: f32,
    same_token_before: &[Option<usize>],
) -> RowStats {
    let mut induction = 0.0;
    let mut duplicate = 0.0;
    let mut induction_large = 0.0;
    let mut key = same_token_before[query_pos];
    while let Some(key_pos) = key {
        induction += row[key_pos + 1];
        let weight = row[key_pos + 1] / sum_exp;
        induction_large += if weight >= LARGE_WEIGHT { weight } else { 0.0 };
        duplicate += row[key_pos];
        key = same_token_before[key_pos];
    }
    RowStats {
        top: 1.0 / sum_exp,
        current: row[query_pos] / sum_exp,
        previous: row[query_pos.saturating_sub(1)] / sum_exp,
        first: row[0] / sum_exp,
        induction: induction / sum_exp,
        duplicate: duplicate / sum_exp,
        induction_large,
        max_score,
        sum_exp,
    }
}

/// The last earlier position with the same token, for each position.
fn same_token_before(tokens: &[u32]) -> Vec<Option<usize>> {
    let mut last = HashMap::new();
    tokens.iter().enumerate().map(|(position, &token)| last.insert(token, position)).collect()
}

/// A head's values as `[C / COLUMNS][seq]` of `[COLUMNS]`, the last panel filled with zeros.
fn value_panels(dims: &Dims, layout: Layout, qkv: &[f32], head_of: HeadOf) -> Vec<[f32; COLUMNS]> {
    let seq = dims.seq as usize;
    let mut panels = vec![[0.0; COLUMNS]; layout.d_head().div_ceil(COLUMNS) * seq];
    for (key_pos, value) in layout.values(dims, qkv, head_of).enumerate() {
        for (index, part) in value.chunks(COLUMNS).enumerate() {
            panels[index * seq + key_pos][..part.len()].copy_from_slice(part);
        }
    }
    panels
}
