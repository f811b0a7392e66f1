//! Every kernel against its CPU twin, on random numbers, at sizes that fill no tile.

mod experiments;

use std::rc::Rc;

use super::activations::Activations;
use super::device::{Gpu, RowTiles};
use super::forward::Model;
use super::kernel::{Kernels, Site, Step};
use super::norm::Place;
use super::pattern::Selection;
use super::scratch::Scratch;
use super::tensor::{Tensor, Usage};
use super::weights::Weights;
use super::{attention, embed, linear, log_probs, logits, norm, pattern, thumbnails};
use crate::checkpoint::{WeightDtype, WeightSink};
use crate::cpu;
use crate::model::{
    Dims, MatrixId, ModelConfig, Normalization, PADDING_BIAS, PositionalEmbedding, RowStats, Shapes, VectorId,
};

#[path = "../../tests/native/support/close.rs"]
mod close;
#[path = "../../tests/native/support/tolerance.rs"]
#[allow(dead_code, reason = "the other tests' tolerances stand in the same table")]
mod tolerance;

use close::assert_close;

/// Tokens, sequences, and the first row to compute.
const SIZES: [(usize, usize, usize); 9] = [
    (1, 1, 0),
    (2, 1, 0),
    (63, 1, 0),
    (64, 1, 0),
    (65, 1, 0),
    (130, 1, 0),
    (130, 1, 129),
    (65, 1, 17),
    (33, 3, 0),
];

/// No width is a multiple of its tile: 66 = 8 * 8 + 2, 3 heads of 12, 101 ids.
const CONFIG: ModelConfig = ModelConfig {
    n_layers: 1,
    n_heads: 3,
    d_model: 66,
    d_head: 12,
    n_ctx: 130,
    d_vocab: 101,
    normalization: None,
    positional_embedding: PositionalEmbedding::Shortformer,
    eps: 1e-5,
};

/// The same random weights on both backends, and buffers on the GPU.
struct Bench {
    gpu: Rc<Gpu>,
    config: ModelConfig,
    shapes: Shapes,
    dims: Dims,
    tokens: Vec<u32>,
    weights: Weights,
    twin: cpu::Weights,
    kernels: Kernels,
    scratch: Scratch,
    run: Activations,
    numbers: Numbers,
}

/// Calls `check` with every size and weight type.
fn at_every_size(config: &ModelConfig, check: impl Fn(&mut Bench, &str)) {
    let gpu = Rc::new(pollster::block_on(Gpu::open()).expect("an adapter"));
    at_every_size_on(&gpu, config, check);
}

/// The same with every way to cut rows, whatever this device would choose.
fn with_every_row_tile(config: &ModelConfig, check: impl Fn(&mut Bench, &str)) {
    for quads in [1, 2, 4] {
        let mut gpu = pollster::block_on(Gpu::open()).expect("an adapter");
        gpu.row_tiles = RowTiles { quads, few_rows: 3 };
        at_every_size_on(&Rc::new(gpu), config, |bench, what| {
            check(bench, &format!("{quads} quads, {what}"))
        });
    }
}

fn at_every_size_on(gpu: &Rc<Gpu>, config: &ModelConfig, check: impl Fn(&mut Bench, &str)) {
    for dtype in [WeightDtype::F16, WeightDtype::F32] {
        for (seq, batch, first_row) in SIZES {
            let what = format!("{dtype:?}, {batch} x {seq} tokens from row {first_row}");
            check(&mut Bench::new(gpu, config, dtype, Dims::new(seq, batch, first_row)), &what);
        }
    }
}

