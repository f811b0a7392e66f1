//! The GPU's buffers of the table in `model/buffers.rs`.

use std::collections::HashMap;
use std::rc::Rc;

use super::device::Gpu;
use super::tensor::{Tensor, Usage};
use crate::error::Result;
use crate::model::{
    Buffer, BufferId, Delivers, Dims, Lifetime, ModelConfig, PositionalEmbedding, buffer_table, rotations,
};

/// Buffers that live for one command buffer. All runs of a size class share them.
#[derive(Debug)]
pub(super) struct Scratch {
    /// `Dims`, a uniform.
    pub dims: Tensor,
    /// Room for the buffers that every run reads back, one after the other in the order of the table.
    pub read_back: Tensor,
    tensors: HashMap<BufferId, Tensor>,
}

/// The buffers of one run, for up to a number of rows.
#[derive(Debug)]
pub(super) struct Buffers {
    table: Vec<Buffer>,
    kept: HashMap<BufferId, Tensor>,
    scratch: Rc<Scratch>,
}

impl Scratch {
    /// Allocates for `capacity` rows, and writes their rotations.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit).
    pub fn new(gpu: &Rc<Gpu>, config: &ModelConfig, capacity: usize) -> Result<Self> {
        let table = buffer_table(config);
        let read_back = table.iter().filter(|buffer| buffer.read_back);
        let read_back = read_back.map(|buffer| buffer.bytes(capacity)).sum();
        let tensors = allocate(gpu, &table, Lifetime::Scratch, capacity)?;
        if let (Some(tensor), PositionalEmbedding::Rotary(rotary)) =
            (tensors.get(&BufferId::Rotations), config.positional_embedding)
        {
            tensor.write(0, bytemuck::cast_slice(&rotations(rotary, 0..capacity)));
        }
        Ok(Scratch {
            dims: Tensor::new(gpu, "dims", size_of::<Dims>(), Usage::Uniform)?,
            read_back: Tensor::new(gpu, "read_back", read_back, Usage::ReadBack)?,
            tensors,
        })
    }
}

impl Buffers {
    /// Allocates what a run keeps, for `capacity` rows.
    ///
    /// # Errors
    /// [`Error::GpuLimit`](crate::Error::GpuLimit).
    pub fn new(gpu: &Rc<Gpu>, config: &ModelConfig, capacity: usize, scratch: &Rc<Scratch>) -> Result<Self> {
        let table = buffer_table(config);
        let kept = allocate(gpu, &table, Lifetime::Kept, capacity)?;
        Ok(Buffers { table, kept, scratch: Rc::clone(scratch) })
    }

    /// The buffer of that name.
    pub fn get(&self, id: BufferId) -> &Tensor {
        let found = self.kept.get(&id).or_else(|| self.scratch.tensors.get(&id));
        found.unwrap_or_else(|| panic!("{id:?} is not in the table of this model's buffers"))
    }

    /// The scratch that these buffers are used with.
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// Records the copy of the first `rows` rows of an earlier run of the same model.
    pub fn record_copy(&self, encoder: &mut wgpu::CommandEncoder, from: &Buffers, rows: usize) {
        for buffer in self.table.iter().filter(|buffer| buffer.resumed) {
            let (from, to) = (&from.get(buffer.id).buffer, &self.get(buffer.id).buffer);
            encoder.copy_buffer_to_buffer(from, 0, to, 0, buffer.bytes(rows) as u64);
        }
    }

    /// Records the copy of the figures that a pass delivers to where the CPU can read them. Returns
    /// their bytes.
    pub fn record_read_back(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        delivers: Delivers,
        dims: &Dims,
    ) -> usize {
        let mut at = 0;
        for buffer in read_back(&self.table, delivers) {
            let bytes = buffer.bytes(dims.rows as usize) as u64;
            let from = &self.get(buffer.id).buffer;
            encoder.copy_buffer_to_buffer(from, 0, &self.scratch.read_back.buffer, at, bytes);
            at += bytes;
        }
        at as usize
    }
}

/// The buffers that are read back for what a pass delivers.
pub(super) fn read_back(table: &[Buffer], delivers: Delivers) -> impl Iterator<Item = &Buffer> {
    table.iter().filter(move |buffer| buffer.read_back && delivers.reads(buffer.id))
}

fn allocate(
    gpu: &Rc<Gpu>,
    table: &[Buffer],
    lifetime: Lifetime,
    capacity: usize,
) -> Result<HashMap<BufferId, Tensor>> {
    let tensor = |buffer: &Buffer| {
        let bytes = buffer.bytes(capacity);
        Ok((buffer.id, Tensor::new(gpu, &format!("{:?}", buffer.id), bytes, Usage::Storage)?))
    };
    table.iter().filter(|buffer| buffer.lifetime == lifetime).map(tensor).collect()
}
