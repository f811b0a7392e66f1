//! Step `stripe`: one diagonal of every head's pattern in one layer. Shader: shaders/stripe.wgsl.

use super::attention::head_constants;
use super::kernel::{Site, Source, Step, covering};
use super::tensor::Tensor;

const SOURCE: Source =
    Source { stem: "stripe", wgsl: include_str!("../../shaders/stripe.wgsl"), entry: "weights_on_stripe" };

/// `offset` is a uniform of four u32 whose first is the distance; `stripe` gets `[rows, H]`.
pub(super) fn step(site: Site, layer: usize, offset: &Tensor, stripe: wgpu::BindingResource) -> Step {
    let Site { gpu, kernels, config, scratch, run, .. } = site;
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
