//! Every kernel against its CPU twin, on random numbers, at sizes that fill no tile.

mod experiments;
mod faults;
mod figures;
mod forward;
mod mlp;
mod shards;

use std::rc::Rc;

use super::buffers::{Buffers, Scratch};
use super::cut::{Candidate, Cuts, Products};
use super::device::Gpu;
use super::kernel::{Kernels, Step};
use super::pass::PassContext;
use super::submit::compute;
use super::tensor::Tensor;
use super::weights::Weights;
use crate::checkpoint::{Block, WeightDtype, WeightSink};
use crate::cpu;
use crate::model::{
    BufferId, Dims, Heads, MatrixId, ModelConfig, PADDING_BIAS, PositionalEmbedding, RowStats, Shapes, Size,
    VectorId,
};

#[path = "../../../tests/native/support/close.rs"]
mod close;
#[path = "../../../tests/native/support/tolerance.rs"]
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
    heads: Heads::PLAIN,
    mlp: None,
    tied_unembedding: false,
};

/// Models whose heads differ: each has its own keys; two share keys, of which a query sees the last 21.
fn kinds_of_heads() -> [ModelConfig; 2] {
    let heads = Heads {
        n_key_value_heads: Some(2),
        scale: Some(0.4),
        scale_by_inverse_layer: true,
        windows: vec![Some(21)],
        ..Heads::PLAIN
    };
    [CONFIG, ModelConfig { n_heads: 4, heads, ..CONFIG }]
}

/// The same random weights on both backends, and buffers on the GPU.
struct Bench {
    gpu: Rc<Gpu>,
    config: ModelConfig,
    shapes: Shapes,
    dims: Dims,
    tokens: Vec<u32>,
    weights: Weights,
    twin: cpu::Weights,
    /// Compiled once for all sizes: no constant depends on them.
    kernels: Rc<Kernels>,
    buffers: Buffers,
    numbers: Numbers,
}

/// Every type of weights.
const DTYPES: [WeightDtype; 3] = [WeightDtype::F16, WeightDtype::Bf16, WeightDtype::F32];

/// Calls `check` with every size and both families of kernels, for a kernel that reads no matrix.
fn at_every_run_size(config: &ModelConfig, check: impl Fn(&mut Bench, &str)) {
    for products in [Products::ByInvocations, Products::ByWorkgroups] {
        let gpu = pollster::block_on(Gpu::open()).expect("an adapter").with_products(products);
        at_every_size_on(&Rc::new(gpu), config, (&DTYPES[..1], &SIZES), |bench, what| {
            check(bench, &format!("{products:?}, {what}"))
        });
    }
}

/// Calls `check` with every size and weight type.
fn at_every_size(config: &ModelConfig, check: impl Fn(&mut Bench, &str)) {
    let gpu = Rc::new(pollster::block_on(Gpu::open()).expect("an adapter"));
    at_every_size_on(&gpu, config, (&DTYPES, &SIZES), check);
}

/// The same with matrices in shards of at most this many bytes.
fn in_shards(bytes: u64, config: &ModelConfig, check: impl Fn(&mut Bench, &str)) {
    let gpu = pollster::block_on(Gpu::open()).expect("an adapter").with_shards_of(bytes);
    // A run that goes on, and a batch.
    at_every_size_on(&Rc::new(gpu), config, (&DTYPES, &SIZES[7..]), |bench, what| {
        check(bench, &format!("in shards, {what}"))
    });
}

/// The same with every way to cut products, whatever this device would choose. Where the device reads f16
/// as such, weights in f16 are read so too.
fn with_every_cut(config: &ModelConfig, check: impl Fn(&mut Bench, &str)) {
    for candidate in [Candidate::HalfInvocations, Candidate::HalfWorkgroups] {
        let gpu = pollster::block_on(Gpu::open()).expect("an adapter");
        if gpu.has_half() {
            gpu.set_candidate(candidate);
            at_every_size_on(&Rc::new(gpu), config, (&DTYPES, &SIZES[3..7]), |bench, what| {
                check(bench, &format!("{candidate:?}, {what}"))
            });
        }
    }
    let by_invocations = [1, 2, 4].map(|quads| Cuts::Invocations { quads, few_rows: 3 });
    // All wide, all narrow.
    let by_workgroups = [0, usize::MAX / 2].map(|enough| Cuts::Workgroups { enough });
    for cuts in by_invocations.into_iter().chain(by_workgroups) {
        let gpu = pollster::block_on(Gpu::open()).expect("an adapter");
        gpu.set_cuts(cuts);
        at_every_size_on(&Rc::new(gpu), config, (&DTYPES, &SIZES), |bench, what| {
            check(bench, &format!("{cuts:?}, {what}"))
        });
    }
}

fn at_every_size_on(
    gpu: &Rc<Gpu>,
    config: &ModelConfig,
    (dtypes, sizes): (&[WeightDtype], &[(usize, usize, usize)]),
    check: impl Fn(&mut Bench, &str),
) {
    let kernels = Rc::new(Kernels::new(gpu));
    for &dtype in dtypes {
        for &(seq, batch, first_row) in sizes {
            let what = format!("{dtype:?}, {batch} x {seq} tokens from row {first_row}");
            let dims = Dims::new(seq, batch, first_row);
            check(&mut Bench::new(gpu, &kernels, config, dtype, dims), &what);
        }
    }
}

