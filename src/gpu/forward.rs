//! A model on the GPU, and its runs.

mod circuits;
mod experiments;

use std::cell::RefCell;
use std::rc::Rc;

use bytemuck::Zeroable;

use super::activations::Activations;
use super::device::Gpu;
use super::kernel::{Kernels, Site, Step, compute};
use super::norm::Place;
use super::pattern::Selection;
use super::scratch::Scratch;
use super::tensor::{Tensor, Usage};
use super::weights::Weights;
use super::{attention, embed, linear, log_probs, logits, norm, pattern, thumbnails};
use crate::error::{Error, Result};
use crate::model::{Dims, ModelConfig, Readout, RowStats, Shapes, THUMBNAIL_SIDE};

pub use circuits::Copying;

/// Rows of the smallest size class; the others are its doublings.
const SMALLEST_CLASS: usize = 64;

/// Freed plans that stay allocated for the next run, of up to this many rows: the one of the text that is shown and the
/// one of the text that replaces it. Larger ones cost memory that a visitor misses, and little time to make again.
const KEPT: usize = 2;
const LARGEST_KEPT: usize = 512;

/// A model whose weights are on the GPU.
#[derive(Debug)]
pub struct Model {
    shared: Rc<Shared>,
}

/// What a model and its runs have in common.
#[derive(Debug)]
struct Shared {
    gpu: Rc<Gpu>,
    config: ModelConfig,
    weights: Weights,
    kernels: Kernels,
    /// Scratch of the size class last used.
    scratch: RefCell<Option<(usize, Rc<Scratch>)>>,
    /// Plans whose runs were freed.
    idle: RefCell<Vec<Plan>>,
}

/// The forward pass of one size class: its buffers, and every dispatch bound to them.
#[derive(Debug)]
struct Plan {
    capacity: usize,
    activations: Activations,
    scratch: Rc<Scratch>,
    steps: Vec<Step>,
    /// Where each layer's attention stands among the steps.
    attention: Vec<usize>,
}

/// A finished forward pass. Its activations stay on the GPU until it is dropped.
#[derive(Debug)]
pub struct Run {
    shared: Rc<Shared>,
    /// `Some` until the run is dropped.
    plan: Option<Plan>,
    dims: Dims,
    tokens: Vec<u32>,
    readout: Readout,
}

impl Model {
    /// A model of loaded weights. Compiles its kernels by running one token.
    ///
    /// # Errors
    /// [`Error::GpuValidation`] when a kernel is refused, [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn new(gpu: &Rc<Gpu>, config: ModelConfig, weights: Weights) -> Result<Self> {
        let shared = Shared {
            gpu: Rc::clone(gpu),
            config,
            weights,
            kernels: Kernels::new(gpu),
            scratch: RefCell::default(),
            idle: RefCell::default(),
        };
        let model = Model { shared: Rc::new(shared) };
        model.run(&[0], 1, None).await?;
        Ok(model)
    }

    /// Runs `batch` sequences of equal length, given one after the other. Rows that a single
    /// sequence shares with the beginning of `previous`, a run of this model, are copied from it.
    ///
    /// # Errors
    /// [`Error::EmptyInput`], [`Error::TooManyTokens`], [`Error::TokenOutOfRange`],
    /// [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn run(&self, tokens: &[u32], batch: usize, previous: Option<&Run>) -> Result<Run> {
        let Shared { gpu, config, .. } = &*self.shared;
        let seq = tokens.len() / batch.max(1);
        if seq == 0 {
            return Err(Error::EmptyInput {});
        }
        for sequence in tokens.chunks(seq) {
            config.check_tokens(sequence)?;
        }
        let known = previous.map_or(0, |previous| previous.rows_shared_with(tokens, batch));
        let dims = Dims::new(seq, batch, known);
        let plan = self.shared.plan(dims.rows as usize).await?;
        plan.steps.iter().try_for_each(|step| step.check(gpu, &dims))?;

        plan.scratch.dims.write(0, bytemuck::bytes_of(&dims));
        plan.activations.tokens.write(0, bytemuck::cast_slice(tokens));
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        if let (1.., Some(Plan { activations, .. })) = (known, previous.and_then(|run| run.plan.as_ref())) {
            plan.activations.copy_rows(&mut encoder, activations, known);
        }
        let mut pass = encoder.begin_compute_pass(&Default::default());
        for step in &plan.steps {
            step.record(&mut pass, &dims);
        }
        drop(pass);
        self.shared.finish(plan, dims, tokens, encoder).await
    }
}

