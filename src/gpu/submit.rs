//! Submits steps to the GPU and reads their result.

use std::borrow::Borrow;
use std::rc::Rc;

use super::device::Gpu;
use super::kernel::Step;
use super::tensor::{Tensor, Usage};
use crate::error::Result;
use crate::model::Dims;

/// Records steps for a run, and submits them. A browser ends a GPU's work that takes some seconds at once,
/// so no submission has more multiply-adds than the device makes in about half a second: a longer step is
/// made in parts.
pub(super) struct Recorder<'a> {
    gpu: &'a Gpu,
    /// The uniform from which the steps read the sizes of the run or of their part.
    sizes: &'a Tensor,
    dims: Dims,
    encoder: wgpu::CommandEncoder,
    /// Multiply-adds since the last submission.
    work: f64,
    dispatches: usize,
}

impl<'a> Recorder<'a> {
    /// Writes the run's sizes.
    pub fn new(gpu: &'a Gpu, sizes: &'a Tensor, dims: &Dims) -> Self {
        sizes.write(0, bytemuck::bytes_of(dims));
        let encoder = gpu.device.create_command_encoder(&Default::default());
        Recorder { gpu, sizes, dims: *dims, encoder, work: 0.0, dispatches: 0 }
    }

    /// Where copies before and after the steps are recorded.
    pub fn encoder(&mut self) -> &mut wgpu::CommandEncoder {
        &mut self.encoder
    }

    /// Records steps and counts their dispatches.
    pub fn record(&mut self, steps: &[impl Borrow<Step>]) {
        let most = self.gpu.most_work();
        let mut together = Vec::new();
        for step in steps {
            let step = step.borrow().of_run(&self.dims);
            for (part, work) in step.parts(&self.dims, most) {
                if part != self.dims {
                    self.record_together(&mut together);
                    self.submit();
                    self.sizes.write(0, bytemuck::bytes_of(&part));
                    self.pass(&[step], &part);
                    self.submit();
                    self.sizes.write(0, bytemuck::bytes_of(&self.dims));
                    continue;
                }
                if self.work > 0.0 && self.work + work > most {
                    self.record_together(&mut together);
                    self.submit();
                }
                self.work += work;
                together.push(step);
            }
        }
        self.record_together(&mut together);
    }

    /// Submits what is recorded. Returns the number of dispatches in all.
    pub fn finish(self) -> usize {
        self.gpu.queue.submit([self.encoder.finish()]);
        self.dispatches
    }

    fn record_together(&mut self, steps: &mut Vec<&Step>) {
        if !steps.is_empty() {
            let dims = self.dims;
            self.pass(steps, &dims);
            steps.clear();
        }
    }

    fn pass(&mut self, steps: &[&Step], dims: &Dims) {
        let mut pass = self.encoder.begin_compute_pass(&Default::default());
        for step in steps {
            self.gpu.count_dispatch(step.record(&mut pass, dims));
        }
        self.dispatches += steps.len();
    }

    fn submit(&mut self) {
        let next = self.gpu.device.create_command_encoder(&Default::default());
        self.gpu.queue.submit([std::mem::replace(&mut self.encoder, next).finish()]);
        self.work = 0.0;
    }
}

/// Runs `steps` for a run of these sizes, which stand in `sizes`, and reads the first `bytes` of `result`.
///
/// # Errors
/// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
pub(super) async fn compute(
    gpu: &Rc<Gpu>,
    steps: &[impl Borrow<Step>],
    (sizes, dims): (&Tensor, &Dims),
    result: &Tensor,
    bytes: usize,
) -> Result<Vec<u8>> {
    steps.iter().try_for_each(|step| step.borrow().check(gpu, dims))?;
    let mut recorder = Recorder::new(gpu, sizes, dims);
    recorder.record(steps);
    let read_back = Tensor::new(gpu, "read_back", bytes, Usage::ReadBack)?;
    copy_back(recorder.encoder(), result, &read_back, bytes);
    recorder.finish();
    read_back.read(bytes).await
}

/// Reads the first `bytes` of a buffer.
///
/// # Errors
/// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
pub(super) async fn read(gpu: &Rc<Gpu>, buffer: &Tensor, bytes: usize) -> Result<Vec<u8>> {
    let read_back = Tensor::new(gpu, "read_back", bytes, Usage::ReadBack)?;
    let mut encoder = gpu.device.create_command_encoder(&Default::default());
    copy_back(&mut encoder, buffer, &read_back, bytes);
    gpu.queue.submit([encoder.finish()]);
    read_back.read(bytes).await
}

fn copy_back(encoder: &mut wgpu::CommandEncoder, from: &Tensor, to: &Tensor, bytes: usize) {
    let size = (bytes as u64).next_multiple_of(4);
    encoder.copy_buffer_to_buffer(&from.buffer, 0, &to.buffer, 0, size);
}