impl Bench {
    fn new(
        gpu: &Rc<Gpu>,
        kernels: &Rc<Kernels>,
        config: &ModelConfig,
        dtype: WeightDtype,
        dims: Dims,
    ) -> Self {
        let mut numbers = Numbers(0x9e37_79b9);
        let shapes = Shapes::of(config);
        let mut weights = Weights::new(gpu).expect("room");
        let mut twin = cpu::Weights::default();
        let (d, real, d_mlp) = (shapes.d_model, config.d_model, config.size(Size::Mlp));
        let (heads, hidden) = (shapes.z + 2 * shapes.kv, shapes.mlp_in);
        let mut matrices = vec![
            (MatrixId::Qkv(0), (real, heads), dtype),
            (MatrixId::Output(0), (shapes.z, real), dtype),
            (MatrixId::Unembed, (real, config.d_vocab), dtype),
        ];
        if config.positional_embedding.has_matrix() {
            matrices.push((MatrixId::Positions, (config.n_ctx, real), WeightDtype::F32));
        }
        if !config.tied_unembedding {
            matrices.push((MatrixId::Embed, (config.d_vocab, real), dtype));
        }
        if config.mlp.is_some() {
            matrices.push((MatrixId::MlpIn(0), (real, hidden), dtype));
            matrices.push((MatrixId::MlpOut(0), (d_mlp, real), dtype));
        }
        for (id, real, dtype) in matrices {
            let [rows, columns] = id.shape(config);
            let bytes = numbers.padded_matrix((rows, columns), real, dtype);
            for sink in [&mut weights as &mut dyn WeightSink, &mut twin] {
                sink.begin_matrix(id, rows, columns, dtype).expect("room");
                sink.write(id, Block::of_rows(0..rows, columns), &bytes).expect("room");
            }
        }
        let vectors = [
            (VectorId::QkvBias(0), heads, shapes.qkv, 0.0),
            (VectorId::QkNormWeight(0), 2 * shapes.d_head, 2 * shapes.d_head, 0.0),
            (VectorId::MlpInBias(0), hidden, hidden, 0.0),
            (VectorId::MlpLnWeight(0), d_mlp, shapes.d_mlp, 0.0),
            (VectorId::MlpLnBias(0), d_mlp, shapes.d_mlp, 0.0),
            (VectorId::MlpOutBias(0), real, d, 0.0),
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
        let scratch = Rc::new(Scratch::new(gpu, config, capacity).expect("room"));
        let buffers = Buffers::new(gpu, config, capacity, &scratch).expect("room");
        scratch.dims.write(0, bytemuck::bytes_of(&dims));
        // Few distinct tokens, so that many repeat, from the whole vocabulary.
        let step = config.d_vocab as u32 / 7;
        let tokens: Vec<u32> = (0..dims.rows).map(|_| numbers.next_u32() % 7 * step).collect();
        buffers.get(BufferId::Tokens).write(0, bytemuck::cast_slice(&tokens));
        let kernels = Rc::clone(kernels);
        let (gpu, config) = (Rc::clone(gpu), config.clone());
        Bench { gpu, config, shapes, dims, tokens, weights, twin, kernels, buffers, numbers }
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

    /// Writes q, k and v of moderate size, and returns them with the twin's z and statistics.
    fn attended(&mut self) -> (Vec<f32>, Vec<f32>, Vec<RowStats>) {
        let qkv = self.rows(self.shapes.qkv, self.shapes.z + 2 * self.shapes.kv);
        self.write(BufferId::Qkv(0), &qkv);
        let mut z = vec![0.0; self.dims.rows as usize * self.shapes.z];
        let mut stats = vec![RowStats::default(); self.dims.rows as usize * self.config.n_heads];
        let all = Dims { first_row: 0, ..self.dims };
        cpu::attention::attention(&all, (&self.config, 0), &self.tokens, &qkv, &mut z, &mut stats);
        (qkv, z, stats)
    }

    /// Overwrites the beginning of a buffer.
    fn write<T: bytemuck::NoUninit>(&self, id: BufferId, values: &[T]) {
        self.buffers.get(id).write(0, bytemuck::cast_slice(values));
    }

    fn context(&self) -> PassContext<'_> {
        let Bench { gpu, kernels, config, weights, buffers, .. } = self;
        PassContext { gpu, kernels, config, weights, buffers }
    }

    fn submit(&self, steps: &[Step], dims: &Dims, from: &Tensor, bytes: usize) -> Vec<u8> {
        pollster::block_on(compute(&self.gpu, steps, (&self.buffers.scratch().dims, dims), from, bytes))
            .expect("a result")
    }

    /// Runs steps and compares the new rows of `from [rows, width]` with the twin's.
    fn compare(&self, what: &str, steps: &[Step], from: BufferId, width: usize, expected: &[f32]) {
        let bytes =
            self.submit(steps, &self.dims, self.buffers.get(from), 4 * self.dims.rows as usize * width);
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
            WeightDtype::Bf16 => {
                values.iter().flat_map(|&value| half::bf16::from_f32(value).to_le_bytes()).collect()
            }
        }
    }
}
