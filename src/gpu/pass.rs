//! The context of a pass: everything that a step is made from.

use std::rc::Rc;

use super::buffers::Buffers;
use super::device::Gpu;
use super::kernel::Kernels;
use super::tensor::Tensor;
use super::weights::Weights;
use crate::model::{BufferId, ModelConfig};

/// The kernels of a model, and the buffers of one run of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct PassContext<'a> {
    pub gpu: &'a Rc<Gpu>,
    pub kernels: &'a Kernels,
    pub config: &'a ModelConfig,
    pub weights: &'a Weights,
    pub buffers: &'a Buffers,
}

impl<'a> PassContext<'a> {
    /// A buffer of the table.
    pub fn buffer(&self, id: BufferId) -> &'a Tensor {
        self.buffers.get(id)
    }

    /// A buffer of the table as a binding.
    pub fn binding(&self, id: BufferId) -> wgpu::BindingResource<'a> {
        self.buffers.get(id).binding()
    }

    /// The uniform that holds the run's `Dims`, as a binding.
    pub fn dims(&self) -> wgpu::BindingResource<'a> {
        self.buffers.scratch().dims.binding()
    }
}
