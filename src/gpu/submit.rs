//! Submits steps to the GPU and reads their result.

use std::borrow::Borrow;
use std::rc::Rc;

use super::device::Gpu;
use super::kernel::Step;
use super::tensor::{Tensor, Usage};
use crate::error::Result;
use crate::model::Dims;

/// Records `steps` for a run of these sizes, and counts them.
pub(super) fn record(
    gpu: &Gpu,
    encoder: &mut wgpu::CommandEncoder,
    steps: &[impl Borrow<Step>],
    dims: &Dims,
) {
    let mut pass = encoder.begin_compute_pass(&Default::default());
    for step in steps {
        gpu.count_dispatch(step.borrow().record(&mut pass, dims));
    }
}

/// Runs `steps` for a run of these sizes and reads the first `bytes` of `result`.
///
/// # Errors
/// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
pub(super) async fn compute(
    gpu: &Rc<Gpu>,
    steps: &[impl Borrow<Step>],
    dims: &Dims,
    result: &Tensor,
    bytes: usize,
) -> Result<Vec<u8>> {
    steps.iter().try_for_each(|step| step.borrow().check(gpu, dims))?;
    let read_back = Tensor::new(gpu, "read_back", bytes, Usage::ReadBack)?;
    let mut encoder = gpu.device.create_command_encoder(&Default::default());
    record(gpu, &mut encoder, steps, dims);
    let size = (bytes as u64).next_multiple_of(4);
    encoder.copy_buffer_to_buffer(&result.buffer, 0, &read_back.buffer, 0, size);
    gpu.queue.submit([encoder.finish()]);
    read_back.read(bytes).await
}

/// Reads the first `bytes` of a buffer.
///
/// # Errors
/// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
pub(super) async fn read(gpu: &Rc<Gpu>, buffer: &Tensor, bytes: usize) -> Result<Vec<u8>> {
    compute(gpu, &[] as &[Step], &Dims::new(1, 1, 0), buffer, bytes).await
}
