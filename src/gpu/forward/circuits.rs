//! What the experiments ask of a model's weights.

use std::ops::Range;
use std::rc::Rc;
use std::slice;

use super::{Model, Shared};
use crate::error::Result;
use crate::gpu::attention;
use crate::gpu::copying::Buffered;
use crate::gpu::kernel::{Step, compute};
use crate::gpu::linear::{Buffers, product};
use crate::gpu::tensor::Tensor;
use crate::model::{Dims, MatrixId, RowStats, Shapes};

impl Model {
    /// A matrix of weights, `[rows, columns]` with the padding.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn matrix(&self, id: MatrixId) -> Result<Vec<f32>> {
        self.shared.weights.matrix(id).read(&self.shared.gpu).await
    }

    /// Statistics `[n_ctx, H]` of layer 0's patterns when all that its queries and keys see is `W_pos`.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn position_stats(&self) -> Result<Vec<RowStats>> {
        let Shared { gpu, config, kernels, weights, .. } = &*self.shared;
        let plan = self.shared.plan(config.n_ctx).await?;
        let dims = Dims::new(config.n_ctx, 1, 0);
        plan.scratch.dims.write(0, bytemuck::bytes_of(&dims));
        // No token occurs twice, so that the detectors' sums are over nothing.
        let tokens: Vec<u32> = (0..dims.rows).collect();
        plan.activations.tokens.write(0, bytemuck::cast_slice(&tokens));
        let make = async || {
            let no_bias = Tensor::numbers(gpu, "no_bias", Shapes::of(config).qkv)?;
            let buffers = Buffers {
                x: &weights.matrix(MatrixId::Positions).tensor,
                matrix: weights.matrix(MatrixId::Qkv(0)),
                bias: &no_bias,
                residual: None,
                out: &plan.activations.qkv[0],
            };
            let qkv = product(gpu, kernels, weights.nothing(), &plan.scratch.dims, buffers, 0);
            Ok(([qkv, attention::step(plan.site(&self.shared), 0)], no_bias))
        };
        let (steps, _no_bias) = gpu.checked("the position scores", make).await?;
        let bytes = size_of::<RowStats>() * config.n_ctx * config.n_heads;
        let stats = compute(gpu, &steps, &dims, &plan.activations.stats, 0, bytes).await?;
        Ok(bytemuck::pod_collect_to_vec(&stats))
    }

    /// Begins the copying experiment, for `rows` rows of the vocabulary at a time, of the factors
    /// `values [D, K]` and `output [K, D]`.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuMemory`](crate::Error::GpuMemory).
    pub async fn copying(
        &self,
        rows: usize,
        width: usize,
        values: &[f32],
        output: &[f32],
    ) -> Result<Copying> {
        let Shared { gpu, config, kernels, weights, .. } = &*self.shared;
        let make = async || {
            let buffered = Buffered::new(gpu, config, rows, width, (values, output))?;
            let right = buffered.right(gpu, kernels, weights);
            let counts = buffered.counts(gpu, kernels, weights, config);
            Ok(Copying { shared: Rc::clone(&self.shared), right, counts, buffered })
        };
        gpu.checked("a copying experiment", make).await
    }
}

/// A copying experiment under way.
#[derive(Debug)]
pub struct Copying {
    shared: Rc<Shared>,
    right: Step,
    counts: [Step; 4],
    buffered: Buffered,
}

impl Copying {
    /// Makes these rows of `W_O W_U [K, V]`; once all are there, it can count.
    ///
    /// # Errors
    /// [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn prepare(&self, rows: Range<usize>) -> Result<()> {
        let dims = Dims::new(rows.end, 1, rows.start);
        self.buffered.dims.write(0, bytemuck::bytes_of(&dims));
        // What is read does not matter; that it can be is the sign that the product is done.
        let step = slice::from_ref(&self.right);
        compute(&self.shared.gpu, step, &dims, &self.buffered.at_least, 0, 4).await?;
        Ok(())
    }

    /// For `rows` ids from `first` on: how many other entries of the id's row are at least as large
    /// as the one on the diagonal. As many rows as it was begun for, at most.
    ///
    /// # Errors
    /// [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn at_least(&self, first: usize, rows: usize) -> Result<Vec<u32>> {
        let dims = Dims::new(rows, 1, 0);
        self.buffered.dims.write(0, bytemuck::bytes_of(&dims));
        self.buffered.first.write(0, bytemuck::bytes_of(&[first as u32, 0, 0, 0]));
        self.buffered.at_least.write(0, bytemuck::cast_slice(&vec![0_u32; rows]));
        let counts = &self.buffered.at_least;
        let bytes = compute(&self.shared.gpu, &self.counts, &dims, counts, 0, 4 * rows).await?;
        Ok(bytemuck::pod_collect_to_vec(&bytes))
    }
}
