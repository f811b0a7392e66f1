//! Experiments on a model: DEFINITIONS.md, "The repeated-sequence experiment" and "Interventions and circuits".
//!
//! What is drawn beforehand and what is made of a backend's figures afterwards. The forward passes
//! themselves are the backends', and `session` puts the two together.

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