impl Bench {
    fn new(gpu: &Rc<Gpu>, config: &ModelConfig, dtype: WeightDtype, dims: Dims) -> Self {
        let mut numbers = Numbers(0x9e37_79b9);
        let shapes = Shapes::of(config);
        let mut weights = Weights::new(gpu).expect("room");
        let mut twin = cpu::Weights::default();
        let (d, real) = (shapes.d_model, config.d_model);
        let matrices = [
            (MatrixId::Embed, config.d_vocab, d, (config.d_vocab, real), dtype),
            (MatrixId::Positions, config.n_ctx, d, (config.n_ctx, real), WeightDtype::F32),
            (MatrixId::Qkv(0), d, shapes.qkv, (real, 3 * shapes.z), dtype),
            (MatrixId::Output(0), shapes.z, d, (shapes.z, real), dtype),
            (MatrixId::Unembed, d, shapes.d_vocab, (real, config.d_vocab), dtype),
        ];
        for (id, rows, columns, real, dtype) in matrices {
            let bytes = numbers.padded_matrix((rows, columns), real, dtype);
            for sink in [&mut weights as &mut dyn WeightSink, &mut twin] {
                sink.begin_matrix(id, rows, columns, dtype).expect("room");
                sink.write_rows(id, 0, &bytes).expect("room");
            }
        }
        let vectors = [
            (VectorId::QkvBias(0), 3 * shapes.z, shapes.qkv, 0.0),
            (VectorId::OutputBias(0), real, d, 0.0),
            (VectorId::UnembedBias, config.d_vocab, shapes.d_vocab, PADDING_BIAS),
            (VectorId::Ln1Weight(0), real, d, 0.0),
            (VectorId::Ln1Bias(0), real, d, 0.0),
            (VectorId::LnFinalWeight, real, d, 0.0),
            (VectorId::LnFinalBias, real, d, 0.0),
        ];
        for (id, real, width, padding) in vectors {
            let mut values = numbers.take(real);
            values.resize(width, padding);
            for sink in [&mut weights as &mut dyn WeightSink, &mut twin] {
                sink.vector(id, &values).expect("room");
            }
        }
        let capacity = (dims.rows as usize).next_power_of_two().max(64);
        let scratch = Scratch::new(gpu, config, capacity).expect("room");
        let run = Activations::new(gpu, config, capacity).expect("room");
        scratch.dims.write(0, bytemuck::bytes_of(&dims));
        // Few distinct tokens, so that many repeat.
        let tokens: Vec<u32> = (0..dims.rows).map(|_| numbers.next_u32() % 7).collect();
        run.tokens.write(0, bytemuck::cast_slice(&tokens));
        let kernels = Kernels::new(gpu);
        let (gpu, config) = (Rc::clone(gpu), config.clone());
        Bench { gpu, config, shapes, dims, tokens, weights, twin, kernels, scratch, run, numbers }
    }

    /// Random rows of `width`, of which the first `real` numbers are not padding.
    fn rows(&mut self, width: usize, real: usize) -> Vec<f32> {
        let mut rows = Vec::new();
        for _ in 0..self.dims.rows {
            rows.extend(self.numbers.take(real));
            rows.resize(rows.len() + width - real, 0.0);
        }
        rows
    }

    /// q, k and v of moderate size in both places, and the twin's stats of them.
    fn attended(&mut self) -> (Vec<f32>, Vec<f32>, Vec<RowStats>) {
        let qkv = self.rows(self.shapes.qkv, 3 * self.shapes.z);
        self.run.qkv[0].write(0, bytemuck::cast_slice(&qkv));
        let mut z = vec![0.0; self.dims.rows as usize * self.shapes.z];
        let mut stats = vec![RowStats::default(); self.dims.rows as usize * self.config.n_heads];
        let all = Dims { first_row: 0, ..self.dims };
        cpu::attention::attention(&all, &self.config, &self.tokens, &qkv, &mut z, &mut stats);
        (qkv, z, stats)
    }

    fn site(&self) -> Site<'_> {
        let Bench { gpu, kernels, config, weights, scratch, run, .. } = self;
        Site { gpu, kernels, config, weights, scratch, run }
    }

    fn submit(&self, steps: &[Step], dims: &Dims, from: &Tensor, bytes: usize) -> Vec<u8> {
        let read_back = Tensor::new(&self.gpu, "read_back", bytes, Usage::ReadBack).expect("room");
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        steps.iter().for_each(|step| step.record(&mut pass, dims));
        drop(pass);
        let size = (bytes as u64).next_multiple_of(4);
        encoder.copy_buffer_to_buffer(&from.buffer, 0, &read_back.buffer, 0, size);
        self.gpu.queue.submit([encoder.finish()]);
        pollster::block_on(read_back.read(bytes)).expect("a result")
    }

    /// Runs steps and compares the new rows of `from [rows, width]` with the twin's.
    fn compare(&self, what: &str, steps: &[Step], from: &Tensor, width: usize, expected: &[f32]) {
        let bytes = self.submit(steps, &self.dims, from, 4 * self.dims.rows as usize * width);
        let found: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
        self.compare_rows(what, width, &found, expected);
    }

    fn compare_rows(&self, what: &str, width: usize, found: &[f32], expected: &[f32]) {
        let new = self.dims.first_row as usize * width..;
        let (found, expected) = (&found[new.clone()], &expected[new]);
        let largest = expected.iter().fold(1.0, |largest: f32, value| largest.max(value.abs()));
        let shape = [self.dims.new_rows(), width];
        assert_close(what, &shape, found, expected, tolerance::KERNEL * largest);
    }
}

