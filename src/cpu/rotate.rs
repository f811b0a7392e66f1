//! Turns queries and keys by their positions.
//!
//! ```text
//! (a, b) of pair i at position p  becomes  (a cos - b sin, b cos + a sin),   the angle p * base^(-2i / dims)
//! ```
//!
//! `a` is number `i` and `b` number `i + dims / 2` of a query or key, or they are numbers `2i` and `2i + 1`.
//! GPU twin: `shaders/rotate.wgsl`.
//!
//! Definition: docs/definitions.md#positions.

use std::sync::{Arc, Mutex};

use crate::model::{Dims, ModelConfig, Pairing, Rotary, Shapes, rotations};

/// Turns the new rows of q and k in `qkv [rows, qkv]`. `table [seq, dims]` is made by
/// [`rotations`](crate::model::rotations).
pub fn rotate(dims: &Dims, config: &ModelConfig, rotary: Rotary, table: &[f32], qkv: &mut [f32]) {
    let Shapes { d_head, z, kv, qkv: width, .. } = Shapes::of(config);
    let pairs = rotary.dims / 2;
    for (row, numbers) in qkv.chunks_exact_mut(width).enumerate().skip(dims.first_row as usize) {
        let turn = &table[row % dims.seq as usize * rotary.dims..][..rotary.dims];
        let (cosines, sines) = turn.split_at(pairs);
        for part in numbers[..z + kv].chunks_exact_mut(d_head) {
            for (pair, (cos, sin)) in cosines.iter().zip(sines).enumerate() {
                let (first, second) = match rotary.pairing {
                    Pairing::Half => (pair, pair + pairs),
                    Pairing::Adjacent => (2 * pair, 2 * pair + 1),
                };
                let (a, b) = (part[first], part[second]);
                part[first] = a * cos - b * sin;
                part[second] = b * cos + a * sin;
            }
        }
    }
}

/// A model's table of rotations. It grows with the longest sequence that was run.
#[derive(Debug, Default)]
pub(super) struct Rotations(Mutex<Arc<Vec<f32>>>);

impl Rotations {
    /// The table of at least `positions` positions.
    pub fn of(&self, rotary: Rotary, positions: usize) -> Arc<Vec<f32>> {
        let mut table = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let known = table.len() / rotary.dims;
        if known < positions {
            let new = rotations(rotary, known..positions.next_power_of_two());
            Arc::make_mut(&mut table).extend(new);
        }
        Arc::clone(&table)
    }
}
