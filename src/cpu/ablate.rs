//! Ablates heads of one layer, between attention and its output, or the layer's MLP, after it.
//!
//! ```text
//! z[row, head] = 0                                          a head whose mode is zero
//! z[row, head] = mean of z over the batch at the position   a head whose mode is mean
//!
//! resid[row] = mid[row]                                     an MLP whose output is replaced by 0
//! resid[row] = mid[row] + mean of resid - mid over the batch at the position      by its mean
//! ```
//!
//! `resid` is the stream after the MLP and `mid` the stream before it, so that `resid - mid` is the MLP's
//! output.
//!
//! GPU twin: `shaders/ablate.wgsl`.

use crate::model::{AblationKind, Dims, HeadMode, ModelConfig, Shapes};

/// Replaces parts of the new rows of `z [rows, H * C]`; `modes` has one entry a head.
pub fn ablate(dims: &Dims, config: &ModelConfig, modes: &[HeadMode], z: &mut [f32]) {
    let Shapes { d_head, z: width, .. } = Shapes::of(config);
    let (seq, batch) = (dims.seq as usize, dims.batch as usize);
    for (head, mode) in modes.iter().enumerate().filter(|(_, mode)| **mode != HeadMode::Kept) {
        for position in dims.first_row as usize..seq {
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

/// Replaces what an MLP has added to the new rows of `resid [rows, D]`; `mid [rows, D]` is the stream without
/// it.
pub fn ablate_mlp(dims: &Dims, kind: AblationKind, mid: &[f32], resid: &mut [f32]) {
    let (rows, batch) = (dims.rows as usize, dims.batch as usize);
    let width = resid.len() / rows;
    let (first, sequence) = (dims.first_row as usize * width, dims.seq as usize * width);
    match kind {
        AblationKind::Zero => resid[first..].copy_from_slice(&mid[first..]),
        AblationKind::Mean => {
            for at in first..sequence {
                let places = || (0..batch).map(|number| number * sequence + at);
                let sum: f32 = places().map(|place| resid[place] - mid[place]).sum();
                for place in places() {
                    resid[place] = mid[place] + sum / batch as f32;
                }
            }
        }
    }
}
