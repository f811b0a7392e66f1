//! How long kernels take, one by one, and what the adapter can do at most. For the bench.

use std::rc::Rc;

use super::choice::clock_of_platform;
use super::clock::{Stopwatch, median};
use super::device::Gpu;
use super::kernel::{Kernels, Source, Step};
use super::model::Model;
use super::play::Steps;
use super::shared::Pass;
use super::tensor::{Tensor, Usage};
use crate::error::Result;
use crate::model::{Batch, Dims, Operation};

/// Each kernel is timed this often; the median counts.
const REPEATS: u32 = 9;

/// The time of an operation of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperationTime {
    /// The operation. The times of its kernels are added.
    pub operation: Operation,
    /// Seconds on the GPU, by its own clock where it can tell.
    pub seconds: f64,
}

/// What an adapter did in two small kernels that do nothing else.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peaks {
    /// Operations a second, of fused multiplications and additions in f32. Each counts two.
    pub flops: f64,
    /// Bytes a second, read and written, of a copy from memory to memory.
    pub bytes: f64,
}

impl Model {
    /// Times each operation of a run of this batch: the median of nine repetitions of each kernel alone.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn operation_times(&self, batch: &Batch) -> Result<Vec<OperationTime>> {
        let plan = self.shared.plan(batch.tokens().len()).await?;
        let gpu = &self.shared.parts.gpu;
        let operations = self.shared.parts.program.operations();
        let own = &Steps::default();
        // A run of everything leaves the buffers that each kernel reads.
        let (dims, _) = self.shared.play(&plan, Pass::new(batch, operations, own)).await?;
        let (mut times, stopwatch) = (Vec::new(), stopwatch(gpu)?);
        for &operation in operations {
            let mut seconds = 0.0;
            for step in plan.steps.slice(&[operation], own) {
                seconds += time(&stopwatch, step, &dims).await?;
            }
            times.push(OperationTime { operation, seconds });
        }
        Ok(times)
    }
}

impl Peaks {
    /// Measures an adapter. A software one is asked for a small part of the work.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn of(gpu: &Rc<Gpu>) -> Result<Self> {
        const WGSL: &str = include_str!("timing.wgsl");
        let kernels = Kernels::new(gpu);
        let software = gpu.is_software();
        let (groups, bytes): (u32, usize) = if software { (16, 1 << 22) } else { (8192, 1 << 27) };
        let (from, to) = (
            Tensor::new(gpu, "from", bytes, Usage::Storage)?,
            Tensor::new(gpu, "to", bytes, Usage::Storage)?,
        );
        let (dims, stopwatch) = (Dims::new(1, 1, 0), stopwatch(gpu)?);
        let step = |entry, from: &Tensor, groups| {
            let bindings = [(0, from.binding()), (1, to.binding())];
            kernels
                .get(Source::new("timing", WGSL, entry), &[])
                .step(gpu, &[&bindings], move |_| [groups, 1, 1])
        };
        let multiply = time(&stopwatch, &step("multiply_add", &from, groups), &dims).await?;
        let copy = time(&stopwatch, &step("copy", &from, (bytes / 16 / 256) as u32 / 16), &dims).await?;
        // 256 invocations of 1024 rounds of 8 vectors of 4 numbers.
        let operations = f64::from(groups) * 256.0 * 1024.0 * 8.0 * 4.0 * 2.0;
        Ok(Peaks { flops: operations / multiply, bytes: 2.0 * bytes as f64 / copy })
    }
}

/// Seconds of one dispatch.
async fn time(stopwatch: &Stopwatch, step: &Step, dims: &Dims) -> Result<f64> {
    Ok(median(stopwatch.samples(&[step], dims, 1, REPEATS).await?))
}

fn stopwatch(gpu: &Rc<Gpu>) -> Result<Stopwatch> {
    Stopwatch::new(gpu, clock_of_platform().expect("the bench runs natively"))
}