impl Shared {
    /// An idle plan that is large enough, or a new one.
    async fn plan(&self, rows: usize) -> Result<Plan> {
        let capacity = rows.next_power_of_two().max(SMALLEST_CLASS);
        if let Some(plan) = self.idle_plan(capacity) {
            return Ok(plan);
        }
        self.gpu.checked(&format!("a run of {rows} tokens"), async || self.new_plan(capacity)).await
    }

    /// Submits what was recorded for a plan, and waits for the run's figures.
    async fn finish(
        self: &Rc<Self>,
        plan: Plan,
        dims: Dims,
        tokens: &[u32],
        mut encoder: wgpu::CommandEncoder,
    ) -> Result<Run> {
        let bytes_read = plan.record_read_back(&self.config, &dims, &mut encoder);
        self.gpu.queue.submit([encoder.finish()]);
        let bytes = plan.scratch.read_back.read(bytes_read).await?;
        let readout = plan.readout(&self.config, &dims, &bytes);
        Ok(Run { shared: Rc::clone(self), plan: Some(plan), dims, tokens: tokens.to_vec(), readout })
    }

    /// An idle plan of that capacity; idle ones of another are freed.
    fn idle_plan(&self, capacity: usize) -> Option<Plan> {
        let mut idle = self.idle.borrow_mut();
        idle.retain(|plan| plan.capacity == capacity);
        idle.pop()
    }

    fn new_plan(&self, capacity: usize) -> Result<Plan> {
        let Shared { gpu, config, weights, kernels, .. } = self;
        let scratch = self.scratch(capacity)?;
        let run = Activations::new(gpu, config, capacity)?;
        let site = Site { gpu, kernels, config, weights, scratch: &scratch, run: &run };
        let mut steps = vec![embed::step(site)];
        let mut attention_steps = Vec::new();
        for layer in 0..config.n_layers {
            steps.push(norm::step(site, Place::Layer(layer)));
            steps.push(linear::qkv(site, layer));
            attention_steps.push(steps.len());
            steps.push(attention::step(site, layer));
            steps.push(linear::output(site, layer));
            steps.push(thumbnails::step(site, layer));
        }
        steps.push(norm::step(site, Place::Final));
        steps.extend(log_probs::steps(site));
        Ok(Plan { capacity, activations: run, scratch, steps, attention: attention_steps })
    }

    fn scratch(&self, capacity: usize) -> Result<Rc<Scratch>> {
        let mut kept = self.scratch.borrow_mut();
        match &*kept {
            Some((size, scratch)) if *size == capacity => Ok(Rc::clone(scratch)),
            _ => {
                let scratch = Rc::new(Scratch::new(&self.gpu, &self.config, capacity)?);
                *kept = Some((capacity, Rc::clone(&scratch)));
                Ok(scratch)
            }
        }
    }
}

impl Plan {
    fn site<'a>(&'a self, shared: &'a Shared) -> Site<'a> {
        let Shared { gpu, kernels, config, weights, .. } = shared;
        Site { gpu, kernels, config, weights, scratch: &self.scratch, run: &self.activations }
    }

