//! A finished forward pass, and the figures that are made of it on demand.

use std::sync::Arc;

use super::forward::{Activations, Shared};
use super::logits::logits;
use super::pattern::add_pattern;
use crate::error::{Error, Result};
use crate::model::{Dims, MatrixId, Readout, Shapes, VectorId};

/// A finished forward pass.
#[derive(Debug)]
pub struct Run {
    pub(super) shared: Arc<Shared>,
    pub(super) dims: Dims,
    pub(super) tokens: Vec<u32>,
    pub(super) activations: Activations,
    pub(super) readout: Readout,
}

impl Run {
    /// The tokens, sequence after sequence.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// The run's sizes.
    pub fn dims(&self) -> &Dims {
        &self.dims
    }

    /// The figures that every run delivers.
    pub fn readout(&self) -> &Readout {
        &self.readout
    }

    /// The attention pattern of one head, `[query_pos, key_pos]`; of a batch, of its first sequence.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`].
    pub fn pattern(&self, layer: usize, head: usize) -> Result<Vec<f32>> {
        self.shared.config.check_head(layer, head)?;
        let mut pattern = self.no_pattern();
        self.add_pattern(layer, head, 1.0, &mut pattern);
        Ok(pattern)
    }

    /// The mean of all heads' patterns, `[query_pos, key_pos]`.
    pub fn mean_pattern(&self) -> Vec<f32> {
        let config = &self.shared.config;
        let share = 1.0 / config.total_heads() as f32;
        let mut pattern = self.no_pattern();
        for layer in 0..config.n_layers {
            for head in 0..config.n_heads {
                self.add_pattern(layer, head, share, &mut pattern);
            }
        }
        pattern
    }

    fn no_pattern(&self) -> Vec<f32> {
        vec![0.0; (self.dims.seq * self.dims.seq) as usize]
    }

    fn add_pattern(&self, layer: usize, head: usize, share: f32, pattern: &mut [f32]) {
        let config = &self.shared.config;
        let stats = &self.readout.stats[layer * self.dims.rows as usize * config.n_heads..];
        add_pattern(&self.dims, config, head, share, &self.activations.qkv[layer], stats, pattern);
    }

    /// The logits of one position, `[d_vocab]`.
    ///
    /// # Errors
    /// [`Error::PositionOutOfRange`].
    pub fn logits(&self, row: usize) -> Result<Vec<f32>> {
        let config = &self.shared.config;
        let expected = self.dims.rows as usize;
        if row >= expected {
            return Err(Error::PositionOutOfRange { found: row, expected });
        }
        let width = Shapes::of(config).d_model;
        let resid = &self.activations.resid[config.n_layers][row * width..][..width];
        let x = self.shared.normalized_final(&Dims::new(1, 1, 0), resid);
        let (unembed, bias) = self.shared.product(MatrixId::Unembed, VectorId::UnembedBias);
        let mut logits = logits(&x, unembed, bias);
        logits.truncate(config.d_vocab);
        Ok(logits)
    }

    /// The residual stream before layer `index`, or after the last, `[rows, d_model]`.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`] when `index` is more than `n_layers`.
    pub fn residual(&self, index: usize) -> Result<Vec<f32>> {
        let config = &self.shared.config;
        if index > config.n_layers {
            config.check_head(index, 0)?;
        }
        let rows = self.activations.resid[index].chunks_exact(Shapes::of(config).d_model);
        Ok(rows.flat_map(|row| &row[..config.d_model]).copied().collect())
    }

    /// Rows at the beginning of `tokens` whose figures this run knows. The last shared token's row
    /// is not among them: the token that it predicts is another.
    pub(super) fn rows_shared_with(&self, tokens: &[u32], batch: usize) -> usize {
        if batch != 1 || self.dims.batch != 1 {
            return 0;
        }
        let shared = self.tokens.iter().zip(tokens).take_while(|(old, new)| old == new).count();
        shared.saturating_sub(1)
    }
}
