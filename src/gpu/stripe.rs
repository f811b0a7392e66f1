//! Step `stripe`: one diagonal of every head's pattern in one layer. Shader: shaders/stripe.wgsl.

use super::heads;
use super::kernel::{Source, Step, covering};
use super::pass::PassContext;
use super::tensor::Tensor;
use crate::model::BufferId;

const SOURCE: Source = Source::new("stripe", include_str!("../../shaders/stripe.wgsl"), "weights_on_stripe");

/// Writes `stripe [rows, H]`. `offset` is a uniform of four u32 whose first is the distance.
pub(super) fn step(pass: PassContext, layer: usize, offset: &Tensor, stripe: wgpu::BindingResource) -> Step {
    let PassContext { gpu, kernels, config, .. } = pass;
    let n_heads = config.n_heads;
    kernels.get(SOURCE, &heads::of_scores(config, layer)).step(
        gpu,
        &[
            &[
                (0, pass.dims()),
                (1, offset.binding()),
                (2, pass.binding(BufferId::Stats(layer))),
                (3, stripe),
            ],
            &[(2, pass.binding(BufferId::Qkv(layer)))],
        ],
        move |dims| [covering(dims.rows as usize * n_heads, 64), 1, 1],
    )
}
