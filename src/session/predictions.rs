//! What the model predicts after a position.
//!
//! Definition: docs/definitions.md#predictions.

use serde::Serialize;

use super::Run;
use crate::error::Result;

/// The next tokens that a model expects, and the one that does follow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Predictions {
    /// The most probable next tokens, the likeliest first; of equally likely ones the smaller id.
    pub tokens: Vec<Predicted>,
    /// The token that follows in the text; none after the last one.
    pub target: Option<Target>,
}

/// A token that may follow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Predicted {
    /// Its id.
    pub id: u32,
    /// The text that the id alone decodes to; without a tokenizer, the id in digits.
    pub piece: String,
    /// Its probability, from 0 to 1.
    pub probability: f64,
}

/// The token that does follow.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Its id.
    pub id: u32,
    /// The text that the id alone decodes to; without a tokenizer, the id in digits.
    pub piece: String,
    /// The natural logarithm of its probability.
    pub log_prob: f64,
    /// 1 for the most probable token: one more than the number of tokens with a larger logit.
    pub rank: usize,
}

impl Run {
    /// The `k` most probable tokens after a position, and the token that does follow.
    ///
    /// # Errors
    /// [`Error::PositionOutOfRange`](crate::Error::PositionOutOfRange),
    /// [`Error::TokenizerInvalid`](crate::Error::TokenizerInvalid), and the errors of the backend.
    pub async fn predictions(&self, position: usize, k: usize) -> Result<Predictions> {
        let logits = self.logits(position).await?;
        let normalizer = log_sum_exp(&logits);
        let log_prob = |id: u32| f64::from(logits[id as usize]) - normalizer;
        let likeliest = largest(&logits, k);
        let next = self.ids().get(position + 1).copied();
        let asked: Vec<u32> = likeliest.iter().copied().chain(next).collect();
        let mut pieces = self.pieces(&asked)?;
        let target = next.map(|id| Target {
            id,
            piece: pieces.pop().unwrap_or_default(),
            log_prob: log_prob(id),
            rank: 1 + logits.iter().filter(|&&logit| logit > logits[id as usize]).count(),
        });
        let predicted = |(id, piece): (u32, String)| Predicted { id, piece, probability: log_prob(id).exp() };
        let tokens = likeliest.into_iter().zip(pieces).map(predicted).collect();
        Ok(Predictions { tokens, target })
    }
}

/// The indices of the `k` largest values, the largest first; of equal values the smaller index.
fn largest(values: &[f32], k: usize) -> Vec<u32> {
    let mut indices: Vec<u32> = (0..values.len() as u32).collect();
    let before =
        |a: &u32, b: &u32| values[*b as usize].total_cmp(&values[*a as usize]).then_with(|| a.cmp(b));
    let k = k.min(indices.len());
    if k < indices.len() {
        indices.select_nth_unstable_by(k, before);
        indices.truncate(k);
    }
    indices.sort_unstable_by(before);
    indices
}

/// `log(sum of exp(value))`.
fn log_sum_exp(values: &[f32]) -> f64 {
    let largest = f64::from(values.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    largest + values.iter().map(|&value| (f64::from(value) - largest).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_come_first_and_of_equal_ones_the_smaller_index() {
        let values = [0.5, 2.0, -1.0, 2.0, 1.0];
        assert_eq!(largest(&values, 3), [1, 3, 4]);
        assert_eq!(largest(&values, 1), [1]);
        assert_eq!(largest(&values, 0), [] as [u32; 0]);
        assert_eq!(largest(&values, 99), [1, 3, 4, 0, 2]);
    }

    #[test]
    fn the_log_of_a_sum_of_exponentials_does_not_overflow() {
        assert!((log_sum_exp(&[0.0; 4]) - 4f64.ln()).abs() < 1e-12);
        assert!((log_sum_exp(&[1e4, 1e4]) - (1e4 + 2f64.ln())).abs() < 1e-9);
    }
}
