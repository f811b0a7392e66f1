//! The constants by which a kernel finds a head's queries, keys and values. Shader: shaders/common.wgsl.

use crate::model::{ModelConfig, Shapes};

/// `H`, `C4`, `QKV4` and `SCALE` of shaders/common.wgsl.
pub(super) fn constants(config: &ModelConfig) -> [(&'static str, f64); 4] {
    let shapes = Shapes::of(config);
    [
        ("H", config.n_heads as f64),
        ("C4", (shapes.d_head / 4) as f64),
        ("QKV4", (shapes.qkv / 4) as f64),
        ("SCALE", 1.0 / (config.d_head as f64).sqrt()),
    ]
}