/// A xorshift generator: the same numbers on every machine.
struct Numbers(u32);

impl Numbers {
    fn next_u32(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// Numbers between -1 and 1 that f16 holds exactly.
    fn take(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| (self.next_u32() >> 21) as f32 / 1024.0 - 1.0).collect()
    }

    fn padded_matrix(
        &mut self,
        (rows, columns): (usize, usize),
        real: (usize, usize),
        dtype: WeightDtype,
    ) -> Vec<u8> {
        let mut values = vec![0.0; rows * columns];
        for row in values.chunks_exact_mut(columns).take(real.0) {
            row[..real.1].copy_from_slice(&self.take(real.1));
        }
        match dtype {
            WeightDtype::F32 => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            WeightDtype::F16 => {
                values.iter().flat_map(|&value| half::f16::from_f32(value).to_le_bytes()).collect()
            }
        }
    }
}

#[test]
fn embed_agrees() {
    for positional_embedding in [PositionalEmbedding::Shortformer, PositionalEmbedding::Standard] {
        let config = ModelConfig { positional_embedding, ..CONFIG };
        at_every_size(&config, |bench, what| {
            let Bench { shapes, dims, tokens, twin, run, .. } = &*bench;
            let mut expected = vec![0.0; dims.rows as usize * shapes.d_model];
            let standard = (positional_embedding == PositionalEmbedding::Standard)
                .then(|| twin.matrix(MatrixId::Positions));
            cpu::embed::embed(dims, tokens, twin.matrix(MatrixId::Embed), standard, &mut expected);
            let step = embed::step(bench.site());
            bench.compare(&format!("embed, {what}"), &[step], &run.resid[0], shapes.d_model, &expected);
        });
    }
}

#[test]
fn norm_agrees() {
    for normalization in [None, Some(Normalization::Ln)] {
        let config = ModelConfig { normalization, ..CONFIG };
        at_every_size(&config, |bench, what| {
            let width = bench.shapes.d_model;
            let resid = bench.rows(width, bench.config.d_model);
            let Bench { config, dims, twin, scratch, run, .. } = &*bench;
            run.resid[0].write(0, bytemuck::cast_slice(&resid));
            let mut expected = resid.clone();
            if normalization.is_some() {
                let (weight, bias) = (twin.vector(VectorId::Ln1Weight(0)), twin.vector(VectorId::Ln1Bias(0)));
                cpu::norm::norm(dims, config, &resid, weight, bias, &mut expected);
            }
            let step = || norm::step(bench.site(), Place::Layer(0));
            bench.compare(&format!("norm, {what}"), &[step()], &scratch.x, width, &expected);

            // The second half of x has W_pos added.
            let half = scratch.x.buffer.size() as usize / 2;
            let all = bench.submit(&[step()], dims, &scratch.x, 2 * half);
            let positioned: Vec<f32> = bytemuck::pod_collect_to_vec(&all[half..][..4 * expected.len()]);
            let mut position = vec![0.0; width];
            for (row, expected) in expected.chunks_exact_mut(width).enumerate() {
                twin.matrix(MatrixId::Positions).read_row(row % dims.seq as usize, &mut position);
                expected.iter_mut().zip(&position).for_each(|(x, position)| *x += position);
            }
            bench.compare_rows(&format!("positioned, {what}"), width, &positioned, &expected);
        });
    }
}

