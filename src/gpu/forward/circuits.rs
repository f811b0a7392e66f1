//! What the experiments ask of a model's weights.

use std::rc::Rc;

use super::{Model, Shared};
use crate::error::Result;
use crate::gpu::attention;
use crate::gpu::copying::Buffered;
use crate::gpu::kernel::compute;
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

    /// Every head of layer 0's mean weight on the previous position, of `n_ctx` of them, when all
    /// that its queries and keys see is `W_pos`.
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
        let no_bias = Tensor::numbers(gpu, "no_bias", Shapes::of(config).qkv)?;
        let make = || {
            let buffers = Buffers {
                x: &weights.matrix(MatrixId::Positions).tensor,
                matrix: weights.matrix(MatrixId::Qkv(0)),
                bias: &no_bias,
                residual: None,
                out: &plan.activations.qkv[0],
            };
            let qkv = product(gpu, kernels, weights.nothing(), &plan.scratch.dims, buffers, 0);
            Ok([qkv, attention::step(plan.site(&self.shared), 0)])
        };
        let steps = kernels.checked(make).await?;
        let bytes = size_of::<RowStats>() * config.n_ctx * config.n_heads;
        let stats = compute(gpu, &steps, &dims, &plan.activations.stats, 0, bytes).await?;
        Ok(bytemuck::pod_collect_to_vec(&stats))
    }

    /// Prepares the copying experiment for `rows` rows of the vocabulary at a time, from the factors
    /// `values [D, K]` and `output [K, D]`.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn copying(
        &self,
        rows: usize,
        width: usize,
        values: &[f32],
        output: &[f32],
    ) -> Result<Copying> {
        let Shared { gpu, config, kernels, weights, .. } = &*self.shared;
        let buffered = Buffered::new(gpu, config, rows, width, (values, output))?;
        let dims = Dims::new(width, 1, 0);
        buffered.dims.write(0, bytemuck::bytes_of(&dims));
        let right = kernels.checked(|| Ok(buffered.right(gpu, kernels, weights))).await?;
        // What is read does not matter; that it can be is the sign that the product is done.
        compute(gpu, &[right], &dims, &buffered.at_least, 0, 4).await?;
        Ok(Copying { shared: Rc::clone(&self.shared), buffered })
    }
}

/// A copying experiment under way.
#[derive(Debug)]
pub struct Copying {
    shared: Rc<Shared>,
    buffered: Buffered,
}

impl Copying {
    /// For `rows` ids from `first` on: how many other entries of the id's row are at least as large
    /// as the one on the diagonal. As many rows as were prepared for, at most.
    ///
    /// # Errors
    /// [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn at_least(&self, first: usize, rows: usize) -> Result<Vec<u32>> {
        let Shared { gpu, config, kernels, weights, .. } = &*self.shared;
        let dims = Dims::new(rows, 1, 0);
        self.buffered.dims.write(0, bytemuck::bytes_of(&dims));
        self.buffered.first.write(0, bytemuck::bytes_of(&[first as u32, 0, 0, 0]));
        self.buffered.at_least.write(0, bytemuck::cast_slice(&vec![0_u32; rows]));
        let steps = kernels.checked(|| Ok(self.buffered.counts(gpu, kernels, weights, config))).await?;
        let bytes = compute(gpu, &steps, &dims, &self.buffered.at_least, 0, 4 * rows).await?;
        Ok(bytemuck::pod_collect_to_vec(&bytes))
    }
}
