//! Norms folded into the weights that read and write the residual stream.
//!
//! A norm is linear once its scale is known. Its weight and its centring then belong to the matrices beside
//! it, as TransformerLens' `fold_ln` and `center_writing_weights` have them.
//!
//! Definition: docs/definitions.md#folded-norms.

use super::factors::HeadFactors;
use crate::model::{ModelConfig, Normalization};

/// A norm of the residual stream.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamNorm {
    /// `[d_model]`.
    pub weight: Vec<f32>,
    /// `[d_model]`.
    pub bias: Vec<f32>,
    kind: Normalization,
    eps: f64,
}

impl StreamNorm {
    /// The norm of a model, from its weight and bias with their padding; none in a model without norms.
    pub fn of(config: &ModelConfig, weight: &[f32], bias: &[f32]) -> Option<Self> {
        let real = |vector: &[f32]| vector[..config.d_model].to_vec();
        let of_kind = |kind| StreamNorm { weight: real(weight), bias: real(bias), kind, eps: config.eps };
        config.normalization.map(of_kind)
    }

    /// Turns a direction of the normalized stream into the direction of the stream itself that reads the
    /// same, at the scale of this stream. Returns what the norm's bias adds.
    pub fn fold_direction(&self, direction: &mut [f32], stream: &[f32]) -> f64 {
        let of_bias = self.bias.iter().zip(&*direction).map(|(bias, d)| f64::from(bias * d)).sum();
        self.fold_reading(direction);
        let scale = self.scale(stream) as f32;
        direction.iter_mut().for_each(|d| *d /= scale);
        of_bias
    }

    /// What the norm divides a stream by.
    fn scale(&self, stream: &[f32]) -> f64 {
        let count = stream.len() as f64;
        let mean = match self.kind.centres() {
            true => stream.iter().copied().map(f64::from).sum::<f64>() / count,
            false => 0.0,
        };
        let squares = stream.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>();
        (squares / count + self.eps).sqrt()
    }

    /// Folds the norm into a column of a matrix that reads the normalized stream, `[d_model]`.
    fn fold_reading(&self, column: &mut [f32]) {
        column.iter_mut().zip(&self.weight).for_each(|(d, weight)| *d *= weight);
        if self.kind.centres() {
            centre(column);
        }
    }
}

impl HeadFactors {
    /// Folds `ln1` into the weights that read the stream, and centres what `W_O` writes where norms centre.
    pub fn fold(&mut self, ln1: &StreamNorm) {
        let width = ln1.weight.len();
        for factor in [&mut self.q, &mut self.k, &mut self.v] {
            factor.chunks_exact_mut(width).for_each(|column| ln1.fold_reading(column));
        }
        if ln1.kind.centres() {
            self.o.chunks_exact_mut(width).for_each(centre);
        }
    }

    /// Makes `W_O` write the normalized stream, as far as that is linear: the unembedding then reads it as it
    /// is.
    pub fn write_through(&mut self, ln_final: &StreamNorm) {
        for row in self.o.chunks_exact_mut(ln_final.weight.len()) {
            row.iter_mut().zip(&ln_final.weight).for_each(|(d, weight)| *d *= weight);
        }
    }
}

/// Subtracts the mean.
fn centre(numbers: &mut [f32]) {
    let mean = numbers.iter().copied().map(f64::from).sum::<f64>() / numbers.len() as f64;
    numbers.iter_mut().for_each(|number| *number -= mean as f32);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::Random;

    /// A norm of six numbers.
    fn norm(kind: Normalization) -> StreamNorm {
        let mut random = Random::new(3);
        let mut draw = || (0..6).map(|_| random.symmetric()).collect();
        StreamNorm { weight: draw(), bias: draw(), kind, eps: 1e-5 }
    }

    #[test]
    fn a_folded_direction_reads_the_stream_as_the_norm_does() {
        for kind in Normalization::ALL {
            let norm = norm(kind);
            let stream = [0.5, -1.0, 2.0, 0.25, 3.0, -0.75_f32];
            let direction = [1.0, 0.5, -2.0, 0.125, 0.0, 3.0_f32];
            let mean = if kind.centres() { stream.iter().sum::<f32>() / 6.0 } else { 0.0 };
            let square = stream.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 6.0;
            let normalized =
                |d: usize| (stream[d] - mean) / (square + 1e-5).sqrt() * norm.weight[d] + norm.bias[d];
            let expected: f32 = (0..6).map(|d| normalized(d) * direction[d]).sum();
            let mut folded = direction;
            let of_bias = norm.fold_direction(&mut folded, &stream);
            let found: f32 = stream.iter().zip(folded).map(|(x, d)| x * d).sum();
            assert!((found + of_bias as f32 - expected).abs() < 1e-5, "{kind:?}: {found}, {expected}");
        }
    }
}
