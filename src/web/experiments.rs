//! The experiments, as the worker calls them.

use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::{Engine, record, to_js};
use crate::detectors::Thresholds;
use crate::experiments::RepeatedTokens;
use crate::model::{Ablation, AblationKind, ModelConfig};

/// What a repeated-sequence experiment runs: a draw, or given rows.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepeatedOptions {
    seq_len: usize,
    batch: usize,
    seed: u32,
    tokens: Option<Vec<Vec<u32>>>,
}

/// Which heads are switched off, and on what: the rows of a repeated sequence, or a run by its handle.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AblateOptions {
    heads: Vec<String>,
    kind: AblationKind,
    tokens: Option<Vec<Vec<u32>>>,
    #[serde(default)]
    run: u32,
    active: f64,
    fraction: f64,
    mean: f64,
}

impl AblateOptions {
    fn ablation(&self, config: &ModelConfig) -> crate::Result<Ablation> {
        let heads: crate::Result<Vec<_>> = self.heads.iter().map(|name| config.head_named(name)).collect();
        Ablation::new(config, self.kind, &heads?)
    }

    fn thresholds(&self) -> Thresholds {
        Thresholds { active: self.active, fraction: self.fraction, mean: self.mean }
    }
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

    /// `{ loss, lossIncrease, strict, detect }` of `{ heads, kind, tokens | run, active, fraction, mean }`.
    pub async fn ablate(&self, model: u32, options: JsValue) -> Result<JsValue, JsValue> {
        let model = self.models.get(model)?;
        let options: AblateOptions = serde_wasm_bindgen::from_value(options)?;
        let ablation = options.ablation(model.config()).map_err(to_js)?;
        let ablated = match &options.tokens {
            Some(rows) => {
                let tokens = RepeatedTokens::given(rows).map_err(to_js)?;
                model.ablate_repeated(&tokens, &ablation, &options.thresholds()).await
            }
            None => self.runs.get(options.run)?.ablate(&ablation, &options.thresholds()).await,
        };
        record(&ablated.map_err(to_js)?)
    }

    /// How much the loss grows, of the same options.
    pub async fn loss_increase(&self, model: u32, options: JsValue) -> Result<f64, JsValue> {
        let model = self.models.get(model)?;
        let options: AblateOptions = serde_wasm_bindgen::from_value(options)?;
        let ablation = options.ablation(model.config()).map_err(to_js)?;
        let increase = match &options.tokens {
            Some(rows) => {
                let tokens = RepeatedTokens::given(rows).map_err(to_js)?;
                model.repeated_loss_increase(&tokens, &ablation).await
            }
            None => self.runs.get(options.run)?.loss_increase(&ablation).await,
        };
        increase.map_err(to_js)
    }
}
