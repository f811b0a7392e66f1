//! Weights files: found tensor by tensor, read by ranges, handed to a backend row by row.
//!
//! A file is never held whole. [`Checkpoint::open`] reads the index of a `.safetensors` file or of
//! a torch checkpoint; [`load`] streams each parameter, in pieces of a few megabytes, into a
//! [`WeightSink`].

mod checksums;
mod dtype;
mod format;
mod gather;
mod keys;
mod load;
mod pack;
mod pth;
mod safetensors;
mod source;

use std::collections::BTreeMap;

use self::checksums::Checksums;
use self::format::Format;
use crate::error::Result;
use crate::model::ModelConfig;

pub use dtype::{Dtype, WeightDtype};
pub use keys::Keys;
pub use load::{WeightSink, load};
pub use source::ByteSource;

/// One tensor of a weights file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// Element type.
    pub dtype: Dtype,
    /// Shape, row-major.
    pub shape: Vec<usize>,
    layout: Layout,
}

/// How a tensor's elements lie in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Layout {
    /// The first byte of the first element.
    offset: u64,
    /// Elements from one to the next of each dimension.
    strides: Vec<usize>,
    /// Whether each element starts with its highest byte.
    big_endian: bool,
}

impl TensorInfo {
    /// Number of elements.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether reading some rows means skipping a part of the storage, as with a transposed matrix.
    fn rows_lie_apart(&self) -> bool {
        self.layout.strides.first().is_some_and(|&stride| stride < self.row_elements())
    }

    /// Number of elements that one index of the first dimension stands for.
    fn row_elements(&self) -> usize {
        self.shape.iter().skip(1).product()
    }
}

/// An opened weights file.
#[derive(Debug)]
pub struct Checkpoint<S> {
    source: S,
    tensors: BTreeMap<String, TensorInfo>,
    checksums: Checksums,
}

impl<S: ByteSource> Checkpoint<S> {
    /// Reads the index of a `.safetensors` file or a torch checkpoint, whichever it is.
    ///
    /// # Errors
    /// [`Error::CheckpointFormat`](crate::Error::CheckpointFormat) when it is another format, cut short or
    /// inconsistent; [`Error::UnsafePickle`](crate::Error::UnsafePickle) when a torch checkpoint names anything but
    /// tensors; [`Error::FileRead`](crate::Error::FileRead) when the source fails.
    pub async fn open(source: S) -> Result<Self> {
        let (tensors, checksums) = match format::recognise(&source).await? {
            Format::Safetensors => (safetensors::read_index(&source).await?, Checksums::default()),
            Format::Torch => pth::read_index(&source).await?,
        };
        Ok(Checkpoint { source, tensors, checksums })
    }

    /// The tensor of that name, if there is one.
    pub fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.tensors.get(name)
    }

    /// All tensors by name.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &TensorInfo)> {
        self.tensors.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// The model's configuration: sizes by the tensors' names and shapes, the rest by `given`, a
    /// `config.json`, which wins where it says anything.
    ///
    /// # Errors
    /// What [`ModelConfig::infer`] finds.
    pub fn config(&self, given: Option<&str>) -> Result<ModelConfig> {
        ModelConfig::infer(self.tensors().map(|(name, tensor)| (name, &tensor.shape[..])), given)
    }

    /// Reads the rows `first_row..first_row + rows` of a tensor that [`check`](Self::check) has seen: row-major,
    /// little-endian, in the file's element type.
    async fn read_rows(&self, tensor: &TensorInfo, first_row: usize, rows: usize) -> Result<Vec<u8>> {
        gather::read_rows(&self.source, &self.checksums, tensor, first_row, rows).await
    }

    /// Compares the checksums of everything that was read.
    async fn verify(&self) -> Result<()> {
        self.checksums.verify(&self.source).await
    }
}