    /// Copies the run's figures to where they can be read; returns their bytes.
    fn record_read_back(
        &self,
        config: &ModelConfig,
        dims: &Dims,
        encoder: &mut wgpu::CommandEncoder,
    ) -> usize {
        let to = &self.scratch.read_back.buffer;
        let mut at = 0;
        let mut copy = |from: &Tensor, offset: usize, bytes: usize| {
            encoder.copy_buffer_to_buffer(&from.buffer, offset as u64, to, at as u64, bytes as u64);
            at += bytes;
        };
        let sizes = ReadBackSizes::of(config, dims);
        for layer in 0..config.n_layers {
            copy(&self.activations.stats, self.activations.stats_offset(layer), sizes.stats);
        }
        copy(&self.activations.log_probs, 0, sizes.log_probs);
        for layer in 0..config.n_layers {
            copy(&self.scratch.thumbnails, layer * thumbnails::layer_bytes(config), sizes.thumbnails);
        }
        at
    }

    /// Takes apart what [`record_read_back`](Self::record_read_back) has put together.
    fn readout(&self, config: &ModelConfig, dims: &Dims, bytes: &[u8]) -> Readout {
        let sizes = ReadBackSizes::of(config, dims);
        let (stats, rest) = bytes.split_at(config.n_layers * sizes.stats);
        let (log_probs, cells) = rest.split_at(sizes.log_probs);
        let thumbnails = cells
            .chunks_exact(sizes.thumbnails)
            .flat_map(|layer| thumbnails::unpadded(layer, config.n_heads, dims.seq as usize));
        Readout {
            stats: bytemuck::pod_collect_to_vec::<u8, RowStats>(stats),
            log_probs: bytemuck::pod_collect_to_vec(log_probs),
            thumbnails: thumbnails.collect(),
            bytes_read: bytes.len(),
            dispatches: self.steps.len(),
        }
    }
}

/// Bytes that a run reads back: of one layer's stats, of the log-probabilities, of one layer's thumbnails.
struct ReadBackSizes {
    stats: usize,
    log_probs: usize,
    thumbnails: usize,
}

impl ReadBackSizes {
    fn of(config: &ModelConfig, dims: &Dims) -> Self {
        let rows = dims.rows as usize;
        let side = (dims.seq as usize).min(THUMBNAIL_SIDE);
        ReadBackSizes {
            stats: size_of::<RowStats>() * config.n_heads * rows,
            log_probs: 4 * rows,
            thumbnails: config.n_heads * side * side.next_multiple_of(4),
        }
    }
}

impl Run {
    /// The tokens, sequence after sequence.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// The run's sizes.
    pub fn dims(&self) -> &Dims {
        &self.dims
    }

    /// What was read back.
    pub fn readout(&self) -> &Readout {
        &self.readout
    }

