//! Experiments on a loaded model's weights, and patterns weighted by the values that they move.

use std::cell::Cell;
use std::mem;

use super::{Model, Run};
use crate::backend;
use crate::error::{Error, Result};
use crate::experiments::{Composition, CopyingCounts, CopyingFactors, HeadFactors};
use crate::model::{MatrixId, ModelConfig, NormAt};

/// The factor of a head's attention weights, in its pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightedBy {
    /// 1: the attention pattern itself, whose rows sum to 1.
    Nothing,
    /// The norm of the key's value.
    Value,
    /// The norm of the key's value times `W_O`, which is what attention to the key writes into the stream.
    Output,
}

impl Run {
    /// One head's attention pattern, each weight times the norm of the value that it moves,
    /// `[query_pos, key_pos]`, of the queries from `first_row` on. Its rows do not sum to 1.
    ///
    /// # Errors
    /// As [`pattern_from`](Self::pattern_from).
    pub async fn weighted_pattern(
        &self,
        layer: usize,
        head: usize,
        by: WeightedBy,
        first_row: usize,
    ) -> Result<Vec<f32>> {
        let mut pattern = self.pattern_from(layer, head, first_row).await?;
        let part = match by {
            WeightedBy::Nothing => return Ok(pattern),
            WeightedBy::Value => 0,
            WeightedBy::Output => 1,
        };
        let norms = self.on_backend.value_norms(layer, head).await?;
        for row in pattern.chunks_exact_mut(norms.len()) {
            row.iter_mut().zip(&norms).for_each(|(weight, norm)| *weight *= norm[part]);
        }
        Ok(pattern)
    }
}

impl Model {
    /// Composition scores of every pair of heads; `seed` is that of the random baseline.
    ///
    /// # Errors
    /// The errors of the backend.
    pub async fn composition(&self, seed: u32) -> Result<Composition> {
        let mut layers = Vec::new();
        for layer in 0..self.config.n_layers {
            layers.push(self.factors(layer).await?);
        }
        Ok(Composition::of(&self.config, layers, seed))
    }

    /// Composition scores of the heads of layer `from` with those of the later layer `to`; `seed` is that of
    /// the random baseline.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`] for a layer that the model does not have, [`Error::NotDefined`] unless `to`
    /// is later than `from`; the errors of the backend.
    pub async fn composition_between(&self, from: usize, to: usize, seed: u32) -> Result<Composition> {
        self.config.check_head(from, 0)?;
        self.config.check_head(to, 0)?;
        if from >= to {
            let what = format!("The composition of layer {from} with layer {to}");
            let reason = "a head reads only what earlier layers write".to_owned();
            return Err(Error::NotDefined { what, reason });
        }
        let (earlier, later) = (self.factors(from).await?, self.factors(to).await?);
        Ok(Composition::between(&self.config, earlier, later, seed))
    }

    /// The mean weight on the previous position of every head of layer 0, over all `n_ctx` positions, when
    /// its queries and keys see `W_pos` alone.
    ///
    /// # Errors
    /// [`Error::NotDefined`] for a model without `W_pos`, [`Error::TooFewTokens`] for a model of one
    /// position; the errors of the backend.
    pub async fn position_scores(&self) -> Result<Vec<f64>> {
        let ModelConfig { n_ctx, n_heads, positional_embedding, .. } = self.config;
        if !positional_embedding.has_matrix() {
            let what = "The previous-token score of positions alone".to_owned();
            let reason = format!("it has no W_pos, since its positions are {}", positional_embedding.name());
            return Err(Error::NotDefined { what, reason });
        }
        if n_ctx < 2 {
            let what = "a previous position".to_owned();
            return Err(Error::TooFewTokens { what, needed: 2, found: n_ctx });
        }
        let stats = self.on_backend.position_stats().await?;
        let score = |head: usize| {
            let queries = stats.chunks_exact(n_heads).skip(1);
            queries.map(|row| f64::from(row[head].previous)).sum::<f64>() / (n_ctx - 1) as f64
        };
        Ok((0..n_heads).map(score).collect())
    }

