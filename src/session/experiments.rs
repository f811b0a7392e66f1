//! The experiments on a loaded model.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;

use super::kept::{Base, KeptFigures};
use super::{Model, Run};
use crate::detectors::{Detection, Thresholds, detect};
use crate::error::{Error, Result};
use crate::experiments::{Repeated, RepeatedTokens, Stripes, text_loss};
use crate::model::{Ablation, Batch, ModelConfig, Readout};

/// The figures of a model with heads ablated.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ablated {
    /// Loss in nats: over the last `seq_len - 1` predictions of repeated tokens, over all of a run.
    pub loss: f64,
    /// The loss minus that of the whole model.
    pub loss_increase: f64,
    /// Every head's stripe induction score, on repeated tokens.
    pub stripe: Option<Vec<Vec<f64>>>,
    /// Every head's strict induction score, on repeated tokens.
    pub strict: Option<Vec<Vec<f64>>>,
    /// Every detector's figures, on the first sequence of a batch.
    pub detect: Detection,
}

impl Model {
    /// Draws repeated tokens from the ids that the tokenizer can decode; without a tokenizer, from all ids.
    /// They begin with the BOS, or else with the EOS, or else with id 0. That id is never drawn.
    ///
    /// # Errors
    /// [`Error::TooManyTokens`] for a sequence of more than `n_ctx`, and as [`RepeatedTokens::draw`].
    pub fn draw_repeated(&self, seq_len: usize, batch: usize, seed: u32) -> Result<RepeatedTokens> {
        let ModelConfig { d_vocab, n_ctx, .. } = self.config;
        // Checked before tokens are drawn, since an absurd length would fill the memory.
        let seq = seq_len.saturating_mul(2).saturating_add(1);
        if seq > n_ctx {
            return Err(Error::TooManyTokens { expected: n_ctx, found: seq });
        }
        let bos = self.tokenizer.as_deref().and_then(|tokenizer| tokenizer.first()).unwrap_or(0);
        let mut choices = match &self.tokenizer {
            Some(tokenizer) => tokenizer.decodable(d_vocab),
            None => (0..d_vocab as u32).collect(),
        };
        choices.retain(|&id| id != bos);
        RepeatedTokens::draw(seq_len, batch, seed, bos, &choices)
    }

    /// Runs repeated tokens, all sequences as one batch.
    ///
    /// # Errors
    /// The errors of [`Batch::new`] and of the backend.
    pub async fn repeated(&self, tokens: &RepeatedTokens) -> Result<Repeated> {
        let base = self.base(tokens).await?;
        let stripe = base.run.stripe(tokens.offset()).await?;
        let stripes = Stripes::of(tokens, self.config.n_heads, &stripe);
        Ok(Repeated::of(tokens, &base.run.readout().log_probs, stripes))
    }

    /// The experiment's figures with heads ablated.
    ///
    /// # Errors
    /// As [`repeated`](Self::repeated).
    pub async fn ablate_repeated(
        &self,
        tokens: &RepeatedTokens,
        ablation: &Ablation,
        thresholds: &Thresholds,
    ) -> Result<Ablated> {
        let base = self.base(tokens).await?;
        let Base { run, figures } = &*base;
        let found = figures.of(run, None, self.config.n_heads, Some(tokens), ablation).await?;
        let loss = tokens.loss(&found.readout.log_probs);
        let stripes = found.stripes.as_ref();
        Ok(Ablated {
            loss,
            loss_increase: loss - tokens.loss(&run.readout().log_probs),
            stripe: stripes.map(|stripes| stripes.stripe.clone()),
            strict: stripes.map(|stripes| stripes.strict.clone()),
            detect: detect_first(run.batch(), &found.readout, &self.config, thresholds)?,
        })
    }

    /// How much a repeated sequence's loss grows with heads ablated.
    ///
    /// # Errors
    /// As [`repeated`](Self::repeated).
    pub async fn repeated_loss_increase(&self, tokens: &RepeatedTokens, ablation: &Ablation) -> Result<f64> {
        let base = self.base(tokens).await?;
        let log_probs = base.run.ablated_log_probs(ablation, tokens.first_known()).await?;
        Ok(tokens.loss(&log_probs) - tokens.loss(&base.run.readout().log_probs))
    }

