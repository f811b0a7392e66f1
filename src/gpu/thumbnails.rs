//! Step `thumbnails`: every head's pattern of a layer, small. Shader: shaders/thumbnails.wgsl.

use super::attention::head_constants;
use super::kernel::{Site, Source, Step, covering};
use crate::model::{ModelConfig, THUMBNAIL_SIDE};

const SOURCE: Source =
    Source { stem: "thumbnails", wgsl: include_str!("../../shaders/thumbnails.wgsl"), entry: "max_pooled" };

/// Bytes of one layer's thumbnails at their largest.
pub(super) fn layer_bytes(config: &ModelConfig) -> usize {
    config.n_heads * THUMBNAIL_SIDE * THUMBNAIL_SIDE
}

pub(super) fn step(site: Site, layer: usize) -> Step {
    let Site { gpu, kernels, config, scratch, run, .. } = site;
    let heads = config.n_heads as u32;
    let bytes = layer_bytes(config);
    let [h, c4, qkv4, scale] = head_constants(config);
    kernels.get(SOURCE, &[h, c4, qkv4, scale, ("LARGEST_SIDE", THUMBNAIL_SIDE as f64)]).step(
        gpu,
        &[&[
            (0, scratch.dims.binding()),
            (1, run.qkv[layer].binding()),
            (2, run.stats_of(layer)),
            (3, scratch.thumbnails.part(layer * bytes, bytes)),
        ]],
        move |dims| {
            let side = (dims.seq as usize).min(THUMBNAIL_SIDE);
            [covering(side, 64), covering(side, 4), heads]
        },
    )
}

/// Drops the padding of each row of cells, which the kernel rounds up to four.
pub(super) fn unpadded(cells: &[u8], heads: usize, seq: usize) -> Vec<u8> {
    let side = seq.min(THUMBNAIL_SIDE);
    let padded = side.next_multiple_of(4);
    cells.chunks_exact(padded).take(heads * side).flat_map(|row| &row[..side]).copied().collect()
}
