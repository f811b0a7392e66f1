//! The repeated-sequence experiment: `[BOS, x, x]` with random `x`, whose second copy only a model that
//! looks back can predict.
//!
//! Definitions: docs/definitions.md#repeated-tokens, docs/definitions.md#induction-stripe.

use serde::Serialize;

use super::random::Random;
use crate::error::{Error, Result};

/// Most rows of a batch, so that the activations of a full-size model fit a browser's memory.
pub const MAX_ROWS: usize = 1 << 14;

/// The tokens of a repeated-sequence experiment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatedTokens {
    /// Tokens of `x`.
    pub seq_len: usize,
    /// `[BOS, x, x]`, one sequence after another.
    pub ids: Vec<u32>,
}

impl RepeatedTokens {
    /// Draws `batch` sequences `x` of `seq_len` ids from `choices`, uniformly.
    ///
    /// # Errors
    /// [`Error::EmptyInput`] for a batch of 0 or no choices; [`Error::TooFewTokens`] for a `seq_len`
    /// below 2, which leaves nothing to predict; [`Error::BatchTooLarge`].
    pub fn draw(seq_len: usize, batch: usize, seed: u32, bos: u32, choices: &[u32]) -> Result<Self> {
        check(seq_len, batch)?;
        if choices.is_empty() {
            return Err(Error::EmptyInput {});
        }
        let mut random = Random::new(seed);
        let mut ids = Vec::with_capacity(batch * (1 + 2 * seq_len));
        for _ in 0..batch {
            let x: Vec<u32> = (0..seq_len).map(|_| choices[random.below(choices.len())]).collect();
            ids.push(bos);
            ids.extend_from_slice(&x);
            ids.extend_from_slice(&x);
        }
        Ok(RepeatedTokens { seq_len, ids })
    }

    /// Takes the given rows. Each is a first token, then the same tokens twice.
    ///
    /// # Errors
    /// [`Error::NotRepeated`] for a row that does not repeat or has another length than the first;
    /// those of [`draw`](Self::draw).
    pub fn given(rows: &[Vec<u32>]) -> Result<Self> {
        let seq_len = rows.first().map_or(0, |row| row.len().saturating_sub(1) / 2);
        check(seq_len, rows.len())?;
        let repeats = |row: &Vec<u32>| row.len() == 1 + 2 * seq_len && row[1..=seq_len] == row[1 + seq_len..];
        match rows.iter().position(|row| !repeats(row)) {
            Some(row) => Err(Error::NotRepeated { row, expected: 1 + 2 * seq_len, found: rows[row].len() }),
            None => Ok(RepeatedTokens { seq_len, ids: rows.concat() }),
        }
    }

    /// Tokens of each sequence, BOS included.
    pub fn seq(&self) -> usize {
        1 + 2 * self.seq_len
    }

    /// Number of sequences.
    pub fn batch(&self) -> usize {
        self.ids.len() / self.seq()
    }

    /// Distance from a query back to the key that followed the query's token in the first copy.
    pub fn offset(&self) -> usize {
        self.seq_len - 1
    }

    /// The first position with a predictable next token: the first token of the second copy, whose
    /// next token followed it in the first copy.
    pub fn first_known(&self) -> usize {
        1 + self.seq_len
    }

    /// Loss in nats: minus the mean log-probability of the last `seq_len - 1` tokens, which a model that
    /// looks back can predict. `log_probs` is `[row]`.
    pub fn loss(&self, log_probs: &[f32]) -> f64 {
        let sequences = log_probs.chunks_exact(self.seq());
        -mean(sequences.flat_map(|row| &row[self.first_known()..2 * self.seq_len]).copied())
    }
}

fn check(seq_len: usize, batch: usize) -> Result<()> {
    if batch == 0 {
        return Err(Error::EmptyInput {});
    }
    if seq_len < 2 {
        let what = "one copy of a repeated sequence".to_owned();
        return Err(Error::TooFewTokens { what, needed: 2, found: seq_len });
    }
    let expected = MAX_ROWS / (1 + 2 * seq_len);
    // A single sequence is limited by the model's positions alone.
    if batch > expected.max(1) {
        return Err(Error::BatchTooLarge { expected: expected.max(1), found: batch });
    }
    Ok(())
}

/// The stripe of a layer's patterns: the weight on the key `offset` before each query.
///
/// `patterns` is `[head, query_pos, key_pos]`, computed elsewhere; the result is `[query_pos, head]`.
pub fn stripe_of_patterns(patterns: &[f32], seq: usize, offset: usize) -> Vec<f32> {
    let heads = patterns.chunks_exact(seq * seq);
    let weight = |query_pos: usize, pattern: &[f32]| match query_pos.checked_sub(offset) {
        Some(key_pos) => pattern[query_pos * seq + key_pos],
        None => 0.0,
    };
    (0..seq).flat_map(|query_pos| heads.clone().map(move |pattern| weight(query_pos, pattern))).collect()
}

