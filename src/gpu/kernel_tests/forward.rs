//! The kernels of the forward pass against their twins.

use super::*;
use crate::gpu::{attention, embed, linear, log_probs, norm, position, qk_norm, rotate};
use crate::model::{NormAt, Normalization, Pairing, QkvInput, Rotary, rotations};

/// Also called for matrices in shards.
pub fn check_embed(bench: &mut Bench, what: &str) {
    let Bench { config, shapes, dims, tokens, twin, .. } = &*bench;
    let mut expected = vec![0.0; dims.rows as usize * shapes.d_model];
    let standard = config.positional_embedding == PositionalEmbedding::Standard;
    let positions = standard.then(|| twin.matrix(MatrixId::Positions));
    let embedding = cpu::embed::Embedding::of(config, twin);
    cpu::embed::embed(dims, tokens, embedding, positions, &mut expected);
    let steps = embed::steps(bench.context());
    bench.compare(&format!("embed, {what}"), &steps, BufferId::Resid(0), shapes.d_model, &expected);
}

#[test]
fn embed_agrees() {
    use PositionalEmbedding::{None, Shortformer, Standard};
    for (positional_embedding, tied_unembedding) in
        [(Shortformer, false), (Standard, false), (Standard, true), (None, true)]
    {
        at_every_size(&ModelConfig { positional_embedding, tied_unembedding, ..CONFIG }, check_embed);
    }
}

#[test]
fn norm_agrees() {
    for normalization in [Normalization::Ln, Normalization::Rms] {
        let config = ModelConfig { normalization: Some(normalization), ..CONFIG };
        at_every_run_size(&config, |bench, what| {
            let width = bench.shapes.d_model;
            let mut resid = bench.rows(width, bench.config.d_model);
            // Off centre, so that a mean counts.
            for row in resid.chunks_exact_mut(width) {
                row[..bench.config.d_model].iter_mut().for_each(|number| *number += 0.5);
            }
            bench.write(BufferId::Resid(0), &resid);
            let Bench { config, dims, twin, .. } = &*bench;
            let mut expected = resid.clone();
            let (weight, bias) = (twin.vector(VectorId::Ln1Weight(0)), twin.vector(VectorId::Ln1Bias(0)));
            cpu::norm::norm(dims, config, &resid, weight, bias, &mut expected);
            let step = norm::step(bench.context(), NormAt::Layer(0));
            bench.compare(&format!("{normalization:?}, {what}"), &[step], BufferId::X, width, &expected);
        });
    }
}

#[test]
fn position_agrees() {
    for normalization in [None, Some(Normalization::LnPre)] {
        let config = ModelConfig { normalization, ..CONFIG };
        at_every_run_size(&config, |bench, what| {
            let width = bench.shapes.d_model;
            let x = bench.rows(width, bench.config.d_model);
            // The stream that a layer reads: its normalization, where there is one.
            let stream = if normalization.is_some() { BufferId::X } else { BufferId::Resid(0) };
            bench.write(stream, &x);
            let mut expected = vec![0.0; x.len()];
            let table = bench.twin.matrix(MatrixId::Positions);
            cpu::position::position(&bench.dims, &x, table, &mut expected);
            let step = position::step(bench.context(), 0);
            bench.compare(&format!("position, {what}"), &[step], BufferId::XPos, width, &expected);
        });
    }
}

#[test]
fn linear_agrees() {
    with_every_cut(&CONFIG, check_linear);
}

#[test]
fn linear_agrees_where_v_starts_within_a_tile() {
    // q of two heads and k of one: 36 columns.
    let heads = Heads { n_key_value_heads: Some(1), ..Heads::PLAIN };
    with_every_cut(&ModelConfig { n_heads: 2, heads, ..CONFIG }, check_linear);
}

