//! Families of checkpoints, told apart by the names of their tensors.
//!
//! After loading, no code asks for a model's family: a family's file becomes a [`ModelConfig`] and
//! the parameters of `model::parameters`. A new family is a module and a row of [`FAMILIES`].

mod family;
mod transformer_lens;

pub(super) use self::family::Family;
use self::transformer_lens::TRANSFORMER_LENS;
use crate::error::Result;
use crate::model::{ModelConfig, TensorShapes};

/// Every family. The first one refuses the files of none.
const FAMILIES: [&Family; 1] = [&TRANSFORMER_LENS];

/// The family that knows the most of these tensor names; the first one where none knows any.
pub(super) fn recognise<'a>(names: impl Iterator<Item = &'a str> + Clone) -> &'static Family {
    let known = |family: &&&'static Family| names.clone().filter(|name| (family.has)(name)).count();
    // The last of several maxima wins: the first family is looked at last.
    FAMILIES.iter().rev().max_by_key(known).copied().unwrap_or(&TRANSFORMER_LENS)
}

impl ModelConfig {
    /// The configuration of a model with these tensors.
    ///
    /// Sizes follow from names and shapes, the rest from `config_json`. It may be incomplete, and wins
    /// where it gives a field.
    ///
    /// # Errors
    /// [`Error::ConfigNeeded`](crate::Error::ConfigNeeded) when normalization or positions remain open;
    /// [`Error::KeysMismatch`](crate::Error::KeysMismatch) when tensors are missing that tell the sizes;
    /// [`Error::ConfigInvalid`](crate::Error::ConfigInvalid) for another kind of model.
    pub fn infer<'a>(
        tensors: impl IntoIterator<Item = (&'a str, &'a [usize])>,
        config_json: Option<&str>,
    ) -> Result<Self> {
        let tensors: TensorShapes = tensors.into_iter().collect();
        (recognise(tensors.keys().copied()).config)(&tensors, config_json)
    }
}
