//! The parts of a model that its runs share: weights, kernels, and idle plans.

use std::cell::RefCell;
use std::rc::Rc;

use super::buffers::{Buffers, Scratch, read_back};
use super::device::Gpu;
use super::kernel::Kernels;
use super::plan::{IDLE_PLANS, Parts, Plan};
use super::play::Steps;
use super::submit::Recorder;
use super::tensor::Tensor;
use super::weights::Weights;
use crate::error::Result;
use crate::model::{Batch, BufferId, Delivers, Dims, ModelConfig, Operation, Program, Readout, buffer_table};

/// A model's parts, and its plans.
#[derive(Debug)]
pub(super) struct Shared {
    pub parts: Parts,
    /// Scratch of the size class last used.
    scratch: RefCell<Option<(usize, Rc<Scratch>)>>,
    /// Plans whose runs were freed.
    idle: RefCell<Vec<Plan>>,
}

/// The operations of a pass, and what they run on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass<'a> {
    pub batch: &'a Batch,
    /// The first row to compute. The rows before it are copied from `known`.
    pub first_row: usize,
    /// Buffers of earlier runs, and how many of their first rows are copied, one after the other.
    pub known: &'a [(&'a Buffers, usize)],
    /// The mixed values that the first operation reads; none where an operation of the pass makes them.
    pub z: Option<&'a Tensor>,
    pub operations: &'a [Operation],
    /// Steps of operations that the plan has no steps for.
    pub own: &'a Steps,
    pub delivers: Delivers,
}

impl<'a> Pass<'a> {
    /// A pass of the whole model over all rows.
    pub fn new(batch: &'a Batch, operations: &'a [Operation], own: &'a Steps) -> Self {
        let delivers = Delivers::Figures;
        Pass { batch, first_row: 0, known: &[], z: None, operations, own, delivers }
    }
}

impl Shared {
    pub fn new(gpu: &Rc<Gpu>, config: ModelConfig, weights: Weights) -> Self {
        let program = Program::of(&config);
        let parts = Parts { gpu: Rc::clone(gpu), config, program, weights, kernels: Kernels::new(gpu) };
        Shared { parts, scratch: RefCell::default(), idle: RefCell::default() }
    }

    /// An idle plan for up to `rows` rows, or a new one.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuMemory`](crate::Error::GpuMemory),
    /// [`Error::GpuValidation`](crate::Error::GpuValidation).
    pub async fn plan(&self, rows: usize) -> Result<Plan> {
        let capacity = Plan::class_of(rows);
        if let Some(plan) = self.idle_plan(capacity) {
            return Ok(plan);
        }
        let make = async || Plan::new(&self.parts, capacity, &self.scratch(capacity)?);
        self.parts.gpu.checked(&format!("a run of {rows} tokens"), make).await
    }

    /// Buffers for up to `rows` rows, without steps.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit).
    pub fn buffers(&self, rows: usize) -> Result<Buffers> {
        let Parts { gpu, config, .. } = &self.parts;
        let capacity = Plan::class_of(rows);
        Buffers::new(gpu, config, capacity, &self.scratch(capacity)?)
    }

    /// Plays operations on a plan, in one command buffer unless it would take too long, and reads the
    /// figures of the run.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn play(&self, plan: &Plan, pass: Pass<'_>) -> Result<(Dims, Readout)> {
        let Parts { gpu, config, .. } = &self.parts;
        let Pass { batch, first_row, known, z, operations, own, delivers } = pass;
        let dims = batch.dims(first_row);
        let steps = plan.steps.slice(operations, own);
        steps.iter().try_for_each(|step| step.check(gpu, &dims))?;

        let Plan { buffers, .. } = plan;
        let scratch = buffers.scratch();
        buffers.get(BufferId::Tokens).write(0, bytemuck::cast_slice(batch.tokens()));
        let mut recorder = Recorder::new(gpu, &scratch.dims, &dims);
        for &(from, rows) in known.iter().filter(|(_, rows)| *rows > 0) {
            buffers.record_copy(recorder.encoder(), from, rows);
        }
        if let Some(z) = z {
            let (to, bytes) = (&buffers.get(BufferId::Z).buffer, z.buffer.size());
            recorder.encoder().copy_buffer_to_buffer(&z.buffer, 0, to, 0, bytes);
        }
        recorder.record(&steps);
        let bytes_read = buffers.record_read_back(recorder.encoder(), delivers, &dims);
        let dispatches = recorder.finish();
        let bytes = scratch.read_back.read(bytes_read).await?;
        let mut readout = readout(config, delivers, &dims, &bytes);
        (readout.bytes_read, readout.dispatches) = (bytes_read, dispatches);
        Ok((dims, readout))
    }

    /// Takes the plan of a freed run.
    pub fn give_back(&self, plan: Plan) {
        let mut idle = self.idle.borrow_mut();
        if idle.len() < IDLE_PLANS && plan.may_idle(&self.parts.config) {
            idle.push(plan);
        }
    }

    /// An idle plan of that capacity. Idle plans of another capacity are freed.
    fn idle_plan(&self, capacity: usize) -> Option<Plan> {
        let mut idle = self.idle.borrow_mut();
        idle.retain(|plan| plan.capacity == capacity);
        idle.pop()
    }

    fn scratch(&self, capacity: usize) -> Result<Rc<Scratch>> {
        let mut last = self.scratch.borrow_mut();
        match &*last {
            Some((size, scratch)) if *size == capacity => Ok(Rc::clone(scratch)),
            _ => {
                let Parts { gpu, config, .. } = &self.parts;
                let scratch = Rc::new(Scratch::new(gpu, config, capacity)?);
                *last = Some((capacity, Rc::clone(&scratch)));
                Ok(scratch)
            }
        }
    }
}

/// Takes apart the bytes that [`Buffers::record_read_back`] has put one after the other.
fn readout(config: &ModelConfig, delivers: Delivers, dims: &Dims, bytes: &[u8]) -> Readout {
    let mut parts = Vec::new();
    let mut rest = bytes;
    for buffer in read_back(&buffer_table(config), delivers) {
        let (part, after) = rest.split_at(buffer.bytes(dims.rows as usize));
        parts.push((buffer.id, part));
        rest = after;
    }
    Readout::of(config, delivers, |id| {
        let found = parts.iter().find(|(of, _)| *of == id);
        found.unwrap_or_else(|| panic!("{id:?} is not read back")).1
    })
}
