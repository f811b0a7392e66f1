//! OV copying: how often the token that a head moves is the one it raises most.
//!
//! Entry `[t, u]` of `W_E W_V W_O W_U` says how much attending to token `t` raises token `u`. The
//! matrix has `d_vocab^2` entries; row by row, only the number of those that reach the diagonal's
//! is kept.

use serde::Serialize;

use super::HeadFactors;
use crate::error::{Error, Result};
use crate::model::{COLUMN_TILE, ModelConfig, Shapes};

/// Products of a step at most: a tenth of a second or so, of a slow GPU or of one core.
const PRODUCTS_AT_ONCE: usize = 1 << 30;

/// The most rows that an invocation of a matrix kernel makes.
const ROW_TILE: usize = 16;

/// Rows of a step at most.
const ROWS_AT_ONCE: usize = 1024;

/// The two small factors of one head's or several heads' `W_V W_O`, side by side, padded.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyingFactors {
    /// `K`: `d_head` of every head, and zeros up to a whole column tile.
    pub width: usize,
    /// `[D, K]`: `W_V` beside `W_V`.
    pub values: Vec<f32>,
    /// `[K, D]`: `W_O` under `W_O`.
    pub output: Vec<f32>,
}

impl CopyingFactors {
    /// The sum of these heads.
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

    /// Rows of the vocabulary that one step takes.
    pub fn rows_at_once(&self, config: &ModelConfig) -> usize {
        (PRODUCTS_AT_ONCE / (self.width * config.d_vocab)).clamp(1, ROWS_AT_ONCE)
    }
}

/// How much of the vocabulary is copied, as far as it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct CopyingCounts {
    /// Rows looked at.
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
