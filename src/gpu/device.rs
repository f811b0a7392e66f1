//! The GPU's adapter and device, and their errors.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex};

use super::choice::{Clock, Tune, Tuning, TuningOptions};
use super::cut::{Candidate, Cuts, Products};
use crate::error::{Error, Result};
use crate::model::Work;

/// An opened GPU.
#[derive(Debug)]
pub struct Gpu {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    info: wgpu::AdapterInfo,
    limits: wgpu::Limits,
    /// Bytes of the largest shard of a matrix.
    pub(super) largest_shard: u64,
    faults: Arc<Faults>,
    allocated: Cell<u64>,
    work: Cell<Work>,
    /// How products are cut on this device.
    cuts: Cell<Cuts>,
    /// Whether weights in f16 are read as such.
    half: Cell<bool>,
    tuner: TuningOptions,
    tuning: RefCell<Tuning>,
    /// The most multiply-adds of a submission, where a caller has chosen it.
    most_work: Option<f64>,
}

/// Optional features. Timestamps are the GPU's own clock, for the tuner and the bench. With `shader-f16` a
/// kernel reads weights in f16.
const WANTED: wgpu::Features = wgpu::Features::TIMESTAMP_QUERY.union(wgpu::Features::SHADER_F16);

/// Multiply-adds a second of a GPU that was not measured: those of a slow one.
const SLOW: f64 = 5e9;

/// The sizes of buffers that a device is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BufferLimits {
    /// The largest that the adapter has.
    OfAdapter,
    /// Those that every WebGPU device has: 128 MiB a binding, 256 MiB a buffer.
    Default,
}

/// Errors that the device reports outside of any call.
#[derive(Debug, Default)]
struct Faults {
    lost: Mutex<Option<String>>,
    full: Mutex<Option<String>>,
    refused: Mutex<Option<String>>,
}

impl Faults {
    /// Notes an error that no error scope has caught. Refusals that follow a lack of memory are left out.
    fn uncaptured(&self, error: &wgpu::Error) {
        match error {
            wgpu::Error::OutOfMemory { .. } => note(&self.full, error.to_string()),
            _ if read(&self.full).is_some() => {}
            _ => note(&self.refused, error.to_string()),
        }
    }
}

impl Gpu {
    /// Opens the platform's preferred adapter with the largest buffers that it allows.
    ///
    /// # Errors
    /// [`Error::GpuUnavailable`] when there is no adapter or it gives no device.
    pub async fn open() -> Result<Self> {
        Gpu::open_with(BufferLimits::OfAdapter).await
    }

