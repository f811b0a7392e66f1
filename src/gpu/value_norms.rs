//! Step `value_norms`: how large a head's values are. Shader: shaders/value_norms.wgsl.

use super::attention::head_constants;
use super::kernel::{Site, Source, Step, covering};
use super::tensor::Tensor;
use crate::model::MatrixId;

const SOURCE: Source = Source {
    stem: "value_norms",
    wgsl: include_str!("../../shaders/value_norms.wgsl"),
    entry: "value_norms",
};

/// `head` is a uniform of four u32 whose first is the head; `norms` gets `[seq]` pairs.
pub(super) fn step(site: Site, layer: usize, head: &Tensor, norms: &Tensor) -> Step {
    let Site { gpu, kernels, config, weights, scratch, run } = site;
    let output = weights.matrix(MatrixId::Output(layer));
    let [heads, c4, qkv4, _] = head_constants(config);
    let [f16, n8, _] = output.constants();
    kernels.get(SOURCE, &[heads, c4, qkv4, f16, n8]).step(
        gpu,
        &[
            &[
                (0, scratch.dims.binding()),
                (1, head.binding()),
                (2, run.qkv[layer].binding()),
                (3, norms.binding()),
            ],
            &[(0, output.tensor.binding())],
        ],
        |dims| [covering(dims.seq as usize, 64), 1, 1],
    )
}
