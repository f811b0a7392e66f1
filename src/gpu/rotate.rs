//! Step `rotate`: turns the queries and keys of one layer. Shader: shaders/rotate.wgsl.

use super::heads;
use super::kernel::{Source, Step, covering};
use super::pass::PassContext;
use crate::model::{BufferId, Pairing, PositionalEmbedding};

const SOURCE: Source = Source::new("rotate", include_str!("../../shaders/rotate.wgsl"), "rotate");

/// Turns the new rows of q and k; nothing in a model without rotary positions.
pub(super) fn step(pass: PassContext, layer: usize) -> Option<Step> {
    let PassContext { gpu, kernels, config, .. } = pass;
    let PositionalEmbedding::Rotary(rotary) = config.positional_embedding else { return None };
    let (pairs, parts) = (rotary.dims / 2, heads::parts(config));
    let mut constants = heads::places(config).to_vec();
    constants.extend([
        ("PAIRS", pairs as f64),
        ("PARTS", parts as f64),
        ("ADJACENT", f64::from(u8::from(rotary.pairing == Pairing::Adjacent))),
    ]);
    Some(kernels.get(SOURCE, &constants).step(
        gpu,
        &[&[
            (0, pass.dims()),
            (1, pass.binding(BufferId::Rotations)),
            (2, pass.binding(BufferId::Qkv(layer))),
        ]],
        move |dims| [covering(parts * pairs, 64), dims.new_rows() as u32, 1],
    ))
}
