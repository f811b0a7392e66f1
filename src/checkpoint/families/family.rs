//! A family of checkpoints: a table of views and a reader of configurations.

use crate::checkpoint::view::View;
use crate::error::Result;
use crate::model::{ModelConfig, Parameter, TensorShapes};

/// Models whose checkpoints have the same tensor names and the same form of `config.json`.
#[derive(Debug)]
pub struct Family {
    /// Its name, that of its module.
    pub name: &'static str,
    /// The family's `model_type`s in `config.json`; empty where its configurations have no such field.
    pub model_types: &'static [&'static str],
    /// Whether a tensor's name is likely one of this family.
    pub has: fn(&str) -> bool,
    /// Ends of names that some files of the family have, and the end that `view` knows instead.
    pub aliases: &'static [(&'static str, &'static str)],
    /// Tells the configuration from the tensors' names and shapes and a `config.json`, which may be
    /// absent or incomplete.
    pub config: fn(&TensorShapes, Option<&str>) -> Result<Told>,
    /// The view of one of the file's tensors that is a parameter.
    pub view: fn(&ModelConfig, &Parameter) -> View,
}

/// A configuration, and what a person should know about how it was told.
#[derive(Debug)]
pub struct Told {
    /// The configuration.
    pub config: ModelConfig,
    /// Sentences about fields that were ignored.
    pub notes: Vec<String>,
}