/// Also called for matrices in shards.
pub fn check_linear(bench: &mut Bench, what: &str) {
    let Shapes { d_model: width, z, kv, .. } = bench.shapes;
    let resid = bench.rows(width, bench.config.d_model);
    let positioned = bench.rows(width, bench.config.d_model);
    let mixed = bench.rows(z, z);
    bench.write(BufferId::Resid(0), &resid);
    bench.write(BufferId::XPos, &positioned);
    bench.write(BufferId::Z, &mixed);
    let Bench { shapes, dims, twin, .. } = &*bench;

    let mut expected = vec![0.0; dims.rows as usize * shapes.qkv];
    let x_pos = cpu::linear::Positioned { x_pos: &positioned, columns: z + kv };
    let (matrix, bias) = (twin.matrix(MatrixId::Qkv(0)), twin.vector(VectorId::QkvBias(0)));
    cpu::linear::linear(dims, &resid, Some(x_pos), matrix, Some(bias), None, &mut expected);
    let steps = linear::qkv(bench.context(), 0, QkvInput::Stream);
    bench.compare(&format!("qkv, {what}"), &steps, BufferId::Qkv(0), shapes.qkv, &expected);

    // Position scores: W_pos alone, as long as there are positions for the rows.
    if dims.rows as usize <= CONFIG.n_ctx {
        let positions = twin.matrix(MatrixId::Positions).to_f32();
        cpu::linear::linear(dims, &positions, None, matrix, None, None, &mut expected);
        let steps = linear::qkv(bench.context(), 0, QkvInput::Positions);
        bench.compare(&format!("positions, {what}"), &steps, BufferId::Qkv(0), shapes.qkv, &expected);
    }

    let mut expected = vec![0.0; resid.len()];
    let (matrix, bias) = (twin.matrix(MatrixId::Output(0)), twin.vector(VectorId::OutputBias(0)));
    cpu::linear::linear(dims, &mixed, None, matrix, Some(bias), Some(&resid), &mut expected);
    let steps = linear::output(bench.context(), 0);
    bench.compare(&format!("output, {what}"), &steps, BufferId::Resid(1), width, &expected);
}

#[test]
fn qk_norm_and_rotate_agree() {
    let heads = Heads { n_key_value_heads: Some(1), qk_norm: true, ..Heads::PLAIN };
    for (dims, pairing) in [(12, Pairing::Half), (8, Pairing::Half), (8, Pairing::Adjacent)] {
        let rotary = Rotary { dims, base: 100.0, pairing };
        let positional_embedding = PositionalEmbedding::Rotary(rotary);
        let config = ModelConfig { heads: heads.clone(), positional_embedding, ..CONFIG };
        at_every_run_size(&config, |bench, what| {
            let (qkv, ..) = bench.attended();
            let Bench { config, shapes, dims, twin, .. } = &*bench;
            let (mut normalized, mut turned) = (qkv.clone(), qkv.clone());
            let weight = twin.vector(VectorId::QkNormWeight(0));
            cpu::qk_norm::qk_norm(dims, config, weight, &mut normalized);
            let step = qk_norm::step(bench.context(), 0);
            let width = shapes.qkv;
            bench.compare(&format!("qk_norm, {what}"), &[step], BufferId::Qkv(0), width, &normalized);

            bench.write(BufferId::Qkv(0), &qkv);
            let table = rotations(rotary, 0..dims.seq as usize);
            cpu::rotate::rotate(dims, config, rotary, &table, &mut turned);
            let step = rotate::step(bench.context(), 0).expect("a rotary model");
            bench.compare(&format!("{rotary:?}, {what}"), &[step], BufferId::Qkv(0), width, &turned);
        });
    }
}

#[test]
fn attention_agrees() {
    kinds_of_heads().iter().for_each(|config| {
        at_every_run_size(config, |bench, what| {
            let (_, z, stats) = bench.attended();
            let Bench { config, shapes, dims, buffers, .. } = &*bench;
            let step = || attention::step(bench.context(), 0);
            bench.compare(&format!("z, {what}"), &[step()], BufferId::Z, shapes.z, &z);
            let bytes =
                bench.submit(&[step()], dims, buffers.get(BufferId::Stats(0)), size_of_val(&stats[..]));
            let found: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
            let width = config.n_heads * size_of::<RowStats>() / 4;
            bench.compare_rows(&format!("stats, {what}"), width, &found, bytemuck::cast_slice(&stats));
        })
    });
}

#[test]
fn log_probs_agrees() {
    with_every_cut(&CONFIG, check_log_probs);
}

/// Also called for matrices in shards.
pub fn check_log_probs(bench: &mut Bench, what: &str) {
    let resid = bench.rows(bench.shapes.d_model, bench.config.d_model);
    bench.write(BufferId::Resid(1), &resid);
    let Bench { dims, tokens, twin, .. } = &*bench;
    let (matrix, bias) = (twin.matrix(MatrixId::Unembed), twin.vector(VectorId::UnembedBias));
    let mut expected = vec![0.0; 2 * dims.rows as usize];
    cpu::log_probs::log_probs(dims, 0, tokens, &resid, matrix, bias, &mut expected);
    let steps = log_probs::steps(bench.context());
    bench.compare(&format!("log_probs, {what}"), &steps, BufferId::LogProbs, 2, &expected);
}
