//! The JavaScript interface, which the worker calls. Arrays cross as typed arrays, records as plain
//! objects, errors as `Error` objects with a stable `name` and a `data` record.

mod experiments;
mod pictures;
mod team;
mod tokenizer;
mod tuning;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use js_sys::{Array, Float32Array, Object, Promise, Reflect, Uint8Array, Uint32Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::checkpoint::{ByteSource, Checkpoint};
use crate::detectors::Thresholds;
use crate::error::Error;
use crate::model::{ModelConfig, NotFinite};
use crate::session::{self, Copying, Model, Preference, Run};
use crate::tokenizer::prepends_bos;

/// The engine of one worker: a backend, its models and their runs, by handle.
#[wasm_bindgen]
pub struct Engine {
    inner: session::Engine,
    models: Table<Model>,
    runs: Table<Run>,
    copyings: Table<Copying>,
}

#[wasm_bindgen]
impl Engine {
    /// Opens `'auto'`, `'webgpu'` or `'cpu'`. The CPU backend divides large matrices between it and helpers.
    /// `tuning` says how a GPU multiplies: `'rule'`, or a candidate, with the `rate` that was measured of it
    /// where it is a remembered one. Without a word the candidates are timed.
    pub async fn open(
        backend: String,
        helpers: Option<team::Helpers>,
        tuning: Option<String>,
        rate: Option<f64>,
    ) -> Result<Engine, JsValue> {
        tell_panics();
        let preference = match backend.as_str() {
            "webgpu" => Preference::WebGpu,
            "cpu" => Preference::Cpu,
            _ => Preference::Auto,
        };
        let tuning = tuning::options(tuning.as_deref(), rate);
        let inner = session::Engine::open_with(preference, tuning).await.map_err(to_js)?;
        let inner = inner.with_team(helpers.map(|helpers| Rc::new(team::Workers(helpers)) as _));
        Ok(Engine { inner, models: Table::default(), runs: Table::default(), copyings: Table::default() })
    }

    /// `{ backend, adapter, software, reason, tuning }`: `tuning` is that of [`tuning`](Self::tuning).
    pub fn info(&self) -> Result<JsValue, JsValue> {
        #[derive(Serialize)]
        struct Info<'a> {
            backend: &'a str,
            adapter: &'a str,
            software: bool,
            reason: Option<&'a str>,
            tuning: Option<tuning::Told>,
        }
        let reason = self.inner.reason();
        record(&match self.inner.gpu() {
            Some(gpu) => {
                let (adapter, software) = (gpu.adapter_name(), gpu.is_software());
                let tuning = Some(tuning::told(gpu));
                Info { backend: "webgpu", adapter, software, reason, tuning }
            }
            None => Info { backend: "cpu", adapter: "CPU", software: false, reason, tuning: None },
        })
    }

    /// `{ products, chosen, source, rate, times }` of a GPU: the family of its kernels, the candidate, who
    /// has chosen it, its multiply-adds a second, and `{ candidate, product, unembedding, fault }` of each
    /// that was timed, in seconds. Null on the CPU.
    pub fn tuning(&self) -> Result<JsValue, JsValue> {
        record(&self.inner.gpu().map(tuning::told))
    }

    /// Why the GPU is gone, if it is.
    pub fn is_lost(&self) -> Option<String> {
        self.inner.gpu().and_then(|gpu| gpu.lost())
    }

    /// Bytes of GPU memory in use.
    pub fn gpu_bytes(&self) -> f64 {
        self.inner.gpu().map_or(0.0, |gpu| gpu.allocated_bytes() as f64)
    }

    /// Loads a model from its weights files, which are read by ranges, and returns its handle. `names` are
    /// the files' names, and `index_json` is the hub's index of them, if there is one. `config_json` may be
    /// absent or incomplete: the names and shapes of the tensors give the sizes. `tokenizer` promises a
    /// `Tokenizer` of the tokenizer's module. One that can't be used is told by
    /// [`model_info`](Self::model_info), and the model runs on ids. `half` keeps matrices in f32 as f16.
    #[allow(clippy::too_many_arguments, reason = "one call from JavaScript, and each file is optional")]
    pub async fn load_model(
        &self,
        weights: Vec<web_sys::Blob>,
        names: Vec<String>,
        index_json: Option<String>,
        config_json: Option<String>,
        tokenizer: Option<Promise>,
        half: bool,
    ) -> Result<u32, JsValue> {
        let files = names.into_iter().zip(weights.into_iter().map(BlobSource));
        let checkpoint = Checkpoint::open_parts(files, index_json.as_deref()).await.map_err(to_js)?;
        let checkpoint = if half { checkpoint.in_half_precision() } else { checkpoint };
        let config = checkpoint.config(config_json.as_deref()).map_err(to_js)?;
        let prepends = prepends_bos(config_json.as_deref().unwrap_or("{}")).map_err(to_js)?;
        let (tokenizer, fault) = tokenizer::awaited(tokenizer).await?;
        let model = self.inner.load_checkpoint(&checkpoint, config, tokenizer).await.map_err(to_js)?;
        Ok(self.models.insert(Rc::new(model.prepending_bos(prepends).with_tokenizer_fault(fault))))
    }

