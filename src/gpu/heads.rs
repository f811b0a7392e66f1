//! The constants by which a kernel finds a head's queries, keys and values. Shader: shaders/common.wgsl.

use crate::model::{Dims, ModelConfig, Shapes};

/// `H` and `C4` of shaders/common.wgsl: where a head's part of z stands.
pub(super) fn of_z(config: &ModelConfig) -> [(&'static str, f64); 2] {
    [("H", config.n_heads as f64), ("C4", (Shapes::of(config).d_head / 4) as f64)]
}

/// `H`, `C4`, `QKV4` and `GROUP` of shaders/common.wgsl: where a head's query, key and value stand.
pub(super) fn places(config: &ModelConfig) -> [(&'static str, f64); 4] {
    let [h, c4] = of_z(config);
    let group = config.n_heads / config.n_key_value_heads();
    [h, c4, ("QKV4", (Shapes::of(config).qkv / 4) as f64), ("GROUP", group as f64)]
}

/// The constants of a layer's scores: `places`, and `SCALE` and `WINDOW` of shaders/common.wgsl.
pub(super) fn of_scores(config: &ModelConfig, layer: usize) -> [(&'static str, f64); 6] {
    let [h, c4, qkv4, group] = places(config);
    let window = config.heads.window(layer).map_or(WIDEST, |window| window.min(WIDEST));
    [h, c4, qkv4, group, ("SCALE", config.score_scale(layer)), ("WINDOW", window as f64)]
}

/// Queries and keys of a row: `PARTS` of the kernels that change both.
pub(super) fn parts(config: &ModelConfig) -> usize {
    config.n_heads + config.n_key_value_heads()
}

/// A window that is wider than any text: `WINDOW` where a query sees all keys before it.
const WIDEST: usize = 1 << 31;

/// How much longer the multiply-adds of heads take than those of products: six times on an H100.
const SLOWER: usize = 6;

/// Multiply-adds of a query with all keys of its sequences, in all heads of a layer, where each key takes
/// so many products of `d_head` numbers. Counted as so many of a product with weights as take the same
/// time.
pub(super) fn work_of_query(
    config: &ModelConfig,
    layer: usize,
    products: usize,
) -> impl Fn(&Dims) -> f64 + use<> {
    let numbers = SLOWER * products * config.n_heads * Shapes::of(config).d_head;
    let window = config.heads.window(layer).unwrap_or(usize::MAX);
    move |dims| (dims.batch as usize * dims.end_query().min(window) * numbers) as f64
}
