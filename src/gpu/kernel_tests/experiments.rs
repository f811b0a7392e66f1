//! The experiments' kernels against their twins.

use std::ops::Range;

use super::*;
use crate::gpu::attribution::{self, Attribution};
use crate::gpu::copying::Buffered;
use crate::gpu::{ablate, stripe, value_norms};
use crate::model::{Activation, HeadMode, Mlp, NO_TOKEN};

#[test]
fn stripe_agrees() {
    kinds_of_heads().iter().for_each(|config| {
        at_every_run_size(config, |bench, what| {
            let (qkv, _, stats) = bench.attended();
            bench.write(BufferId::Stats(0), &stats);
            let Bench { gpu, config, dims, .. } = &*bench;
            let heads = config.n_heads;
            let out = Tensor::numbers(gpu, "stripe", stats.len()).expect("room");
            for offset in [0, 1, 16, 64, 129] {
                let expected = cpu::stripe::stripe(dims, (config, 0), offset, &qkv, &stats);
                let at = Tensor::word(gpu, "offset", offset as u32).expect("room");
                let step = stripe::step(bench.context(), 0, &at, out.binding());
                let bytes = bench.submit(&[step], dims, &out, 4 * stats.len());
                let found: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
                bench.compare_rows(&format!("stripe at {offset}, {what}"), heads, &found, &expected);
            }
        })
    });
}

#[test]
fn ablate_agrees() {
    at_every_run_size(&CONFIG, |bench, what| {
        let width = bench.shapes.z;
        let z = bench.rows(width, width);
        bench.write(BufferId::Z, &z);
        let Bench { gpu, config, dims, .. } = &*bench;
        let modes = [HeadMode::Mean, HeadMode::Kept, HeadMode::Zero];
        let mut expected = z.clone();
        cpu::ablate::ablate(dims, config, &modes, &mut expected);
        let buffer = Tensor::numbers(gpu, "modes", modes.len()).expect("room");
        buffer.write(0, bytemuck::cast_slice(&modes.map(|mode| mode as u32)));
        let step = ablate::step(bench.context(), &buffer);
        bench.compare(&format!("ablate, {what}"), &[step], BufferId::Z, width, &expected);
    });
}

#[test]
fn attribution_agrees() {
    let mlp = Some(Mlp { d_mlp: 30, activation: Activation::Relu, gated: false, parallel: false });
    [CONFIG, ModelConfig { mlp, ..CONFIG }]
        .iter()
        .for_each(|config| at_every_size(config, check_attribution));
}

/// Also called for matrices in shards.
pub fn check_attribution(bench: &mut Bench, what: &str) {
    let (width, real) = (bench.shapes.d_model, bench.config.d_model);
    let (before, after) = (bench.rows(width, real), bench.rows(width, real));
    let z = bench.rows(bench.shapes.z, bench.shapes.z);
    bench.write(BufferId::Resid(0), &before);
    bench.write(BufferId::Resid(1), &after);
    bench.write(BufferId::Z, &z);
    let Bench { gpu, config, dims, tokens, twin, .. } = &*bench;

    // The last row has no target, and every third one a token to subtract.
    let targets: Vec<[u32; 2]> = (0..dims.rows as usize)
        .map(|row| {
            let subtracted = if row % 3 == 0 { tokens[row] } else { NO_TOKEN };
            [dims.next_token(tokens, row).unwrap_or(NO_TOKEN), subtracted]
        })
        .collect();
    let direction = cpu::attribution::directions(&targets, twin.matrix(MatrixId::Unembed));
    let columns = config.attribution_columns();
    let mut expected = vec![0.0; dims.rows as usize * columns];
    let streams = [&before[..], &after];
    cpu::attribution::of_streams(config, streams, &direction, &mut expected);
    let (output, bias) = (twin.matrix(MatrixId::Output(0)), twin.vector(VectorId::OutputBias(0)));
    cpu::attribution::of_heads(dims, config, 0, (&z, output, bias), &direction, &mut expected);
    if config.mlp.is_some() {
        let biases = [bias, twin.vector(VectorId::MlpOutBias(0))];
        cpu::attribution::of_mlp(config, 0, streams, biases, &direction, &mut expected);
    }

    let context = bench.context();
    let numbers = |label: &str, count| Tensor::numbers(gpu, label, count).expect("room");
    let tokens = numbers("targets", 2 * targets.len());
    tokens.write(0, bytemuck::cast_slice(&targets));
    let (made, components) = (numbers("direction", direction.len()), numbers("attribution", expected.len()));
    let of = Attribution { direction: &made, components: &components };
    let mut steps = attribution::directions(context, &tokens, &made);
    steps.push(of.of_streams(context));
    steps.extend(of.of_heads(context, 0));
    steps.extend(config.mlp.map(|_| of.of_mlp(context, 0)));
    let bytes = bench.submit(&steps, dims, &components, 4 * expected.len());
    let found: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
    bench.compare_rows(&format!("attribution, {what}"), columns, &found, &expected);
}

