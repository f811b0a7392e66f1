//! The experiments on a loaded model.

use std::rc::Rc;

use serde::Serialize;

use super::{Model, Pass, Run};
use crate::detectors::{Detection, Thresholds, detect};
use crate::error::{Error, Result};
use crate::experiments::{Repeated, RepeatedTokens, Stripes, text_loss};
use crate::model::{Ablation, ModelConfig};

/// A run of a whole batch, that an experiment starts from and the next one on the same tokens finds again.
#[derive(Debug)]
pub(super) struct Base {
    ids: Vec<u32>,
    batch: usize,
    pass: Pass,
}

/// The figures of a model with heads switched off.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ablated {
    /// Loss in nats: of a repeated sequence on its last `seq_len - 1` predictions, of a run on all.
    pub loss: f64,
    /// How much more that is than with every head on.
    pub loss_increase: f64,
    /// Every head's induction score as the notebook has it, of a repeated sequence.
    pub stripe: Option<Vec<Vec<f64>>>,
    /// Every head's strict induction score, of a repeated sequence.
    pub strict: Option<Vec<Vec<f64>>>,
    /// Every detector's figures; of a batch, on its first sequence.
    pub detect: Detection,
}

impl Model {
    /// Draws the tokens of a repeated-sequence experiment: ids that the tokenizer can decode, all
    /// but 0 without one, and never the BOS.
    ///
    /// # Errors
    /// [`Error::TooManyTokens`] for a sequence of more than `n_ctx`, and as [`RepeatedTokens::draw`].
    pub fn draw_repeated(&self, seq_len: usize, batch: usize, seed: u32) -> Result<RepeatedTokens> {
        let ModelConfig { d_vocab, n_ctx, .. } = self.config;
        // Before anything is drawn: a length that makes no sense would be memory for nothing.
        let seq = seq_len.saturating_mul(2).saturating_add(1);
        if seq > n_ctx {
            return Err(Error::TooManyTokens { expected: n_ctx, found: seq });
        }
        let bos = self.tokenizer.as_ref().and_then(|tokenizer| tokenizer.bos()).unwrap_or(0);
        let mut choices = match &self.tokenizer {
            Some(tokenizer) => tokenizer.decodable(d_vocab),
            None => (0..d_vocab as u32).collect(),
        };
        choices.retain(|&id| id != bos);
        RepeatedTokens::draw(seq_len, batch, seed, bos, &choices)
    }

    /// Runs a repeated-sequence experiment, all draws as one batch.
    ///
    /// # Errors
    /// [`Error::TooManyTokens`], [`Error::TokenOutOfRange`],
    /// and what the backend refuses.
    pub async fn repeated(&self, tokens: &RepeatedTokens) -> Result<Repeated> {
        let base = self.base(&tokens.ids, tokens.batch()).await?;
        let stripes = self.stripes(tokens, &base.pass).await?;
        Ok(Repeated::of(tokens, &base.pass.readout().log_probs, stripes))
    }

    /// The experiment's figures with heads switched off.
    ///
    /// # Errors
    /// As [`repeated`](Self::repeated).
    pub async fn ablate_repeated(
        &self,
        tokens: &RepeatedTokens,
        ablation: &Ablation,
        thresholds: &Thresholds,
    ) -> Result<Ablated> {
        let base = self.base(&tokens.ids, tokens.batch()).await?;
        let pass = base.pass.ablated(ablation, tokens.first_known()).await?;
        let stripes = self.stripes(tokens, &pass).await?;
        let loss = tokens.loss(&pass.readout().log_probs);
        Ok(Ablated {
            loss,
            loss_increase: loss - tokens.loss(&base.pass.readout().log_probs),
            stripe: Some(stripes.stripe),
            strict: Some(stripes.strict),
            detect: pass.detect(&self.config, &tokens.ids[..tokens.seq()], thresholds)?,
        })
    }

