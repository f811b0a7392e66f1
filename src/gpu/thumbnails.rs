//! Step `thumbnails`: the pooled pattern of every head of a layer. Shader: shaders/thumbnails.wgsl.

use super::cut::Products;
use super::heads;
use super::kernel::{Axis, Source, Step, covering};
use super::pass::PassContext;
use crate::model::{BufferId, THUMBNAIL_SIDE, first_cell, thumbnail_side};

const SOURCE: Source = Source::new("thumbnails", include_str!("../../shaders/thumbnails.wgsl"), "max_pooled");

/// Invocations of a workgroup.
const INVOCATIONS: usize = 64;

/// Invocations that share four cells. A GPU needs many at work. Software takes longer for each: it has few.
const LANES: usize = 64;
const FEW_LANES: usize = 4;

/// Writes a layer's thumbnails `cells [H, side, side rounded up to 4]`, from the first new row's on.
pub(super) fn step(pass: PassContext, layer: usize, cells: wgpu::BindingResource) -> Step {
    let PassContext { gpu, kernels, config, .. } = pass;
    let n_heads = config.n_heads as u32;
    let mut constants = heads::of_scores(config, layer).to_vec();
    let lanes = match gpu.products() {
        Products::ByInvocations => FEW_LANES,
        Products::ByWorkgroups => LANES,
    };
    constants.extend([("LARGEST_SIDE", THUMBNAIL_SIDE as f64), ("LANES", lanes as f64)]);
    kernels
        .get(SOURCE, &constants)
        .step(
            gpu,
            &[
                &[(0, pass.dims()), (1, pass.binding(BufferId::Stats(layer))), (2, cells)],
                &[(2, pass.binding(BufferId::Qkv(layer)))],
            ],
            move |dims| {
                let side = thumbnail_side(dims.seq as usize);
                let end =
                    if dims.rows < dims.seq { first_cell(&dims.part(dims.end_query()..0)) } else { side };
                let rows = end - first_cell(dims);
                [covering(rows * side.div_ceil(4), INVOCATIONS / lanes), n_heads, 1]
            },
        )
        .long(Axis::Queries, 1, heads::work_of_query(config, layer, 1))
}
