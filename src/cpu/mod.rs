//! The CPU backend: the model in plain Rust. It serves visitors without a GPU, and each of its kernels is
//! the twin that a WGSL kernel is compared with.
//!
//! A kernel is one file, under the stem of its shader. Buffers have the names and shapes of the table in
//! `model/buffers.rs`, and the layout that the GPU's have. Everything heavy is one inner loop,
//! `tile::multiply`, over arrays of fixed size that the compiler turns into SIMD on every target. Weights
//! stay f16 and are widened a block of columns at a time.

pub mod ablate;
mod ablated;
pub mod activate;
pub mod attention;
pub mod attribution;
mod buffers;
mod circuits;
pub mod copying;
mod divided;
pub mod embed;
mod exp;
mod experiments;
pub mod linear;
pub mod log_probs;
mod log_sum_exp;
pub mod logits;
mod matrix;
mod model;
pub mod norm;
pub mod offsets;
pub mod pattern;
mod play;
pub mod position;
pub mod qk_norm;
pub mod rotate;
mod run;
mod scores;
mod share;
mod shared;
pub mod stripe;
mod team;
pub mod thumbnails;
mod tile;
pub mod value_norms;
mod weights;
mod work;

pub use circuits::Copying;
pub use matrix::Matrix;
pub use model::Model;
pub use run::Run;
pub use share::Share;
pub use team::{Answer, LEAST_UNEMBEDDING, Order, Question, Team};
pub use weights::Weights;
pub(crate) use work::work;
