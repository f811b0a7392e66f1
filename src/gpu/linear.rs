//! Steps `linear`: q, k and v of a layer, its heads' output, and both sides of its MLP.
//! Shader: shaders/linear.wgsl.

use super::cut::Cut;
use super::device::Gpu;
use super::kernel::{Axis, Kernels, Source, Step, covering};
use super::matrix::{Matrix, Place, Shard};
use super::pass::PassContext;
use super::tensor::Tensor;
use crate::model::{
    BufferId, MatrixId, NormAt, PositionalEmbedding, QkvInput, Shapes, VectorId, attention_output,
    normalized_stream,
};

const WGSL: &str = include_str!("../../shaders/linear.wgsl");
const LINEAR: Source = Source::of_shared_product("linear", WGSL, "linear");
const LINEAR_SHARED: Source = Source::of_shared_product("linear", WGSL, "linear_shared");

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
    pub out: Out<'a>,
}

/// Where a product goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Out<'a> {
    /// Whole rows.
    Rows(&'a Tensor),
    /// A matrix that has the shards of the weights. Such a product has no bias and no residual.
    Shards(&'a Matrix),
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
pub(super) fn qkv(pass: PassContext, layer: usize, input: QkvInput) -> Vec<Step> {
    let PassContext { config, weights, .. } = pass;
    let (x, x_pos, bias) = match input {
        QkvInput::Stream => {
            let Shapes { z, kv, .. } = Shapes::of(config);
            let shortformer = config.positional_embedding == PositionalEmbedding::Shortformer;
            (
                pass.buffer(normalized_stream(config, NormAt::Layer(layer))),
                shortformer.then(|| (pass.buffer(BufferId::XPos), z + kv)),
                Some(weights.vector(VectorId::QkvBias(layer))),
            )
        }
        QkvInput::Positions => (weights.positions(), None, None),
    };
    let matrix = weights.matrix(MatrixId::Qkv(layer));
    steps(
        pass,
        Operands {
            x,
            x_pos,
            matrix,
            bias,
            residual: None,
            out: Out::Rows(pass.buffer(BufferId::Qkv(layer))),
        },
    )
}

/// `resid_pre + z W_O + b_O` of a layer.
pub(super) fn output(pass: PassContext, layer: usize) -> Vec<Step> {
    let operands = Operands {
        x: pass.buffer(BufferId::Z),
        x_pos: None,
        matrix: pass.weights.matrix(MatrixId::Output(layer)),
        bias: Some(pass.weights.vector(VectorId::OutputBias(layer))),
        residual: Some(pass.buffer(BufferId::Resid(layer))),
        out: Out::Rows(pass.buffer(attention_output(pass.config, layer))),
    };
    steps(pass, operands)
}

/// The input of the activation of a layer's MLP.
pub(super) fn mlp_in(pass: PassContext, layer: usize) -> Vec<Step> {
    let operands = Operands {
        x: pass.buffer(normalized_stream(pass.config, NormAt::Mlp(layer))),
        x_pos: None,
        matrix: pass.weights.matrix(MatrixId::MlpIn(layer)),
        bias: Some(pass.weights.vector(VectorId::MlpInBias(layer))),
        residual: None,
        out: Out::Rows(pass.buffer(BufferId::MlpIn)),
    };
    steps(pass, operands)
}

/// The stream after a layer's MLP.
pub(super) fn mlp_out(pass: PassContext, layer: usize) -> Vec<Step> {
    let operands = Operands {
        x: pass.buffer(BufferId::MlpHidden),
        x_pos: None,
        matrix: pass.weights.matrix(MatrixId::MlpOut(layer)),
        bias: Some(pass.weights.vector(VectorId::MlpOutBias(layer))),
        residual: Some(pass.buffer(BufferId::Mid)),
        out: Out::Rows(pass.buffer(BufferId::Resid(layer + 1))),
    };
    steps(pass, operands)
}

fn steps(pass: PassContext, operands: Operands) -> Vec<Step> {
    let bindings = Bindings { unbound: pass.weights.unbound(), dims: &pass.buffers.scratch().dims };
    product(pass.gpu, pass.kernels, bindings, operands)
}

/// The product of the rows that the `Dims` say: a step for each shard of the matrix.
pub(super) fn product(gpu: &Gpu, kernels: &Kernels, bindings: Bindings, operands: Operands) -> Vec<Step> {
    let step = |(number, shard): (usize, &Shard)| {
        let (out, place) = match operands.out {
            Out::Rows(out) => (out, operands.matrix.place(shard)),
            Out::Shards(out) => (&out.shards[number].tensor, shard.place_by_itself()),
        };
        Step::cut(gpu.cuts(), shard.tiles, |cut| {
            cut_product(gpu, kernels, bindings, &operands, (shard, place, out), cut)
        })
    };
    operands.matrix.shards.iter().enumerate().map(step).collect()
}

fn cut_product(
    gpu: &Gpu,
    kernels: &Kernels,
    Bindings { unbound, dims }: Bindings,
    operands: &Operands,
    (shard, place, out): (&Shard, Place, &Tensor),
    cut: Cut,
) -> Step {
    let Operands { x, x_pos, matrix, bias, residual, .. } = *operands;
    let given = |operand: Option<&Tensor>| f64::from(u8::from(operand.is_some()));
    let mut constants = matrix.product_constants(shard);
    constants.extend(place);
    constants.extend(cut.constants());
    constants.extend([
        ("POSITIONED_COLUMNS", x_pos.map_or(0, |(_, columns)| columns) as f64),
        ("BIAS", given(bias)),
        ("RESIDUAL", given(residual)),
    ]);
    let work = matrix.work_of_row(shard);
    let (columns, rows) = (covering(shard.tiles, cut.column_tiles()), cut.rows());
    kernels
        .get(cut.either(LINEAR, LINEAR_SHARED), &constants)
        .step(
            gpu,
            &[
                &[
                    (0, dims.binding()),
                    (1, bias.unwrap_or(unbound).binding()),
                    (2, residual.unwrap_or(unbound).binding()),
                    (3, out.binding()),
                    (4, x_pos.map_or(unbound, |(x_pos, _)| x_pos).binding()),
                ],
                &[(0, shard.tensor.binding()), (1, x.binding())],
            ],
            move |dims| [columns, covering(dims.new_rows(), rows), 1],
        )
        .long(Axis::Rows, rows, move |_| work)
}
