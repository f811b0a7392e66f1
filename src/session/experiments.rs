//! The experiments on a loaded model.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;

use super::{Model, Run};
use crate::backend;
use crate::detectors::{Detection, Thresholds, detect};
use crate::error::{Error, Result};
use crate::experiments::{Repeated, RepeatedTokens, Stripes, text_loss};
use crate::model::{Ablation, Batch, ModelConfig};
use crate::tokenizer::Tokenizer;

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
        let bos = self.tokenizer.as_deref().and_then(Tokenizer::first).unwrap_or(0);
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
        let stripes = self.stripes(tokens, &base).await?;
        Ok(Repeated::of(tokens, &base.readout().log_probs, stripes))
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
        let run = base.ablated(ablation, tokens.first_known()).await?;
        let stripes = self.stripes(tokens, &run).await?;
        let loss = tokens.loss(&run.readout().log_probs);
        Ok(Ablated {
            loss,
            loss_increase: loss - tokens.loss(&base.readout().log_probs),
            stripe: Some(stripes.stripe),
            strict: Some(stripes.strict),
            detect: detect_first(&run, &self.config, thresholds)?,
        })
    }

    /// How much a repeated sequence's loss grows with heads ablated.
    ///
    /// # Errors
    /// As [`repeated`](Self::repeated).
    pub async fn repeated_loss_increase(&self, tokens: &RepeatedTokens, ablation: &Ablation) -> Result<f64> {
        let base = self.base(tokens).await?;
        let run = base.ablated(ablation, tokens.first_known()).await?;
        Ok(tokens.loss(&run.readout().log_probs) - tokens.loss(&base.readout().log_probs))
    }

    async fn stripes(&self, tokens: &RepeatedTokens, run: &backend::Run) -> Result<Stripes> {
        let stripe = run.stripe(tokens.offset()).await?;
        Ok(Stripes::of(tokens, self.config.n_heads, &stripe))
    }

    /// The kept run of these tokens, or a new one.
    async fn base(&self, tokens: &RepeatedTokens) -> Result<Rc<backend::Run>> {
        let batch = Batch::new(&self.config, tokens.ids.clone(), tokens.batch())?;
        let kept = self.base.borrow().clone();
        if let Some(base) = kept.filter(|base| *base.batch() == batch) {
            return Ok(base);
        }
        // Dropped first, so that the new run can use its buffers.
        *self.base.borrow_mut() = None;
        let base = Rc::new(self.on_backend.run(&batch, None).await?);
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
        let run = self.on_backend.ablated(ablation, 0).await?;
        let loss = text_loss(&run.readout().log_probs[..self.ids().len() - 1])?;
        Ok(Ablated {
            loss,
            loss_increase: loss - loss_before,
            stripe: None,
            strict: None,
            detect: detect_first(&run, &self.config, thresholds)?,
        })
    }

    /// The configuration of the model that was run.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// A run of the same tokens with heads ablated.
    ///
    /// # Errors
    /// The errors of the backend.
    pub async fn ablated(&self, ablation: &Ablation) -> Result<Run> {
        let on_backend = self.on_backend.ablated(ablation, 0).await?;
        let (config, tokenizer) = (self.config.clone(), self.tokenizer.clone());
        let (dropped, uncovered) = (self.dropped, self.uncovered.clone());
        // An ablated head's own pattern is as before.
        let same = ablation.first_layer().map_or(config.n_layers, |layer| layer + 1);
        let thumbnails = RefCell::new(self.thumbnails.borrow().before(same));
        Ok(Run { config, tokenizer, dropped, uncovered, on_backend, thumbnails })
    }

    /// How much the loss grows with heads ablated.
    ///
    /// # Errors
    /// As [`ablate`](Self::ablate).
    pub async fn loss_increase(&self, ablation: &Ablation) -> Result<f64> {
        let loss_before = text_loss(self.log_probs())?;
        let run = self.on_backend.ablated(ablation, 0).await?;
        Ok(text_loss(&run.readout().log_probs[..self.ids().len() - 1])? - loss_before)
    }
}

/// Every detector's figures on the first sequence of a run.
pub(super) fn detect_first(
    run: &backend::Run,
    config: &ModelConfig,
    thresholds: &Thresholds,
) -> Result<Detection> {
    let ModelConfig { n_layers, n_heads, .. } = *config;
    let tokens = &run.batch().tokens()[..run.batch().seq()];
    let layers = run.readout().stats.chunks_exact(run.dims().rows as usize * n_heads);
    let stats = layers.flat_map(|layer| &layer[..tokens.len() * n_heads]).copied();
    let offsets = &run.readout().offsets;
    detect(&stats.collect::<Vec<_>>(), offsets, n_layers, n_heads, tokens, thresholds)
}
