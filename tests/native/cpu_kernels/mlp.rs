//! The kernels of an MLP.

use headscope::cpu::ablate::ablate_mlp;
use headscope::cpu::activate::{MlpNorm, activate};
use headscope::model::{AblationKind, Activation, Mlp, ModelConfig, Shapes};

use super::{CONFIG, at_every_size, check_rows, untouched};

const D_MLP: usize = 37;

/// `x Phi(x)`, by adding up the normal density in small steps.
fn gelu(x: f64) -> f64 {
    let density = |t: f64| (-t * t / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let steps = 2000;
    let step = x / f64::from(steps);
    let point = |n: i32| density(step * f64::from(n));
    // Simpson's rule from 0 to x.
    let weight = |n: i32| if n % 2 == 1 { 4.0 } else { 2.0 };
    let inner: f64 = (1..steps).map(|n| weight(n) * point(n)).sum();
    x * (0.5 + step / 3.0 * (point(0) + inner + point(steps)))
}

fn function(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Gelu => gelu(x),
        Activation::GeluNew => {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
            0.5 * x * (1.0 + inner.tanh())
        }
        Activation::Relu => x.max(0.0),
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::SoluLn => unreachable!("it is no function of one number"),
    }
}

#[test]
fn activate_is_a_function_of_each_number() {
    for activation in [Activation::Gelu, Activation::GeluNew, Activation::Relu, Activation::Silu] {
        for gated in [false, true] {
            let mlp = Mlp { d_mlp: D_MLP, activation, gated, parallel: false };
            let shapes = Shapes::of(&ModelConfig { mlp: Some(mlp), ..CONFIG });
            let (width, read) = (shapes.d_mlp, shapes.mlp_in);
            at_every_size(|bench, what| {
                let rows = bench.dims.rows as usize;
                let input: Vec<f32> = bench.rows(rows, read, read, 0.0).iter().map(|x| 6.0 * x).collect();
                let mut found = untouched(rows * width);
                activate(&bench.dims, mlp, None, &input, &mut found);
                check_rows(&format!("{what}{activation:?}"), bench, width, &found, |row, m| {
                    let number = |column: usize| f64::from(input[row * read + column]);
                    function(activation, number(m)) * if gated { number(width + m) } else { 1.0 }
                });
            });
        }
    }
}

#[test]
fn solu_is_a_softmax_and_a_layer_norm_of_the_real_numbers() {
    for gated in [false, true] {
        let mlp = Mlp { d_mlp: D_MLP, activation: Activation::SoluLn, gated, parallel: false };
        let shapes = Shapes::of(&ModelConfig { mlp: Some(mlp), ..CONFIG });
        let (width, read) = (shapes.d_mlp, shapes.mlp_in);
        at_every_size(|bench, what| {
            let rows = bench.dims.rows as usize;
            let mut input = bench.rows(rows, read, read, 0.0);
            for (at, number) in input.iter_mut().enumerate() {
                *number *= if at % width < D_MLP { 4.0 } else { 0.0 };
            }
            let (weight, bias) = (bench.rows(1, width, D_MLP, 0.0), bench.rows(1, width, D_MLP, 0.0));
            let norm = MlpNorm { weight: &weight, bias: &bias, eps: 1e-5 };
            let mut found = untouched(rows * width);
            activate(&bench.dims, mlp, Some(norm), &input, &mut found);
            check_rows(&format!("{what}solu_ln, gated: {gated}"), bench, width, &found, |row, m| {
                let number = |column: usize| f64::from(input[row * read + column]);
                let sum: f64 = (0..D_MLP).map(|m| number(m).exp()).sum();
                let factor = |m: usize| if gated { number(width + m) } else { 1.0 };
                let solu: Vec<f64> =
                    (0..D_MLP).map(|m| number(m) * number(m).exp() / sum * factor(m)).collect();
                let Some(own) = solu.get(m) else { return 0.0 };
                let mean = solu.iter().sum::<f64>() / D_MLP as f64;
                let variance = solu.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / D_MLP as f64;
                (own - mean) / (variance + 1e-5).sqrt() * f64::from(weight[m]) + f64::from(bias[m])
            });
        });
    }
}

#[test]
fn ablate_mlp_keeps_the_stream_before_it() {
    let width = Shapes::of(&CONFIG).d_model;
    at_every_size(|bench, what| {
        let (rows, seq, batch) =
            (bench.dims.rows as usize, bench.dims.seq as usize, bench.dims.batch as usize);
        let mid = bench.rows(rows, width, CONFIG.d_model, 0.0);
        let resid = bench.rows(rows, width, CONFIG.d_model, 0.0);
        for kind in [AblationKind::Zero, AblationKind::Mean] {
            let mut found = resid.clone();
            found[..bench.dims.first_row as usize * width]
                .copy_from_slice(&untouched(bench.dims.first_row as usize * width));
            ablate_mlp(&bench.dims, kind, &mid, &mut found);
            check_rows(&format!("{what}{kind:?}"), bench, width, &found, |row, m| {
                let output = |row: usize| f64::from(resid[row * width + m]) - f64::from(mid[row * width + m]);
                let all = (0..batch).map(|sequence| output(sequence * seq + row % seq)).sum::<f64>();
                let replacement = if kind == AblationKind::Zero { 0.0 } else { all / batch as f64 };
                f64::from(mid[row * width + m]) + replacement
            });
        }
    });
}
