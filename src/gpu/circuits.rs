//! Experiments on a model's weights.

use std::ops::Range;
use std::rc::Rc;

use super::copying::Buffered;
use super::kernel::Step;
use super::model::Model;
use super::plan::Parts;
use super::play;
use super::shared::Shared;
use super::submit::{compute, read};
use crate::error::Result;
use crate::model::{BufferId, Dims, MatrixId, POSITION_SCORES, QkvInput, RowStats, VectorId};

impl Model {
    /// A matrix of weights, `[rows, columns]` with the padding.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn matrix(&self, id: MatrixId) -> Result<Vec<f32>> {
        let Parts { gpu, weights, .. } = &self.shared.parts;
        weights.matrix(id).read(gpu).await
    }

    /// A vector of weights, with the padding.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn vector(&self, id: VectorId) -> Result<Vec<f32>> {
        let Parts { gpu, config, weights, .. } = &self.shared.parts;
        let bytes = 4 * id.blank(config).len();
        Ok(bytemuck::pod_collect_to_vec(&read(gpu, weights.vector(id), bytes).await?))
    }

    /// Statistics `[n_ctx, H]` of layer 0's patterns when its queries and keys see `W_pos` alone.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn position_stats(&self) -> Result<Vec<RowStats>> {
        let Parts { gpu, config, .. } = &self.shared.parts;
        let plan = self.shared.plan(config.n_ctx).await?;
        let buffers = &plan.buffers;
        let dims = Dims::new(config.n_ctx, 1, 0);
        // Every token occurs once, so that the detectors' sums stay 0.
        let tokens: Vec<u32> = (0..dims.rows).collect();
        buffers.get(BufferId::Tokens).write(0, bytemuck::cast_slice(&tokens));
        let make = async || {
            let context = self.shared.parts.context(buffers);
            let steps = POSITION_SCORES.map(|operation| play::steps(context, operation, QkvInput::Positions));
            Ok(steps.into_iter().flatten().collect::<Vec<Step>>())
        };
        let steps = gpu.checked("the position scores", make).await?;
        let bytes = size_of::<RowStats>() * config.n_ctx * config.n_heads;
        let stats =
            compute(gpu, &steps, (&buffers.scratch().dims, &dims), buffers.get(BufferId::Stats(0)), bytes)
                .await?;
        Ok(bytemuck::pod_collect_to_vec(&stats))
    }

    /// Starts the copying experiment, for `rows` rows of the vocabulary at a time, on the factors
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
        let Parts { gpu, config, kernels, weights, .. } = &self.shared.parts;
        let make = async || {
            let unembed = weights.matrix(MatrixId::Unembed);
            let buffered = Buffered::new(gpu, config, unembed, (rows, width), (values, output))?;
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
    right: Vec<Step>,
    counts: Vec<Step>,
    buffered: Buffered,
}

impl Copying {
    /// Makes these rows of `W_O W_U [K, V]`. [`at_least`](Self::at_least) needs all of them.
    ///
    /// # Errors
    /// [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn prepare(&self, rows: Range<usize>) -> Result<()> {
        let dims = Dims::new(rows.end, 1, rows.start);
        // Reading anything back waits until the product is done.
        compute(
            &self.shared.parts.gpu,
            &self.right,
            (&self.buffered.dims, &dims),
            &self.buffered.at_least,
            4,
        )
        .await?;
        Ok(())
    }

    /// Counts, for `rows` ids from `first` on, the other entries of the id's row that are at least as
    /// large as the entry on the diagonal. `rows` is at most the number that [`Model::copying`] was given.
    ///
    /// # Errors
    /// [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn at_least(&self, first: usize, rows: usize) -> Result<Vec<u32>> {
        let dims = Dims::new(rows, 1, 0);
        self.buffered.first.write(0, bytemuck::bytes_of(&[first as u32, 0, 0, 0]));
        self.buffered.at_least.write(0, bytemuck::cast_slice(&vec![0_u32; rows]));
        let counts = &self.buffered.at_least;
        let bytes =
            compute(&self.shared.parts.gpu, &self.counts, (&self.buffered.dims, &dims), counts, 4 * rows)
                .await?;
        Ok(bytemuck::pod_collect_to_vec(&bytes))
    }
}
