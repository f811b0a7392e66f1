//! OV copying: how often a head that attends to a token raises that token's logit most.
//!
//! Entry `[t, u]` of `W_E W_V W_O W_U` says how much attending to token `t` raises the logit of token
//! `u`. The matrix has `d_vocab^2` entries. Of each row, only one number is kept: how many other
//! entries are at least as large as the diagonal's.
//!
//! Definition: docs/definitions.md#copying.

use serde::Serialize;

use super::factors::HeadFactors;
use crate::error::{Error, Result};
use crate::model::{COLUMN_TILE, ModelConfig, Shapes};

/// Most products of a step: about a tenth of a second on a slow GPU or on one core.
const PRODUCTS_AT_ONCE: usize = 1 << 30;

/// Most rows that one invocation of a matrix kernel makes.
const ROW_TILE: usize = 16;

/// Most rows of a step.
const ROWS_AT_ONCE: usize = 1024;

/// The two factors of `W_V W_O`, of one head or of the sum of several heads, padded.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyingFactors {
    /// `K`: `d_head` of every head, and padding up to a whole column tile.
    pub width: usize,
    /// `[D, K]`: the heads' `W_V`, side by side.
    pub values: Vec<f32>,
    /// `[K, D]`: the heads' `W_O`, under one another.
    pub output: Vec<f32>,
}

impl CopyingFactors {
    /// The factors of the sum of these heads.
    ///
    /// # Errors
    /// [`Error::EmptyInput`] for no head.
    pub fn of(config: &ModelConfig, heads: &[HeadFactors]) -> Result<Self> {
        if heads.is_empty() {
            return Err(Error::EmptyInput {});
        }
        let padded = Shapes::of(config).d_model;
        let width = (heads.len() * config.d_head).next_multiple_of(COLUMN_TILE);
        let mut values = vec![0.0; padded * width];
        let mut output = vec![0.0; width * padded];
        let rows = |pick: fn(&HeadFactors) -> &Vec<f32>| {
            heads.iter().flat_map(move |head| pick(head).chunks_exact(config.d_model)).enumerate()
        };
        for (column, row) in rows(|head| &head.v) {
            for (d, value) in row.iter().enumerate() {
                values[d * width + column] = *value;
            }
        }
        for (row, values) in rows(|head| &head.o) {
            output[row * padded..][..config.d_model].copy_from_slice(values);
        }
        Ok(CopyingFactors { width, values, output })
    }

    /// Rows of `W_O W_U [K, V]` that one step of the preparation makes: whole tiles of every backend.
    pub fn output_rows_at_once(&self, config: &ModelConfig) -> usize {
        let rows = PRODUCTS_AT_ONCE / (config.d_model * config.d_vocab);
        (rows / ROW_TILE * ROW_TILE).max(ROW_TILE)
    }

    /// Rows of the vocabulary that one step counts.
    pub fn rows_at_once(&self, config: &ModelConfig) -> usize {
        (PRODUCTS_AT_ONCE / (self.width * config.d_vocab)).clamp(1, ROWS_AT_ONCE)
    }
}

/// How much of the vocabulary is copied, of the rows counted until now.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct CopyingCounts {
    /// Rows counted.
    pub rows: usize,
    /// Rows whose diagonal entry is larger than every other.
    pub top1: usize,
    /// Rows whose diagonal entry is among the five largest.
    pub top5: usize,
}

impl CopyingCounts {
    /// Adds rows, given how many other entries of each are at least as large as the diagonal's.
    pub fn add(&mut self, at_least: &[u32]) {
        self.rows += at_least.len();
        self.top1 += at_least.iter().filter(|&&others| others < 1).count();
        self.top5 += at_least.iter().filter(|&&others| others < 5).count();
    }
}
