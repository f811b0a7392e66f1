//! Step `qk_norm`: normalizes the queries and keys of one layer. Shader: shaders/qk_norm.wgsl.

use super::heads;
use super::kernel::{Source, Step, covering};
use super::pass::PassContext;
use crate::model::{BufferId, VectorId};

const SOURCE: Source = Source::new("qk_norm", include_str!("../../shaders/qk_norm.wgsl"), "qk_norm");

/// Normalizes the new rows of q and k.
pub(super) fn step(pass: PassContext, layer: usize) -> Step {
    let PassContext { gpu, kernels, config, weights, .. } = pass;
    let parts = heads::parts(config);
    let mut constants = heads::places(config).to_vec();
    constants.extend([("EPS", config.eps), ("D_HEAD", config.d_head as f64), ("PARTS", parts as f64)]);
    kernels.get(SOURCE, &constants).step(
        gpu,
        &[&[
            (0, pass.dims()),
            (1, weights.vector(VectorId::QkNormWeight(layer)).binding()),
            (2, pass.binding(BufferId::Qkv(layer))),
        ]],
        move |dims| [covering(dims.new_rows() * parts, 64), 1, 1],
    )
}
