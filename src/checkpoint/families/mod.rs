//! Families of checkpoints, told apart by the names of their tensors.
//!
//! After loading, no code asks for a model's family: a family's file becomes a [`ModelConfig`] and
//! the parameters of `model::parameters`. A new family is a module and a row of [`FAMILIES`].

mod family;
mod gpt2;
mod gpt_neo;
mod gpt_neox;
mod hub_config;
mod hub_table;
mod json;
mod llama;
mod names;
mod transformer_lens;
mod unsupported;

pub(super) use self::family::{Family, Told};
pub(super) use self::names::is_buffer;

use self::gpt_neo::GPT_NEO;
use self::gpt_neox::GPT_NEOX;
use self::gpt2::GPT2;
use self::llama::LLAMA;
use self::names::{BASES, unwrapped, without_shared_word};
use self::transformer_lens::TRANSFORMER_LENS;
use self::unsupported::{check_model_type, layout_of, refuse_layout};
use crate::error::Result;
use crate::model::{ModelConfig, TensorShapes};

/// Every family. The first one refuses the files of none.
const FAMILIES: [&Family; 5] = [&TRANSFORMER_LENS, &GPT2, &GPT_NEO, &GPT_NEOX, &LLAMA];

/// The family that knows the most of these tensor names, and the names that it knows them by, in the same
/// order: without wrappers, without words that all of them begin with, and with the family's own ends.
pub(super) fn identify(names: &[&str]) -> (&'static Family, Vec<String>) {
    let bare: Vec<&str> = names.iter().map(|name| unwrapped(name)).collect();
    let mut inner = Some(bare.clone());
    let (family, known) = loop {
        let Some(candidate) = inner else { break (FAMILIES[0], bare) };
        let refused = layout_of(candidate.iter().copied()).map(|_| FAMILIES[0]);
        if let Some(family) = refused.or_else(|| recognise(&candidate)) {
            break (family, candidate);
        }
        let shorter = without_shared_word(&candidate);
        inner = shorter.map(|names| names.into_iter().map(unwrapped).collect());
    };
    let aliased = |name: &str| {
        let stem = |&(end, own): &(&str, &str)| Some(format!("{}{own}", name.strip_suffix(end)?));
        family.aliases.iter().find_map(stem).unwrap_or_else(|| name.to_owned())
    };
    (family, known.into_iter().map(aliased).collect())
}

/// The beginning that all names have in the file and no name has in its family, such as `module.`. None where
/// the family's own files have it, such as `transformer.`.
pub(super) fn prefix(family: &Family, names: &[&str], known: &[String]) -> Option<String> {
    let taken_off = |(name, known): (&&str, &String)| name.strip_suffix(known.as_str()).map(str::to_owned);
    let mut all = names.iter().zip(known).map(taken_off);
    let first = all.next()??;
    let own = family.name != TRANSFORMER_LENS.name && BASES.contains(&&*first);
    (!first.is_empty() && !own && all.all(|prefix| prefix.as_ref() == Some(&first))).then_some(first)
}

/// The family that knows the most of these names, if one knows any; of several, the first.
fn recognise(names: &[&str]) -> Option<&'static Family> {
    let known = |family: &Family| names.iter().filter(|name| (family.has)(name)).count();
    // The last of several maxima wins: the first family is looked at last.
    FAMILIES.into_iter().rev().max_by_key(|family| known(family)).filter(|family| known(family) > 0)
}

/// The configuration of a model of a family, whose tensors have names that the family knows.
///
/// # Errors
/// Those of [`ModelConfig::infer`].
pub(super) fn tell(family: &Family, tensors: &TensorShapes, config_json: Option<&str>) -> Result<Told> {
    refuse_layout(tensors)?;
    let known = tensors.keys().any(|name| (family.has)(name));
    check_model_type(known.then_some(family), &FAMILIES, config_json)?;
    (family.config)(tensors, config_json)
}

impl ModelConfig {
    /// The configuration of a model with these tensors.
    ///
    /// Sizes follow from names and shapes, the rest from `config_json`. It may be incomplete, and wins
    /// where it gives a field.
    ///
    /// # Errors
    /// [`Error::ConfigNeeded`](crate::Error::ConfigNeeded) when a choice between a few kinds of model remains
    /// open, [`Error::ConfigFileNeeded`](crate::Error::ConfigFileNeeded) when more does;
    /// [`Error::KeysMismatch`](crate::Error::KeysMismatch) when tensors are missing that tell the sizes;
    /// [`Error::ConfigInvalid`](crate::Error::ConfigInvalid) for a field that has no such value, or asks for
    /// arithmetic that Headscope does not do;
    /// [`Error::ModelUnsupported`](crate::Error::ModelUnsupported) for another kind of model.
    pub fn infer<'a>(
        tensors: impl IntoIterator<Item = (&'a str, &'a [usize])>,
        config_json: Option<&str>,
    ) -> Result<Self> {
        let (names, shapes): (Vec<&str>, Vec<&[usize]>) = tensors.into_iter().unzip();
        let (family, names) = identify(&names);
        let tensors = names.iter().map(String::as_str).zip(shapes).collect();
        tell(family, &tensors, config_json).map(|told| told.config)
    }
}
