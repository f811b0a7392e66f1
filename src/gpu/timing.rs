//! How long kernels take, one by one, and what the adapter can do at most. For the bench.

use std::rc::Rc;

use super::device::Gpu;
use super::kernel::{Kernels, Source, Step};
use super::model::Model;
use super::play::Steps;
use super::shared::Pass;
use super::tensor::{Tensor, Usage};
use crate::error::Result;
use crate::model::{Batch, BufferId, Dims, Operation};

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
        let mut times = Vec::new();
        for &operation in operations {
            let mut seconds = 0.0;
            for step in plan.steps.slice(&[operation], own) {
                seconds += time(gpu, step, &dims, plan.buffers.get(BufferId::Tokens)).await?;
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
        let dims = Dims::new(1, 1, 0);
        let step = |entry, from: &Tensor, groups| {
            let bindings = [(0, from.binding()), (1, to.binding())];
            kernels
                .get(Source::new("timing", WGSL, entry), &[])
                .step(gpu, &[&bindings], move |_| [groups, 1, 1])
        };
        let multiply = time(gpu, &step("multiply_add", &from, groups), &dims, &from).await?;
        let copy = time(gpu, &step("copy", &from, (bytes / 16 / 256) as u32 / 16), &dims, &from).await?;
        // 256 invocations of 1024 rounds of 8 vectors of 4 numbers.
        let operations = f64::from(groups) * 256.0 * 1024.0 * 8.0 * 4.0 * 2.0;
        Ok(Peaks { flops: operations / multiply, bytes: 2.0 * bytes as f64 / copy })
    }
}

/// Seconds of one dispatch. `any` is a buffer to wait for.
async fn time(gpu: &Rc<Gpu>, step: &Step, dims: &Dims, any: &Tensor) -> Result<f64> {
    step.check(gpu, dims)?;
    let mut seconds = match gpu.device.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
        true => by_timestamps(gpu, step, dims).await?,
        false => by_waiting(gpu, step, dims, any).await?,
    };
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[seconds.len() / 2])
}

async fn by_timestamps(gpu: &Rc<Gpu>, step: &Step, dims: &Dims) -> Result<Vec<f64>> {
    let queries = gpu.device.create_query_set(&wgpu::QuerySetDescriptor {
        label: Some("timing"),
        ty: wgpu::QueryType::Timestamp,
        count: 2 * REPEATS,
    });
    let bytes = 16 * REPEATS as usize;
    let resolved = gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("timing"),
        size: bytes as u64,
        usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    });
    let read_back = Tensor::new(gpu, "timing", bytes, Usage::ReadBack)?;
    let mut encoder = gpu.device.create_command_encoder(&Default::default());
    for repeat in 0..REPEATS {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: Some("timing"),
            timestamp_writes: Some(wgpu::ComputePassTimestampWrites {
                query_set: &queries,
                beginning_of_pass_write_index: Some(2 * repeat),
                end_of_pass_write_index: Some(2 * repeat + 1),
            }),
        });
        let _workgroups = step.record(&mut pass, dims);
    }
    encoder.resolve_query_set(&queries, 0..2 * REPEATS, &resolved, 0);
    encoder.copy_buffer_to_buffer(&resolved, 0, &read_back.buffer, 0, bytes as u64);
    gpu.queue.submit([encoder.finish()]);
    let ticks: Vec<u64> = bytemuck::pod_collect_to_vec(&read_back.read(bytes).await?);
    let period = f64::from(gpu.queue.get_timestamp_period()) * 1e-9;
    Ok(ticks.chunks_exact(2).map(|pair| pair[1].saturating_sub(pair[0]) as f64 * period).collect())
}

/// Wall-clock times of a submission and a wait, which are more than the kernel takes.
async fn by_waiting(gpu: &Rc<Gpu>, step: &Step, dims: &Dims, any: &Tensor) -> Result<Vec<f64>> {
    let mut seconds = Vec::new();
    for _ in 0..REPEATS {
        let started = std::time::Instant::now();
        super::submit::compute(gpu, &[step], dims, any, 4).await?;
        seconds.push(started.elapsed().as_secs_f64());
    }
    Ok(seconds)
}
