//! Ablates heads of one layer, between attention and its output.
//!
//! ```text
//! z[row, head] = 0                                          a head whose mode is zero
//! z[row, head] = mean of z over the batch at the position   a head whose mode is mean
//! ```
//!
//! GPU twin: `shaders/ablate.wgsl`.

use crate::model::{Dims, HeadMode, ModelConfig, Shapes};

/// Replaces parts of `z [rows, H * C]`; `modes` has one entry a head.
pub fn ablate(dims: &Dims, config: &ModelConfig, modes: &[HeadMode], z: &mut [f32]) {
    let Shapes { d_head, z: width, .. } = Shapes::of(config);
    let (seq, batch) = (dims.seq as usize, dims.batch as usize);
    for (head, mode) in modes.iter().enumerate().filter(|(_, mode)| **mode != HeadMode::Kept) {
        for position in 0..seq {
            let part = |sequence: usize| {
                let from = (sequence * seq + position) * width + head * d_head;
                from..from + d_head
            };
            let mut mean = vec![0.0; d_head];
            if *mode == HeadMode::Mean {
                for sequence in 0..batch {
                    mean.iter_mut().zip(&z[part(sequence)]).for_each(|(mean, z)| *mean += z);
                }
                mean.iter_mut().for_each(|mean| *mean /= batch as f32);
            }
            for sequence in 0..batch {
                z[part(sequence)].copy_from_slice(&mean);
            }
        }
    }
}
