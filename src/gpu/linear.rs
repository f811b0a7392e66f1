//! Steps `linear`: q, k and v of a layer, and its heads' output. Shader: shaders/linear.wgsl.

use super::device::Gpu;
use super::kernel::{Kernels, Site, Source, Step, covering};
use super::tensor::Tensor;
use super::weights::Matrix;
use crate::model::{MatrixId, PositionalEmbedding, Shapes, VectorId};

const SOURCE: Source =
    Source { stem: "linear", wgsl: include_str!("../../shaders/linear.wgsl"), entry: "linear" };

/// Column tiles, and row tiles, of a workgroup.
const WORKGROUP: (usize, usize) = (16, 4);

/// `[q | k | v]` of a layer; with shortformer positions q and k read the positioned copy of x.
pub(super) fn qkv(site: Site, layer: usize) -> Step {
    let Site { config, weights, scratch, run, .. } = site;
    let positioned_columns = match config.positional_embedding {
        PositionalEmbedding::Shortformer => 2 * Shapes::of(config).z,
        PositionalEmbedding::Standard => 0,
    };
    let buffers = Buffers {
        x: &scratch.x,
        matrix: weights.matrix(MatrixId::Qkv(layer)),
        bias: weights.vector(VectorId::QkvBias(layer)),
        residual: None,
        out: &run.qkv[layer],
    };
    step(site, buffers, positioned_columns)
}

/// `resid_post = resid_pre + z W_O + b_O` of a layer.
pub(super) fn output(site: Site, layer: usize) -> Step {
    let Site { weights, scratch, run, .. } = site;
    let buffers = Buffers {
        x: &scratch.z,
        matrix: weights.matrix(MatrixId::Output(layer)),
        bias: weights.vector(VectorId::OutputBias(layer)),
        residual: Some(&run.resid[layer]),
        out: &run.resid[layer + 1],
    };
    step(site, buffers, 0)
}

/// What a product reads and writes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Buffers<'a> {
    pub x: &'a Tensor,
    pub matrix: &'a Matrix,
    pub bias: &'a Tensor,
    pub residual: Option<&'a Tensor>,
    pub out: &'a Tensor,
}

fn step(site: Site, buffers: Buffers, positioned_columns: usize) -> Step {
    let Site { gpu, kernels, weights, scratch, .. } = site;
    product(gpu, kernels, weights.nothing(), &scratch.dims, buffers, positioned_columns)
}

/// A product of the rows that `dims` says. `nothing` stands for the residual where there is none.
pub(super) fn product(
    gpu: &Gpu,
    kernels: &Kernels,
    nothing: &Tensor,
    dims: &Tensor,
    buffers: Buffers,
    positioned_columns: usize,
) -> Step {
    let cut = |quads| cut_product(gpu, kernels, (nothing, dims), &buffers, positioned_columns, quads);
    Step::cut_by_rows(gpu.row_tiles, cut)
}

fn cut_product(
    gpu: &Gpu,
    kernels: &Kernels,
    (nothing, dims): (&Tensor, &Tensor),
    buffers: &Buffers,
    positioned_columns: usize,
    quads: u32,
) -> Step {
    let [f16, n8, k4] = buffers.matrix.constants();
    let constants = [
        f16,
        n8,
        k4,
        ("ROW_QUADS", f64::from(quads)),
        ("POSITIONED_COLUMNS", positioned_columns as f64),
        ("RESIDUAL", f64::from(u8::from(buffers.residual.is_some()))),
    ];
    let columns = covering(buffers.matrix.column_tiles(), WORKGROUP.0);
    let rows = WORKGROUP.1 * 4 * quads as usize;
    kernels.get(SOURCE, &constants).step(
        gpu,
        &[
            &[
                (0, dims.binding()),
                (1, buffers.bias.binding()),
                (2, buffers.residual.unwrap_or(nothing).binding()),
                (3, buffers.out.binding()),
            ],
            &[(0, buffers.matrix.tensor.binding()), (1, buffers.x.binding())],
        ],
        move |dims| [columns, covering(dims.new_rows(), rows), 1],
    )
}
