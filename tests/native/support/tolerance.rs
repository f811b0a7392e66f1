//! Largest differences allowed between two figures, and why.

/// Any figure of a forward pass against TransformerLens in float64. A sum of K products in f32 is off by
/// about `sqrt(K) * 6e-8` of its terms' size: 5e-6 here, for logits of size 10 and K = 66; the rest is the
/// room that Vulkan grants `exp` (3 + 2 |x| units in the last place).
pub const FORWARD: f32 = 1e-4;
/// A stream, a logit or a log-probability of a model with MLPs against float64: logits reach 30, and each
/// layer adds its own rounding.
pub const STREAM: f32 = 1e-3;
/// A mean of pattern entries against TransformerLens in float64.
pub const PATTERN_MEAN: f64 = 1e-4;
/// Any other figure of an experiment: a mean of log-probabilities, a loss, a logit, a composition score.
pub const EXPERIMENT: f64 = 1e-3;
/// A kernel against its CPU twin, relative to the largest magnitude of the tensor.
pub const KERNEL: f32 = 2e-5;
/// A thumbnail's cell, in steps of 1/255: both sides round, a weight on the edge either way.
pub const THUMBNAIL: u8 = 1;
/// A count of entries that reach a threshold: one whose two sides differ by rounding counts either way.
pub const COUNT: u32 = 1;
