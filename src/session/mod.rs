//! A backend, the models loaded on it, and their runs: what a face such as `web` is made of.

mod circuits;
mod experiments;

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use crate::checkpoint::{ByteSource, Checkpoint, Keys, load};
use crate::detectors::{Detection, Thresholds};
use crate::error::{Error, Result};
use crate::gpu::Gpu;
use crate::model::{Dims, ModelConfig, Readout};
use crate::tokenizer::Tokenizer;
use crate::{cpu, gpu};
use experiments::Base;

pub use circuits::{Attribution, Copying, WeightedBy};
pub use experiments::Ablated;

/// Which backend is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preference {
    /// The GPU if there is a real one, else the CPU.
    Auto,
    /// The GPU, even one made of software.
    WebGpu,
    /// The CPU.
    Cpu,
}

/// An opened backend.
#[derive(Debug)]
pub struct Engine {
    gpu: Option<Rc<Gpu>>,
    reason: Option<String>,
}

/// A loaded model.
#[derive(Debug)]
pub struct Model {
    config: ModelConfig,
    keys: Keys,
    tokenizer: Option<Tokenizer>,
    forward: Forward,
    /// The latest run, whose unchanged beginning the next one goes on from while somebody still holds it.
    latest: RefCell<Weak<Run>>,
    /// The latest run that an experiment starts from.
    base: RefCell<Option<Rc<Base>>>,
}

#[derive(Debug)]
enum Forward {
    Gpu(gpu::Model),
    Cpu(cpu::Model),
}

/// A finished run of one sequence.
#[derive(Debug)]
pub struct Run {
    config: ModelConfig,
    ids: Vec<u32>,
    dropped: usize,
    reused: usize,
    pass: Pass,
}

#[derive(Debug)]
enum Pass {
    Gpu(Box<gpu::Run>),
    Cpu(cpu::Run),
}

impl Engine {
    /// Opens a backend. `Auto` takes the CPU, and keeps the reason, when the GPU is missing or made of software.
    ///
    /// # Errors
    /// [`Error::GpuUnavailable`] with [`Preference::WebGpu`].
    pub async fn open(preference: Preference) -> Result<Self> {
        let on_cpu = |reason| Engine { gpu: None, reason };
        if preference == Preference::Cpu {
            return Ok(on_cpu(None));
        }
        match Gpu::open().await {
            Ok(gpu) if preference == Preference::Auto && gpu.is_software() => {
                let name = gpu.adapter_name();
                Ok(on_cpu(Some(format!(
                    "The only GPU here, {name}, is made of software and slower than the CPU."
                ))))
            }
            Ok(gpu) => Ok(Engine { gpu: Some(Rc::new(gpu)), reason: None }),
            Err(error) if preference == Preference::WebGpu => Err(error),
            Err(Error::GpuUnavailable { found }) => {
                Ok(on_cpu(Some(format!("No GPU can be used through WebGPU here: {found}."))))
            }
            Err(error) => Err(error),
        }
    }

    /// The GPU, when it is the backend.
    pub fn gpu(&self) -> Option<&Gpu> {
        self.gpu.as_deref()
    }

    /// Why `Auto` took the CPU, in one sentence; nothing when it was asked for.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Loads a model from a weights file, read by ranges.
    ///
    /// # Errors
    /// What [`load`] refuses, or the backend has no room for.
    pub async fn load_model(
        &self,
        weights: impl ByteSource,
        config: ModelConfig,
        tokenizer: Option<Tokenizer>,
    ) -> Result<Model> {
        self.load_checkpoint(&Checkpoint::open(weights).await?, config, tokenizer).await
    }

