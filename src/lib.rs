//! Headscope's engine: attention-only transformers, every head's attention pattern, and the
//! detectors that say what a head does.
//!
//! Two backends compute the same figures: `gpu` through hand-written WGSL kernels, `cpu` in
//! plain Rust. `backend` chooses between them. `session` puts a model, a backend and the detectors
//! together. `web` is its JavaScript interface.

#![deny(missing_docs)]

pub mod backend;
pub mod checkpoint;
pub mod cpu;
pub mod detectors;
pub mod error;
pub mod experiments;
pub mod gpu;
pub mod model;
pub mod session;
pub mod tokenizer;
#[cfg(target_arch = "wasm32")]
pub mod web;

pub use error::{Error, Result};
