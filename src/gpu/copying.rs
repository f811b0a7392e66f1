//! Steps `copying`: how often a head raises the token that it moves above all others.
//! Shader: shaders/copying.wgsl.

use std::rc::Rc;

use super::cut::Cut;
use super::device::Gpu;
use super::embed;
use super::kernel::{Axis, Kernels, Source, Step, covering};
use super::linear::{Bindings, Operands, Out, product};
use super::matrix::{Matrix, Shard};
use super::tensor::{Tensor, Usage};
use super::weights::Weights;
use crate::checkpoint::{Block, WeightDtype};
use crate::error::Result;
use crate::model::{Dims, MatrixId, ModelConfig, Shapes};

const WGSL: &str = include_str!("../../shaders/copying.wgsl");
const EMBEDDING_ROWS: Source = Source::of_product("copying", WGSL, "embedding_rows");
const EMBEDDING_COLUMNS: Source = Source::of_product("copying", WGSL, "embedding_columns");
const OWN_ENTRIES: Source = Source::of_product("copying", WGSL, "own_entries");
const COUNT: Source = Source::of_product("copying", WGSL, "count");

/// Column tiles of one invocation.
const TILES: usize = 4;

/// Buffers of one experiment, for up to a number of rows at a time.
#[derive(Debug)]
pub(super) struct Buffered {
    /// `Dims`.
    pub dims: Tensor,
    /// Four u32, the first the id of the first row.
    pub first: Tensor,
    /// u32 `[rows]`.
    pub at_least: Tensor,
    /// f32 `[D, K]`.
    values: Matrix,
    /// f32 `[K, D]`.
    output: Tensor,
    /// f32 `[K, V]`, in the shards of `W_U`.
    right: Matrix,
    /// f32 `[rows, D]`.
    embedded: Tensor,
    /// f32 `[rows, K]`.
    left: Tensor,
    /// f32 `[rows]`.
    own: Tensor,
}

impl Buffered {
    /// Allocates for `rows` rows at a time, with the factors `values [D, K]` and `output [K, D]` and the
    /// shards of `unembed [D, V]`.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit).
    pub fn new(
        gpu: &Rc<Gpu>,
        config: &ModelConfig,
        unembed: &Matrix,
        (rows, width): (usize, usize),
        (values, output): (&[f32], &[f32]),
    ) -> Result<Self> {
        let shapes = Shapes::of(config);
        let numbers = |label: &str, count: usize| Tensor::numbers(gpu, label, count);
        let buffered = Buffered {
            dims: Tensor::new(gpu, "dims", size_of::<Dims>(), Usage::Uniform)?,
            first: Tensor::new(gpu, "first", 16, Usage::Uniform)?,
            at_least: numbers("at_least", rows)?,
            values: Matrix::new(gpu, "values", [shapes.d_model, width], WeightDtype::F32, 1)?,
            output: numbers("output", width * shapes.d_model)?,
            right: Matrix::with_shards_of(gpu, "right", width, unembed)?,
            embedded: numbers("embedded", rows * shapes.d_model)?,
            left: numbers("left", rows * width)?,
            own: numbers("own", rows)?,
        };
        buffered.values.write(&Block::of_rows(0..shapes.d_model, width), bytemuck::cast_slice(values));
        buffered.output.write(0, bytemuck::cast_slice(output));
        Ok(buffered)
    }

    /// Makes rows of `right = W_O W_U`. The rows that `dims` says are rows of `K`.
    pub fn right(&self, gpu: &Gpu, kernels: &Kernels, weights: &Weights) -> Vec<Step> {
        let matrix = weights.matrix(MatrixId::Unembed);
        self.product(gpu, kernels, weights, (&self.output, matrix, Out::Shards(&self.right)))
    }

    /// Counts the rows that `dims` and `first` say, into `at_least`.
    pub fn counts(&self, gpu: &Gpu, kernels: &Kernels, weights: &Weights, config: &ModelConfig) -> Vec<Step> {
        let mut steps = self.embedding_rows(gpu, kernels, weights, config);
        let left = Out::Rows(&self.left);
        steps.extend(self.product(gpu, kernels, weights, (&self.embedded, &self.values, left)));
        let shards = &self.right.shards;
        steps.extend(shards.iter().map(|shard| self.own_entries(gpu, kernels, shard)));
        let cuts = gpu.cuts().by_invocations();
        let count =
            |shard: &Shard| Step::cut(cuts, shard.tiles, |cut| self.count(gpu, kernels, config, shard, cut));
        steps.extend(shards.iter().map(count));
        steps
    }

    fn embedding_rows(
        &self,
        gpu: &Gpu,
        kernels: &Kernels,
        weights: &Weights,
        config: &ModelConfig,
    ) -> Vec<Step> {
        let (matrix, tied) = embed::table(config, weights);
        let d8 = Shapes::of(config).d_model / 8;
        let step = |shard: &Shard| {
            let (source, tiles) = if tied { (EMBEDDING_COLUMNS, d8) } else { (EMBEDDING_ROWS, shard.tiles) };
            let constants: Vec<_> = matrix.placed(shard).chain([("D8", d8 as f64)]).collect();
            kernels.get(source, &constants).step(
                gpu,
                &[
                    &[(0, self.dims.binding()), (1, self.first.binding()), (2, self.embedded.binding())],
                    &[(0, shard.tensor.binding())],
                ],
                move |dims| [covering(tiles, 64), dims.rows, 1],
            )
        };
        matrix.shards.iter().map(step).collect()
    }

    fn own_entries(&self, gpu: &Gpu, kernels: &Kernels, shard: &Shard) -> Step {
        let mut constants = self.right.product_constants(shard);
        constants.extend(self.right.place(shard));
        kernels.get(OWN_ENTRIES, &constants).step(
            gpu,
            &[
                &[(0, self.dims.binding()), (1, self.first.binding()), (3, self.own.binding())],
                &[(0, shard.tensor.binding()), (1, self.left.binding())],
            ],
            |dims| [covering(dims.rows as usize, 64), 1, 1],
        )
    }

    fn count(&self, gpu: &Gpu, kernels: &Kernels, config: &ModelConfig, shard: &Shard, cut: Cut) -> Step {
        let mut constants = self.right.product_constants(shard);
        constants.extend(self.right.place(shard));
        constants.extend(cut.constants());
        constants.extend([("D_VOCAB", config.d_vocab as f64), ("TILES", TILES as f64)]);
        let shares = covering(shard.tiles, TILES * cut.column_tiles());
        let (rows, work) = (cut.rows(), self.right.work_of_row(shard));
        kernels
            .get(COUNT, &constants)
            .step(
                gpu,
                &[
                    &[
                        (0, self.dims.binding()),
                        (1, self.first.binding()),
                        (3, self.own.binding()),
                        (4, self.at_least.binding()),
                    ],
                    &[(0, shard.tensor.binding()), (1, self.left.binding())],
                ],
                move |dims| [shares, covering(dims.new_rows(), rows), 1],
            )
            .long(Axis::Rows, rows, move |_| work)
    }

    fn product(
        &self,
        gpu: &Gpu,
        kernels: &Kernels,
        weights: &Weights,
        (x, matrix, out): (&Tensor, &Matrix, Out),
    ) -> Vec<Step> {
        let bindings = Bindings { unbound: weights.unbound(), dims: &self.dims };
        let operands = Operands { x, x_pos: None, matrix, bias: None, residual: None, out };
        product(gpu, kernels, bindings, operands)
    }
}
