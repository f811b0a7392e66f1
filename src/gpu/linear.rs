//! Steps `linear`: q, k and v of a layer, and its heads' output. Shader: shaders/linear.wgsl.

use super::device::Gpu;
use super::kernel::{Kernels, Source, Step, covering};
use super::pass::PassContext;
use super::tensor::Tensor;
use super::weights::Matrix;
use crate::model::{
    BufferId, MatrixId, NormAt, PositionalEmbedding, QkvInput, Shapes, VectorId, normalized_stream,
};

const SOURCE: Source = Source::of_product("linear", include_str!("../../shaders/linear.wgsl"), "linear");

/// Column tiles and row tiles of a workgroup.
const WORKGROUP: (usize, usize) = (16, 4);

/// Operands of a product.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operands<'a> {
    /// `[rows, K]`.
    pub x: &'a Tensor,
    /// `[rows, K]`, which this many first columns read in place of x.
    pub x_pos: Option<(&'a Tensor, usize)>,
    /// `[K, N]`.
    pub matrix: &'a Matrix,
    /// `[N]`.
    pub bias: Option<&'a Tensor>,
    /// `[rows, N]`.
    pub residual: Option<&'a Tensor>,
    /// `[rows, N]`.
    pub out: &'a Tensor,
}

/// Where the operands that a product does without are bound, and where its sizes stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bindings<'a> {
    /// A buffer that no kernel reads.
    pub unbound: &'a Tensor,
    /// A uniform that holds the `Dims`.
    pub dims: &'a Tensor,
}

/// `[q | k | v]` of a layer. With shortformer positions q and k read the positioned stream.
pub(super) fn qkv(pass: PassContext, layer: usize, input: QkvInput) -> Step {
    let PassContext { config, weights, .. } = pass;
    let (x, x_pos, bias) = match input {
        QkvInput::Stream => {
            let columns = 2 * Shapes::of(config).z;
            let shortformer = config.positional_embedding == PositionalEmbedding::Shortformer;
            (
                pass.buffer(normalized_stream(config, NormAt::Layer(layer))),
                shortformer.then(|| (pass.buffer(BufferId::XPos), columns)),
                Some(weights.vector(VectorId::QkvBias(layer))),
            )
        }
        QkvInput::Positions => (&weights.matrix(MatrixId::Positions).tensor, None, None),
    };
    let matrix = weights.matrix(MatrixId::Qkv(layer));
    step(pass, Operands { x, x_pos, matrix, bias, residual: None, out: pass.buffer(BufferId::Qkv(layer)) })
}

/// `resid_post = resid_pre + z W_O + b_O` of a layer.
pub(super) fn output(pass: PassContext, layer: usize) -> Step {
    let operands = Operands {
        x: pass.buffer(BufferId::Z),
        x_pos: None,
        matrix: pass.weights.matrix(MatrixId::Output(layer)),
        bias: Some(pass.weights.vector(VectorId::OutputBias(layer))),
        residual: Some(pass.buffer(BufferId::Resid(layer))),
        out: pass.buffer(BufferId::Resid(layer + 1)),
    };
    step(pass, operands)
}

fn step(pass: PassContext, operands: Operands) -> Step {
    let bindings = Bindings { unbound: pass.weights.unbound(), dims: &pass.buffers.scratch().dims };
    product(pass.gpu, pass.kernels, bindings, operands)
}

/// The product of the rows that the `Dims` say.
pub(super) fn product(gpu: &Gpu, kernels: &Kernels, bindings: Bindings, operands: Operands) -> Step {
    Step::cut_by_rows(gpu.row_tiles, |quads| cut_product(gpu, kernels, bindings, &operands, quads))
}

fn cut_product(
    gpu: &Gpu,
    kernels: &Kernels,
    Bindings { unbound, dims }: Bindings,
    operands: &Operands,
    quads: u32,
) -> Step {
    let Operands { x, x_pos, matrix, bias, residual, out } = *operands;
    let [f16, n8, k4] = matrix.constants();
    let given = |operand: Option<&Tensor>| f64::from(u8::from(operand.is_some()));
    let constants = [
        f16,
        n8,
        k4,
        ("ROW_QUADS", f64::from(quads)),
        ("POSITIONED_COLUMNS", x_pos.map_or(0, |(_, columns)| columns) as f64),
        ("BIAS", given(bias)),
        ("RESIDUAL", given(residual)),
    ];
    let columns = covering(matrix.column_tiles(), WORKGROUP.0);
    let rows = WORKGROUP.1 * 4 * quads as usize;
    kernels.get(SOURCE, &constants).step(
        gpu,
        &[
            &[
                (0, dims.binding()),
                (1, bias.unwrap_or(unbound).binding()),
                (2, residual.unwrap_or(unbound).binding()),
                (3, out.binding()),
                (4, x_pos.map_or(unbound, |(x_pos, _)| x_pos).binding()),
            ],
            &[(0, matrix.tensor.binding()), (1, x.binding())],
        ],
        move |dims| [columns, covering(dims.new_rows(), rows), 1],
    )
}
