//! A checkpoint's keys compared with a configuration, as torch's strict `load_state_dict` does.

use std::collections::BTreeSet;
use std::fmt;

use super::dtype::Dtype;
use super::families::is_buffer;
use super::file::Checkpoint;
use super::source::ByteSource;
use super::tensor::TensorInfo;
use crate::error::{Error, Key, Result};
use crate::model::{ModelConfig, parameters};

/// How the checkpoint's tensors match the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The family whose names the tensors have, such as `gpt_neox`.
    pub family: &'static str,
    /// Number of tensors that hold parameters.
    pub matched: usize,
    /// Names of buffers that are not read.
    pub buffers: Vec<String>,
    /// Sentences about fields of the `config.json` that were ignored.
    pub notes: Vec<String>,
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "All keys matched: {} tensors", self.matched)?;
        match self.buffers.len() {
            0 => Ok(()),
            1 => write!(f, ", and 1 buffer that is not needed"),
            count => write!(f, ", and {count} buffers that are not needed"),
        }?;
        self.notes.iter().try_for_each(|note| write!(f, ". {}", note.trim_end_matches('.')))
    }
}

impl<S: ByteSource> Checkpoint<S> {
    /// Compares the tensors with a configuration. Biases may be absent. Buffers, such as causal
    /// masks and tables of rotary positions, are not read.
    ///
    /// # Errors
    /// [`Error::KeysMismatch`] with every tensor that does not fit; [`Error::TensorDtype`] when all fit
    /// and one has a type that cannot hold weights.
    pub fn check(&self, config: &ModelConfig) -> Result<Keys> {
        let (mut missing, mut misshaped, mut named) = (Vec::new(), Vec::new(), BTreeSet::new());
        for parameter in parameters(config) {
            let view = (self.family.view)(config, &parameter);
            if !named.insert(view.tensor.clone()) {
                // Another parameter is a view of the same tensor.
                continue;
            }
            let key = |found: Option<&Vec<usize>>| Key {
                tensor: view.tensor.clone(),
                expected: Some(view.shape.clone()),
                found: found.cloned(),
            };
            match self.tensor(&view.tensor) {
                Some(tensor) if tensor.shape == view.shape => {}
                Some(tensor) => misshaped.push(key(Some(&tensor.shape))),
                None if parameter.optional => {}
                None => missing.push(key(None)),
            }
        }
        let others = self.tensors().filter(|(name, _)| !named.contains(*name));
        let (buffers, unexpected): (Vec<_>, Vec<_>) =
            others.partition(|(name, tensor)| is_buffer(name, tensor.shape.len()));
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
        let matched: Vec<(&str, &TensorInfo)> =
            self.tensors().filter(|(name, _)| named.contains(*name)).collect();
        for (name, tensor) in &matched {
            if let Dtype::Other(found) = &tensor.dtype {
                return Err(Error::TensorDtype {
                    tensor: (*name).to_owned(),
                    expected: Dtype::OF_WEIGHTS,
                    found: found.clone(),
                });
            }
        }
        let buffers = buffers.into_iter().map(|(name, _)| name.to_owned()).collect();
        Ok(Keys { family: self.family.name, matched: matched.len(), buffers, notes: self.notes() })
    }
}
