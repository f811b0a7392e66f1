//! Step `stripe`: one diagonal of every head's pattern in one layer. Shader: shaders/stripe.wgsl.

use super::activations::Activations;
use super::attention::head_constants;
use super::device::Gpu;
use super::kernel::{Kernels, Source, Step, covering};
use super::scratch::Scratch;
use super::tensor::Tensor;
use crate::model::ModelConfig;

const SOURCE: Source =
    Source { stem: "stripe", wgsl: include_str!("../../shaders/stripe.wgsl"), entry: "weights_on_stripe" };

/// `offset` is a uniform of four u32 whose first is the distance; `stripe` gets `[rows, H]`.
pub(super) fn step(
    gpu: &Gpu,
    kernels: &Kernels,
    config: &ModelConfig,
    scratch: &Scratch,
    run: &Activations,
    (layer, offset): (usize, &Tensor),
    stripe: wgpu::BindingResource,
) -> Step {
    let heads = config.n_heads;
    kernels.get(SOURCE, &head_constants(config)).step(
        gpu,
        &[&[
            (0, scratch.dims.binding()),
            (1, offset.binding()),
            (2, run.qkv[layer].binding()),
            (3, run.stats_of(layer)),
            (4, stripe),
        ]],
        move |dims| [covering(dims.rows as usize * heads, 64), 1, 1],
    )
}
