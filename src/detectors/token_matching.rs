//! Definition 4: weights on earlier occurrences of the query's token, for pasted text.

use std::collections::HashMap;

use serde::Serialize;

use crate::model::RowStats;

/// The two things a token-matching head looks at, and a figure for each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TokenMatching<T> {
    /// The tokens that followed earlier occurrences of the query's token.
    pub induction: T,
    /// The earlier occurrences themselves.
    pub duplicate: T,
}

/// For each query, how many earlier positions hold its token.
pub(super) fn earlier_matches(tokens: &[u32]) -> Vec<usize> {
    let mut seen: HashMap<u32, usize> = HashMap::new();
    tokens
        .iter()
        .map(|&token| {
            let count = seen.entry(token).or_default();
            *count += 1;
            *count - 1
        })
        .collect()
}

/// Mean, over the queries whose token occurred before, of the weight on what followed it;
/// undefined when no token occurs twice.
pub(super) fn induction(rows: &[RowStats], earlier: &[usize]) -> Option<f64> {
    mean_over_repeats(rows, earlier, |row| row.induction)
}

/// Mean, over the same queries, of the weight on the earlier occurrences.
pub(super) fn duplicate(rows: &[RowStats], earlier: &[usize]) -> Option<f64> {
    mean_over_repeats(rows, earlier, |row| row.duplicate)
}

fn mean_over_repeats(rows: &[RowStats], earlier: &[usize], weight: impl Fn(&RowStats) -> f32) -> Option<f64> {
    let repeats = rows.iter().zip(earlier).filter(|&(_, &matches)| matches > 0);
    let (sum, count) =
        repeats.fold((0.0, 0_usize), |(sum, count), (row, _)| (sum + f64::from(weight(row)), count + 1));
    (count > 0).then(|| sum / count as f64)
}
