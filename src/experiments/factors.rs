//! A head's weights: four factors of width `d_head`.

use crate::model::{ModelConfig, Shapes};

/// One head's weights, each `[d_head, d_model]`, without padding.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeadFactors {
    /// `W_Q` transposed.
    pub q: Vec<f32>,
    /// `W_K` transposed.
    pub k: Vec<f32>,
    /// `W_V` transposed.
    pub v: Vec<f32>,
    /// `W_O`.
    pub o: Vec<f32>,
}

impl HeadFactors {
    /// Every head of a layer, from its padded matrices `[W_Q | W_K | W_V] [D, qkv]` and `W_O [H * C, D]`.
    /// Heads that share keys and values have equal factors of them.
    pub fn of_layer(config: &ModelConfig, qkv: &[f32], output: &[f32]) -> Vec<Self> {
        let shapes = Shapes::of(config);
        let group = config.n_heads / config.n_key_value_heads();
        let transposed = |part: usize, head: usize| {
            let from = part + head * shapes.d_head;
            let column =
                |c: usize| qkv.chunks_exact(shapes.qkv).take(config.d_model).map(move |row| row[from + c]);
            (0..config.d_head).flat_map(column).collect()
        };
        let rows = |head: usize| {
            let head = &output[head * shapes.d_head * shapes.d_model..];
            let rows = head.chunks_exact(shapes.d_model).take(config.d_head);
            rows.flat_map(|row| &row[..config.d_model]).copied().collect()
        };
        (0..config.n_heads)
            .map(|head| HeadFactors {
                q: transposed(0, head),
                k: transposed(shapes.z, head / group),
                v: transposed(shapes.z + shapes.kv, head / group),
                o: rows(head),
            })
            .collect()
    }
}
