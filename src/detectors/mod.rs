//! Scores that tell the kind of each head. docs/definitions.md defines each of them.
//!
//! A detector is a pure function of the text's tokens and of the figures that the attention pass
//! leaves for each query ([`RowStats`]) and each offset. It needs neither patterns nor the model.
//! [`detect`] takes microseconds, so that a threshold can follow a slider.
//!
//! ARENA's notebook is "Finding induction heads", of ARENA 3.0, chapter 1.2.
//!
//! An undefined score, such as the previous-token mean of a single token, is `None`. No score is NaN.
//!
//! To add a detector, write a module like `token_matching`, and name it here: as a `mod`, as a field of
//! [`Figures`], and in `Figures::of`. Its figures of every head and of the uniform baseline then reach
//! JavaScript under the field's name.

mod dominant;
mod head_detector;
mod heads;
mod mean;
mod neuronpedia;
mod offset;
mod row_stats;
mod thresholds;
mod token_matching;
mod uniform;

use serde::Serialize;

use self::heads::{AllHeads, Heads, Text};
use self::uniform::uniform_head;
use crate::error::{Error, Result};
use crate::model::{OFFSETS, RowStats};

pub use self::dominant::Dominant;
pub use self::head_detector::{HeadPatterns, MulAbs};
pub use self::heads::{Candidates, Scores, heads_above};
pub use self::offset::Offset;
pub use self::row_stats::{offsets_of_patterns, row_stats_of_patterns};
pub use self::thresholds::Thresholds;
pub use self::token_matching::TokenMatching;

/// The figures of every detector that names no heads itself.
///
/// `T` is [`Scores`] for a model, and `Option<f64>` for one head.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figures<T> {
    /// The candidate's mean weight.
    pub mean: Candidates<T>,
    /// The mean weight on the tokens after earlier occurrences, and on the occurrences.
    pub token_matching: TokenMatching<T>,
    /// TransformerLens' `detect_head`.
    pub head_detector: HeadPatterns<MulAbs<T>>,
    /// Neuronpedia's induction score.
    pub neuronpedia_induction: T,
    /// The distance that a head looks back, and its mean weight there.
    pub offset: Offset<T>,
}

impl<T> Figures<T> {
    fn of(heads: &impl Heads<Score = T>, text: &Text) -> Self {
        Figures {
            mean: mean::judge(heads),
            token_matching: token_matching::judge(heads, text),
            head_detector: head_detector::judge(heads, text),
            neuronpedia_induction: neuronpedia::judge(heads, text),
            offset: offset::judge(heads, text),
        }
    }
}

/// Every detector's figures for every head, and the uniform baseline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detection {
    /// How often the candidate has the row's largest weight.
    pub dominant: Candidates<Dominant>,
    /// The other detectors.
    #[serde(flatten)]
    pub figures: Figures<Scores>,
    /// The same figures of uniform causal attention on this text.
    #[serde(rename = "null")]
    pub uniform: UniformBaseline,
}

/// Every detector's figure for one head of uniform causal attention.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct UniformBaseline {
    /// Share of counted rows. All weights of a row are equal: a row counts when they are above `active`.
    pub dominant: Candidates<f64>,
    /// The other detectors.
    #[serde(flatten)]
    pub figures: Figures<Option<f64>>,
    /// Figures that are above the detector's threshold.
    pub passes: UniformPasses,
}

/// Whether uniform attention passes a detector's threshold, so that naming a head means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct UniformPasses {
    /// The dominant-weight detector. With the default thresholds, true of texts of up to 6 tokens.
    pub dominant: Candidates<bool>,
    /// The mean-score detector.
    pub mean: Candidates<bool>,
}

/// Makes all detectors' figures for one sequence.
///
/// `stats` is `[layer, query_pos, head]` of `tokens.len()` queries, as the attention pass writes it, and
/// `offsets` is `[layer, head, offset]` of [`OFFSETS`] offsets.
///
/// # Errors
/// [`Error::EmptyInput`] when there is no token.
///
/// # Panics
/// When one is not of that shape.
pub fn detect(
    stats: &[RowStats],
    offsets: &[f32],
    n_layers: usize,
    n_heads: usize,
    tokens: &[u32],
    thresholds: &Thresholds,
) -> Result<Detection> {
    let seq = tokens.len();
    assert_eq!(stats.len(), n_layers * seq * n_heads, "row statistics are [layer, query_pos, head]");
    assert_eq!(offsets.len(), n_layers * n_heads * OFFSETS, "offsets are [layer, head, offset]");
    if seq == 0 {
        return Err(Error::EmptyInput {});
    }
    let text = Text::of(tokens);
    let heads = AllHeads::of(stats, offsets, n_heads, seq);
    Ok(Detection {
        dominant: dominant::judge(&heads, thresholds),
        figures: Figures::of(&heads, &text),
        uniform: uniform_baseline(&text, thresholds),
    })
}

fn uniform_baseline(text: &Text, thresholds: &Thresholds) -> UniformBaseline {
    let head = uniform_head(text);
    let dominant = dominant::fractions(&head, thresholds.active);
    let figures = Figures::of(&head, text);
    let passes = UniformPasses {
        dominant: dominant.map(|fraction| fraction > thresholds.fraction),
        mean: figures.mean.map(|score| score.is_some_and(|score| score > thresholds.mean)),
    };
    UniformBaseline { dominant, figures, passes }
}
