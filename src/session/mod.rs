//! A backend, the models loaded on it, and their runs: what the interfaces to the engine are made of.

mod attribution;
mod circuits;
mod experiments;
mod kept;
mod predictions;

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use crate::backend::{self, Backend};
use crate::checkpoint::{ByteSource, Checkpoint, Keys};
use crate::detectors::{Detection, Thresholds};
use crate::error::{Error, Result};
use crate::model::{Ablation, Batch, Dims, ModelConfig, NotFinite, Readout, Thumbnails, Work, padded_cells};
use crate::tokenizer::Vocabulary;

pub use crate::backend::{
    Answer, Candidate, CandidateTime, ChosenBy, Gpu, LEAST_UNEMBEDDING, Order, Preference, Products,
    Question, Share, Team, Tune, Tuning, TuningOptions,
};
pub use attribution::Attribution;
pub use circuits::{Copying, WeightedBy};
pub use experiments::Ablated;
use kept::{Base, KeptFigures, LatestAblated};
pub use predictions::{Predicted, Predictions, Target};

/// An opened backend.
#[derive(Debug)]
pub struct Engine {
    backend: Backend,
}

/// A loaded model.
#[derive(Debug)]
pub struct Model {
    config: ModelConfig,
    keys: Keys,
    tokenizer: Option<Rc<dyn Vocabulary>>,
    /// What is wrong with the tokenizer that came with the model. The model then runs on ids.
    tokenizer_fault: Option<Error>,
    prepends_bos: bool,
    on_backend: backend::Model,
    /// The latest run. While somebody holds it, the next run copies the rows that both share.
    latest: RefCell<Weak<Run>>,
    /// The latest run that an experiment starts from.
    base: RefCell<Option<Rc<Base>>>,
    /// The latest ablated run of a text.
    ablated: Rc<LatestAblated>,
    /// The latest attribution.
    attributed: RefCell<Option<attribution::Attributed>>,
}

/// A finished run of one sequence.
#[derive(Debug)]
pub struct Run {
    config: ModelConfig,
    tokenizer: Option<Rc<dyn Vocabulary>>,
    dropped: usize,
    uncovered: Vec<char>,
    on_backend: backend::Run,
    thumbnails: RefCell<Thumbnails>,
    /// What is ablated in it; `None` of the whole model.
    ablation: Option<Ablation>,
    /// Figures with heads ablated, for other thresholds.
    figures: KeptFigures,
    /// The latest ablated run of the model.
    ablated: Rc<LatestAblated>,
}

impl Engine {
    /// Opens a backend. `Auto` takes the CPU, and keeps the reason, when the GPU is missing or emulated.
    ///
    /// # Errors
    /// [`Error::GpuUnavailable`] with [`Preference::WebGpu`].
    pub async fn open(preference: Preference) -> Result<Self> {
        Self::open_with(preference, TuningOptions::default()).await
    }

    /// Opens a backend, a GPU with kernels that are chosen as `tuning` says.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub async fn open_with(preference: Preference, tuning: TuningOptions) -> Result<Self> {
        Ok(Engine { backend: Backend::open(preference, tuning).await? })
    }

    /// Gives it helpers. A large model that is loaded after it on the CPU divides its large matrices.
    pub fn with_team(mut self, team: Option<Rc<dyn Team>>) -> Self {
        self.backend = self.backend.with_team(team);
        self
    }

    /// The GPU, when it is the backend.
    pub fn gpu(&self) -> Option<&Gpu> {
        self.backend.gpu()
    }

    /// Why `Auto` took the CPU, in one sentence; nothing when the CPU was asked for.
    pub fn reason(&self) -> Option<&str> {
        self.backend.reason()
    }

    /// Loads a model from a weights file, read by ranges.
    ///
    /// # Errors
    /// The errors of [`Checkpoint::open`] and [`load_checkpoint`](Self::load_checkpoint).
    pub async fn load_model(
        &self,
        weights: impl ByteSource,
        config: ModelConfig,
        tokenizer: Option<Rc<dyn Vocabulary>>,
    ) -> Result<Model> {
        self.load_checkpoint(&Checkpoint::open(weights).await?, config, tokenizer).await
    }

    /// Loads a model from an opened weights file.
    ///
    /// # Errors
    /// The errors of [`load`](crate::checkpoint::load) and of the backend.
    pub async fn load_checkpoint(
        &self,
        checkpoint: &Checkpoint<impl ByteSource>,
        config: ModelConfig,
        tokenizer: Option<Rc<dyn Vocabulary>>,
    ) -> Result<Model> {
        let (on_backend, keys) = self.backend.load(checkpoint, &config).await?;
        let (tokenizer_fault, latest, base, ablated, attributed) = Default::default();
        let prepends_bos = true;
        Ok(Model {
            config,
            keys,
            tokenizer,
            tokenizer_fault,
            prepends_bos,
            on_backend,
            latest,
            base,
            ablated,
            attributed,
        })
    }
}

impl Model {
    /// Sets whether a BOS goes before a text that does not ask otherwise. Without a word, it does.
    pub fn prepending_bos(mut self, prepends: bool) -> Self {
        self.prepends_bos = prepends;
        self
    }