#[test]
fn value_norms_agrees() {
    kinds_of_heads().iter().for_each(|config| at_every_size(config, check_value_norms));
}

/// Also called for matrices in shards.
pub fn check_value_norms(bench: &mut Bench, what: &str) {
    let (qkv, ..) = bench.attended();
    let Bench { gpu, config, dims, twin, .. } = &*bench;
    let seq = dims.seq as usize;
    let out = Tensor::numbers(gpu, "norms", 2 * seq).expect("room");
    for head in 0..config.n_heads {
        let expected =
            cpu::value_norms::value_norms(dims, config, (0, head), &qkv, twin.matrix(MatrixId::Output(0)));
        let at = Tensor::word(gpu, "head", head as u32).expect("room");
        let steps = value_norms::steps(bench.context(), 0, &at, &out);
        let bytes = bench.submit(&steps, dims, &out, 8 * seq);
        let found: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
        let expected = expected.as_flattened();
        let allowed = tolerance::KERNEL * expected.iter().fold(1.0, |a: f32, b| a.max(*b));
        assert_close(&format!("value_norms, head {head}, {what}"), &[seq, 2], &found, expected, allowed);
    }
}

#[test]
fn copying_agrees() {
    with_every_cut(&CONFIG, check_copying);
    at_every_size(&ModelConfig { tied_unembedding: true, ..CONFIG }, check_copying);
}

/// Also called for matrices in shards.
pub fn check_copying(bench: &mut Bench, what: &str) {
    let (shapes, d_vocab, width) = (bench.shapes, bench.config.d_vocab, 24);
    let rows = (bench.dims.seq as usize).min(d_vocab);
    let first = d_vocab - rows;
    let mut values = Vec::new();
    for row in 0..shapes.d_model {
        // Padding of the stream is multiplied by zeros.
        values.extend(if row < bench.config.d_model { bench.numbers.take(width) } else { vec![0.0; width] });
    }
    let output = bench.numbers.take(width * shapes.d_model);
    let Bench { gpu, config, weights, twin, kernels, .. } = &*bench;
    let unembed = twin.matrix(MatrixId::Unembed);
    let mut factors = cpu::copying::Factors::new(width, &values, &output, unembed);
    [0..16, 16..width].into_iter().for_each(|rows| factors.prepare(unembed, rows));
    let expected = factors.at_least(cpu::embed::Embedding::of(config, twin), d_vocab, first, rows);

    let factors_given = (&values[..], &output[..]);
    let buffered =
        Buffered::new(gpu, config, weights.matrix(MatrixId::Unembed), (rows, width), factors_given)
            .expect("room");
    buffered.first.write(0, bytemuck::bytes_of(&[first as u32, 0, 0, 0]));
    let submit = |steps: &[Step], rows_of_step: Range<usize>| {
        let dims = Dims::new(rows_of_step.end, 1, rows_of_step.start);
        buffered.dims.write(0, bytemuck::bytes_of(&dims));
        bench.submit(steps, &dims, &buffered.at_least, 4 * rows)
    };
    let right = buffered.right(gpu, kernels, weights);
    for rows in [0..16, 16..width] {
        submit(&right, rows);
    }
    let counts = submit(&buffered.counts(gpu, kernels, weights, config), 0..rows);
    let found: Vec<u32> = bytemuck::pod_collect_to_vec(&counts);
    for (row, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let close = found.abs_diff(*expected) <= tolerance::COUNT;
        assert!(close, "copying, {what}: row {row} has {found}, expected {expected}");
    }
}
