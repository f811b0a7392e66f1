//! The WebGPU backend: the forward pass through hand-written WGSL kernels.
//!
//! Each kernel is three files of one stem: `shaders/x.wgsl`, `src/gpu/x.rs`, `src/cpu/x.rs`.
//! A kernel's Rust side says which buffers it binds and how many workgroups it takes; it makes a
//! [`Step`](kernel::Step), and a forward pass is a list of steps in one command buffer.
//! This folder is the only one that names wgpu.

mod ablate;
mod activations;
mod attention;
mod attribution;
mod copying;
mod device;
mod embed;
mod forward;
mod kernel;
#[cfg(test)]
mod kernel_tests;
mod linear;
mod log_probs;
mod logits;
mod norm;
mod pattern;
mod scratch;
mod stripe;
mod tensor;
mod thumbnails;
mod value_norms;
mod weights;

pub use device::Gpu;
pub use forward::{Copying, Model, Run};
pub use pattern::Selection;
pub use weights::Weights;
