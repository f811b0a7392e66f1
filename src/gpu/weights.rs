//! A model's weights in GPU memory, written row by row as they are read.

use std::collections::HashMap;
use std::rc::Rc;

use super::device::Gpu;
use super::submit::read;
use super::tensor::{Tensor, Usage};
use crate::checkpoint::{WeightDtype, WeightSink};
use crate::error::Result;
use crate::model::{COLUMN_TILE, MatrixId, VectorId};

/// Weights of one model. Filled by [`checkpoint::load`](crate::checkpoint::load).
#[derive(Debug)]
pub struct Weights {
    gpu: Rc<Gpu>,
    matrices: HashMap<MatrixId, Matrix>,
    vectors: HashMap<VectorId, Tensor>,
    unbound: Tensor,
}

/// A padded, row-major matrix.
#[derive(Debug)]
pub(super) struct Matrix {
    pub tensor: Tensor,
    pub rows: usize,
    pub columns: usize,
    pub dtype: WeightDtype,
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

    /// A buffer for a binding that the constants of a kernel leave unread.
    pub(super) fn unbound(&self) -> &Tensor {
        &self.unbound
    }
}

impl WeightSink for Weights {
    fn begin_matrix(&mut self, id: MatrixId, rows: usize, columns: usize, dtype: WeightDtype) -> Result<()> {
        let bytes = rows * columns * dtype.size();
        let tensor = Tensor::new(&self.gpu, &format!("{id:?}"), bytes, Usage::Storage)?;
        self.matrices.insert(id, Matrix { tensor, rows, columns, dtype });
        Ok(())
    }

    fn write_rows(&mut self, id: MatrixId, first_row: usize, bytes: &[u8]) -> Result<()> {
        let matrix = self.matrix(id);
        matrix.tensor.write(first_row * matrix.columns * matrix.dtype.size(), bytes);
        Ok(())
    }

    fn vector(&mut self, id: VectorId, values: &[f32]) -> Result<()> {
        let tensor = Tensor::numbers(&self.gpu, &format!("{id:?}"), values.len())?;
        tensor.write(0, bytemuck::cast_slice(values));
        self.vectors.insert(id, tensor);
        Ok(())
    }
}

impl Matrix {
    /// `WEIGHTS_F16` and `N8` of shaders/common.wgsl and `K4` of shaders/product.wgsl for this matrix.
    pub fn constants(&self) -> [(&'static str, f64); 3] {
        [
            ("WEIGHTS_F16", f64::from(u8::from(self.dtype == WeightDtype::F16))),
            ("N8", (self.columns / COLUMN_TILE) as f64),
            ("K4", (self.rows / 4) as f64),
        ]
    }

    /// Column tiles of the matrix.
    pub fn column_tiles(&self) -> usize {
        self.columns / COLUMN_TILE
    }

    /// Reads the matrix back, widened, `[rows, columns]` with the padding.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn read(&self, gpu: &Rc<Gpu>) -> Result<Vec<f32>> {
        let bytes = self.rows * self.columns * self.dtype.size();
        let bytes = read(gpu, &self.tensor, bytes).await?;
        Ok(match self.dtype {
            WeightDtype::F32 => bytemuck::pod_collect_to_vec(&bytes),
            WeightDtype::F16 => bytemuck::pod_collect_to_vec::<u8, half::f16>(&bytes)
                .into_iter()
                .map(half::f16::to_f32)
                .collect(),
        })
    }
}
