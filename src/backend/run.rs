//! A finished forward pass, on the backend that was chosen.

#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
#[cfg(doc)]
use crate::model::ModelConfig;
use crate::model::{Ablation, Batch, Dims, Readout};
use crate::{cpu, gpu};

/// A finished forward pass on its backend.
#[derive(Debug)]
pub enum Run {
    /// On the GPU.
    Gpu(Box<gpu::Run>),
    /// On the CPU.
    Cpu(Box<cpu::Run>),
}

impl From<gpu::Run> for Run {
    fn from(run: gpu::Run) -> Self {
        Run::Gpu(Box::new(run))
    }
}

impl Run {
    /// The tokens that were run.
    pub fn batch(&self) -> &Batch {
        match self {
            Run::Gpu(run) => run.batch(),
            Run::Cpu(run) => run.batch(),
        }
    }

    /// The run's sizes.
    pub fn dims(&self) -> &Dims {
        match self {
            Run::Gpu(run) => run.dims(),
            Run::Cpu(run) => run.dims(),
        }
    }

    /// The figures that every run delivers.
    pub fn readout(&self) -> &Readout {
        match self {
            Run::Gpu(run) => run.readout(),
            Run::Cpu(run) => run.readout(),
        }
    }

    /// The attention pattern of one head, `[query_pos, key_pos]`, in the first sequence of a batch.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`], [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn pattern(&self, layer: usize, head: usize) -> Result<Vec<f32>> {
        self.pattern_from(layer, head, 0).await
    }

    /// The rows of such a pattern from `first_row` on.
    ///
    /// # Errors
    /// As [`pattern`](Self::pattern).
    pub async fn pattern_from(&self, layer: usize, head: usize, first_row: usize) -> Result<Vec<f32>> {
        match self {
            Run::Gpu(run) => run.pattern(layer, head, first_row).await,
            Run::Cpu(run) => run.pattern(layer, head, first_row),
        }
    }

    /// The mean of all heads' patterns, `[query_pos, key_pos]`, of the queries from `first_row` on.
    ///
    /// # Errors
    /// [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn mean_pattern(&self, first_row: usize) -> Result<Vec<f32>> {
        match self {
            Run::Gpu(run) => run.mean_pattern(first_row).await,
            Run::Cpu(run) => Ok(run.mean_pattern(first_row)),
        }
    }

    /// Pooled patterns of layers in the first sequence, `[layer, H, side, side rounded up to 4]`. Cells that
    /// cover rows before `first_row` alone are 0.
    ///
    /// # Errors
    /// [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn thumbnails(&self, layers: &[usize], first_row: usize) -> Result<Vec<u8>> {
        match self {
            Run::Gpu(run) => run.thumbnails(layers, first_row).await,
            Run::Cpu(run) => Ok(run.thumbnails(layers, first_row)),
        }
    }

    /// The logits of one row, `[d_vocab]`.
    ///
    /// # Errors
    /// [`Error::PositionOutOfRange`], [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn logits(&self, row: usize) -> Result<Vec<f32>> {
        match self {
            Run::Gpu(run) => run.logits(row).await,
            Run::Cpu(run) => run.logits(row).await,
        }
    }

    /// The residual stream before layer `index`, or after the last, `[rows, d_model]`.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`] when `index` is more than `n_layers`; [`Error::GpuLost`].
    pub async fn residual(&self, index: usize) -> Result<Vec<f32>> {
        match self {
            Run::Gpu(run) => run.residual(index).await,
            Run::Cpu(run) => run.residual(index),
        }
    }

    /// Runs the same tokens with heads ablated. The rows that they share with the beginning of `previous`, a
    /// run with the same ablation, are copied from it. The caller needs log-probabilities from `first_pos` of
    /// each sequence on; the CPU makes no others.
    ///
    /// # Errors
    /// [`Error::GpuLimit`], [`Error::GpuMemory`], [`Error::GpuLost`].
    pub async fn ablated(
        &self,
        ablation: &Ablation,
        first_pos: usize,
        previous: Option<&Run>,
    ) -> Result<Run> {
        match (self, previous) {
            (Run::Gpu(run), Some(Run::Gpu(previous))) => {
                run.ablated(ablation, Some(&**previous)).await.map(Run::from)
            }
            (Run::Gpu(run), _) => run.ablated(ablation, None).await.map(Run::from),
            (Run::Cpu(run), Some(Run::Cpu(previous))) => {
                Ok(Run::Cpu(Box::new(run.ablated(ablation, first_pos, Some(&**previous)).await)))
            }
            (Run::Cpu(run), _) => Ok(Run::Cpu(Box::new(run.ablated(ablation, first_pos, None).await))),
        }
    }

    /// The log-probabilities `[rows]` of such a run, and no more: a loss takes less than a run's figures.
    ///
    /// # Errors
    /// As [`ablated`](Self::ablated).
    pub async fn ablated_log_probs(&self, ablation: &Ablation, first_pos: usize) -> Result<Vec<f32>> {
        match self {
            Run::Gpu(run) => run.ablated_log_probs(ablation).await,
            Run::Cpu(run) => Ok(run.ablated_log_probs(ablation, first_pos).await),
        }
    }

    /// The weight on the key `offset` before each query, `[layer, row, head]`; 0 without such a key.
    ///
    /// # Errors
    /// [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn stripe(&self, offset: usize) -> Result<Vec<f32>> {
        match self {
            Run::Gpu(run) => run.stripe(offset).await,
            Run::Cpu(run) => Ok(run.stripe(offset)),
        }
    }

    /// The column of `W_U` of each row's target minus that of its subtracted token, `[rows, D]` with the
    /// padding.
    ///
    /// # Errors
    /// [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn directions(&self, targets: &[[u32; 2]]) -> Result<Vec<f32>> {
        match self {
            Run::Gpu(run) => run.directions(targets).await,
            Run::Cpu(run) => Ok(run.directions(targets).await),
        }
    }

    /// How much each component adds to a direction `[rows, D]` of the stream's end, `[rows, columns]`, in the
    /// rows from `first_row` on; the columns are those of [`ModelConfig::attribution_columns`].
    ///
    /// # Errors
    /// [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn attribution(&self, direction: &[f32], first_row: usize) -> Result<Vec<f32>> {
        match self {
            Run::Gpu(run) => run.attribution(direction, first_row).await,
            Run::Cpu(run) => Ok(run.attribution(direction, first_row).await),
        }
    }

    /// The norm of a head's value at each position, before and after `W_O`, `[seq]`.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`], [`Error::GpuLost`].
    pub async fn value_norms(&self, layer: usize, head: usize) -> Result<Vec<[f32; 2]>> {
        match self {
            Run::Gpu(run) => run.value_norms(layer, head).await,
            Run::Cpu(run) => run.value_norms(layer, head).await,
        }
    }
}
