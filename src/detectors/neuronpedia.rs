//! Neuronpedia's induction score: token matching without the weights below .01.
//!
//! Definition: docs/definitions.md#neuronpedia.

use super::heads::{Heads, Text};
use super::token_matching::mean_over_repeats;

/// The score of each head; undefined when no token occurs twice.
pub(super) fn judge<H: Heads>(heads: &H, text: &Text) -> H::Score {
    heads.score(|rows| mean_over_repeats(rows, text, |row| row.induction_large))
}
