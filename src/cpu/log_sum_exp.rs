//! The logarithm of a sum of exponentials, of numbers that arrive in pieces.

use super::exp::{exp_minus, largest};

/// A running log-sum-exp.
#[derive(Debug, Clone, Copy)]
pub struct LogSumExp {
    max: f32,
    /// Sum of `exp(value - max)`. It is f64, since a vocabulary has many more entries than a piece.
    sum: f64,
}

impl LogSumExp {
    /// Starts without a number.
    pub fn new() -> Self {
        LogSumExp { max: f32::NEG_INFINITY, sum: 0.0 }
    }

    /// Adds numbers, and overwrites them. Their count is a multiple of 8, and at least one is above `-inf`.
    pub fn add(&mut self, values: &mut [f32]) {
        let max = self.max.max(largest(values));
        self.sum *= f64::from(self.max - max).exp();
        self.sum += f64::from(exp_minus(values, max));
        self.max = max;
    }

    /// Adds the numbers of another.
    pub fn join(&mut self, other: &LogSumExp) {
        let max = self.max.max(other.max);
        let scaled = |it: &LogSumExp| it.sum * f64::from(it.max - max).exp();
        *self = LogSumExp { max, sum: scaled(self) + scaled(other) };
    }

    /// The largest number, and the sum in two parts, `sum = high + low`.
    pub fn to_f32(self) -> [f32; 3] {
        let high = self.sum as f32;
        [self.max, high, (self.sum - f64::from(high)) as f32]
    }

    /// Undoes [`to_f32`](Self::to_f32).
    pub fn from_f32([max, high, low]: [f32; 3]) -> Self {
        LogSumExp { max, sum: f64::from(high) + f64::from(low) }
    }

    /// The largest number so far.
    pub fn max(&self) -> f32 {
        self.max
    }

    /// The logarithm of the sum so far.
    pub fn value(&self) -> f64 {
        f64::from(self.max) + self.sum.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_same_however_it_is_cut() {
        let values: Vec<f32> = (0..512).map(|n| (n as f32 * 0.7).sin() * 30.0 - n as f32 * 0.01).collect();
        let exact = values.iter().map(|&value| f64::from(value).exp()).sum::<f64>().ln();
        for piece in [8, 16, 64, 512] {
            let mut sum = LogSumExp::new();
            for values in values.clone().chunks_mut(piece) {
                sum.add(values);
            }
            let mut joined = LogSumExp::new();
            for values in values.clone().chunks_mut(piece) {
                let mut part = LogSumExp::new();
                part.add(values);
                joined.join(&LogSumExp::from_f32(part.to_f32()));
            }
            for (way, found) in [("added", sum.value()), ("joined", joined.value())] {
                let error = (found - exact).abs();
                assert!(error < 1e-6, "pieces of {piece} {way}: {found}, not {exact}; off by {error:e}");
            }
        }
    }
}