    /// How much a repeated sequence's loss grows with heads switched off.
    ///
    /// # Errors
    /// As [`repeated`](Self::repeated).
    pub async fn repeated_loss_increase(&self, tokens: &RepeatedTokens, ablation: &Ablation) -> Result<f64> {
        let base = self.base(&tokens.ids, tokens.batch()).await?;
        let pass = base.pass.ablated(ablation, tokens.first_known()).await?;
        Ok(tokens.loss(&pass.readout().log_probs) - tokens.loss(&base.pass.readout().log_probs))
    }

    async fn stripes(&self, tokens: &RepeatedTokens, pass: &Pass) -> Result<Stripes> {
        let stripe = match pass {
            Pass::Gpu(pass) => pass.stripe(tokens.offset()).await?,
            Pass::Cpu(pass) => pass.stripe(tokens.offset()),
        };
        Ok(Stripes::of(tokens, self.config.n_heads, &stripe))
    }

    /// The run of these tokens that is kept, or a new one.
    async fn base(&self, ids: &[u32], batch: usize) -> Result<Rc<Base>> {
        let kept = self.base.borrow().clone();
        if let Some(base) = kept.filter(|base| base.ids == ids && base.batch == batch) {
            return Ok(base);
        }
        // Its buffers serve the next one.
        *self.base.borrow_mut() = None;
        let pass = self.forward.run(ids, batch, None).await?;
        let base = Rc::new(Base { ids: ids.to_vec(), batch, pass });
        *self.base.borrow_mut() = Some(Rc::clone(&base));
        Ok(base)
    }
}

impl Run {
    /// The run's figures with heads switched off.
    ///
    /// # Errors
    /// [`Error::TooFewTokens`] for a single token, and what the backend refuses.
    pub async fn ablate(&self, ablation: &Ablation, thresholds: &Thresholds) -> Result<Ablated> {
        let loss_before = text_loss(self.log_probs())?;
        let pass = self.pass.ablated(ablation, 0).await?;
        let loss = text_loss(&pass.readout().log_probs[..self.ids.len() - 1])?;
        Ok(Ablated {
            loss,
            loss_increase: loss - loss_before,
            stripe: None,
            strict: None,
            detect: pass.detect(&self.config, &self.ids, thresholds)?,
        })
    }

    /// How much the loss grows with heads switched off.
    ///
    /// # Errors
    /// As [`ablate`](Self::ablate).
    pub async fn loss_increase(&self, ablation: &Ablation) -> Result<f64> {
        let loss_before = text_loss(self.log_probs())?;
        let pass = self.pass.ablated(ablation, 0).await?;
        Ok(text_loss(&pass.readout().log_probs[..self.ids.len() - 1])? - loss_before)
    }
}

impl Pass {
    /// The same tokens with heads switched off. Only the log-probabilities from `first_pos` of each
    /// sequence on are asked for, which the CPU backend takes note of.
    async fn ablated(&self, ablation: &Ablation, first_pos: usize) -> Result<Pass> {
        match self {
            Pass::Gpu(pass) => pass.ablated(ablation).await.map(|pass| Pass::Gpu(Box::new(pass))),
            Pass::Cpu(pass) => Ok(Pass::Cpu(pass.ablated(ablation, first_pos))),
        }
    }

    /// Every detector's figures on the first sequence, whose tokens are given.
    pub(super) fn detect(
        &self,
        config: &ModelConfig,
        tokens: &[u32],
        thresholds: &Thresholds,
    ) -> Result<Detection> {
        let ModelConfig { n_layers, n_heads, .. } = *config;
        let layers = self.readout().stats.chunks_exact(self.dims().rows as usize * n_heads);
        let stats = layers.flat_map(|layer| &layer[..tokens.len() * n_heads]).copied();
        detect(&stats.collect::<Vec<_>>(), n_layers, n_heads, tokens, thresholds)
    }
}
