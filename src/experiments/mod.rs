//! Experiments on a model: DEFINITIONS.md, "The repeated-sequence experiment" and "Interventions and
//! circuits".
//!
//! This folder draws the tokens, and turns a backend's figures into scores. The backends run the forward
//! passes, and `session` puts the two together.

mod composition;
mod copying;
mod factors;
mod random;
mod repeated;

pub use composition::{Composition, DeeperPair, PairScores, Ways};
pub use copying::{CopyingCounts, CopyingFactors};
pub use factors::HeadFactors;
pub use random::Random;
pub use repeated::{MAX_ROWS, Repeated, RepeatedTokens, Stripes, stripe_of_patterns, text_loss};
