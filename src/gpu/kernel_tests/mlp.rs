//! The kernels of an MLP against their twins.

use super::*;
use crate::cpu::activate::MlpNorm;
use crate::gpu::{ablate, activate, linear};
use crate::model::{AblationKind, Activation, Mlp, Normalization};

/// A hidden layer of 37 in 40 numbers.
fn with_mlp(activation: Activation, gated: bool, parallel: bool) -> ModelConfig {
    let mlp = Some(Mlp { d_mlp: 37, activation, gated, parallel });
    ModelConfig { mlp, normalization: Some(Normalization::Rms), ..CONFIG }
}

#[test]
fn activate_agrees() {
    for activation in Activation::ALL {
        for gated in [false, true] {
            at_every_run_size(&with_mlp(activation, gated, false), |bench, what| {
                let Shapes { d_mlp: width, mlp_in, .. } = bench.shapes;
                let mut input = bench.rows(mlp_in, mlp_in);
                for (at, number) in input.iter_mut().enumerate() {
                    // Large enough to saturate; zero in the padding.
                    *number *= if at % width < 37 { 9.0 } else { 0.0 };
                }
                bench.write(BufferId::MlpIn, &input);
                let Bench { config, dims, twin, .. } = &*bench;
                let norm = (activation == Activation::SoluLn).then(|| MlpNorm {
                    weight: twin.vector(VectorId::MlpLnWeight(0)),
                    bias: twin.vector(VectorId::MlpLnBias(0)),
                    eps: config.eps,
                });
                let mut expected = vec![0.0; dims.rows as usize * width];
                cpu::activate::activate(dims, config.mlp.expect("an MLP"), norm, &input, &mut expected);
                let step = activate::step(bench.context(), 0).expect("an MLP");
                let what = format!("{activation:?}, gated: {gated}, {what}");
                bench.compare(&what, &[step], BufferId::MlpHidden, width, &expected);
            });
        }
    }
}

#[test]
fn both_matrices_of_an_mlp_agree() {
    with_every_cut(&with_mlp(Activation::Silu, true, false), check_matrices);
}

/// Also called for matrices in shards.
pub fn check_matrices(bench: &mut Bench, what: &str) {
    let Shapes { d_model, d_mlp, mlp_in, .. } = bench.shapes;
    let x = bench.rows(d_model, bench.config.d_model);
    let hidden = bench.rows(d_mlp, 37);
    let mid = bench.rows(d_model, bench.config.d_model);
    bench.write(BufferId::X, &x);
    bench.write(BufferId::MlpHidden, &hidden);
    bench.write(BufferId::Mid, &mid);
    let Bench { dims, twin, .. } = &*bench;
    let mut expected = vec![0.0; dims.rows as usize * mlp_in];
    let (matrix, bias) = (twin.matrix(MatrixId::MlpIn(0)), twin.vector(VectorId::MlpInBias(0)));
    cpu::linear::linear(dims, &x, None, matrix, Some(bias), None, &mut expected);
    let steps = linear::mlp_in(bench.context(), 0);
    bench.compare(&format!("mlp_in, {what}"), &steps, BufferId::MlpIn, mlp_in, &expected);

    let mut expected = vec![0.0; mid.len()];
    let (matrix, bias) = (twin.matrix(MatrixId::MlpOut(0)), twin.vector(VectorId::MlpOutBias(0)));
    cpu::linear::linear(dims, &hidden, None, matrix, Some(bias), Some(&mid), &mut expected);
    let steps = linear::mlp_out(bench.context(), 0);
    bench.compare(&format!("mlp_out, {what}"), &steps, BufferId::Resid(1), d_model, &expected);
}

#[test]
fn ablate_mlp_agrees() {
    for kind in [AblationKind::Zero, AblationKind::Mean] {
        at_every_run_size(&with_mlp(Activation::Relu, false, true), |bench, what| {
            let width = bench.shapes.d_model;
            let mid = bench.rows(width, bench.config.d_model);
            let resid = bench.rows(width, bench.config.d_model);
            bench.write(BufferId::Mid, &mid);
            bench.write(BufferId::Resid(1), &resid);
            let mut expected = resid.clone();
            cpu::ablate::ablate_mlp(&bench.dims, kind, &mid, &mut expected);
            let step = ablate::mlp_step(bench.context(), 0, kind);
            let what = format!("ablate_mlp, {kind:?}, {what}");
            bench.compare(&what, &[step], BufferId::Resid(1), width, &expected);
        });
    }
}
