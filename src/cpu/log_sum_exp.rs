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
            let error = (sum.value() - exact).abs();
            assert!(error < 1e-6, "pieces of {piece}: {}, not {exact}; off by {error:e}", sum.value());
        }
    }
}
