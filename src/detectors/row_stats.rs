//! The detectors' ingredients, made from whole patterns that were computed elsewhere.

use crate::model::{LARGE_WEIGHT, OFFSETS, RowStats};

/// The row statistics that the attention pass leaves for these patterns.
///
/// `patterns` is `[layer, head, query_pos, key_pos]` of one sequence; the result is
/// `[layer, query_pos, head]`. A pattern tells only the differences between its scores. The scores
/// here are the logarithms of the weights, so `max_score` is the logarithm of the largest.
///
/// # Panics
/// When `patterns` is not of that shape.
pub fn row_stats_of_patterns(patterns: &[f32], n_heads: usize, tokens: &[u32]) -> Vec<RowStats> {
    let seq = tokens.len();
    if seq == 0 {
        return Vec::new();
    }
    let layer_len = n_heads * seq * seq;
    assert_eq!(patterns.len() % layer_len, 0, "patterns are [layer, head, query_pos, key_pos]");
    let mut stats = Vec::with_capacity(patterns.len() / seq);
    for layer in patterns.chunks_exact(layer_len) {
        for query_pos in 0..seq {
            for pattern in layer.chunks_exact(seq * seq) {
                let row = &pattern[query_pos * seq..][..=query_pos];
                stats.push(row_stats(row, tokens));
            }
        }
    }
    stats
}

/// Ingredients of one row, given its weights up to the diagonal.
fn row_stats(row: &[f32], tokens: &[u32]) -> RowStats {
    let query_pos = row.len() - 1;
    let top = row.iter().copied().fold(0.0, f32::max);
    let after = |key_pos: usize| f64::from(row[key_pos + 1]);
    let matches = || (0..query_pos).filter(|&key_pos| tokens[key_pos] == tokens[query_pos]);
    RowStats {
        top,
        current: row[query_pos],
        previous: row[query_pos.saturating_sub(1)],
        first: row[0],
        induction: matches().map(after).sum::<f64>() as f32,
        duplicate: matches().map(|key_pos| f64::from(row[key_pos])).sum::<f64>() as f32,
        induction_large: matches().map(after).filter(|&weight| weight >= LARGE_WEIGHT.into()).sum::<f64>()
            as f32,
        max_score: top.ln(),
        sum_exp: 1.0 / top,
    }
}

/// The mean weight of each offset, `[layer, head, offset]`, that a run leaves for these patterns: the mean of
/// `A[q, q - offset]` over `q >= offset`, and 0 where no query has such a key.
///
/// `patterns` is `[layer, head, query_pos, key_pos]` of one sequence of `seq` tokens.
pub fn offsets_of_patterns(patterns: &[f32], seq: usize) -> Vec<f32> {
    let mean = |pattern: &[f32], offset: usize| {
        let weights = (offset..seq).map(|query_pos| f64::from(pattern[query_pos * seq + query_pos - offset]));
        if offset < seq { (weights.sum::<f64>() / (seq - offset) as f64) as f32 } else { 0.0 }
    };
    let means = |pattern| (0..OFFSETS).map(move |offset| mean(pattern, offset));
    patterns.chunks_exact((seq * seq).max(1)).flat_map(means).collect()
}