    /// Starts the copying experiment on one head, or on the sum of several.
    ///
    /// # Errors
    /// [`Error::EmptyInput`] for no head, [`Error::HeadOutOfRange`], and the errors of the backend.
    pub async fn copying(&self, heads: &[(usize, usize)]) -> Result<Copying> {
        let mut heads = heads.to_vec();
        heads.sort_unstable();
        heads.dedup();
        for &(layer, head) in &heads {
            self.config.check_head(layer, head)?;
        }
        let mut chosen = Vec::new();
        for of_layer in heads.chunk_by(|one, next| one.0 == next.0) {
            let mut factors = self.factors(of_layer[0].0).await?;
            chosen.extend(of_layer.iter().map(|&(_, head)| mem::take(&mut factors[head])));
        }
        if let Some(ln_final) = self.norm(NormAt::Final).await? {
            chosen.iter_mut().for_each(|factors| factors.write_through(&ln_final));
        }
        let factors = CopyingFactors::of(&self.config, &chosen)?;
        let rows_at_once = factors.rows_at_once(&self.config);
        let output_rows_at_once = factors.output_rows_at_once(&self.config);
        let CopyingFactors { width, values, output } = &factors;
        let on_backend = self.on_backend.copying(rows_at_once, *width, values, output).await?;
        let d_vocab = self.config.d_vocab;
        let (prepared, counts) = Default::default();
        let width = *width;
        Ok(Copying { on_backend, width, output_rows_at_once, prepared, rows_at_once, d_vocab, counts })
    }

    /// The factors of every head of a layer, with the norms folded in.
    async fn factors(&self, layer: usize) -> Result<Vec<HeadFactors>> {
        let qkv = self.on_backend.matrix(MatrixId::Qkv(layer)).await?;
        let output = self.on_backend.matrix(MatrixId::Output(layer)).await?;
        let mut factors = HeadFactors::of_layer(&self.config, &qkv, &output);
        if let Some(ln1) = self.norm(NormAt::Layer(layer)).await? {
            factors.iter_mut().for_each(|head| head.fold(&ln1));
        }
        Ok(factors)
    }
}

/// A copying experiment under way: call [`step`](Self::step) until it is [done](Self::is_done).
#[derive(Debug)]
pub struct Copying {
    on_backend: backend::Copying,
    /// Rows of `W_O W_U`.
    width: usize,
    /// Rows of `W_O W_U` that a step makes.
    output_rows_at_once: usize,
    /// Rows of `W_O W_U` that are made.
    prepared: Cell<usize>,
    /// Rows of the vocabulary that a step counts.
    rows_at_once: usize,
    d_vocab: usize,
    counts: Cell<CopyingCounts>,
}

impl Copying {
    /// Makes some rows of `W_O W_U`. Once all are made, counts some rows of the vocabulary. A step takes a
    /// tenth of a second or so.
    ///
    /// # Errors
    /// [`Error::GpuLost`].
    pub async fn step(&self) -> Result<()> {
        if self.prepared.get() < self.width {
            let rows = self.prepared.get()..self.width.min(self.prepared.get() + self.output_rows_at_once);
            self.prepared.set(rows.end);
            return self.on_backend.prepare(rows).await;
        }
        let mut counts = self.counts.get();
        let rows = self.rows_at_once.min(self.d_vocab - counts.rows);
        if rows > 0 {
            counts.add(&self.on_backend.at_least(counts.rows, rows).await?);
        }
        self.counts.set(counts);
        Ok(())
    }

    /// Rows of the vocabulary in all.
    pub fn total(&self) -> usize {
        self.d_vocab
    }

    /// The counts so far.
    pub fn counts(&self) -> CopyingCounts {
        self.counts.get()
    }

    /// Whether every row is counted.
    pub fn is_done(&self) -> bool {
        self.counts.get().rows == self.d_vocab
    }
}
