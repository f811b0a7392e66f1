//! A family of checkpoints: a table of views and a reader of configurations.

use crate::checkpoint::view::View;
use crate::error::Result;
use crate::model::{ModelConfig, Parameter, TensorShapes};

/// Models whose checkpoints have the same tensor names and the same form of `config.json`.
#[derive(Debug)]
pub struct Family {
    /// Whether a tensor's name is likely one of this family.
    pub has: fn(&str) -> bool,
    /// Tells the configuration from the tensors' names and shapes and a `config.json`, which may be
    /// absent or incomplete.
    pub config: fn(&TensorShapes, Option<&str>) -> Result<ModelConfig>,
    /// The view of one of the file's tensors that is a parameter.
    pub view: fn(&ModelConfig, &Parameter) -> View,
    /// Whether a tensor is a buffer, such as a causal mask, that no model reads.
    pub is_buffer: fn(&str) -> bool,
}