/// The induction scores of every head, `[layer][head]`.
///
/// Standard deviations are those of the batch itself: the sum of squares is divided by the batch size.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stripes {
    /// The induction stripe of ARENA's notebook: the mean of the whole diagonal at offset
    /// `-(seq_len - 1)`, mean over the batch.
    pub stripe: Vec<Vec<f64>>,
    /// The strict induction score: the mean of the entries whose query is in the second copy, mean over
    /// the batch.
    pub strict: Vec<Vec<f64>>,
    /// Standard deviation of `strict` over the batch.
    pub sd: Vec<Vec<f64>>,
    /// Standard deviation of `stripe` over the batch.
    pub stripe_sd: Vec<Vec<f64>>,
}

impl Stripes {
    /// The scores, from a backend's stripe `[layer, row, head]` at [`RepeatedTokens::offset`].
    pub fn of(tokens: &RepeatedTokens, n_heads: usize, stripe: &[f32]) -> Self {
        let mut stripes =
            Stripes { stripe: Vec::new(), strict: Vec::new(), sd: Vec::new(), stripe_sd: Vec::new() };
        for layer in stripe.chunks_exact(tokens.ids.len() * n_heads) {
            let heads: Vec<HeadStripe> =
                (0..n_heads).map(|head| HeadStripe::of(tokens, n_heads, head, layer)).collect();
            stripes.stripe.push(heads.iter().map(|head| head.stripe).collect());
            stripes.strict.push(heads.iter().map(|head| head.strict).collect());
            stripes.sd.push(heads.iter().map(|head| head.sd).collect());
            stripes.stripe_sd.push(heads.iter().map(|head| head.stripe_sd).collect());
        }
        stripes
    }
}

struct HeadStripe {
    stripe: f64,
    strict: f64,
    sd: f64,
    stripe_sd: f64,
}

impl HeadStripe {
    /// One head's scores, from a layer's stripe `[row, head]`.
    fn of(tokens: &RepeatedTokens, n_heads: usize, head: usize, layer: &[f32]) -> Self {
        let sequences = layer.chunks_exact(tokens.seq() * n_heads);
        let (stripes, stricts): (Vec<f64>, Vec<f64>) = sequences
            .map(|sequence| {
                let weight = |query_pos: usize| sequence[query_pos * n_heads + head];
                let stripe = mean((tokens.offset()..tokens.seq()).map(weight));
                let strict = mean((1 + tokens.seq_len..tokens.seq()).map(weight));
                (stripe, strict)
            })
            .unzip();
        let ((stripe, stripe_sd), (strict, sd)) = (mean_and_sd(&stripes), mean_and_sd(&stricts));
        HeadStripe { stripe, strict, sd, stripe_sd }
    }
}

/// Mean and standard deviation of scores, one a sequence.
fn mean_and_sd(scores: &[f64]) -> (f64, f64) {
    let count = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / count;
    let squares = scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>();
    (mean, (squares / count).sqrt())
}

/// The result of a repeated-sequence experiment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Repeated {
    /// The sequences, each `[BOS, x, x]`.
    pub tokens: Vec<Vec<u32>>,
    /// Log-probability of each token but the first, `[sequence][2 * seq_len]`, in nats.
    pub log_probs: Vec<Vec<f32>>,
    /// Their mean over the first copies.
    pub mean_first: f64,
    /// Their mean over the second copies.
    pub mean_second: f64,
    /// Every head's induction scores.
    #[serde(flatten)]
    pub stripes: Stripes,
}

impl Repeated {
    /// The figures, from a run's `log_probs [row]` and its stripes.
    pub fn of(tokens: &RepeatedTokens, log_probs: &[f32], stripes: Stripes) -> Self {
        let rows = log_probs.chunks_exact(tokens.seq());
        let log_probs: Vec<Vec<f32>> = rows.map(|row| row[..2 * tokens.seq_len].to_vec()).collect();
        let half = |range: std::ops::Range<usize>| {
            mean(log_probs.iter().flat_map(|row| row[range.clone()].iter().copied()))
        };
        Repeated {
            tokens: tokens.ids.chunks_exact(tokens.seq()).map(<[u32]>::to_vec).collect(),
            mean_first: half(0..tokens.seq_len),
            mean_second: half(tokens.seq_len..2 * tokens.seq_len),
            log_probs,
            stripes,
        }
    }
}

/// Loss in nats of an ordinary text: minus the mean of all its log-probabilities, `[seq - 1]`.
///
/// # Errors
/// [`Error::TooFewTokens`] for a single token, which has no known next token.
pub fn text_loss(log_probs: &[f32]) -> Result<f64> {
    if log_probs.is_empty() {
        return Err(Error::TooFewTokens { what: "a loss".to_owned(), needed: 2, found: 1 });
    }
    Ok(-mean(log_probs.iter().copied()))
}

/// The mean of at least one number.
fn mean(values: impl Iterator<Item = f32>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| (sum + f64::from(value), count + 1));
    sum / count as f64
}
