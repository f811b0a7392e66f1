//! Step `attention`: z and the detectors' ingredients of one layer. Shader: shaders/attention.wgsl.

use super::kernel::{Site, Source, Step, covering};
use crate::model::{ModelConfig, Shapes};

const SOURCE: Source =
    Source { stem: "attention", wgsl: include_str!("../../shaders/attention.wgsl"), entry: "attention" };

/// Queries of one workgroup.
const QUERIES: usize = 16;

/// The constants by which a kernel finds a head's queries and keys in a row of `[q | k | v]`.
pub(super) fn head_constants(config: &ModelConfig) -> [(&'static str, f64); 4] {
    let shapes = Shapes::of(config);
    [
        ("H", config.n_heads as f64),
        ("C4", (shapes.d_head / 4) as f64),
        ("QKV4", (shapes.qkv / 4) as f64),
        ("SCALE", 1.0 / (config.d_head as f64).sqrt()),
    ]
}

pub(super) fn step(site: Site, layer: usize) -> Step {
    let Site { gpu, kernels, config, scratch, run, .. } = site;
    let heads = config.n_heads as u32;
    kernels.get(SOURCE, &head_constants(config)).step(
        gpu,
        &[&[
            (0, scratch.dims.binding()),
            (1, run.tokens.binding()),
            (2, run.qkv[layer].binding()),
            (3, scratch.z.binding()),
            (4, run.stats_of(layer)),
        ]],
        move |dims| {
            let queries = (dims.seq - dims.first_row) as usize;
            [covering(queries, QUERIES), heads, dims.batch]
        },
    )
}
