//! A weight matrix in GPU memory: one buffer, or several shards where it is larger than a binding.

use std::rc::Rc;

use super::device::Gpu;
use super::kernel::HALF;
use super::submit::read;
use super::tensor::{Tensor, Usage};
use crate::checkpoint::{Block, WeightDtype};
use crate::error::{Error, Result};
use crate::model::COLUMN_TILE;

/// A padded, row-major matrix.
#[derive(Debug)]
pub(super) struct Matrix {
    /// Its columns, in order.
    pub shards: Vec<Shard>,
    pub rows: usize,
    pub columns: usize,
    pub dtype: WeightDtype,
}

/// Some columns of a matrix, row-major.
#[derive(Debug)]
pub(super) struct Shard {
    pub tensor: Tensor,
    /// Number of its first column tile in the matrix.
    pub first_tile: usize,
    /// Its column tiles.
    pub tiles: usize,
}

/// Where the columns of a shard stand in a product.
pub(super) type Place = [(&'static str, f64); 2];

impl Matrix {
    /// Allocates a matrix of zeros. Every shard but the last has a multiple of `unit` column tiles. A matrix
    /// of one unit is one shard.
    ///
    /// # Errors
    /// [`Error::GpuLimit`] when not even one unit of columns fits in a binding.
    pub fn new(
        gpu: &Rc<Gpu>,
        label: &str,
        [rows, columns]: [usize; 2],
        dtype: WeightDtype,
        unit: usize,
    ) -> Result<Self> {
        let tiles = columns / COLUMN_TILE;
        let tile_bytes = rows * COLUMN_TILE * dtype.size();
        let fitting = gpu.largest_shard as usize / tile_bytes;
        let tiles_of_shard = if tiles <= fitting.max(unit) { tiles } else { fitting / unit * unit };
        if tiles_of_shard == 0 {
            return Err(Error::GpuLimit {
                what: format!("matrix `{label}`"),
                limit: "maxStorageBufferBindingSize",
                unit: "bytes",
                needed: (unit * tile_bytes) as u64,
                available: gpu.largest_shard,
            });
        }
        let shard = |first_tile: usize| {
            let tiles = tiles_of_shard.min(tiles - first_tile);
            let tensor = Tensor::new(gpu, label, tiles * tile_bytes, Usage::Storage)?;
            Ok(Shard { tensor, first_tile, tiles })
        };
        let shards = (0..tiles).step_by(tiles_of_shard).map(shard).collect::<Result<_>>()?;
        Ok(Matrix { shards, rows, columns, dtype })
    }

    /// Allocates an f32 matrix of `rows` rows of zeros that has the shards of another.
    ///
    /// # Errors
    /// [`Error::GpuLimit`].
    pub fn with_shards_of(gpu: &Rc<Gpu>, label: &str, rows: usize, other: &Matrix) -> Result<Self> {
        let shard = |&Shard { first_tile, tiles, .. }: &Shard| {
            let tensor = Tensor::numbers(gpu, label, rows * tiles * COLUMN_TILE)?;
            Ok(Shard { tensor, first_tile, tiles })
        };
        let shards = other.shards.iter().map(shard).collect::<Result<_>>()?;
        Ok(Matrix { shards, rows, columns: other.columns, dtype: WeightDtype::F32 })
    }

    /// Column tiles of the matrix.
    pub fn column_tiles(&self) -> usize {
        self.columns / COLUMN_TILE
    }

    /// Replaces a block by little-endian elements, row-major: in each shard its part of it.
    pub fn write(&self, block: &Block, bytes: &[u8]) {
        let size = self.dtype.size();
        for shard in &self.shards {
            let (first, width) = (shard.first_tile * COLUMN_TILE, shard.tiles * COLUMN_TILE);
            let (from, to) = (block.columns.start.max(first), block.columns.end.min(first + width));
            if from >= to {
                continue;
            }
            let of_block = (from - block.columns.start) * size..(to - block.columns.start) * size;
            let rows = bytes.chunks_exact(block.columns.len() * size).map(|row| &row[of_block.clone()]);
            if to - from < width {
                for (row, part) in block.rows.clone().zip(rows) {
                    shard.tensor.write((row * width + from - first) * size, part);
                }
            } else if self.shards.len() == 1 {
                shard.tensor.write(block.rows.start * width * size, bytes);
            } else {
                let part: Vec<u8> = rows.flatten().copied().collect();
                shard.tensor.write(block.rows.start * width * size, &part);
            }
        }
    }

    /// Reads the matrix back, widened, `[rows, columns]` with the padding.
    ///
    /// # Errors
    /// [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn read(&self, gpu: &Rc<Gpu>) -> Result<Vec<f32>> {
        let mut values = vec![0.0; self.rows * self.columns];
        for shard in &self.shards {
            let width = shard.tiles * COLUMN_TILE;
            let bytes = read(gpu, &shard.tensor, self.rows * width * self.dtype.size()).await?;
            let part = self.widened(&bytes);
            for (row, part) in values.chunks_exact_mut(self.columns).zip(part.chunks_exact(width)) {
                row[shard.first_tile * COLUMN_TILE..][..width].copy_from_slice(part);
            }
        }
        Ok(values)
    }

    fn widened(&self, bytes: &[u8]) -> Vec<f32> {
        match self.dtype {
            WeightDtype::F32 => bytemuck::pod_collect_to_vec(bytes),
            WeightDtype::F16 => halves(bytes).map(|bits| half::f16::from_bits(bits).to_f32()).collect(),
            WeightDtype::Bf16 => halves(bytes).map(|bits| half::bf16::from_bits(bits).to_f32()).collect(),
        }
    }

    /// Multiply-adds of a row's product with a shard.
    pub fn work_of_row(&self, shard: &Shard) -> f64 {
        (self.rows * shard.tiles * COLUMN_TILE) as f64
    }

    /// `WEIGHT_TYPE` and `N8` of shaders/common.wgsl for a shard of this matrix.
    pub fn constants(&self, shard: &Shard) -> [(&'static str, f64); 2] {
        let (name, half) = HALF;
        let weight_type = match self.dtype {
            WeightDtype::F16 => half,
            WeightDtype::Bf16 => 1.0,
            WeightDtype::F32 => 2.0,
        };
        [(name, weight_type), ("N8", shard.tiles as f64)]
    }

    /// `ALL8` and `FIRST_TILE` of shaders/common.wgsl for a shard of this matrix.
    pub fn place(&self, shard: &Shard) -> Place {
        [("ALL8", self.column_tiles() as f64), ("FIRST_TILE", shard.first_tile as f64)]
    }

    /// [`constants`](Self::constants) and [`place`](Self::place).
    pub fn placed(&self, shard: &Shard) -> impl Iterator<Item = (&'static str, f64)> {
        self.constants(shard).into_iter().chain(self.place(shard))
    }

    /// [`constants`](Self::constants), and `K4` of shaders/product.wgsl.
    pub fn product_constants(&self, shard: &Shard) -> Vec<(&'static str, f64)> {
        let k4 = ("K4", (self.rows / 4) as f64);
        self.constants(shard).into_iter().chain([k4]).collect()
    }
}

impl Shard {
    /// The place of a shard whose product is a matrix of its own.
    pub fn place_by_itself(&self) -> Place {
        [("ALL8", self.tiles as f64), ("FIRST_TILE", 0.0)]
    }
}

fn halves(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.as_chunks::<2>().0.iter().map(|&bytes| u16::from_le_bytes(bytes))
}
