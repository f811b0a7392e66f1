//! The experiments on a loaded model.

use std::rc::Rc;

use super::{Model, Pass};
use crate::error::Result;
use crate::experiments::{Repeated, RepeatedTokens, Stripes};

/// A run of a whole batch, that an experiment starts from and the next one on the same tokens finds again.
#[derive(Debug)]
pub(super) struct Base {
    ids: Vec<u32>,
    batch: usize,
    pass: Pass,
}

impl Model {
    /// Draws the tokens of a repeated-sequence experiment: ids that the tokenizer can decode, all
    /// but 0 without one, and never the BOS.
    ///
    /// # Errors
    /// As [`RepeatedTokens::draw`].
    pub fn draw_repeated(&self, seq_len: usize, batch: usize, seed: u32) -> Result<RepeatedTokens> {
        let d_vocab = self.config.d_vocab;
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
    /// [`Error::TooManyTokens`](crate::Error::TooManyTokens), [`Error::TokenOutOfRange`](crate::Error::TokenOutOfRange),
    /// and what the backend refuses.
    pub async fn repeated(&self, tokens: &RepeatedTokens) -> Result<Repeated> {
        let base = self.base(&tokens.ids, tokens.batch()).await?;
        let stripes = self.stripes(tokens, &base.pass).await?;
        Ok(Repeated::of(tokens, &base.pass.readout().log_probs, stripes))
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