    /// Loads a model from an opened weights file.
    ///
    /// # Errors
    /// As [`load_model`](Self::load_model).
    pub async fn load_checkpoint(
        &self,
        checkpoint: &Checkpoint<impl ByteSource>,
        config: ModelConfig,
        tokenizer: Option<Tokenizer>,
    ) -> Result<Model> {
        let (forward, keys) = match &self.gpu {
            Some(gpu) => {
                let mut weights = gpu::Weights::new(gpu)?;
                let loading = async || load(checkpoint, &config, &mut weights).await;
                let keys = gpu.checked("the model's weights", loading).await?;
                (Forward::Gpu(gpu::Model::new(gpu, config.clone(), weights).await?), keys)
            }
            None => {
                let mut weights = cpu::Weights::default();
                let keys = load(checkpoint, &config, &mut weights).await?;
                (Forward::Cpu(cpu::Model::new(config.clone(), weights)), keys)
            }
        };
        Ok(Model { config, keys, tokenizer, forward, latest: RefCell::default(), base: RefCell::default() })
    }
}

impl Model {
    /// Sizes and kind.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// What there is to say of the checkpoint's tensors: that all keys matched.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// One sentence when the tokenizer's vocabulary hardly fits the model's; text is run all the same, and an
    /// id that the model does not have is refused when it comes up.
    pub fn tokenizer_note(&self) -> Option<String> {
        let (tokens, ids) = (self.tokenizer.as_ref()?.vocabulary(), self.config.d_vocab);
        // Vocabularies are padded to round numbers, never to twice their size.
        if (ids / 2..=ids).contains(&tokens) {
            return None;
        }
        Some(format!("The tokenizer has {tokens} tokens and the model {ids}: they may not belong together."))
    }

    /// The tokenizer.
    ///
    /// # Errors
    /// [`Error::NoTokenizer`] when the model was loaded without one.
    pub fn tokenizer(&self) -> Result<&Tokenizer> {
        self.tokenizer.as_ref().ok_or(Error::NoTokenizer {})
    }

    /// What each id stands for; without a tokenizer, the id in figures.
    ///
    /// # Errors
    /// [`Error::TokenizerInvalid`].
    pub fn pieces(&self, ids: &[u32]) -> Result<Vec<String>> {
        match &self.tokenizer {
            Some(tokenizer) => tokenizer.pieces(ids),
            None => Ok(ids.iter().map(u32::to_string).collect()),
        }
    }

    /// The bytes of each token that is no whole characters; see [`Tokenizer::fragment`].
    pub fn fragments(&self, ids: &[u32]) -> Vec<Option<Vec<u8>>> {
        let fragment = |&id: &u32| self.tokenizer.as_ref()?.fragment(id);
        ids.iter().map(fragment).collect()
    }

    /// Runs a text: its first `n_ctx` tokens, a BOS included if it is asked for and there is one.
    ///
    /// # Errors
    /// [`Error::NoTokenizer`], [`Error::EmptyInput`], and what the backend refuses.
    pub async fn run_text(&self, text: &str, prepend_bos: bool) -> Result<Rc<Run>> {
        let tokenizer = self.tokenizer()?;
        let mut ids: Vec<u32> = tokenizer.bos().filter(|_| prepend_bos).into_iter().collect();
        let encoded = tokenizer.encode_beginning(text, self.config.n_ctx - ids.len())?;
        if encoded.ids.is_empty() {
            return Err(Error::EmptyInput {});
        }
        ids.extend(encoded.ids);
        let dropped = text[encoded.end..].encode_utf16().count();
        self.run(ids, dropped).await
    }

    /// Runs token ids as they are.
    ///
    /// # Errors
    /// [`Error::EmptyInput`], [`Error::TooManyTokens`], [`Error::TokenOutOfRange`], and what the backend refuses.
    pub async fn run_ids(&self, ids: Vec<u32>) -> Result<Rc<Run>> {
        self.run(ids, 0).await
    }

