//! Step `norm`: normalizes the residual stream. Shader: shaders/norm.wgsl.

use super::kernel::{Source, Step};
use super::pass::PassContext;
use crate::model::{BufferId, NormAt, Normalization, Shapes, residual_stream};

const SOURCE: Source = Source::new("norm", include_str!("../../shaders/norm.wgsl"), "norm");

/// Writes the new rows of `X` from the residual stream.
pub(super) fn step(pass: PassContext, at: NormAt) -> Step {
    let PassContext { gpu, kernels, config, weights, .. } = pass;
    let (weight, bias) = at.vectors();
    let constants = [
        ("EPS", config.eps),
        ("D4", (Shapes::of(config).d_model / 4) as f64),
        ("D_MODEL", config.d_model as f64),
        ("CENTRES", f64::from(u8::from(config.normalization.is_none_or(Normalization::centres)))),
    ];
    kernels.get(SOURCE, &constants).step(
        gpu,
        &[&[
            (0, pass.dims()),
            (1, pass.binding(residual_stream(config, at))),
            (2, weights.vector(weight).binding()),
            (3, weights.vector(bias).binding()),
            (4, pass.binding(BufferId::X)),
        ]],
        |dims| [dims.new_rows() as u32, 1, 1],
    )
}
