//! Experiments on a model: repeated tokens, composition, copying.
//!
//! These modules draw the tokens, and make results of a backend's figures. The forward passes are the
//! backends', and `session` puts the two together.

mod composition;
mod copying;
mod factors;
mod folding;
mod random;
mod repeated;

pub use composition::{Composition, DeeperPair, PairScores, Ways};
pub use copying::{CopyingCounts, CopyingFactors};
pub use factors::HeadFactors;
pub use folding::StreamNorm;
pub use random::Random;
pub use repeated::{MAX_ROWS, Repeated, RepeatedTokens, Stripes, stripe_of_patterns, text_loss};