#[test]
fn linear_agrees() {
    with_every_row_tile(&CONFIG, |bench, what| {
        let (width, z) = (bench.shapes.d_model, bench.shapes.z);
        let resid = bench.rows(width, bench.config.d_model);
        let mixed = bench.rows(z, z);
        let Bench { shapes, dims, twin, scratch, run, .. } = &*bench;
        run.resid[0].write(0, bytemuck::cast_slice(&resid));
        scratch.z.write(0, bytemuck::cast_slice(&mixed));

        let mut expected = vec![0.0; dims.rows as usize * shapes.qkv];
        let positions = cpu::linear::Positions { table: twin.matrix(MatrixId::Positions), columns: 2 * z };
        let (matrix, bias) = (twin.matrix(MatrixId::Qkv(0)), twin.vector(VectorId::QkvBias(0)));
        cpu::linear::linear(dims, &resid, matrix, bias, Some(positions), None, &mut expected);
        let steps = [norm::step(bench.site(), Place::Layer(0)), linear::qkv(bench.site(), 0)];
        bench.compare(&format!("qkv, {what}"), &steps, &run.qkv[0], shapes.qkv, &expected);

        let mut expected = vec![0.0; resid.len()];
        let (matrix, bias) = (twin.matrix(MatrixId::Output(0)), twin.vector(VectorId::OutputBias(0)));
        cpu::linear::linear(dims, &mixed, matrix, bias, None, Some(&resid), &mut expected);
        let step = linear::output(bench.site(), 0);
        bench.compare(&format!("output, {what}"), &[step], &run.resid[1], width, &expected);
    });
}

#[test]
fn attention_agrees() {
    at_every_size(&CONFIG, |bench, what| {
        let (_, z, stats) = bench.attended();
        let Bench { config, shapes, dims, scratch, run, .. } = &*bench;
        let step = || attention::step(bench.site(), 0);
        bench.compare(&format!("z, {what}"), &[step()], &scratch.z, shapes.z, &z);
        let bytes = bench.submit(&[step()], dims, &run.stats, size_of_val(&stats[..]));
        let found: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
        let width = config.n_heads * size_of::<RowStats>() / 4;
        bench.compare_rows(&format!("stats, {what}"), width, &found, bytemuck::cast_slice(&stats));
    });
}

#[test]
fn log_probs_agrees() {
    with_every_row_tile(&CONFIG, |bench, what| {
        let resid = bench.rows(bench.shapes.d_model, bench.config.d_model);
        let Bench { dims, tokens, twin, run, .. } = &*bench;
        run.resid[1].write(0, bytemuck::cast_slice(&resid));
        let (matrix, bias) = (twin.matrix(MatrixId::Unembed), twin.vector(VectorId::UnembedBias));
        let mut expected = vec![0.0; dims.rows as usize];
        cpu::log_probs::log_probs(dims, 0, tokens, &resid, matrix, bias, &mut expected);
        let [partial_sums, combine] = log_probs::steps(bench.site());
        let steps = [norm::step(bench.site(), Place::Final), partial_sums, combine];
        bench.compare(&format!("log_probs, {what}"), &steps, &run.log_probs, 1, &expected);
    });
}

#[test]
fn logits_agrees() {
    at_every_size(&CONFIG, |bench, what| {
        let width = bench.shapes.d_model;
        let resid = bench.rows(width, bench.config.d_model);
        let Bench { gpu, config, shapes, dims, twin, run, .. } = &*bench;
        run.resid[1].write(0, bytemuck::cast_slice(&resid));
        let row = dims.rows as usize - 1;
        let (matrix, bias) = (twin.matrix(MatrixId::Unembed), twin.vector(VectorId::UnembedBias));
        let expected = cpu::logits::logits(&resid[row * width..], matrix, bias);
        let position = Tensor::word(gpu, "position", row as u32).expect("room");
        let out = Tensor::numbers(gpu, "logits", shapes.d_vocab).expect("room");
        let steps = [norm::step(bench.site(), Place::Final), logits::step(bench.site(), &position, &out)];
        let found: Vec<f32> =
            bytemuck::pod_collect_to_vec(&bench.submit(&steps, dims, &out, 4 * config.d_vocab));
        let expected = &expected[..config.d_vocab];
        assert_close(
            &format!("logits, {what}"),
            &[config.d_vocab],
            &found,
            expected,
            20.0 * tolerance::KERNEL,
        );
    });
}

