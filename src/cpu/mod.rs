//! The model in plain Rust: for visitors without a GPU, and the twin that each WGSL kernel is
//! compared with.
//!
//! One file per kernel, under the stem of its shader. Buffers are laid out as the GPU's are:
//!
//! ```text
//! resid.L     [rows, D]        log_probs   [rows]
//! qkv.L       [rows, qkv]      stats.L     [rows, H] of RowStats
//! z           [rows, H * C]    thumbnails  [layer, head, side, side] of u8
//! ```
//!
//! with the letters of [`Shapes`](crate::model::Shapes) and rows numbered as in
//! [`Dims`](crate::model::Dims). Everything heavy is one inner loop, `tile::multiply`, over
//! arrays of fixed size that the compiler turns into SIMD on every target; weights stay f16 and
//! are widened a block of columns at a time.

pub mod ablate;
pub mod attention;
pub mod attribution;
pub mod copying;
pub mod embed;
mod exp;
mod experiments;
mod forward;
pub mod linear;
pub mod log_probs;
mod log_sum_exp;
pub mod logits;
mod matrix;
pub mod norm;
pub mod pattern;
mod run;
mod scores;
pub mod stripe;
pub mod thumbnails;
mod tile;
pub mod value_norms;
mod weights;

pub use experiments::Copying;
pub use forward::Model;
pub use matrix::Matrix;
pub use run::Run;
pub use weights::Weights;
