//! Records that errors carry, and the sentences made of them.

use std::fmt;

use serde::Serialize;

/// A tensor that does not match the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Key {
    /// The tensor's name.
    pub tensor: String,
    /// The shape that the configuration needs; none where the tensor is unexpected.
    pub expected: Option<Vec<usize>>,
    /// The shape in the checkpoint; none where the tensor is missing.
    pub found: Option<Vec<usize>>,
}

/// A kind of model, in fields of a `config.json`. Names and shapes of tensors do not tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KindOfModel {
    /// `LN`, `LNPre` or none.
    pub normalization_type: Option<&'static str>,
    /// `standard` or `shortformer`.
    pub positional_embedding_type: &'static str,
}

/// Most keys of each kind that the sentence lists. The error's data has all of them.
const KEYS_SHOWN: usize = 3;

pub(super) fn keys_mismatch(missing: &[Key], unexpected: &[Key], misshaped: &[Key]) -> String {
    let kinds = [("missing", missing), ("unexpected", unexpected), ("of another shape", misshaped)];
    let parts = kinds.iter().filter(|(_, keys)| !keys.is_empty()).map(|(kind, keys)| {
        let shown: Vec<String> = keys.iter().take(KEYS_SHOWN).map(Key::to_string).collect();
        let rest = keys.len().saturating_sub(KEYS_SHOWN);
        let rest = if rest == 0 { String::new() } else { format!(" and {rest} more") };
        format!("{} {kind} ({}{rest})", keys.len(), shown.join(", "))
    });
    let parts: Vec<String> = parts.collect();
    format!("the checkpoint's tensors are not those of the configuration: {}", parts.join("; "))
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match (&self.expected, &self.found) {
            (Some(expected), Some(found)) => {
                write!(f, "`{}` should be {expected:?} and is {found:?}", self.tensor)
            }
            (Some(shape), None) | (None, Some(shape)) => write!(f, "`{}` {shape:?}", self.tensor),
            (None, None) => write!(f, "`{}`", self.tensor),
        }
    }
}

pub(super) fn config_needed(unknown: &[&str], choices: &[KindOfModel]) -> String {
    let choices: Vec<String> = choices.iter().map(KindOfModel::to_string).collect();
    format!(
        "the weights don't tell {}: give the model's config.json or choose, the likeliest first: {}",
        unknown.join(" and "),
        choices.join("; ")
    )
}

pub(super) fn config_file_needed(needed: &[&str]) -> String {
    format!("the weights don't tell {}: give the model's config.json with them", needed.join(", "))
}

/// The number of some files, as a sentence has it.
pub(super) fn are(files: &[String]) -> String {
    match files.len() {
        1 => "1 is".to_owned(),
        count => format!("{count} are"),
    }
}

impl fmt::Display for KindOfModel {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let positions = self.positional_embedding_type;
        match self.normalization_type {
            None => write!(f, "{positions} positions without normalization"),
            Some(kind) => write!(f, "{positions} positions with {kind}"),
        }
    }
}

/// Words in quotes, for a sentence: `“a”, “b”`.
pub(super) fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("“{word}”")).collect::<Vec<_>>().join(", ")
}
