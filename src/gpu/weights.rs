//! A model's weights in GPU memory, written as they are read.

use std::collections::HashMap;
use std::rc::Rc;

use super::device::Gpu;
use super::matrix::Matrix;
use super::tensor::Tensor;
use crate::checkpoint::{Block, WeightDtype, WeightSink};
use crate::error::Result;
use crate::model::{MatrixId, SHARE_TILES, VectorId};

/// Weights of one model. Filled by [`checkpoint::load`](crate::checkpoint::load).
#[derive(Debug)]
pub struct Weights {
    gpu: Rc<Gpu>,
    matrices: HashMap<MatrixId, Matrix>,
    vectors: HashMap<VectorId, Tensor>,
    unbound: Tensor,
}

impl Weights {
    /// Makes an empty set of weights.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), which no real device gives for 16 bytes.
    pub fn new(gpu: &Rc<Gpu>) -> Result<Self> {
        Ok(Weights {
            gpu: Rc::clone(gpu),
            matrices: HashMap::new(),
            vectors: HashMap::new(),
            unbound: Tensor::numbers(gpu, "unbound", 4)?,
        })
    }

    /// The matrix of that name. The loader has delivered every matrix of the model.
    pub(super) fn matrix(&self, id: MatrixId) -> &Matrix {
        &self.matrices[&id]
    }

    /// The vector of that name. Without such a vector it is a buffer that no kernel reads.
    pub(super) fn vector(&self, id: VectorId) -> &Tensor {
        self.vectors.get(&id).unwrap_or(&self.unbound)
    }

    /// `W_pos`, which is always f32 and one shard. Without such a matrix it is a buffer that no kernel reads.
    pub(super) fn positions(&self) -> &Tensor {
        let table = self.matrices.get(&MatrixId::Positions);
        table.map_or(&self.unbound, |table| &table.shards[0].tensor)
    }

    /// A buffer for a binding that the constants of a kernel leave unread.
    pub(super) fn unbound(&self) -> &Tensor {
        &self.unbound
    }
}

/// Column tiles of a matrix that stay in one shard: a share of the vocabulary in the unembedding, and the
/// whole rows of the positions, which kernels add to activations.
fn tiles_together(id: MatrixId) -> usize {
    match id {
        MatrixId::Unembed => SHARE_TILES,
        MatrixId::Positions => usize::MAX,
        _ => 1,
    }
}

impl WeightSink for Weights {
    fn begin_matrix(&mut self, id: MatrixId, rows: usize, columns: usize, dtype: WeightDtype) -> Result<()> {
        let matrix = Matrix::new(&self.gpu, &format!("{id:?}"), [rows, columns], dtype, tiles_together(id))?;
        self.matrices.insert(id, matrix);
        Ok(())
    }

    fn write(&mut self, id: MatrixId, block: Block, bytes: &[u8]) -> Result<()> {
        self.matrix(id).write(&block, bytes);
        Ok(())
    }

    fn vector(&mut self, id: VectorId, values: &[f32]) -> Result<()> {
        let tensor = Tensor::numbers(&self.gpu, &format!("{id:?}"), values.len())?;
        tensor.write(0, bytemuck::cast_slice(values));
        self.vectors.insert(id, tensor);
        Ok(())
    }
}
