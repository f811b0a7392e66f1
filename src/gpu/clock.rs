//! How long dispatches take: by the GPU's own clock where it tells, else by waiting for them.

use std::rc::Rc;

use super::choice::Clock;
use super::device::Gpu;
use super::kernel::Step;
use super::tensor::{Tensor, Usage};
use crate::error::Result;
use crate::model::Dims;

/// Samples of one measurement at most.
const MOST_SAMPLES: u32 = 9;

/// Bytes of two readings.
const BYTES: usize = 16;

/// Times steps on a GPU. It has the buffers that a measurement needs.
#[derive(Debug)]
pub(super) struct Stopwatch {
    gpu: Rc<Gpu>,
    clock: Clock,
    /// The readings of the GPU's clock, and where they are resolved.
    stamps: Option<(wgpu::QuerySet, wgpu::Buffer)>,
    read_back: Tensor,
    /// A buffer to wait for, where the GPU has no clock.
    word: Tensor,
}

impl Stopwatch {
    /// A stopwatch with its buffers.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), which no real device gives for so few bytes.
    pub fn new(gpu: &Rc<Gpu>, clock: Clock) -> Result<Self> {
        let has_clock = gpu.device.features().contains(wgpu::Features::TIMESTAMP_QUERY);
        let room = BYTES * MOST_SAMPLES as usize;
        let stamps = has_clock.then(|| {
            let queries = gpu.device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("stopwatch"),
                ty: wgpu::QueryType::Timestamp,
                count: 2 * MOST_SAMPLES,
            });
            let resolved = gpu.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("stopwatch"),
                size: room as u64,
                usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            });
            (queries, resolved)
        });
        let read_back = Tensor::new(gpu, "stopwatch", room, Usage::ReadBack)?;
        let word = Tensor::numbers(gpu, "stopwatch", 4)?;
        Ok(Stopwatch { gpu: Rc::clone(gpu), clock, stamps, read_back, word })
    }

    /// Seconds on the clock of the platform.
    pub fn now(&self) -> f64 {
        (self.clock)()
    }

    /// Seconds of `steps`, which are recorded `times` over in one pass. There are `samples` such passes,
    /// at most nine. Without a clock of the GPU each is a submission, and waiting for it is part of the
    /// time.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit), [`Error::GpuLost`](crate::Error::GpuLost).
    pub async fn samples(&self, steps: &[&Step], dims: &Dims, times: u32, samples: u32) -> Result<Vec<f64>> {
        steps.iter().try_for_each(|step| step.check(&self.gpu, dims))?;
        match &self.stamps {
            Some(stamps) => self.by_timestamps(stamps, steps, dims, (times, samples.min(MOST_SAMPLES))).await,
            None => self.by_waiting(steps, dims, (times, samples)).await,
        }
    }

    async fn by_timestamps(
        &self,
        (queries, resolved): &(wgpu::QuerySet, wgpu::Buffer),
        steps: &[&Step],
        dims: &Dims,
        (times, samples): (u32, u32),
    ) -> Result<Vec<f64>> {
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        for sample in 0..samples {
            let stamps = wgpu::ComputePassTimestampWrites {
                query_set: queries,
                beginning_of_pass_write_index: Some(2 * sample),
                end_of_pass_write_index: Some(2 * sample + 1),
            };
            record(&mut encoder, Some(stamps), steps, dims, times);
        }
        encoder.resolve_query_set(queries, 0..2 * samples, resolved, 0);
        let bytes = BYTES * samples as usize;
        encoder.copy_buffer_to_buffer(resolved, 0, &self.read_back.buffer, 0, bytes as u64);
        self.gpu.queue.submit([encoder.finish()]);
        let ticks: Vec<u64> = bytemuck::pod_collect_to_vec(&self.read_back.read(bytes).await?);
        let period = f64::from(self.gpu.queue.get_timestamp_period()) * 1e-9;
        Ok(ticks.chunks_exact(2).map(|pair| pair[1].saturating_sub(pair[0]) as f64 * period).collect())
    }

    async fn by_waiting(
        &self,
        steps: &[&Step],
        dims: &Dims,
        (times, samples): (u32, u32),
    ) -> Result<Vec<f64>> {
        let mut seconds = Vec::new();
        for _ in 0..samples {
            let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
            record(&mut encoder, None, steps, dims, times);
            encoder.copy_buffer_to_buffer(&self.word.buffer, 0, &self.read_back.buffer, 0, BYTES as u64);
            let started = self.now();
            self.gpu.queue.submit([encoder.finish()]);
            self.read_back.read(BYTES).await?;
            seconds.push(self.now() - started);
        }
        Ok(seconds)
    }
}

fn record(
    encoder: &mut wgpu::CommandEncoder,
    timestamp_writes: Option<wgpu::ComputePassTimestampWrites>,
    steps: &[&Step],
    dims: &Dims,
    times: u32,
) {
    let descriptor = wgpu::ComputePassDescriptor { label: Some("stopwatch"), timestamp_writes };
    let mut pass = encoder.begin_compute_pass(&descriptor);
    for _ in 0..times {
        for step in steps {
            let _workgroups = step.of_run(dims).record(&mut pass, dims);
        }
    }
}

/// The middle one of some figures; of an even number the larger of two.
pub(super) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
