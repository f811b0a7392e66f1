//! Weights files: found tensor by tensor, read by ranges, handed to a backend block by block.
//!
//! A file is never held whole. [`Checkpoint::open`] reads the index of a `.safetensors` file or of
//! a torch checkpoint, [`Checkpoint::open_parts`] those of several files. [`load`] streams each
//! parameter, in pieces of a few megabytes, into a [`WeightSink`].

mod checksums;
mod dtype;
mod families;
mod file;
mod format;
#[cfg(test)]
mod fused_tests;
mod gather;
mod index;
mod keys;
mod load;
mod pack;
mod parts;
mod pth;
mod safetensors;
mod sink;
mod source;
mod tensor;
mod view;

pub use dtype::{Dtype, WeightDtype};
pub use file::Checkpoint;
pub use keys::Keys;
pub use load::load;
pub use parts::files_of_index;
pub use sink::{Block, WeightSink};
pub use source::ByteSource;
pub use tensor::TensorInfo;
