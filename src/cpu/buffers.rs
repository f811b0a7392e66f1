//! The CPU's buffers of the table in `model/buffers.rs`.

use std::collections::BTreeMap;

use crate::model::{Buffer, BufferId, Dims, Lifetime, ModelConfig, RowStats, buffer_table};

/// The buffers of a run, each in words of four bytes.
#[derive(Debug, Clone)]
pub(super) struct Buffers {
    words: BTreeMap<BufferId, Vec<f32>>,
}

impl Buffers {
    /// Allocates every buffer for a run of these sizes, filled with zeros.
    pub fn new(config: &ModelConfig, dims: &Dims) -> Self {
        let mut buffers = Buffers { words: BTreeMap::new() };
        buffers.allocate(config, dims, |_| true);
        buffers
    }

    /// Allocates the scratch that [`drop_scratch`](Self::drop_scratch) has dropped.
    pub fn allocate_scratch(&mut self, config: &ModelConfig, dims: &Dims) {
        self.allocate(config, dims, |buffer| buffer.lifetime == Lifetime::Scratch);
    }

    fn allocate(&mut self, config: &ModelConfig, dims: &Dims, wanted: impl Fn(&Buffer) -> bool) {
        let table = buffer_table(config);
        for buffer in table.iter().filter(|buffer| !buffer.gpu_only && wanted(buffer)) {
            let bytes = buffer.bytes(dims.rows as usize);
            self.words.insert(buffer.id, vec![0.0; bytes / size_of::<f32>()]);
        }
    }

    /// Drops everything that lives for one pass.
    pub fn drop_scratch(&mut self, config: &ModelConfig) {
        let table = buffer_table(config);
        for buffer in table.iter().filter(|buffer| buffer.lifetime == Lifetime::Scratch) {
            self.words.remove(&buffer.id);
        }
    }

    /// Copies the first `rows` rows of an earlier run of the same model.
    pub fn copy_rows(&mut self, config: &ModelConfig, from: &Buffers, rows: usize) {
        let table = buffer_table(config);
        for buffer in table.iter().filter(|buffer| buffer.resumed && !buffer.gpu_only) {
            let words = buffer.bytes(rows) / size_of::<f32>();
            let from = &from.get(buffer.id)[..words];
            self.with(buffer.id, |to: &mut [f32], _| to[..words].copy_from_slice(from));
        }
    }

    /// A buffer of f32.
    pub fn get(&self, id: BufferId) -> &[f32] {
        self.words.get(&id).unwrap_or_else(|| panic!("{id:?} is not among the buffers of this run"))
    }

    /// A layer's statistics, `[rows, H]`.
    pub fn stats(&self, layer: usize) -> &[RowStats] {
        bytemuck::cast_slice(self.get(BufferId::Stats(layer)))
    }

    /// A buffer's bytes.
    pub fn bytes(&self, id: BufferId) -> &[u8] {
        bytemuck::cast_slice(self.get(id))
    }

    /// Every buffer's bytes.
    pub fn all_bytes(&self) -> Vec<(BufferId, Vec<u8>)> {
        self.words.iter().map(|(&id, words)| (id, bytemuck::cast_slice(words).to_vec())).collect()
    }

    /// Calls `write` with a buffer to write to, and the others to read from.
    pub fn with<T: bytemuck::AnyBitPattern + bytemuck::NoUninit>(
        &mut self,
        id: BufferId,
        write: impl FnOnce(&mut [T], &Buffers),
    ) {
        let mut words = self.take(id);
        write(bytemuck::cast_slice_mut(&mut words), self);
        self.words.insert(id, words);
    }

    /// Calls `write` with two buffers to write to, and the others to read from.
    pub fn with_both(
        &mut self,
        (first, second): (BufferId, BufferId),
        write: impl FnOnce(&mut [f32], &mut [f32], &Buffers),
    ) {
        let (mut one, mut other) = (self.take(first), self.take(second));
        write(&mut one, &mut other, self);
        self.words.extend([(first, one), (second, other)]);
    }

    /// Takes a buffer to write to, while the others are read; [`put`](Self::put) gives it back.
    pub fn take(&mut self, id: BufferId) -> Vec<f32> {
        self.words.remove(&id).unwrap_or_else(|| panic!("{id:?} is not among the buffers of this run"))
    }

    /// Gives a buffer back.
    pub fn put(&mut self, id: BufferId, words: Vec<f32>) {
        self.words.insert(id, words);
    }
}