    /// `{ config, has_tokenizer, keys, family, tokenizer_note, tokenizer_fault, bos, prepends_bos }`: `keys`
    /// says how the tensors match, `family` whose names they have, `tokenizer_note` is a sentence when the
    /// tokenizer hardly fits the model, `tokenizer_fault` one when it can't be used, and `bos` is the token
    /// that goes before a text.
    pub fn model_info(&self, model: u32) -> Result<JsValue, JsValue> {
        #[derive(Serialize)]
        struct Info<'a> {
            config: &'a ModelConfig,
            has_tokenizer: bool,
            keys: String,
            family: &'a str,
            tokenizer_note: Option<String>,
            tokenizer_fault: Option<String>,
            bos: Option<String>,
            prepends_bos: bool,
        }
        let model = self.models.get(model)?;
        record(&Info {
            config: model.config(),
            has_tokenizer: model.tokenizer().is_ok(),
            keys: model.keys().to_string(),
            family: model.keys().family,
            tokenizer_note: model.tokenizer_note(),
            tokenizer_fault: model.tokenizer_fault().map(Error::to_string),
            bos: model.bos_token(),
            prepends_bos: model.prepends_bos(),
        })
    }

    /// `{ ids, pieces }` of a text, without BOS.
    pub fn encode(&self, model: u32, text: String) -> Result<JsValue, JsValue> {
        let model = self.models.get(model)?;
        let encoded = model.tokenizer().and_then(|tokenizer| tokenizer.encode_beginning(&text, usize::MAX));
        let ids = encoded.map_err(to_js)?.ids;
        let pieces = model.pieces(&ids).map_err(to_js)?;
        object(&[("ids", Uint32Array::from(&ids[..]).into()), ("pieces", strings(&pieces))])
    }

    /// Runs the first `n_ctx` tokens of a text:
    /// `{ run, ids, pieces, fragments, seq, dropped, uncovered, timing }`. Without `prepend_bos`, the model
    /// has its own way.
    pub async fn run_text(
        &self,
        model: u32,
        text: String,
        prepend_bos: Option<bool>,
    ) -> Result<JsValue, JsValue> {
        let model = self.models.get(model)?;
        let prepend_bos = prepend_bos.unwrap_or(model.prepends_bos());
        let started = now();
        let run = model.run_text(&text, prepend_bos).await.map_err(to_js)?;
        self.keep_run(&model, run, started)
    }

    /// Runs token ids as they are; answers as [`run_text`](Self::run_text).
    pub async fn run_ids(&self, model: u32, ids: Vec<u32>) -> Result<JsValue, JsValue> {
        let model = self.models.get(model)?;
        let started = now();
        let run = model.run_ids(ids).await.map_err(to_js)?;
        self.keep_run(&model, run, started)
    }

    fn keep_run(&self, model: &Model, run: Rc<Run>, started: f64) -> Result<JsValue, JsValue> {
        #[derive(Serialize)]
        struct Timing {
            /// Text or ids to figures, in milliseconds.
            run_ms: f64,
            bytes_read: usize,
            dispatches: usize,
            /// Rows that were copied from the run before.
            reused: usize,
        }
        let timing = Timing {
            run_ms: now() - started,
            bytes_read: run.readout().bytes_read,
            dispatches: run.readout().dispatches,
            reused: run.reused(),
        };
        let pieces = model.pieces(run.ids()).map_err(to_js)?;
        object(&[
            ("ids", Uint32Array::from(run.ids()).into()),
            ("pieces", strings(&pieces)),
            ("fragments", fragments(&model.fragments(run.ids()))),
            ("seq", (run.ids().len() as f64).into()),
            ("dropped", (run.dropped() as f64).into()),
            ("uncovered", strings(&run.uncovered().iter().map(char::to_string).collect::<Vec<_>>())),
            ("timing", record(&timing)?),
            ("run", self.runs.insert(run).into()),
        ])
    }

    /// `{ layer, heads }`: the first figures that are not finite; null where all are.
    pub fn not_finite(&self, run: u32) -> Result<JsValue, JsValue> {
        #[derive(Serialize)]
        struct First {
            layer: usize,
            heads: Vec<usize>,
        }
        match self.runs.get(run)?.not_finite() {
            Some(NotFinite { layer, heads }) => record(&First { layer, heads }),
            None => Ok(JsValue::NULL),
        }
    }

    /// Log-probability of each token but the first, given those before it.
    pub fn log_probs(&self, run: u32) -> Result<Float32Array, JsValue> {
        Ok(Float32Array::from(self.runs.get(run)?.log_probs()))
    }

    /// The log-probability of the most probable token at each position but the last, `[seq - 1]`.
    pub fn top_log_probs(&self, run: u32) -> Result<Float32Array, JsValue> {
        Ok(Float32Array::from(self.runs.get(run)?.top_log_probs()))
    }

    /// The logits at one position, `[d_vocab]`.
    pub async fn logits(&self, run: u32, position: usize) -> Result<Float32Array, JsValue> {
        floats(self.runs.get(run)?.logits(position).await)
    }

    /// `{ tokens: [{ id, piece, probability }], target: { id, piece, logProb, rank } | null }`: the `k` most
    /// probable tokens after a position, and the token that does follow.
    pub async fn predictions(&self, run: u32, position: usize, k: usize) -> Result<JsValue, JsValue> {
        record(&self.runs.get(run)?.predictions(position, k).await.map_err(to_js)?)
    }

    /// The residual stream before layer `index`, or after the last, `[seq, d_model]`.
    pub async fn residual(&self, run: u32, index: usize) -> Result<Float32Array, JsValue> {
        floats(self.runs.get(run)?.residual(index).await)
    }

    /// Every detector's figures at these thresholds.
    pub fn detect(&self, run: u32, active: f64, fraction: f64, mean: f64) -> Result<JsValue, JsValue> {
        let thresholds = Thresholds { active, fraction, mean };
        record(&self.runs.get(run)?.detect(&thresholds).map_err(to_js)?)
    }

    /// Frees a run.
    pub fn free_run(&self, run: u32) {
        self.runs.remove(run);
    }

    /// Frees a model. Its runs live on until they are freed.
    pub fn free_model(&self, model: u32) {
        self.models.remove(model);
    }
}