    /// Notes why the model's tokenizer can't be used. The model runs on ids.
    pub fn with_tokenizer_fault(mut self, fault: Option<Error>) -> Self {
        self.tokenizer_fault = fault;
        self
    }

    /// Sizes and kind.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// What the model's backend has computed so far. The difference of two is the work in between.
    pub fn work(&self) -> Work {
        self.on_backend.work()
    }

    /// How the checkpoint's tensors match the configuration.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// One sentence when the tokenizer's vocabulary hardly fits the model's. Text is run all the same; a run
    /// refuses an id that the model does not have.
    pub fn tokenizer_note(&self) -> Option<String> {
        let (tokens, ids) = (self.tokenizer.as_ref()?.vocabulary(), self.config.d_vocab);
        // A model's vocabulary is padded to a round number, but never to twice its size.
        if (ids / 2..=ids).contains(&tokens) {
            return None;
        }
        Some(format!("The tokenizer has {tokens} tokens and the model {ids}: they may not belong together."))
    }

    /// The tokenizer.
    ///
    /// # Errors
    /// [`Error::NoTokenizer`] when the model was loaded without one, and the
    /// [fault](Self::tokenizer_fault) of one that can't be used.
    pub fn tokenizer(&self) -> Result<&dyn Vocabulary> {
        let fault = || self.tokenizer_fault.clone().unwrap_or(Error::NoTokenizer {});
        self.tokenizer.as_deref().ok_or_else(fault)
    }

    /// What is wrong with the tokenizer that came with the model.
    pub fn tokenizer_fault(&self) -> Option<&Error> {
        self.tokenizer_fault.as_ref()
    }

    /// The BOS as the vocabulary spells it; `None` for a model without one.
    pub fn bos_token(&self) -> Option<String> {
        let tokenizer = self.tokenizer.as_ref()?;
        tokenizer.token(tokenizer.bos()?)
    }

    /// Whether a BOS goes before a text that does not ask otherwise.
    pub fn prepends_bos(&self) -> bool {
        self.prepends_bos
    }

    /// The text of each id; without a tokenizer, the id in digits.
    ///
    /// # Errors
    /// [`Error::TokenizerInvalid`].
    pub fn pieces(&self, ids: &[u32]) -> Result<Vec<String>> {
        pieces(self.tokenizer.as_deref(), ids)
    }

    /// The bytes of each token that does not hold whole characters; see [`Vocabulary::fragments`].
    pub fn fragments(&self, ids: &[u32]) -> Vec<Option<Vec<u8>>> {
        self.tokenizer.as_ref().map_or(vec![None; ids.len()], |tokenizer| tokenizer.fragments(ids))
    }

    /// Runs the first `n_ctx` tokens of a text. `prepend_bos` puts the tokenizer's BOS, if it has one, first.
    ///
    /// # Errors
    /// [`Error::NoTokenizer`], [`Error::EmptyInput`], [`Error::NoTokenFor`], and the errors of the backend.
    pub async fn run_text(&self, text: &str, prepend_bos: bool) -> Result<Rc<Run>> {
        let tokenizer = self.tokenizer()?;
        let mut ids: Vec<u32> = tokenizer.bos().filter(|_| prepend_bos).into_iter().collect();
        let encoded = tokenizer.encode_beginning(text, self.config.n_ctx - ids.len())?;
        if encoded.ids.is_empty() {
            let found: Vec<_> = encoded.uncovered.iter().map(char::to_string).collect();
            return Err(if found.is_empty() { Error::EmptyInput {} } else { Error::NoTokenFor { found } });
        }
        ids.extend(encoded.ids);
        let dropped = text[encoded.end..].encode_utf16().count();
        self.run(ids, dropped, encoded.uncovered).await
    }

    /// Runs token ids as they are.
    ///
    /// # Errors
    /// The errors of [`Batch::one`] and of the backend.
    pub async fn run_ids(&self, ids: Vec<u32>) -> Result<Rc<Run>> {
        self.run(ids, 0, Vec::new()).await
    }

    async fn run(&self, ids: Vec<u32>, dropped: usize, uncovered: Vec<char>) -> Result<Rc<Run>> {
        let batch = Batch::one(&self.config, ids)?;
        let latest = self.latest.borrow().upgrade();
        let previous = latest.as_deref().map(|run| &run.on_backend);
        let on_backend = self.on_backend.run(&batch, previous).await?;
        let (config, tokenizer) = (self.config.clone(), self.tokenizer.clone());
        let Dims { seq, first_row, .. } = *on_backend.dims();
        let thumbnails = match &latest {
            Some(latest) => latest.thumbnails.borrow().shared(seq as usize, first_row as usize),
            None => Thumbnails::new(config.n_layers, seq as usize),
        };
        let (thumbnails, figures, ablated) =
            (RefCell::new(thumbnails), KeptFigures::default(), Rc::clone(&self.ablated));
        let ablation = None;
        let run =
            Run { config, tokenizer, dropped, uncovered, on_backend, ablation, thumbnails, figures, ablated };
        let run = Rc::new(run);
        *self.latest.borrow_mut() = Rc::downgrade(&run);
        Ok(run)
    }
}