#[test]
fn pattern_agrees() {
    at_every_size(&CONFIG, |bench, what| {
        let (qkv, _, stats) = bench.attended();
        let Bench { gpu, config, dims, run, .. } = &*bench;
        run.stats.write(0, bytemuck::cast_slice(&stats));
        let seq = dims.seq as usize;
        let mut expected = vec![0.0; seq * seq];
        for head in 1..3 {
            cpu::pattern::add_pattern(dims, config, head, 0.25, &qkv, &stats, &mut expected);
        }
        let selection = Tensor::new(gpu, "selection", size_of::<Selection>(), Usage::Uniform).expect("room");
        // All queries but the first, so that a band's place counts; from the last two heads.
        let (first_query, queries) = (1.min(seq - 1), (seq - 1).max(1));
        let band = (first_query as u32, queries as u32);
        let heads = Selection {
            first_head: 1,
            heads: 2,
            accumulate: 0,
            share: 0.25,
            first_query: band.0,
            queries: band.1,
        };
        selection.write(0, bytemuck::bytes_of(&heads));
        let out = Tensor::numbers(gpu, "pattern", seq * seq).expect("room");
        let step = pattern::step(bench.site(), 0, &selection, queries, &out);
        let bytes = bench.submit(&[step], dims, &out, 4 * queries * seq);
        let found: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
        let expected = &expected[first_query * seq..];
        assert_close(&format!("pattern, {what}"), &[queries, seq], &found, expected, tolerance::KERNEL);
    });
}

#[test]
fn thumbnails_agrees() {
    at_every_size(&CONFIG, |bench, what| {
        let (qkv, _, stats) = bench.attended();
        let Bench { config, dims, scratch, run, .. } = &*bench;
        run.stats.write(0, bytemuck::cast_slice(&stats));
        let expected = cpu::thumbnails::thumbnails(dims, config, &qkv, &stats);
        let step = thumbnails::step(bench.site(), 0);
        let bytes = bench.submit(&[step], dims, &scratch.thumbnails, thumbnails::layer_bytes(config));
        let found = thumbnails::unpadded(&bytes, config.n_heads, dims.seq as usize);
        assert_eq!(found.len(), expected.len(), "thumbnails, {what}");
        for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let close = found.abs_diff(*expected) <= tolerance::THUMBNAIL;
            assert!(close, "thumbnails, {what}: cell {at} is {found}, expected {expected}");
        }
    });
}

#[test]
fn a_wgsl_mistake_is_an_error_and_not_a_zero() {
    let gpu = Rc::new(pollster::block_on(Gpu::open()).expect("an adapter"));
    let kernels = Kernels::new(&gpu);
    let wrong = super::kernel::Source { stem: "wrong", wgsl: "fn wrong( {", entry: "wrong" };
    let refused = pollster::block_on(gpu.checked("a kernel", async || Ok(kernels.get(wrong, &[]))));
    assert_eq!(refused.err().map(|error| error.code()), Some("GpuValidation"));
}

#[test]
fn a_buffer_over_the_limit_says_which_limit_and_by_how_much() {
    let gpu = Rc::new(pollster::block_on(Gpu::open()).expect("an adapter"));
    let error = Tensor::new(&gpu, "huge", 1 << 60, Usage::Storage).expect_err("too large");
    let text = error.to_string();
    assert_eq!(error.code(), "GpuLimit");
    assert!(text.contains("huge") && text.contains("maxStorageBufferBindingSize"), "{text}");
}

#[test]
fn what_is_freed_is_used_again() {
    let gpu = Rc::new(pollster::block_on(Gpu::open()).expect("an adapter"));
    let bench = Bench::new(&gpu, &CONFIG, WeightDtype::F16, Dims::new(65, 1, 0));
    let Bench { config, weights, tokens, .. } = bench;
    let model = pollster::block_on(Model::new(&gpu, config, weights)).expect("a model");
    let run = || pollster::block_on(model.run(&tokens, 1, None)).expect("a run");
    drop((run(), run()));
    let settled = gpu.allocated_bytes();
    for _ in 0..5 {
        drop((run(), run()));
        assert_eq!(gpu.allocated_bytes(), settled);
    }
}
