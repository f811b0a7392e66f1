//! An opened weights file: its tensors, and the model that they are of.

use std::collections::BTreeMap;

use super::checksums::Checksums;
use super::families::{self, Family};
use super::format::{self, Format};
use super::gather;
use super::source::ByteSource;
use super::tensor::TensorInfo;
use super::{pth, safetensors};
use crate::error::Result;
use crate::model::ModelConfig;

/// An opened weights file.
#[derive(Debug)]
pub struct Checkpoint<S> {
    source: S,
    tensors: BTreeMap<String, TensorInfo>,
    checksums: Checksums,
    pub(super) family: &'static Family,
}

impl<S: ByteSource> Checkpoint<S> {
    /// Reads the index of a `.safetensors` file or a torch checkpoint, whichever it is.
    ///
    /// # Errors
    /// [`Error::CheckpointFormat`](crate::Error::CheckpointFormat) when the file has another format, is cut
    /// short or contradicts itself; [`Error::UnsafePickle`](crate::Error::UnsafePickle) when a torch
    /// checkpoint names anything but tensors; [`Error::FileRead`](crate::Error::FileRead) when the source
    /// fails.
    pub async fn open(source: S) -> Result<Self> {
        let (tensors, checksums) = match format::recognise(&source).await? {
            Format::Safetensors => (safetensors::read_index(&source).await?, Checksums::default()),
            Format::Torch => pth::read_index(&source).await?,
        };
        let family = families::recognise(tensors.keys().map(String::as_str));
        Ok(Checkpoint { source, tensors, checksums, family })
    }

    /// The tensor of that name, if there is one.
    pub fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.tensors.get(name)
    }

    /// All tensors by name.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &TensorInfo)> {
        self.tensors.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// The model's configuration: sizes by the tensors' names and shapes, the rest by `config_json`,
    /// which wins where it gives a field.
    ///
    /// # Errors
    /// Those of [`ModelConfig::infer`].
    pub fn config(&self, config_json: Option<&str>) -> Result<ModelConfig> {
        ModelConfig::infer(self.tensors().map(|(name, tensor)| (name, &tensor.shape[..])), config_json)
    }

    /// Reads a tensor that [`check`](Self::check) has accepted, or a view of it: row-major,
    /// little-endian, in the file's element type.
    pub(super) async fn read(&self, tensor: &TensorInfo) -> Result<Vec<u8>> {
        gather::read(&self.source, &self.checksums, tensor).await
    }

    /// Compares the checksums of everything that was read.
    pub(super) async fn verify(&self) -> Result<()> {
        self.checksums.verify(&self.source).await
    }
}
