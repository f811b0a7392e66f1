//! The receiver of weights: a backend, or a test.

use super::dtype::WeightDtype;
use crate::error::Result;
use crate::model::{MatrixId, VectorId};

/// A backend that takes weights.
///
/// Matrices come row-major and already padded; padding is zero. A matrix is announced once,
/// then its rows come in order, each exactly once.
pub trait WeightSink {
    /// Announces a matrix of `rows` x `columns`, padding included.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit) when the backend has no room for it.
    fn begin_matrix(&mut self, id: MatrixId, rows: usize, columns: usize, dtype: WeightDtype) -> Result<()>;

    /// Takes whole rows from `first_row` on, little-endian.
    ///
    /// # Errors
    /// Those of the backend's memory.
    fn write_rows(&mut self, id: MatrixId, first_row: usize, bytes: &[u8]) -> Result<()>;

    /// Takes a vector, padding included.
    ///
    /// # Errors
    /// Those of the backend's memory.
    fn vector(&mut self, id: VectorId, values: &[f32]) -> Result<()>;
}
