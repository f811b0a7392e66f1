//! Switches heads of one layer off, between attention and its output.
//!
//! ```text
//! z[row, head] = 0                                          a head that is zeroed
//! z[row, head] = mean of z over the batch at the position   a head that is averaged
//! ```
//!
//! GPU twin: `shaders/ablate.wgsl`.

use crate::model::{Dims, HeadFate, ModelConfig, Shapes};

/// Replaces parts of `z [rows, H * C]`; `fates` has one entry a head.
pub fn ablate(dims: &Dims, config: &ModelConfig, fates: &[HeadFate], z: &mut [f32]) {
    let Shapes { d_head, z: width, .. } = Shapes::of(config);
    let (seq, batch) = (dims.seq as usize, dims.batch as usize);
    for (head, fate) in fates.iter().enumerate().filter(|(_, fate)| **fate != HeadFate::Kept) {
        for position in 0..seq {
            let part = |sequence: usize| {
                let from = (sequence * seq + position) * width + head * d_head;
                from..from + d_head
            };
            let mut mean = vec![0.0; d_head];
            if *fate == HeadFate::Mean {
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
