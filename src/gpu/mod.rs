//! The WebGPU backend: the forward pass through hand-written WGSL kernels.
//!
//! Each kernel is three files of one stem: `shaders/x.wgsl`, `src/gpu/x.rs`, `src/cpu/x.rs`. The Rust
//! side of a kernel says which buffers it binds and how many workgroups it takes, and makes a
//! [`Step`](kernel::Step). `play` makes the steps of each operation of the program. A forward pass is
//! one command buffer, or several where it takes long. This folder is the only one that names wgpu.

mod ablate;
mod ablated;
mod activate;
mod attention;
mod attribution;
mod buffers;
mod choice;
mod circuits;
mod clock;
mod copying;
mod cut;
mod device;
mod embed;
mod experiments;
mod heads;
mod kernel;
#[cfg(test)]
mod kernel_tests;
mod linear;
mod log_probs;
mod logits;
mod matrix;
mod model;
mod norm;
mod offsets;
mod pass;
mod pattern;
mod plan;
mod play;
mod position;
mod qk_norm;
mod rotate;
mod run;
mod shared;
mod stripe;
mod submit;
mod tensor;
mod thumbnails;
#[cfg(not(target_arch = "wasm32"))]
mod timing;
mod tuning;
mod value_norms;
mod weights;

pub use choice::{CandidateTime, ChosenBy, Clock, Tune, Tuning, TuningOptions, fastest};
pub use circuits::Copying;
pub use cut::{Candidate, Products};
pub use device::{BufferLimits, Gpu};
pub use model::Model;
pub use pattern::Selection;
pub use run::Run;
#[cfg(not(target_arch = "wasm32"))]
pub use timing::{OperationTime, Peaks};
pub use weights::Weights;
