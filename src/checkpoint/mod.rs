//! Weights files: found tensor by tensor, read by ranges, handed to a backend row by row.
//!
//! A file is never held whole. [`Checkpoint::open`] reads its index; [`load`] streams each
//! parameter, in pieces of a few megabytes, into a [`WeightSink`].

mod dtype;
mod load;
mod pack;
mod safetensors;
mod source;

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::model::{ModelConfig, parameters};

pub use dtype::{Dtype, WeightDtype};
pub use load::{WeightSink, load};
pub use source::ByteSource;

/// One tensor of a weights file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// Element type.
    pub dtype: Dtype,
    /// Shape, row-major.
    pub shape: Vec<usize>,
    /// Where its first byte lies in the file.
    pub offset: u64,
}

impl TensorInfo {
    /// Number of elements.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }
}

/// An opened weights file.
#[derive(Debug)]
pub struct Checkpoint<S> {
    source: S,
    tensors: BTreeMap<String, TensorInfo>,
}

impl<S: ByteSource> Checkpoint<S> {
    /// Reads the index of a `.safetensors` file.
    ///
    /// # Errors
    /// [`Error::CheckpointFormat`] when it is another format, cut short or inconsistent;
    /// [`Error::FileRead`] when the source fails.
    pub async fn open(source: S) -> Result<Self> {
        let tensors = safetensors::read_index(&source).await?;
        Ok(Checkpoint { source, tensors })
    }

    /// The tensor of that name, if there is one.
    pub fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.tensors.get(name)
    }

    /// Holds the tensors against a configuration, as torch's strict `load_state_dict` does.
    /// Mask buffers and `IGNORE` constants, which older TransformerLens versions saved, are passed over.
    ///
    /// # Errors
    /// [`Error::MissingTensor`], [`Error::TensorShape`], [`Error::TensorDtype`] or
    /// [`Error::UnexpectedTensor`]: the first that is found, in the order of the forward pass.
    pub fn check(&self, config: &ModelConfig) -> Result<()> {
        let parameters = parameters(config);
        for parameter in &parameters {
            let Some(tensor) = self.tensor(&parameter.name) else {
                if parameter.optional {
                    continue;
                }
                return Err(Error::MissingTensor {
                    tensor: parameter.name.clone(),
                    expected: parameter.shape.clone(),
                });
            };
            if tensor.shape != parameter.shape {
                return Err(Error::TensorShape {
                    tensor: parameter.name.clone(),
                    expected: parameter.shape.clone(),
                    found: tensor.shape.clone(),
                });
            }
            if let Dtype::Other(found) = &tensor.dtype {
                return Err(Error::TensorDtype {
                    tensor: parameter.name.clone(),
                    expected: "f16, bf16, f32 or f64",
                    found: found.clone(),
                });
            }
        }
        let known = |name: &str| parameters.iter().any(|parameter| parameter.name == name);
        match self.tensors.keys().find(|name| !known(name) && !is_buffer(name)) {
            None => Ok(()),
            Some(tensor) => Err(Error::UnexpectedTensor { tensor: tensor.clone() }),
        }
    }

    /// The bytes of elements `first..first + count` of a tensor that [`check`](Self::check) has seen.
    async fn read_elements(&self, tensor: &TensorInfo, first: usize, count: usize) -> Result<Vec<u8>> {
        let size = tensor.dtype.size();
        let start = tensor.offset + (first * size) as u64;
        self.source.read(start..start + (count * size) as u64).await
    }
}

/// Whether a tensor is a buffer that TransformerLens saves and no model reads.
fn is_buffer(name: &str) -> bool {
    name.ends_with(".attn.mask") || name.ends_with(".attn.IGNORE")
}
