//! A finished forward pass, and the figures that are made from it on demand.

use std::cell::RefCell;
use std::rc::Rc;

use bytemuck::Zeroable;

use super::buffers::Buffers;
use super::kernel::Step;
use super::pass::PassContext;
use super::pattern::{self, Selection};
use super::plan::{Parts, Plan};
use super::shared::Shared;
use super::tensor::{BINDING_ALIGNMENT, Tensor, Usage};
use super::{logits, play, submit, thumbnails};
use crate::error::{Error, Result};
use crate::model::{Batch, BufferId, Dims, NormAt, Operation, QkvInput, Readout, Shapes, padded_cells};

/// A finished forward pass. Its activations stay on the GPU until it is dropped.
#[derive(Debug)]
pub struct Run {
    pub(super) shared: Rc<Shared>,
    /// `Some` until the run is dropped.
    plan: Option<Plan>,
    dims: Dims,
    batch: Batch,
    readout: Readout,
    /// z of the layer whose heads were ablated last.
    pub(super) z: RefCell<Option<Rc<LayerZ>>>,
}

/// The mixed values of a layer, from a row on. All ablations of the layer's heads begin with them.
#[derive(Debug)]
pub(super) struct LayerZ {
    pub layer: usize,
    pub first_row: usize,
    /// `[rows, H * C]`.
    pub z: Tensor,
}

impl Run {
    pub(super) fn new(shared: &Rc<Shared>, plan: Plan, batch: Batch, dims: Dims, readout: Readout) -> Self {
        Run { shared: Rc::clone(shared), plan: Some(plan), dims, batch, readout, z: RefCell::default() }
    }

    /// The tokens that were run.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The run's sizes.
    pub fn dims(&self) -> &Dims {
        &self.dims
    }

    /// The figures that every run delivers.
    pub fn readout(&self) -> &Readout {
        &self.readout
    }

