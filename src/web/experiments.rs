//! The experiments, as the worker calls them.

use std::rc::Rc;

use js_sys::Float32Array;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use super::{Engine, floats, object, record, strings, to_js};
use crate::detectors::Thresholds;
use crate::experiments::{CopyingCounts, RepeatedTokens};
use crate::model::{Ablation, AblationKind, LogitTarget, ModelConfig};
use crate::session::WeightedBy;

/// The repeated tokens of an experiment: drawn from a seed, or given.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepeatedOptions {
    seq_len: usize,
    batch: usize,
    seed: u32,
    tokens: Option<Vec<Vec<u32>>>,
}

/// Which heads and MLPs are ablated, and in what run: of repeated tokens, or of a run by its handle.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AblateOptions {
    heads: Vec<String>,
    #[serde(default)]
    mlps: Vec<usize>,
    kind: AblationKind,
    tokens: Option<Vec<Vec<u32>>>,
    #[serde(default)]
    run: u32,
    // A loss needs no thresholds.
    #[serde(default)]
    active: f64,
    #[serde(default)]
    fraction: f64,
    #[serde(default)]
    mean: f64,
}

impl AblateOptions {
    fn ablation(&self, config: &ModelConfig) -> crate::Result<Ablation> {
        let heads: crate::Result<Vec<_>> = self.heads.iter().map(|name| config.head_named(name)).collect();
        Ablation::new(config, self.kind, &heads?, &self.mlps)
    }

    fn thresholds(&self) -> Thresholds {
        Thresholds { active: self.active, fraction: self.fraction, mean: self.mean }
    }
}

#[wasm_bindgen]
impl Engine {
    /// Runs repeated tokens: `{ tokens, logProbs, meanFirst, meanSecond, stripe, strict, sd, stripeSd }` of
    /// `{ seqLen, batch, seed, tokens }`.
    pub async fn repeated(&self, model: u32, options: JsValue) -> Result<JsValue, JsValue> {
        let model = self.models.get(model)?;
        let RepeatedOptions { seq_len, batch, seed, tokens } = options_of(options)?;
        let tokens = match tokens {
            Some(rows) => RepeatedTokens::given(&rows),
            None => model.draw_repeated(seq_len, batch, seed),
        };
        record(&model.repeated(&tokens.map_err(to_js)?).await.map_err(to_js)?)
    }

    /// Ablates heads and MLPs: `{ loss, lossIncrease, stripe, strict, detect }` of
    /// `{ heads, mlps, kind, tokens | run, active, fraction, mean }`.
    pub async fn ablate(&self, model: u32, options: JsValue) -> Result<JsValue, JsValue> {
        let model = self.models.get(model)?;
        let options: AblateOptions = options_of(options)?;
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

    /// Runs the tokens of a run again with heads ablated, by `{ heads, kind }`; returns the new run's handle.
    pub async fn ablated_run(&self, run: u32, options: JsValue) -> Result<u32, JsValue> {
        let run = self.runs.get(run)?;
        let options: AblateOptions = options_of(options)?;
        let ablation = options.ablation(run.config()).map_err(to_js)?;
        Ok(self.runs.insert(run.ablated(&ablation).await.map_err(to_js)?))
    }

    /// The growth of the loss, of the same options.
    pub async fn loss_increase(&self, model: u32, options: JsValue) -> Result<f64, JsValue> {
        let model = self.models.get(model)?;
        let options: AblateOptions = options_of(options)?;
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

    /// `{ components, values, logits }`: what adds to a logit at each position. `target` is empty for the
    /// next token, one id, or two ids for the difference of their logits. `values` is `[row, component]`.
    pub async fn attribution(&self, model: u32, run: u32, target: Vec<u32>) -> Result<JsValue, JsValue> {
        let target = match target[..] {
            [] => LogitTarget::Next,
            [id] => LogitTarget::Token(id),
            [one, other] => LogitTarget::Difference(one, other),
            _ => return Err(invalid("a target should be one token, or two")),
        };
        let (model, run) = (self.models.get(model)?, self.runs.get(run)?);
        let found = model.attribution(&run, target).await.map_err(to_js)?;
        object(&[
            ("components", strings(&found.components)),
            ("values", Float32Array::from(&found.values[..]).into()),
            ("logits", Float32Array::from(&found.logits[..]).into()),
        ])
    }

    /// One head's attention pattern, each weight times the norm of its key's value (`'value'`), or of that
    /// value times `W_O` (`'output'`); of the queries from `first_row` on.
    pub async fn weighted_pattern(
        &self,
        run: u32,
        layer: usize,
        head: usize,
        by: String,
        first_row: usize,
    ) -> Result<Float32Array, JsValue> {
        let by = match by.as_str() {
            "value" => WeightedBy::Value,
            "output" => WeightedBy::Output,
            _ => return Err(invalid("a weighting should be 'value' or 'output'")),
        };
        floats(self.runs.get(run)?.weighted_pattern(layer, head, by, first_row).await)
    }

    /// `{ Q, K, V, deeper, baseline }`: composition scores of every pair of heads, or of the heads of two
    /// layers. `layers` is empty, or an earlier and a later layer.
    pub async fn composition(&self, model: u32, layers: Vec<u32>, seed: u32) -> Result<JsValue, JsValue> {
        let model = self.models.get(model)?;
        let found = match layers[..] {
            [] => model.composition(seed).await,
            [from, to] => model.composition_between(from as usize, to as usize, seed).await,
            _ => return Err(invalid("layers should be an earlier and a later one")),
        };
        record(&found.map_err(to_js)?)
    }

    /// Every head of layer 0's previous-token score by positions alone.
    pub async fn position_scores(&self, model: u32) -> Result<JsValue, JsValue> {
        record(&self.models.get(model)?.position_scores().await.map_err(to_js)?)
    }

    /// Starts a copying experiment on the sum of these heads; returns its handle.
    pub async fn start_copying(&self, model: u32, heads: Vec<String>) -> Result<u32, JsValue> {
        let model = self.models.get(model)?;
        let heads: crate::Result<Vec<_>> = heads.iter().map(|name| model.config().head_named(name)).collect();
        let copying = model.copying(&heads.map_err(to_js)?).await.map_err(to_js)?;
        Ok(self.copyings.insert(Rc::new(copying)))
    }

    /// Takes one step of a tenth of a second or so: `{ rows, top1, top5, total }`, the counts so far. The
    /// last step, after which `rows` is `total`, frees the experiment.
    pub async fn step_copying(&self, copying: u32) -> Result<JsValue, JsValue> {
        #[derive(Serialize)]
        struct Progress {
            #[serde(flatten)]
            counts: CopyingCounts,
            total: usize,
        }
        let experiment = self.copyings.get(copying)?;
        experiment.step().await.map_err(to_js)?;
        if experiment.is_done() {
            self.copyings.remove(copying);
        }
        record(&Progress { counts: experiment.counts(), total: experiment.total() })
    }

    /// Frees a copying experiment before its last step.
    pub fn free_copying(&self, copying: u32) {
        self.copyings.remove(copying);
    }
}

/// The options of a method, from a record.
fn options_of<Options: DeserializeOwned>(given: JsValue) -> Result<Options, JsValue> {
    serde_wasm_bindgen::from_value(given).map_err(|error| invalid(&error.to_string()))
}

fn invalid(message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    error.set_name("OptionInvalid");
    error.into()
}
