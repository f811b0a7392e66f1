//! Steps `copying`: how often a head raises the token that it moves above all others.
//! Shader: shaders/copying.wgsl.

use std::rc::Rc;

use super::device::Gpu;
use super::kernel::{Kernels, Source, Step, covering};
use super::linear::{Bindings, Operands, product};
use super::tensor::{Tensor, Usage};
use super::weights::{Matrix, Weights};
use crate::checkpoint::WeightDtype;
use crate::error::Result;
use crate::model::{Dims, MatrixId, ModelConfig, Shapes};

const WGSL: &str = include_str!("../../shaders/copying.wgsl");
const EMBEDDING_ROWS: Source = Source::of_product("copying", WGSL, "embedding_rows");
const OWN_ENTRIES: Source = Source::of_product("copying", WGSL, "own_entries");
const COUNT: Source = Source::of_product("copying", WGSL, "count");

/// Column tiles of one invocation.
const TILES: usize = 4;

/// Lanes of a workgroup along the columns and along the rows.
const WORKGROUP: (usize, usize) = (16, 4);

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
    /// f32 `[K, V]`.
    right: Matrix,
    /// f32 `[rows, D]`.
    embedded: Tensor,
    /// f32 `[rows, K]`.
    left: Tensor,
    /// f32 `[rows]`.
    own: Tensor,
}

impl Buffered {
    /// Allocates for `rows` rows at a time, with the factors `values [D, K]` and `output [K, D]`.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit).
    pub fn new(
        gpu: &Rc<Gpu>,
        config: &ModelConfig,
        rows: usize,
        width: usize,
        (values, output): (&[f32], &[f32]),
    ) -> Result<Self> {
        let shapes = Shapes::of(config);
        let numbers = |label: &str, count: usize| Tensor::numbers(gpu, label, count);
        let matrix = |label: &str, rows: usize, columns: usize| -> Result<Matrix> {
            let tensor = numbers(label, rows * columns)?;
            Ok(Matrix { tensor, rows, columns, dtype: WeightDtype::F32 })
        };
        let buffered = Buffered {
            dims: Tensor::new(gpu, "dims", size_of::<Dims>(), Usage::Uniform)?,
            first: Tensor::new(gpu, "first", 16, Usage::Uniform)?,
            at_least: numbers("at_least", rows)?,
            values: matrix("values", shapes.d_model, width)?,
            output: numbers("output", width * shapes.d_model)?,
            right: matrix("right", width, shapes.d_vocab)?,
            embedded: numbers("embedded", rows * shapes.d_model)?,
            left: numbers("left", rows * width)?,
            own: numbers("own", rows)?,
        };
        buffered.values.tensor.write(0, bytemuck::cast_slice(values));
        buffered.output.write(0, bytemuck::cast_slice(output));
        Ok(buffered)
    }

    /// Makes rows of `right = W_O W_U`. The rows that `dims` says are rows of `K`.
    pub fn right(&self, gpu: &Gpu, kernels: &Kernels, weights: &Weights) -> Step {
        let matrix = weights.matrix(MatrixId::Unembed);
        self.product(gpu, kernels, weights, (&self.output, matrix, &self.right.tensor))
    }

    /// Counts the rows that `dims` and `first` say, into `at_least`.
    pub fn counts(&self, gpu: &Gpu, kernels: &Kernels, weights: &Weights, config: &ModelConfig) -> [Step; 4] {
        let embed = weights.matrix(MatrixId::Embed);
        let ([f16, n8, _], tiles) = (embed.constants(), embed.column_tiles());
        let embedding_rows = kernels.get(EMBEDDING_ROWS, &[f16, n8]).step(
            gpu,
            &[
                &[(0, self.dims.binding()), (1, self.first.binding()), (2, self.embedded.binding())],
                &[(0, embed.tensor.binding())],
            ],
            move |dims| [covering(tiles, 64), dims.rows, 1],
        );
        let left = self.product(gpu, kernels, weights, (&self.embedded, &self.values, &self.left));
        let factors = [(0, self.right.tensor.binding()), (1, self.left.binding())];
        let own_entries = kernels.get(OWN_ENTRIES, &self.right.constants()).step(
            gpu,
            &[&[(0, self.dims.binding()), (1, self.first.binding()), (3, self.own.binding())], &factors],
            |dims| [covering(dims.rows as usize, 64), 1, 1],
        );
        let count = Step::cut_by_rows(gpu.row_tiles, |quads| self.count(gpu, kernels, config, quads));
        [embedding_rows, left, own_entries, count]
    }

    fn count(&self, gpu: &Gpu, kernels: &Kernels, config: &ModelConfig, quads: u32) -> Step {
        let [f16, n8, k4] = self.right.constants();
        let constants = [
            f16,
            n8,
            k4,
            ("ROW_QUADS", f64::from(quads)),
            ("D_VOCAB", config.d_vocab as f64),
            ("TILES", TILES as f64),
        ];
        let shares = covering(self.right.column_tiles(), TILES * WORKGROUP.0);
        let rows = WORKGROUP.1 * 4 * quads as usize;
        kernels.get(COUNT, &constants).step(
            gpu,
            &[
                &[
                    (0, self.dims.binding()),
                    (1, self.first.binding()),
                    (3, self.own.binding()),
                    (4, self.at_least.binding()),
                ],
                &[(0, self.right.tensor.binding()), (1, self.left.binding())],
            ],
            move |dims| [shares, covering(dims.rows as usize, rows), 1],
        )
    }

    fn product(
        &self,
        gpu: &Gpu,
        kernels: &Kernels,
        weights: &Weights,
        (x, matrix, out): (&Tensor, &Matrix, &Tensor),
    ) -> Step {
        let bindings = Bindings { unbound: weights.unbound(), dims: &self.dims };
        let operands = Operands { x, x_pos: None, matrix, bias: None, residual: None, out };
        product(gpu, kernels, bindings, operands)
    }
}