    /// The attention pattern of one head, `[query_pos, key_pos]`; of a batch, of its first sequence.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`], [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn pattern(&self, layer: usize, head: usize) -> Result<Vec<f32>> {
        self.shared.config.check_head(layer, head)?;
        let one = Selection { first_head: head as u32, heads: 1, share: 1.0, ..Selection::zeroed() };
        self.make_pattern(&[(layer, one)]).await
    }

    /// The mean of all heads' patterns, `[query_pos, key_pos]`.
    ///
    /// # Errors
    /// [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn mean_pattern(&self) -> Result<Vec<f32>> {
        let config = &self.shared.config;
        let heads = config.n_heads as u32;
        let share = 1.0 / config.total_heads() as f32;
        let layer = |layer| {
            (layer, Selection { heads, accumulate: u32::from(layer > 0), share, ..Selection::zeroed() })
        };
        self.make_pattern(&(0..config.n_layers).map(layer).collect::<Vec<_>>()).await
    }

    /// The sum of what is selected of each layer, band after band.
    async fn make_pattern(&self, selections: &[(usize, Selection)]) -> Result<Vec<f32>> {
        let gpu = &self.shared.gpu;
        let seq = self.dims.seq as usize;
        let queries = pattern::band_queries(seq);
        let make = async || {
            let band = Tensor::numbers(gpu, "pattern", queries * seq)?;
            let uniform = |_| Tensor::new(gpu, "selection", size_of::<Selection>(), Usage::Uniform);
            let uniforms = selections.iter().map(uniform).collect::<Result<Vec<_>>>()?;
            let step = |((layer, _), uniform): (&(usize, Selection), &Tensor)| {
                pattern::step(self.site(), *layer, uniform, queries, &band)
            };
            let steps: Vec<Step> = selections.iter().zip(&uniforms).map(step).collect();
            Ok((band, uniforms, steps))
        };
        let (band, uniforms, steps) = gpu.checked("an attention pattern", make).await?;
        let mut whole = Vec::with_capacity(seq * seq);
        for first_query in (0..seq).step_by(queries) {
            let here = queries.min(seq - first_query);
            for ((_, selection), uniform) in selections.iter().zip(&uniforms) {
                let (first_query, queries) = (first_query as u32, here as u32);
                uniform.write(0, bytemuck::bytes_of(&Selection { first_query, queries, ..*selection }));
            }
            let bytes = self.compute(&steps, &band, 0, 4 * here * seq).await?;
            whole.extend(bytemuck::pod_collect_to_vec::<u8, f32>(&bytes));
        }
        Ok(whole)
    }

    /// The logits of one position, `[d_vocab]`.
    ///
    /// # Errors
    /// [`Error::PositionOutOfRange`], [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn logits(&self, row: usize) -> Result<Vec<f32>> {
        let Shared { gpu, config, .. } = &*self.shared;
        self.check_row(row)?;
        let make = async || {
            let logits = Tensor::numbers(gpu, "logits", Shapes::of(config).d_vocab)?;
            let position = Tensor::word(gpu, "position", row as u32)?;
            let site = self.site();
            Ok(([norm::step(site, Place::Final), logits::step(site, &position, &logits)], position, logits))
        };
        let (steps, _position, logits) = gpu.checked("the logits", make).await?;
        let bytes = self.compute(&steps, &logits, 0, 4 * config.d_vocab).await?;
        Ok(bytemuck::pod_collect_to_vec(&bytes))
    }

    /// The residual stream before layer `index`, or after the last, `[rows, d_model]`.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`] when `index` is more than `n_layers`; [`Error::GpuLost`].
    pub async fn residual(&self, index: usize) -> Result<Vec<f32>> {
        let config = &self.shared.config;
        if index > config.n_layers {
            config.check_head(index, 0)?;
        }
        let padded = Shapes::of(config).d_model;
        let bytes = 4 * padded * self.dims.rows as usize;
        let bytes = self.compute(&[], &self.plan().activations.resid[index], 0, bytes).await?;
        let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
        Ok(numbers.chunks_exact(padded).flat_map(|row| &row[..config.d_model]).copied().collect())
    }

    /// Runs `steps` over all rows and reads `bytes` of `result` from `offset` on.
    async fn compute(&self, steps: &[Step], result: &Tensor, offset: usize, bytes: usize) -> Result<Vec<u8>> {
        let all_rows = Dims { first_row: 0, ..self.dims };
        self.plan().scratch.dims.write(0, bytemuck::bytes_of(&all_rows));
        compute(&self.shared.gpu, steps, &all_rows, result, offset, bytes).await
    }

    fn check_row(&self, row: usize) -> Result<()> {
        let expected = self.dims.rows as usize;
        if row < expected { Ok(()) } else { Err(Error::PositionOutOfRange { found: row, expected }) }
    }

    /// Rows at the beginning of `tokens` whose figures this run knows. The last shared token's row
    /// is not among them: the token that it predicts is another.
    fn rows_shared_with(&self, tokens: &[u32], batch: usize) -> usize {
        if batch != 1 || self.dims.batch != 1 {
            return 0;
        }
        let shared = self.tokens.iter().zip(tokens).take_while(|(old, new)| old == new).count();
        shared.saturating_sub(1)
    }

    fn site(&self) -> Site<'_> {
        self.plan().site(&self.shared)
    }

    fn plan(&self) -> &Plan {
        self.plan.as_ref().expect("a run has its plan until it is dropped")
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let mut idle = self.shared.idle.borrow_mut();
        if let Some(plan) = self.plan.take()
            && idle.len() < KEPT
            && plan.capacity <= LARGEST_KEPT
        {
            idle.push(plan);
        }
    }
}