    /// The attention pattern of one head, `[query_pos, key_pos]`, in the first sequence of a batch, of the
    /// queries from `first_row` on.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`], [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn pattern(&self, layer: usize, head: usize, first_row: usize) -> Result<Vec<f32>> {
        self.shared.parts.config.check_head(layer, head)?;
        let one = Selection { first_head: head as u32, heads: 1, share: 1.0, ..Selection::zeroed() };
        self.make_pattern(&[(layer, one)], first_row).await
    }

    /// The mean of all heads' patterns, `[query_pos, key_pos]`, of the queries from `first_row` on.
    ///
    /// # Errors
    /// [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn mean_pattern(&self, first_row: usize) -> Result<Vec<f32>> {
        let config = &self.shared.parts.config;
        let heads = config.n_heads as u32;
        let share = 1.0 / config.total_heads() as f32;
        let layer = |layer| {
            (layer, Selection { heads, accumulate: u32::from(layer > 0), share, ..Selection::zeroed() })
        };
        self.make_pattern(&(0..config.n_layers).map(layer).collect::<Vec<_>>(), first_row).await
    }

    /// The sum of the selected heads' patterns over layers, made band after band.
    async fn make_pattern(&self, selections: &[(usize, Selection)], first_row: usize) -> Result<Vec<f32>> {
        let gpu = &self.shared.parts.gpu;
        let seq = self.dims.seq as usize;
        let queries = pattern::band_queries(seq);
        let make = async || {
            let band = Tensor::numbers(gpu, "pattern", queries * seq)?;
            let uniform = |_| Tensor::new(gpu, "selection", size_of::<Selection>(), Usage::Uniform);
            let uniforms = selections.iter().map(uniform).collect::<Result<Vec<_>>>()?;
            let step = |((layer, _), uniform): (&(usize, Selection), &Tensor)| {
                pattern::step(self.context(), *layer, uniform, queries, &band)
            };
            let steps: Vec<Step> = selections.iter().zip(&uniforms).map(step).collect();
            Ok((band, uniforms, steps))
        };
        let (band, uniforms, steps) = gpu.checked("an attention pattern", make).await?;
        let mut whole = Vec::with_capacity((seq - first_row) * seq);
        for first_query in (first_row..seq).step_by(queries) {
            let here = queries.min(seq - first_query);
            for ((_, selection), uniform) in selections.iter().zip(&uniforms) {
                let (first_query, queries) = (first_query as u32, here as u32);
                uniform.write(0, bytemuck::bytes_of(&Selection { first_query, queries, ..*selection }));
            }
            let bytes = self.compute(&steps, &band, 4 * here * seq).await?;
            whole.extend(bytemuck::pod_collect_to_vec::<u8, f32>(&bytes));
        }
        Ok(whole)
    }

    /// Pooled patterns of layers in the first sequence, `[layer, H, side, side rounded up to 4]`. Cells that
    /// cover rows before `first_row` alone are 0.
    ///
    /// # Errors
    /// [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn thumbnails(&self, layers: &[usize], first_row: usize) -> Result<Vec<u8>> {
        let Parts { gpu, config, .. } = &self.shared.parts;
        let bytes = padded_cells(config.n_heads, self.dims.seq as usize);
        let stride = bytes.next_multiple_of(BINDING_ALIGNMENT);
        let make = async || {
            let cells = Tensor::new(gpu, "thumbnails", stride * layers.len(), Usage::Storage)?;
            let step = |(at, &layer): (usize, &usize)| {
                thumbnails::step(self.context(), layer, cells.part(at * stride, stride))
            };
            let steps: Vec<Step> = layers.iter().enumerate().map(step).collect();
            Ok((steps, cells))
        };
        let (steps, cells) = gpu.checked("thumbnails", make).await?;
        let dims = Dims { first_row: first_row as u32, ..self.batch.dims(0) };
        let all = self.compute_rows(&dims, &steps, &cells, stride * layers.len()).await?;
        Ok(all.chunks_exact(stride).flat_map(|layer| &layer[..bytes]).copied().collect())
    }

    /// The logits of one position, `[d_vocab]`.
    ///
    /// # Errors
    /// [`Error::PositionOutOfRange`], [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn logits(&self, row: usize) -> Result<Vec<f32>> {
        let Parts { gpu, config, program, .. } = &self.shared.parts;
        let expected = self.dims.rows as usize;
        if row >= expected {
            return Err(Error::PositionOutOfRange { found: row, expected });
        }
        let make = async || {
            let logits = Tensor::numbers(gpu, "logits", Shapes::of(config).d_vocab)?;
            let position = Tensor::word(gpu, "position", row as u32)?;
            // The normalized stream is scratch: the pass of another run may have overwritten it.
            let norm = program.operations().iter().filter(|it| **it == Operation::Norm(NormAt::Final));
            let mut steps: Vec<Step> =
                norm.flat_map(|norm| play::steps(self.context(), *norm, QkvInput::Stream)).collect();
            steps.extend(logits::steps(self.context(), &position, &logits));
            Ok((steps, position, logits))
        };
        let (steps, _position, logits) = gpu.checked("the logits", make).await?;
        let bytes = self.compute(&steps, &logits, 4 * config.d_vocab).await?;
        Ok(bytemuck::pod_collect_to_vec(&bytes))
    }

    /// The residual stream before layer `index`, or after the last, `[rows, d_model]`.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`] when `index` is more than `n_layers`; [`Error::GpuLost`].
    pub async fn residual(&self, index: usize) -> Result<Vec<f32>> {
        let config = &self.shared.parts.config;
        if index > config.n_layers {
            config.check_head(index, 0)?;
        }
        let padded = Shapes::of(config).d_model;
        let bytes = 4 * padded * self.dims.rows as usize;
        let bytes = submit::read(&self.shared.parts.gpu, self.buffers().get(BufferId::Resid(index)), bytes);
        let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes.await?);
        Ok(numbers.chunks_exact(padded).flat_map(|row| &row[..config.d_model]).copied().collect())
    }

    /// Runs steps over all rows of the run and reads the first `bytes` of `result`.
    pub(super) async fn compute(&self, steps: &[Step], result: &Tensor, bytes: usize) -> Result<Vec<u8>> {
        self.compute_rows(&self.batch.dims(0), steps, result, bytes).await
    }

    /// Runs steps over the new rows of `dims` and reads the first `bytes` of `result`.
    pub(super) async fn compute_rows(
        &self,
        dims: &Dims,
        steps: &[Step],
        result: &Tensor,
        bytes: usize,
    ) -> Result<Vec<u8>> {
        let sizes = &self.buffers().scratch().dims;
        submit::compute(&self.shared.parts.gpu, steps, (sizes, dims), result, bytes).await
    }

    pub(super) fn buffers(&self) -> &Buffers {
        &self.plan().buffers
    }

    pub(super) fn context(&self) -> PassContext<'_> {
        self.shared.parts.context(self.buffers())
    }

    fn plan(&self) -> &Plan {
        self.plan.as_ref().expect("a run has its plan until it is dropped")
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if let Some(plan) = self.plan.take() {
            self.shared.give_back(plan);
        }
    }
}
