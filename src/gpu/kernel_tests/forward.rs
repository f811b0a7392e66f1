//! The kernels of the forward pass against their twins.

use super::*;
use crate::gpu::{attention, embed, linear, log_probs, norm, position};
use crate::model::{NormAt, Normalization, QkvInput};

#[test]
fn embed_agrees() {
    for positional_embedding in [PositionalEmbedding::Shortformer, PositionalEmbedding::Standard] {
        let config = ModelConfig { positional_embedding, ..CONFIG };
        at_every_size(&config, |bench, what| {
            let Bench { shapes, dims, tokens, twin, .. } = &*bench;
            let mut expected = vec![0.0; dims.rows as usize * shapes.d_model];
            let standard = (positional_embedding == PositionalEmbedding::Standard)
                .then(|| twin.matrix(MatrixId::Positions));
            cpu::embed::embed(dims, tokens, twin.matrix(MatrixId::Embed), standard, &mut expected);
            let step = embed::step(bench.context());
            bench.compare(&format!("embed, {what}"), &[step], BufferId::Resid(0), shapes.d_model, &expected);
        });
    }
}

#[test]
fn norm_agrees() {
    let config = ModelConfig { normalization: Some(Normalization::Ln), ..CONFIG };
    at_every_size(&config, |bench, what| {
        let width = bench.shapes.d_model;
        let resid = bench.rows(width, bench.config.d_model);
        bench.write(BufferId::Resid(0), &resid);
        let Bench { config, dims, twin, .. } = &*bench;
        let mut expected = resid.clone();
        let (weight, bias) = (twin.vector(VectorId::Ln1Weight(0)), twin.vector(VectorId::Ln1Bias(0)));
        cpu::norm::norm(dims, config, &resid, weight, bias, &mut expected);
        let step = norm::step(bench.context(), NormAt::Layer(0));
        bench.compare(&format!("norm, {what}"), &[step], BufferId::X, width, &expected);
    });
}

#[test]
fn position_agrees() {
    for normalization in [None, Some(Normalization::LnPre)] {
        let config = ModelConfig { normalization, ..CONFIG };
        at_every_size(&config, |bench, what| {
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
    with_every_row_tile(&CONFIG, |bench, what| {
        let (width, z) = (bench.shapes.d_model, bench.shapes.z);
        let resid = bench.rows(width, bench.config.d_model);
        let positioned = bench.rows(width, bench.config.d_model);
        let mixed = bench.rows(z, z);
        bench.write(BufferId::Resid(0), &resid);
        bench.write(BufferId::XPos, &positioned);
        bench.write(BufferId::Z, &mixed);
        let Bench { shapes, dims, twin, .. } = &*bench;

        let mut expected = vec![0.0; dims.rows as usize * shapes.qkv];
        let x_pos = cpu::linear::Positioned { x_pos: &positioned, columns: 2 * z };
        let (matrix, bias) = (twin.matrix(MatrixId::Qkv(0)), twin.vector(VectorId::QkvBias(0)));
        cpu::linear::linear(dims, &resid, Some(x_pos), matrix, Some(bias), None, &mut expected);
        let step = linear::qkv(bench.context(), 0, QkvInput::Stream);
        bench.compare(&format!("qkv, {what}"), &[step], BufferId::Qkv(0), shapes.qkv, &expected);

        // Position scores: W_pos alone, as long as there are positions for the rows.
        if dims.rows as usize <= CONFIG.n_ctx {
            let positions = twin.matrix(MatrixId::Positions).to_f32();
            cpu::linear::linear(dims, &positions, None, matrix, None, None, &mut expected);
            let step = linear::qkv(bench.context(), 0, QkvInput::Positions);
            bench.compare(&format!("positions, {what}"), &[step], BufferId::Qkv(0), shapes.qkv, &expected);
        }

        let mut expected = vec![0.0; resid.len()];
        let (matrix, bias) = (twin.matrix(MatrixId::Output(0)), twin.vector(VectorId::OutputBias(0)));
        cpu::linear::linear(dims, &mixed, None, matrix, Some(bias), Some(&resid), &mut expected);
        let step = linear::output(bench.context(), 0);
        bench.compare(&format!("output, {what}"), &[step], BufferId::Resid(1), width, &expected);
    });
}

#[test]
fn attention_agrees() {
    at_every_size(&CONFIG, |bench, what| {
        let (_, z, stats) = bench.attended();
        let Bench { config, shapes, dims, buffers, .. } = &*bench;
        let step = || attention::step(bench.context(), 0);
        bench.compare(&format!("z, {what}"), &[step()], BufferId::Z, shapes.z, &z);
        let bytes = bench.submit(&[step()], dims, buffers.get(BufferId::Stats(0)), size_of_val(&stats[..]));
        let found: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
        let width = config.n_heads * size_of::<RowStats>() / 4;
        bench.compare_rows(&format!("stats, {what}"), width, &found, bytemuck::cast_slice(&stats));
    });
}

#[test]
fn log_probs_agrees() {
    with_every_row_tile(&CONFIG, |bench, what| {
        let resid = bench.rows(bench.shapes.d_model, bench.config.d_model);
        bench.write(BufferId::Resid(1), &resid);
        let Bench { dims, tokens, twin, .. } = &*bench;
        let (matrix, bias) = (twin.matrix(MatrixId::Unembed), twin.vector(VectorId::UnembedBias));
        let mut expected = vec![0.0; dims.rows as usize];
        cpu::log_probs::log_probs(dims, 0, tokens, &resid, matrix, bias, &mut expected);
        let steps = log_probs::steps(bench.context());
        bench.compare(&format!("log_probs, {what}"), &steps, BufferId::LogProbs, 1, &expected);
    });
}
