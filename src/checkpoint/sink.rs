//! The receiver of weights: a backend, or a test.

use std::ops::Range;

use super::dtype::WeightDtype;
use crate::error::Result;
use crate::model::{MatrixId, VectorId};

/// Rows and columns of a matrix that are written together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The rows.
    pub rows: Range<usize>,
    /// The columns, a multiple of [`COLUMN_TILE`](crate::model::COLUMN_TILE) from a multiple of it on.
    pub columns: Range<usize>,
}

impl Block {
    /// Whole rows of a matrix of so many columns.
    pub fn of_rows(rows: Range<usize>, columns: usize) -> Self {
        Block { rows, columns: 0..columns }
    }
}

/// A backend that takes weights.
///
/// Matrices come row-major and already padded; padding is zero. A matrix is announced once, then its
/// blocks come, whole rows in order or whole columns in order, each element exactly once.
pub trait WeightSink {
    /// Announces a matrix of `rows` x `columns`, padding included.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit) when the backend has no room for it.
    fn begin_matrix(&mut self, id: MatrixId, rows: usize, columns: usize, dtype: WeightDtype) -> Result<()>;

    /// Takes a block of a matrix, row-major, little-endian.
    ///
    /// # Errors
    /// Those of the backend's memory.
    fn write(&mut self, id: MatrixId, block: Block, bytes: &[u8]) -> Result<()>;

    /// Takes a vector, padding included.
    ///
    /// # Errors
    /// Those of the backend's memory.
    fn vector(&mut self, id: VectorId, values: &[f32]) -> Result<()>;
}
