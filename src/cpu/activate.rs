//! The hidden layer of an MLP: the function between its two matrices.
//!
//! ```text
//! hidden[row, m] = f(in[row, m])                          a plain MLP
//! hidden[row, m] = f(gate[row, m]) * in[row, m]           a gated one
//!
//! gelu(x)     = x * Phi(x), by the error function
//! gelu_new(x) = x * sigmoid(2 * sqrt(2 / pi) * (x + 0.044715 * x^3)), which is the form with a tanh
//! relu(x)     = max(x, 0)
//! silu(x)     = x * sigmoid(x)
//! solu_ln     = LayerNorm(x * softmax(x)) over the row's real numbers, with a weight and a bias
//! ```
//!
//! GPU twin: `shaders/activate.wgsl`.
//!
//! Definition: docs/definitions.md#mlp.

use super::exp::{exp, exp_minus, largest};
use crate::model::{Activation, Dims, Mlp};

/// Numbers that are computed together: two 128-bit registers.
const LANES: usize = 8;

/// Weight and bias `[M]` of the LayerNorm of `solu_ln`, and its eps.
#[derive(Debug, Clone, Copy)]
pub struct MlpNorm<'a> {
    /// `mlp.ln.w`, zero in the padding.
    pub weight: &'a [f32],
    /// `mlp.ln.b`, zero in the padding.
    pub bias: &'a [f32],
    /// Added to the variance.
    pub eps: f64,
}

/// Writes the new rows of `hidden [rows, M]` from `mlp_in [rows, M]`, or `[gate | in] [rows, 2 * M]` of a
/// gated MLP. `norm` is that of `solu_ln`.
pub fn activate(dims: &Dims, mlp: Mlp, norm: Option<MlpNorm>, mlp_in: &[f32], hidden: &mut [f32]) {
    let width = hidden.len() / dims.rows as usize;
    let read = mlp_in.len() / dims.rows as usize;
    let rows = mlp_in.chunks_exact(read).zip(hidden.chunks_exact_mut(width));
    for (from, to) in rows.skip(dims.first_row as usize) {
        let (gate, rest) = from.split_at(width);
        match mlp.activation {
            Activation::Gelu => map(gate, to, gelu),
            Activation::GeluNew => map(gate, to, gelu_new),
            Activation::Relu => map(gate, to, |x| if x > 0.0 { x } else { 0.0 }),
            Activation::Silu => map(gate, to, |x| x_sigmoid(x, x)),
            Activation::SoluLn => solu(&gate[..mlp.d_mlp], to),
        }
        if mlp.gated {
            to.iter_mut().zip(rest).for_each(|(to, factor)| *to *= factor);
        }
        if let Some(norm) = norm {
            layer_norm(mlp.d_mlp, norm, to);
        }
    }
}

/// Applies a function in lanes that the compiler turns into SIMD. Rows are whole column tiles.
#[inline(always)]
fn map(from: &[f32], to: &mut [f32], f: impl Fn(f32) -> f32) {
    for (to, from) in to.as_chunks_mut::<LANES>().0.iter_mut().zip(from.as_chunks::<LANES>().0) {
        *to = from.map(&f);
    }
}

/// `x * sigmoid(t)`, for an `x` of the sign of `t`. The exponential's argument is never above 0.
#[inline(always)]
fn x_sigmoid(x: f32, t: f32) -> f32 {
    let e = exp(-t.abs());
    (if t < 0.0 { x * e } else { x }) / (1.0 + e)
}

/// The form with a tanh, whose `(1 + tanh(u)) / 2` is `sigmoid(2 u)`.
#[inline(always)]
fn gelu_new(x: f32) -> f32 {
    /// `2 * sqrt(2 / pi)`.
    const TWICE: f32 = 1.595_769_1;
    x_sigmoid(x, TWICE * (x + 0.044_715 * x * x * x))
}

/// `max(x, 0) - |x| / 2 * erfc(|x| / sqrt(2))`, with `erfc(y) ~ (polynomial of t) * exp(-y^2)`,
/// `t = 1 / (1 + 0.3275911 y)` (Abramowitz and Stegun 1964, 7.1.26: an error of at most 1.5e-7).
#[inline(always)]
fn gelu(x: f32) -> f32 {
    let y = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * y);
    let high = -1.453_152_1 + t * 1.061_405_4;
    let polynomial = t * (0.254_829_6 + t * (-0.284_496_72 + t * (1.421_413_8 + t * high)));
    let positive = if x > 0.0 { x } else { 0.0 };
    positive - 0.5 * x.abs() * polynomial * exp(-y * y)
}

/// `x * softmax(x)` of a row's real numbers; zero in the padding.
fn solu(x: &[f32], to: &mut [f32]) {
    to.fill(f32::NEG_INFINITY);
    to[..x.len()].copy_from_slice(x);
    let top = largest(to);
    let sum = exp_minus(to, top);
    to.iter_mut().zip(x).for_each(|(to, x)| *to *= x / sum);
}

fn layer_norm(d_mlp: usize, MlpNorm { weight, bias, eps }: MlpNorm, row: &mut [f32]) {
    let real = &row[..d_mlp];
    let mean = real.iter().copied().map(f64::from).sum::<f64>() / d_mlp as f64;
    let squares = real.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>();
    let scale = 1.0 / (squares / d_mlp as f64 + eps).sqrt();
    for ((number, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
        *number = ((f64::from(*number) - mean) * scale) as f32 * weight + bias;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `erfc(y)` of a `y` from 0 up, by its Taylor series or its continued fraction.
    fn erfc(y: f64) -> f64 {
        if y < 2.5 {
            let (mut term, mut sum) = (y, y);
            for n in 1..200 {
                term *= -y * y / f64::from(n);
                sum += term / f64::from(2 * n + 1);
            }
            return 1.0 - sum * std::f64::consts::FRAC_2_SQRT_PI;
        }
        let fraction = (1..200).rev().fold(y, |below, n| y + f64::from(n) / 2.0 / below);
        (-y * y).exp() / fraction / std::f64::consts::PI.sqrt()
    }

    #[test]
    fn gelu_is_within_a_millionth() {
        for step in -120_000..=120_000 {
            let x = step as f32 * 1e-4;
            let exact = 0.5 * f64::from(x) * {
                let y = f64::from(x.abs()) / std::f64::consts::SQRT_2;
                if x < 0.0 { erfc(y) } else { 2.0 - erfc(y) }
            };
            let error = (f64::from(gelu(x)) - exact).abs();
            // Beside 1e-6, half a unit in the last place of the result.
            assert!(error < 1e-6_f64.max(exact.abs() * 1.2e-7), "gelu({x}) is off by {error:e}");
        }
    }

    #[test]
    fn activations_are_0_or_the_number_itself_far_from_0() {
        for x in [30.0, 90.0, 1e4] {
            for f in [gelu, gelu_new, |x| x_sigmoid(x, x)] {
                assert_eq!(f(x), x, "{x}");
                assert!(f(-x).abs() < 1e-6, "{x}");
            }
        }
    }
}
