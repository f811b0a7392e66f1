//! GPU buffers: allocated within the device's limits, counted, and read back.

use std::rc::Rc;

use super::device::Gpu;
use crate::error::{Error, Result};

/// Offsets of bindings within a buffer are multiples of this many bytes on every device.
pub(super) const BINDING_ALIGNMENT: usize = 256;

/// The use of a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Usage {
    /// Kernels read and write it, and it can be copied from and to.
    Storage,
    /// It holds a few numbers that every invocation reads.
    Uniform,
    /// Results are copied to it, and the CPU reads them there.
    ReadBack,
}

/// A GPU buffer. Freed when dropped.
#[derive(Debug)]
pub(super) struct Tensor {
    pub buffer: wgpu::Buffer,
    gpu: Rc<Gpu>,
}

impl Tensor {
    /// Allocates `bytes`, rounded up to a whole `vec4f`; the contents are zero.
    ///
    /// # Errors
    /// [`Error::GpuLimit`] when the size exceeds that of one binding or one buffer.
    pub fn new(gpu: &Rc<Gpu>, label: &str, bytes: usize, usage: Usage) -> Result<Self> {
        let size = (bytes as u64).next_multiple_of(16);
        let limits = gpu.limits();
        let binding = ("maxStorageBufferBindingSize", limits.max_storage_buffer_binding_size);
        let buffer = ("maxBufferSize", limits.max_buffer_size);
        for (limit, available) in [binding, buffer] {
            if size > available {
                let what = format!("buffer `{label}`");
                return Err(Error::GpuLimit { what, limit, unit: "bytes", needed: size, available });
            }
        }
        let usage = match usage {
            Usage::Storage => {
                wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST
            }
            Usage::Uniform => wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            Usage::ReadBack => wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        };
        let descriptor =
            wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false };
        gpu.count_allocation(size as i64);
        Ok(Tensor { buffer: gpu.device.create_buffer(&descriptor), gpu: Rc::clone(gpu) })
    }

    /// Allocates a storage buffer of `len` f32 or u32 numbers.
    ///
    /// # Errors
    /// [`Error::GpuLimit`].
    pub fn numbers(gpu: &Rc<Gpu>, label: &str, len: usize) -> Result<Self> {
        Tensor::new(gpu, label, 4 * len, Usage::Storage)
    }

    /// Allocates a uniform of the size of a `vec4u` that holds one u32.
    ///
    /// # Errors
    /// [`Error::GpuLimit`], which no real device gives for 16 bytes.
    pub fn word(gpu: &Rc<Gpu>, label: &str, word: u32) -> Result<Self> {
        let tensor = Tensor::new(gpu, label, 16, Usage::Uniform)?;
        tensor.write(0, bytemuck::bytes_of(&[word, 0, 0, 0]));
        Ok(tensor)
    }

    /// Overwrites the contents from the byte `offset` on.
    pub fn write(&self, offset: usize, bytes: &[u8]) {
        self.gpu.queue.write_buffer(&self.buffer, offset as u64, bytes);
    }

    /// The whole buffer as a binding.
    pub fn binding(&self) -> wgpu::BindingResource<'_> {
        self.buffer.as_entire_binding()
    }

    /// `size` bytes from `offset` on as a binding; `offset` is a multiple of 256.
    pub fn part(&self, offset: usize, size: usize) -> wgpu::BindingResource<'_> {
        wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: &self.buffer,
            offset: offset as u64,
            size: wgpu::BufferSize::new(size as u64),
        })
    }

    /// Waits for the GPU and reads the first `bytes` of a read-back buffer.
    ///
    /// # Errors
    /// [`Error::GpuLost`] or [`Error::GpuValidation`].
    pub async fn read(&self, bytes: usize) -> Result<Vec<u8>> {
        let range = 0..(bytes as u64).next_multiple_of(8);
        let (sender, receiver) = futures_channel::oneshot::channel();
        self.buffer.map_async(wgpu::MapMode::Read, range.clone(), move |result| {
            // The receiver is gone only when the caller has stopped waiting.
            let _ = sender.send(result);
        });
        // A browser ignores this: its event loop answers.
        if let Err(error) = self.gpu.device.poll(wgpu::PollType::wait_indefinitely()) {
            self.gpu.check()?;
            return Err(Error::GpuLost { found: error.to_string() });
        }
        let mapped = receiver.await;
        self.gpu.check()?;
        match mapped {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(Error::GpuLost { found: error.to_string() }),
            Err(_) => return Err(Error::GpuLost { found: "the read-back was dropped".to_owned() }),
        }
        let view = self
            .buffer
            .get_mapped_range(range)
            .map_err(|error| Error::GpuValidation { found: error.to_string() })?;
        let mut contents = view.to_vec();
        drop(view);
        self.buffer.unmap();
        contents.truncate(bytes);
        Ok(contents)
    }
}

impl Drop for Tensor {
    fn drop(&mut self) {
        self.gpu.count_allocation(-(self.buffer.size() as i64));
        self.buffer.destroy();
    }
}