    /// The kept run of these tokens, or a new one.
    async fn base(&self, tokens: &RepeatedTokens) -> Result<Rc<Base>> {
        let batch = Batch::new(&self.config, tokens.ids.clone(), tokens.batch())?;
        let kept = self.base.borrow().clone();
        if let Some(base) = kept.filter(|base| *base.run.batch() == batch) {
            return Ok(base);
        }
        // Dropped first, so that the new run can use its buffers.
        *self.base.borrow_mut() = None;
        let run = self.on_backend.run(&batch, None).await?;
        let base = Rc::new(Base { run, figures: KeptFigures::default() });
        *self.base.borrow_mut() = Some(Rc::clone(&base));
        Ok(base)
    }
}

impl Run {
    /// The run's figures with heads ablated.
    ///
    /// # Errors
    /// [`Error::TooFewTokens`] for a single token, and the errors of the backend.
    pub async fn ablate(&self, ablation: &Ablation, thresholds: &Thresholds) -> Result<Ablated> {
        let loss_before = text_loss(self.log_probs())?;
        // The page may hold this very run.
        let made = self.ablated.with(ablation).filter(|run| run.ids() == self.ids());
        let made = made.as_deref().map(|run| &run.on_backend);
        let run = &self.on_backend;
        let found = self.figures.of(run, made, self.config.n_heads, None, ablation).await?;
        let loss = text_loss(&found.readout.log_probs[..self.ids().len() - 1])?;
        Ok(Ablated {
            loss,
            loss_increase: loss - loss_before,
            stripe: None,
            strict: None,
            detect: detect_first(run.batch(), &found.readout, &self.config, thresholds)?,
        })
    }

    /// The configuration of the model that was run.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// A run of the same tokens with heads ablated. While somebody holds the one before with the same
    /// ablation, it copies the rows that both share.
    ///
    /// # Errors
    /// The errors of the backend.
    pub async fn ablated(&self, ablation: &Ablation) -> Result<Rc<Run>> {
        let latest = self.ablated.with(ablation);
        let previous = latest.as_deref().map(|run| &run.on_backend);
        let on_backend = self.on_backend.ablated(ablation, 0, previous).await?;
        let (config, tokenizer) = (self.config.clone(), self.tokenizer.clone());
        let (dropped, uncovered) = (self.dropped, self.uncovered.clone());
        // An ablated head's own pattern is as before.
        let same = ablation.first_layer().map_or(config.n_layers, |layer| layer + 1);
        let thumbnails = RefCell::new(self.thumbnails.borrow().before(same));
        let (figures, ablated) = (KeptFigures::default(), Rc::clone(&self.ablated));
        let run = Run {
            config,
            tokenizer,
            dropped,
            uncovered,
            on_backend,
            ablation: Some(ablation.clone()),
            thumbnails,
            figures,
            ablated,
        };
        let run = Rc::new(run);
        self.ablated.replace(ablation, &run);
        Ok(run)
    }

    /// How much the loss grows with heads ablated.
    ///
    /// # Errors
    /// As [`ablate`](Self::ablate).
    pub async fn loss_increase(&self, ablation: &Ablation) -> Result<f64> {
        let loss_before = text_loss(self.log_probs())?;
        let log_probs = self.on_backend.ablated_log_probs(ablation, 0).await?;
        Ok(text_loss(&log_probs[..self.ids().len() - 1])? - loss_before)
    }
}

/// Every detector's figures on the first sequence of a batch.
pub(super) fn detect_first(
    batch: &Batch,
    readout: &Readout,
    config: &ModelConfig,
    thresholds: &Thresholds,
) -> Result<Detection> {
    let ModelConfig { n_layers, n_heads, .. } = *config;
    let tokens = &batch.tokens()[..batch.seq()];
    let layers = readout.stats.chunks_exact(batch.tokens().len() * n_heads);
    let stats = layers.flat_map(|layer| &layer[..tokens.len() * n_heads]).copied();
    detect(&stats.collect::<Vec<_>>(), &readout.offsets, n_layers, n_heads, tokens, thresholds)
}