/// A panic ends in a trap, and JavaScript sees only `unreachable`. The error that is thrown here ends the
/// worker too, and says what happened and where.
fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| wasm_bindgen::throw_str(&panic.to_string())));
}

/// The detectors' default thresholds: `{ active, fraction, mean }`.
#[wasm_bindgen]
pub fn default_thresholds() -> Result<JsValue, JsValue> {
    record(&Thresholds::default())
}

/// Entries by handle. No handle is used twice.
struct Table<T> {
    entries: RefCell<(u32, HashMap<u32, Rc<T>>)>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { entries: RefCell::new((0, HashMap::new())) }
    }
}

impl<T> Table<T> {
    fn insert(&self, entry: Rc<T>) -> u32 {
        let (next, entries) = &mut *self.entries.borrow_mut();
        *next += 1;
        entries.insert(*next, entry);
        *next
    }

    fn get(&self, handle: u32) -> Result<Rc<T>, JsValue> {
        self.entries.borrow().1.get(&handle).cloned().ok_or_else(|| {
            let error = js_sys::Error::new("this model or run has been freed");
            error.set_name("Freed");
            error.into()
        })
    }

    fn remove(&self, handle: u32) {
        self.entries.borrow_mut().1.remove(&handle);
    }
}

/// A visitor's file, read by ranges. The wasm heap never holds it whole.
struct BlobSource(web_sys::Blob);

impl ByteSource for BlobSource {
    fn len(&self) -> u64 {
        self.0.size() as u64
    }

    async fn read(&self, range: Range<u64>) -> crate::Result<Vec<u8>> {
        let failed = |error: JsValue| Error::FileRead { found: error_text(&error) };
        let part = self.0.slice_with_f64_and_f64(range.start as f64, range.end as f64).map_err(failed)?;
        let buffer = JsFuture::from(part.array_buffer()).await.map_err(failed)?;
        let bytes = Uint8Array::new(&buffer).to_vec();
        let (expected, found) = (range.end - range.start, bytes.len() as u64);
        if found < expected {
            return Err(Error::FileRead { found: format!("{found} bytes where {expected} were expected") });
        }
        Ok(bytes)
    }
}

/// An `Error` with the code as its name and the variant's fields as `data`.
fn to_js(error: Error) -> JsValue {
    let js = js_sys::Error::new(&error.to_string());
    js.set_name(error.code());
    let data = record(&error).unwrap_or(JsValue::UNDEFINED);
    // Setting a property of an object just made can't fail.
    let _ = Reflect::set(&js, &"data".into(), &data);
    js.into()
}

fn error_text(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{error:?}"), |error| error.message().into())
}

/// A serde value as a plain object, with `null` for `None`.
fn record(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(JsValue::from)
}

fn object(fields: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object.into())
}

fn strings(pieces: &[String]) -> JsValue {
    pieces.iter().map(|piece| JsValue::from_str(piece)).collect::<Array>().into()
}

/// The bytes of each fragment; null for a token of whole characters.
fn fragments(fragments: &[Option<Vec<u8>>]) -> JsValue {
    let bytes = |fragment: &Option<Vec<u8>>| match fragment {
        Some(bytes) => Uint8Array::from(&bytes[..]).into(),
        None => JsValue::NULL,
    };
    fragments.iter().map(bytes).collect::<Array>().into()
}

fn floats(values: crate::Result<Vec<f32>>) -> Result<Float32Array, JsValue> {
    values.map(|values| Float32Array::from(&values[..])).map_err(to_js)
}

/// Milliseconds on the worker's clock.
fn now() -> f64 {
    let performance = Reflect::get(&js_sys::global(), &"performance".into());
    performance.ok().and_then(|it| it.dyn_into::<web_sys::Performance>().ok()).map_or(0.0, |it| it.now())
}