    /// Opens the platform's preferred adapter with buffers of these sizes.
    ///
    /// # Errors
    /// [`Error::GpuUnavailable`] when there is no adapter or it gives no device.
    pub async fn open_with(buffers: BufferLimits) -> Result<Self> {
        let instance = wgpu::Instance::default();
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance.request_adapter(&options).await.map_err(|error| match error {
            // The library's own message names every backend that it was not built for.
            wgpu::RequestAdapterError::NotFound { .. } => unavailable("none is offered"),
            other => unavailable(other),
        })?;
        let limits = match buffers {
            BufferLimits::Default => wgpu::Limits::default(),
            BufferLimits::OfAdapter => wgpu::Limits {
                max_buffer_size: adapter.limits().max_buffer_size,
                max_storage_buffer_binding_size: adapter.limits().max_storage_buffer_binding_size,
                ..wgpu::Limits::default()
            },
        };
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("headscope"),
            required_features: adapter.features() & WANTED,
            required_limits: limits.clone().or_worse_values_from(&adapter.limits()),
            ..Default::default()
        };
        let (device, queue) = adapter.request_device(&descriptor).await.map_err(unavailable)?;
        let faults = Arc::new(Faults::default());
        let seen = Arc::clone(&faults);
        device.set_device_lost_callback(move |reason, message| {
            note(&seen.lost, format!("{reason:?}: {message}"));
        });
        let seen = Arc::clone(&faults);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| seen.uncaptured(&error)));
        let (info, limits) = (adapter.get_info(), device.limits());
        let software = is_software(&info);
        let tuner = TuningOptions::default();
        let tuning = Tuning::before(tuner.tune, software);
        let cuts = Cell::new(Cuts::of(tuning.chosen, software));
        let tuning = RefCell::new(tuning);
        let largest_shard = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
        let (allocated, work) = Default::default();
        Ok(Gpu {
            device,
            queue,
            info,
            limits,
            largest_shard,
            faults,
            allocated,
            work,
            cuts,
            half: Cell::new(false),
            tuner,
            tuning,
            most_work: None,
        })
    }

    /// Keeps matrices in shards of at most this many bytes, also where the device has room for larger ones.
    /// Tests see in this way that a small model's shards add up.
    pub fn with_shards_of(self, bytes: u64) -> Self {
        Gpu { largest_shard: bytes.min(self.largest_shard), ..self }
    }

    /// Multiplies with kernels of this family, whatever suits the adapter.
    pub fn with_products(self, products: Products) -> Self {
        let tune = Tune::Given(Candidate::of_family(products));
        self.with_tuning(TuningOptions { tune, ..TuningOptions::default() })
    }

    /// Chooses between the ways to multiply as these options say.
    pub fn with_tuning(self, tuner: TuningOptions) -> Self {
        let gpu = Gpu { tuner, ..self };
        gpu.set_tuning(Tuning::before(tuner.tune, gpu.is_software()));
        gpu
    }

    /// Submits at most this many multiply-adds at once, whatever suits the adapter. Tests see in this way
    /// that parts give the figures of the whole.
    pub fn with_most_work(self, most: f64) -> Self {
        Gpu { most_work: Some(most), ..self }
    }

    /// The most multiply-adds of a submission: those of half a second.
    pub(super) fn most_work(&self) -> f64 {
        self.most_work.unwrap_or_else(|| 0.5 * self.tuning.borrow().rate.unwrap_or(SLOW))
    }

    /// How this device multiplies, and who has chosen it.
    pub fn tuning(&self) -> Tuning {
        self.tuning.borrow().clone()
    }

    /// The family of the kernels that multiply.
    pub fn products(&self) -> Products {
        self.cuts().products()
    }

    /// The clock of a measurement that was asked for and not made yet.
    pub(super) fn wants_tuning(&self) -> Option<Clock> {
        let TuningOptions { tune, clock, on_software } = self.tuner;
        let open = tune == Tune::Measure && self.tuning.borrow().times.is_empty();
        clock.filter(|_| open && (on_software || !self.is_software()))
    }

    /// A candidate that the device lacks the reading of f16 for is taken without it.
    pub(super) fn set_tuning(&self, tuning: Tuning) {
        let wanted = tuning.chosen;
        let chosen = if self.has_half() { wanted } else { wanted.without_half() };
        self.set_candidate(chosen);
        self.tuning.replace(Tuning { chosen, ..tuning });
    }

    pub(super) fn set_candidate(&self, candidate: Candidate) {
        self.set_cuts(Cuts::of(candidate, self.is_software()));
        self.half.set(candidate.reads_half());
    }

    /// Whether the device can read f16 as such.
    pub fn has_half(&self) -> bool {
        self.device.features().contains(wgpu::Features::SHADER_F16)
    }

    /// Whether it does.
    pub(super) fn reads_half(&self) -> bool {
        self.half.get()
    }

    pub(super) fn cuts(&self) -> Cuts {
        self.cuts.get()
    }

    pub(super) fn set_cuts(&self, cuts: Cuts) {
        self.cuts.set(cuts);
    }

    /// The adapter's name.
    pub fn adapter_name(&self) -> &str {
        if self.info.name.is_empty() { "WebGPU" } else { &self.info.name }
    }

    /// Whether software emulates the adapter. It is 10 to 20 times slower than the CPU backend.
    pub fn is_software(&self) -> bool {
        is_software(&self.info)
    }

    /// Bytes of all allocated buffers.
    pub fn allocated_bytes(&self) -> u64 {
        self.allocated.get()
    }

    /// Why the device is gone, if it is.
    pub fn lost(&self) -> Option<String> {
        read(&self.faults.lost)
    }

    /// Runs `make` inside validation and out-of-memory error scopes and returns their errors. In a browser
    /// these errors are silent without a scope, and figures are zeros. `make` allocates, binds or writes
    /// buffers; `what` names them in an error's sentence.
    ///
    /// # Errors
    /// The error of `make`, [`Error::GpuMemory`] or [`Error::GpuValidation`].
    pub async fn checked<T>(&self, what: &str, make: impl AsyncFnOnce() -> Result<T>) -> Result<T> {
        let refusals = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let made = make().await;
        let (full, refused) = (memory.pop().await, refusals.pop().await);
        match (full, refused) {
            (Some(error), _) => Err(Error::GpuMemory { what: what.to_owned(), found: error.to_string() }),
            (None, Some(error)) => Err(Error::GpuValidation { found: error.to_string() }),
            (None, None) => made,
        }
    }

    /// Returns the error that the device has reported, if there is one.
    ///
    /// # Errors
    /// [`Error::GpuLost`], [`Error::GpuMemory`], which is reported once, or [`Error::GpuValidation`].
    pub(super) fn check(&self) -> Result<()> {
        if let Some(found) = self.lost() {
            return Err(Error::GpuLost { found });
        }
        if let Some(found) = self.faults.full.lock().ok().and_then(|mut full| full.take()) {
            return Err(Error::GpuMemory { what: "what was asked for".to_owned(), found });
        }
        match read(&self.faults.refused) {
            Some(found) => Err(Error::GpuValidation { found }),
            None => Ok(()),
        }
    }

    /// The kernels that this device was told to run so far.
    pub fn work(&self) -> Work {
        self.work.get()
    }

    pub(super) fn count_dispatch(&self, workgroups: u64) {
        let work = self.work.get();
        let (dispatches, workgroups) = (work.dispatches + 1, work.workgroups + workgroups);
        self.work.set(Work { dispatches, workgroups, ..work });
    }

    pub(super) fn limits(&self) -> &wgpu::Limits {
        &self.limits
    }

    pub(super) fn count_allocation(&self, bytes: i64) {
        self.allocated.set(self.allocated.get().saturating_add_signed(bytes));
    }
}

fn is_software(info: &wgpu::AdapterInfo) -> bool {
    let name = info.name.to_lowercase();
    info.device_type == wgpu::DeviceType::Cpu
        || ["swiftshader", "llvmpipe", "lavapipe", "basic render"].iter().any(|known| name.contains(known))
}

fn unavailable(error: impl std::fmt::Display) -> Error {
    Error::GpuUnavailable { found: error.to_string() }
}

/// Keeps the first message. Later messages mostly follow from the first fault.
fn note(fault: &Mutex<Option<String>>, message: String) {
    if let Ok(mut fault) = fault.lock() {
        fault.get_or_insert(message);
    }
}

fn read(fault: &Mutex<Option<String>>) -> Option<String> {
    fault.lock().ok()?.clone()
}