    async fn run(&self, ids: Vec<u32>, dropped: usize) -> Result<Rc<Run>> {
        self.config.check_tokens(&ids)?;
        let latest = self.latest.borrow().upgrade();
        let pass = self.forward.run(&ids, 1, latest.as_deref().map(|run| &run.pass)).await?;
        let reused = pass.dims().first_row as usize;
        let run = Rc::new(Run { config: self.config.clone(), ids, dropped, reused, pass });
        *self.latest.borrow_mut() = Rc::downgrade(&run);
        Ok(run)
    }
}

impl Forward {
    /// Runs `batch` sequences; what a single one shares with `previous` is taken over.
    async fn run(&self, ids: &[u32], batch: usize, previous: Option<&Pass>) -> Result<Pass> {
        match self {
            Forward::Gpu(model) => {
                let previous = previous.and_then(|pass| match pass {
                    Pass::Gpu(pass) => Some(&**pass),
                    Pass::Cpu(_) => None,
                });
                model.run(ids, batch, previous).await.map(|pass| Pass::Gpu(Box::new(pass)))
            }
            Forward::Cpu(model) => {
                let previous = previous.and_then(|pass| match pass {
                    Pass::Cpu(pass) => Some(pass),
                    Pass::Gpu(_) => None,
                });
                model.run(ids, batch, previous).map(Pass::Cpu)
            }
        }
    }
}

impl Pass {
    fn dims(&self) -> &Dims {
        match self {
            Pass::Gpu(pass) => pass.dims(),
            Pass::Cpu(pass) => pass.dims(),
        }
    }

    fn readout(&self) -> &Readout {
        match self {
            Pass::Gpu(pass) => pass.readout(),
            Pass::Cpu(pass) => pass.readout(),
        }
    }
}

impl Run {
    /// The tokens that were run.
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// How much of the text's end did not fit, in UTF-16 code units as JavaScript counts.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Rows that were taken over from the run before.
    pub fn reused(&self) -> usize {
        self.reused
    }

    /// What was read back.
    pub fn readout(&self) -> &Readout {
        self.pass.readout()
    }

    /// Log-probability of each token but the first, given those before it: `[seq - 1]`.
    pub fn log_probs(&self) -> &[f32] {
        &self.readout().log_probs[..self.ids.len() - 1]
    }

    /// Every detector's figures.
    ///
    /// # Errors
    /// None for a finished run; the detectors check their input.
    pub fn detect(&self, thresholds: &Thresholds) -> Result<Detection> {
        self.pass.detect(&self.config, &self.ids, thresholds)
    }

    /// One head's attention pattern, `[query_pos, key_pos]`.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`], and what the backend refuses.
    pub async fn pattern(&self, layer: usize, head: usize) -> Result<Vec<f32>> {
        match &self.pass {
            Pass::Gpu(pass) => pass.pattern(layer, head).await,
            Pass::Cpu(pass) => pass.pattern(layer, head),
        }
    }

    /// The mean of all heads' patterns, `[query_pos, key_pos]`.
    ///
    /// # Errors
    /// What the backend refuses.
    pub async fn mean_pattern(&self) -> Result<Vec<f32>> {
        match &self.pass {
            Pass::Gpu(pass) => pass.mean_pattern().await,
            Pass::Cpu(pass) => Ok(pass.mean_pattern()),
        }
    }

    /// The logits at one position, `[d_vocab]`.
    ///
    /// # Errors
    /// [`Error::PositionOutOfRange`], and what the backend refuses.
    pub async fn logits(&self, position: usize) -> Result<Vec<f32>> {
        match &self.pass {
            Pass::Gpu(pass) => pass.logits(position).await,
            Pass::Cpu(pass) => pass.logits(position),
        }
    }

    /// The residual stream before layer `index`, or after the last: `[seq, d_model]`.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`] for a layer that is not there, and what the backend refuses.
    pub async fn residual(&self, index: usize) -> Result<Vec<f32>> {
        match &self.pass {
            Pass::Gpu(pass) => pass.residual(index).await,
            Pass::Cpu(pass) => pass.residual(index),
        }
    }
}
