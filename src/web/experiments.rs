//! The experiments, as the worker calls them.

use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::{Engine, record, to_js};
use crate::experiments::RepeatedTokens;

/// What a repeated-sequence experiment runs: a draw, or given rows.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepeatedOptions {
    seq_len: usize,
    batch: usize,
    seed: u32,
    tokens: Option<Vec<Vec<u32>>>,
}

#[wasm_bindgen]
impl Engine {
    /// `{ tokens, logProbs, meanFirst, meanSecond, stripe, strict, sd }` of `{ seqLen, batch, seed, tokens }`.
    pub async fn repeated(&self, model: u32, options: JsValue) -> Result<JsValue, JsValue> {
        let model = self.models.get(model)?;
        let RepeatedOptions { seq_len, batch, seed, tokens } = serde_wasm_bindgen::from_value(options)?;
        let tokens = match tokens {
            Some(rows) => RepeatedTokens::given(&rows),
            None => model.draw_repeated(seq_len, batch, seed),
        };
        record(&model.repeated(&tokens.map_err(to_js)?).await.map_err(to_js)?)
    }
}
