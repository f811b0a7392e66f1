//! A checkpoint's keys held against a configuration, as torch's strict `load_state_dict` does.

use std::fmt;

use super::{ByteSource, Checkpoint, Dtype};
use crate::error::{Error, Key, Result};
use crate::model::{ModelConfig, parameters};

/// Keys that fit: what there is to say of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Tensors that are the model's.
    pub matched: usize,
    /// Names of buffers that were passed over.
    pub buffers: Vec<String>,
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "All keys matched: {} tensors", self.matched)?;
        match self.buffers.len() {
            0 => Ok(()),
            1 => write!(f, ", and 1 buffer that is not needed"),
            count => write!(f, ", and {count} buffers that are not needed"),
        }
    }
}

impl<S: ByteSource> Checkpoint<S> {
    /// Holds the tensors against a configuration. Biases may be absent. Mask buffers and `IGNORE`
    /// constants, which TransformerLens saves, are passed over.
    ///
    /// # Errors
    /// [`Error::KeysMismatch`] with everything that does not fit; [`Error::TensorDtype`] when all fit and one
    /// is of a type that can't hold weights.
    pub fn check(&self, config: &ModelConfig) -> Result<Keys> {
        let parameters = parameters(config);
        let (mut missing, mut misshaped, mut matched) = (Vec::new(), Vec::new(), 0);
        for parameter in &parameters {
            let key = |found: Option<&Vec<usize>>| Key {
                tensor: parameter.name.clone(),
                expected: Some(parameter.shape.clone()),
                found: found.cloned(),
            };
            match self.tensor(&parameter.name) {
                Some(tensor) if tensor.shape == parameter.shape => matched += 1,
                Some(tensor) => misshaped.push(key(Some(&tensor.shape))),
                None if parameter.optional => {}
                None => missing.push(key(None)),
            }
        }
        let others = self.tensors().filter(|(name, _)| parameters.iter().all(|it| it.name != *name));
        let (buffers, unexpected): (Vec<_>, Vec<_>) = others.partition(|(name, _)| is_buffer(name));
        let unexpected: Vec<Key> = unexpected
            .into_iter()
            .map(|(name, tensor)| Key {
                tensor: name.to_owned(),
                expected: None,
                found: Some(tensor.shape.clone()),
            })
            .collect();
        if !(missing.is_empty() && unexpected.is_empty() && misshaped.is_empty()) {
            return Err(Error::KeysMismatch { missing, unexpected, misshaped });
        }
        for parameter in &parameters {
            if let Some(Dtype::Other(found)) = self.tensor(&parameter.name).map(|tensor| &tensor.dtype) {
                return Err(Error::TensorDtype {
                    tensor: parameter.name.clone(),
                    expected: "f16, bf16, f32 or f64",
                    found: found.clone(),
                });
            }
        }
        Ok(Keys { matched, buffers: buffers.into_iter().map(|(name, _)| name.to_owned()).collect() })
    }
}

/// Whether a tensor is a buffer that TransformerLens saves and no model reads.
fn is_buffer(name: &str) -> bool {
    name.ends_with(".attn.mask") || name.ends_with(".attn.IGNORE")
}