/// The text of each id; without a tokenizer, the id in digits.
fn pieces(tokenizer: Option<&dyn Vocabulary>, ids: &[u32]) -> Result<Vec<String>> {
    match tokenizer {
        Some(tokenizer) => tokenizer.pieces(ids),
        None => Ok(ids.iter().map(u32::to_string).collect()),
    }
}

impl Run {
    fn pieces(&self, ids: &[u32]) -> Result<Vec<String>> {
        pieces(self.tokenizer.as_deref(), ids)
    }

    /// The tokens that were run.
    pub fn ids(&self) -> &[u32] {
        self.on_backend.batch().tokens()
    }

    /// Length of the text's end that did not fit, in UTF-16 code units as JavaScript counts.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// The distinct characters of the text that no token stands for, at most 16.
    pub fn uncovered(&self) -> &[char] {
        &self.uncovered
    }

    /// Rows that were copied from the run before.
    pub fn reused(&self) -> usize {
        self.on_backend.dims().first_row as usize
    }

    /// The figures that every run delivers.
    pub fn readout(&self) -> &Readout {
        self.on_backend.readout()
    }

    /// The first figures that are not finite; none where all are.
    pub fn not_finite(&self) -> Option<NotFinite> {
        NotFinite::first_of(self.readout(), self.config.n_layers, self.config.n_heads)
    }

    /// Log-probability of each token but the first, given those before it: `[seq - 1]`.
    pub fn log_probs(&self) -> &[f32] {
        &self.readout().log_probs[..self.ids().len() - 1]
    }

    /// Log-probability of the most probable token at each position but the last: `[seq - 1]`. It is equal to
    /// that of the token that follows where this is the most probable one.
    pub fn top_log_probs(&self) -> &[f32] {
        &self.readout().top_log_probs[..self.ids().len() - 1]
    }

    /// Every detector's figures.
    ///
    /// # Errors
    /// None for a finished run; the detectors check their input.
    pub fn detect(&self, thresholds: &Thresholds) -> Result<Detection> {
        experiments::detect_first(self.on_backend.batch(), self.readout(), &self.config, thresholds)
    }

    /// One head's attention pattern, `[query_pos, key_pos]`.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`], and the errors of the backend.
    pub async fn pattern(&self, layer: usize, head: usize) -> Result<Vec<f32>> {
        self.on_backend.pattern(layer, head).await
    }

    /// The rows of one head's pattern of the queries from `first_row` on.
    ///
    /// # Errors
    /// [`Error::PositionOutOfRange`], and those of [`pattern`](Self::pattern).
    pub async fn pattern_from(&self, layer: usize, head: usize, first_row: usize) -> Result<Vec<f32>> {
        self.check_row(first_row)?;
        self.on_backend.pattern_from(layer, head, first_row).await
    }

    /// The mean of all heads' patterns, `[query_pos, key_pos]`, of the queries from `first_row` on.
    ///
    /// # Errors
    /// [`Error::PositionOutOfRange`], and the errors of the backend.
    pub async fn mean_pattern(&self, first_row: usize) -> Result<Vec<f32>> {
        self.check_row(first_row)?;
        self.on_backend.mean_pattern(first_row).await
    }

    fn check_row(&self, found: usize) -> Result<()> {
        let expected = self.ids().len();
        if found < expected { Ok(()) } else { Err(Error::PositionOutOfRange { found, expected }) }
    }

    /// Pooled patterns of the heads of layers, `[layer, head, side, side]`, 255 is a weight of 1;
    /// [`THUMBNAIL_SIDE`](crate::model::THUMBNAIL_SIDE) is the largest side. Each is made once. Those of an
    /// edited text of the same length are made from the first new token on.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`] for a layer that the model does not have, and the errors of the backend.
    pub async fn thumbnails(&self, layers: &[usize]) -> Result<Vec<u8>> {
        for &layer in layers {
            self.config.check_head(layer, 0)?;
        }
        let (missing, first_row) = self.thumbnails.borrow().missing(layers);
        if !missing.is_empty() {
            let dims = Dims { first_row: first_row as u32, ..*self.on_backend.dims() };
            let cells = self.on_backend.thumbnails(&missing, first_row).await?;
            let made = cells.chunks_exact(padded_cells(self.config.n_heads, dims.seq as usize));
            let mut thumbnails = self.thumbnails.borrow_mut();
            missing.iter().zip(made).for_each(|(&layer, cells)| thumbnails.put(layer, &dims, cells));
        }
        Ok(self.thumbnails.borrow().of(layers))
    }

    /// The logits at one position, `[d_vocab]`.
    ///
    /// # Errors
    /// [`Error::PositionOutOfRange`], and the errors of the backend.
    pub async fn logits(&self, position: usize) -> Result<Vec<f32>> {
        self.on_backend.logits(position).await
    }

    /// The residual stream before layer `index`, or after the last: `[seq, d_model]`.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`] for a layer that is not there, and the errors of the backend.
    pub async fn residual(&self, index: usize) -> Result<Vec<f32>> {
        self.on_backend.residual(index).await
    }
}
