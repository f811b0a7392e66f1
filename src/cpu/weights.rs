//! A model's weights in memory, as they were stored.

use std::collections::BTreeMap;

use super::Matrix;
use crate::checkpoint::{Block, WeightDtype, WeightSink};
use crate::error::Result;
use crate::model::{MatrixId, VectorId};

/// Every matrix and vector of a model.
#[derive(Debug, Clone, Default)]
pub struct Weights {
    matrices: BTreeMap<MatrixId, Matrix>,
    vectors: BTreeMap<VectorId, Vec<f32>>,
}

impl Weights {
    /// A matrix that was loaded.
    pub(crate) fn matrix(&self, id: MatrixId) -> &Matrix {
        self.matrices.get(&id).unwrap_or_else(|| panic!("{id:?} was not loaded"))
    }

    /// A vector that was loaded.
    pub(crate) fn vector(&self, id: VectorId) -> &[f32] {
        self.vectors.get(&id).unwrap_or_else(|| panic!("{id:?} was not loaded"))
    }
}

impl WeightSink for Weights {
    fn begin_matrix(&mut self, id: MatrixId, rows: usize, columns: usize, dtype: WeightDtype) -> Result<()> {
        self.matrices.insert(id, Matrix::zeros(rows, columns, dtype));
        Ok(())
    }

    fn write(&mut self, id: MatrixId, block: Block, bytes: &[u8]) -> Result<()> {
        let matrix = self.matrices.get_mut(&id).unwrap_or_else(|| panic!("{id:?} was not announced"));
        matrix.write(&block, bytes);
        Ok(())
    }

    fn vector(&mut self, id: VectorId, values: &[f32]) -> Result<()> {
        self.vectors.insert(id, values.to_vec());
        Ok(())
    }
}
