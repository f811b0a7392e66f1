//! The forward pass of one size class: its buffers, and every step bound to them.

use std::rc::Rc;

use super::buffers::{Buffers, Scratch};
use super::device::Gpu;
use super::kernel::Kernels;
use super::pass::PassContext;
use super::play::Steps;
use super::weights::Weights;
use crate::error::Result;
use crate::model::{ModelConfig, Program, run_bytes};

/// Rows of the smallest size class. Each further class has twice the rows of the one before.
const SMALLEST_CLASS: usize = 64;

/// Bytes of the largest plan that stays allocated for later runs. Larger plans take memory that a visitor
/// misses, and little time to make again.
const LARGEST_IDLE: usize = 24 << 20;

/// Number of idle plans that stay allocated: one for the text that is shown, and one for the next text.
pub(super) const IDLE_PLANS: usize = 2;

/// The parts of a model that a plan is made from.
#[derive(Debug)]
pub(super) struct Parts {
    pub gpu: Rc<Gpu>,
    pub config: ModelConfig,
    pub program: Program,
    pub weights: Weights,
    pub kernels: Kernels,
}

/// The buffers and steps of runs of up to `capacity` rows.
#[derive(Debug)]
pub(super) struct Plan {
    pub capacity: usize,
    pub buffers: Buffers,
    pub steps: Steps,
}

impl Plan {
    /// Rows of the size class that holds `rows`.
    pub fn class_of(rows: usize) -> usize {
        rows.next_power_of_two().max(SMALLEST_CLASS)
    }

    /// Allocates buffers and binds the steps of the whole program to them.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit).
    pub fn new(parts: &Parts, capacity: usize, scratch: &Rc<Scratch>) -> Result<Self> {
        let buffers = Buffers::new(&parts.gpu, &parts.config, capacity, scratch)?;
        let steps = Steps::of(parts.context(&buffers), &parts.program);
        Ok(Plan { capacity, buffers, steps })
    }

    /// Whether the plan may stay allocated without a run.
    pub fn may_idle(&self, config: &ModelConfig) -> bool {
        run_bytes(config, self.capacity) <= LARGEST_IDLE
    }
}

impl Parts {
    /// The context of a pass on these buffers.
    pub fn context<'a>(&'a self, buffers: &'a Buffers) -> PassContext<'a> {
        let Parts { gpu, config, weights, kernels, .. } = self;
        PassContext { gpu, kernels, config, weights, buffers }
    }
}
