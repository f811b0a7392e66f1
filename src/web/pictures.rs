//! Patterns and thumbnails of a run, as the worker calls them.

use js_sys::{Float32Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::{Engine, floats, object, to_js};
use crate::model::thumbnail_side;

#[wasm_bindgen]
impl Engine {
    /// One head's attention pattern, `[query_pos, key_pos]`, of the queries from `first_row` on.
    pub async fn pattern(
        &self,
        run: u32,
        layer: usize,
        head: usize,
        first_row: usize,
    ) -> Result<Float32Array, JsValue> {
        floats(self.runs.get(run)?.pattern_from(layer, head, first_row).await)
    }

    /// The mean of all heads' patterns, `[query_pos, key_pos]`, of the queries from `first_row` on.
    pub async fn mean_pattern(&self, run: u32, first_row: usize) -> Result<Float32Array, JsValue> {
        floats(self.runs.get(run)?.mean_pattern(first_row).await)
    }

    /// `{ side, cells }`: max-pooled patterns of layers, `[layer, head, side, side]`, 255 is a weight of 1.
    pub async fn thumbnails(&self, run: u32, layers: Vec<usize>) -> Result<JsValue, JsValue> {
        let run = self.runs.get(run)?;
        let side = thumbnail_side(run.ids().len());
        let cells = Uint8Array::from(&run.thumbnails(&layers).await.map_err(to_js)?[..]);
        object(&[("side", (side as f64).into()), ("cells", cells.into())])
    }
}
