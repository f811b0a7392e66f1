//! The one error type of the engine.
//!
//! Each variant says when it occurs, carries the data a caller needs to act, and has a stable
//! [`code`](Error::code) that the JavaScript interface shows as the error's `name`.

mod details;

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;

pub use details::{Key, KindOfModel};
use details::{are, config_file_needed, config_needed, keys_mismatch, quoted};

/// Everything that can fail between a file, a text and a figure.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Error {
    /// Occurs when a run is requested without any token.
    #[error("there is nothing to run: at least one token is needed, and the input has none")]
    EmptyInput {},

    /// Occurs when a figure needs more tokens than the run has.
    #[error("{what} needs at least {needed} tokens, and the input has {found}")]
    TooFewTokens {
        /// The requested figure.
        what: String,
        /// Tokens that the figure needs.
        needed: usize,
        /// Tokens of the run.
        found: usize,
    },

    /// Occurs when a sequence has more tokens than the model has positions.
    #[error("the model has {expected} positions, and the input has {found} tokens")]
    TooManyTokens {
        /// The model's `n_ctx`.
        expected: usize,
        /// Tokens of the sequence.
        found: usize,
    },

    /// Occurs when a batch has more sequences than one run has room for.
    #[error("a batch of sequences of this length may have {expected} of them, and {found} are asked for")]
    BatchTooLarge {
        /// Sequences of this length that one run has room for.
        expected: usize,
        /// Requested sequences.
        found: usize,
    },

    /// Occurs when tokens given to a repeated-sequence experiment do not repeat.
    #[error(
        "row {row} should be a first token and twice the same others, {expected} in all, \
         and has {found} tokens that are not"
    )]
    NotRepeated {
        /// The first such row.
        row: usize,
        /// Tokens that the row should have.
        expected: usize,
        /// Tokens that the row has.
        found: usize,
    },

    /// Occurs when a token id is not in the model's vocabulary.
    #[error("token id {found} at position {position} is outside the vocabulary of {expected} ids")]
    TokenOutOfRange {
        /// Position of the id in the input.
        position: usize,
        /// The id.
        found: u32,
        /// The model's `d_vocab`.
        expected: usize,
    },

    /// Occurs when a requested head is not in the model.
    #[error(
        "there is no head {layer}.{head}: the model has {n_layers} layers of {n_heads} heads, counted from 0"
    )]
    HeadOutOfRange {
        /// Requested layer.
        layer: usize,
        /// Requested head.
        head: usize,
        /// Layers of the model.
        n_layers: usize,
        /// Heads of each layer.
        n_heads: usize,
    },

    /// Occurs when a text that should name a head does not.
    #[error("a head is named by its layer and number, such as 1.4, and not by `{found}`")]
    HeadName {
        /// The text.
        found: String,
    },

    /// Occurs when a figure is requested that is not defined for the model.
    #[error("{what} is not defined for this model: {reason}")]
    NotDefined {
        /// The requested figure.
        what: String,
        /// What the model has, or lacks.
        reason: String,
    },

    /// Occurs when a requested position is past the run's last token.
    #[error("there is no position {found}: the run has {expected} tokens, counted from 0")]
    PositionOutOfRange {
        /// Requested position.
        found: usize,
        /// Tokens of the run.
        expected: usize,
    },

    /// Occurs when a checkpoint's tensors do not match the configuration.
    #[error("{}", keys_mismatch(missing, unexpected, misshaped))]
    KeysMismatch {
        /// Tensors that the configuration needs and the checkpoint lacks.
        missing: Vec<Key>,
        /// Tensors that a model of this configuration does not have.
        unexpected: Vec<Key>,
        /// Tensors of another shape than the configuration needs.
        misshaped: Vec<Key>,
    },

    /// Occurs when a tensor's element type cannot hold weights.
    #[error("tensor `{tensor}` should be one of {expected}, and is {found}")]
    TensorDtype {
        /// The tensor's name.
        tensor: String,
        /// Element types that weights may have.
        expected: &'static str,
        /// The tensor's element type.
        found: String,
    },

    /// Occurs when a weight is NaN or infinite.
    #[error("tensor `{tensor}` should hold finite numbers, and element {index} is {found}")]
    NonFiniteWeight {
        /// The tensor's name.
        tensor: String,
        /// Index of the first bad element, row-major.
        index: usize,
        /// `NaN`, `inf` or `-inf`.
        found: String,
    },

    /// Occurs when a weights file is not the format it should be, or is cut short.
    #[error("the weights file can't be read as {expected}: {found}")]
    CheckpointFormat {
        /// The format.
        expected: &'static str,
        /// The file's real format, or the place that is damaged.
        found: String,
    },

    /// Occurs when a torch checkpoint names a Python function or class that tensors do not need. Nothing of
    /// the checkpoint was run.
    #[error(
        "the checkpoint wants Python to use `{found}`, which is not needed for tensors and was not run; \
         if you trust the file, load it in Python and write torch.save(model.state_dict(), \"model.pth\")"
    )]
    UnsafePickle {
        /// The name, as `module.name`.
        found: String,
    },

    /// Occurs when the weights alone do not tell the kind of model.
    #[error("{}", config_needed(unknown, choices))]
    ConfigNeeded {
        /// Fields that the caller must give.
        unknown: Vec<&'static str>,
        /// The sizes that follow from names and shapes.
        inferred: BTreeMap<&'static str, usize>,
        /// The possible kinds, the likeliest first. Each is a configuration to load the model with.
        choices: Vec<KindOfModel>,
    },

    /// Occurs when weights come without a `config.json`, or with an incomplete one, and no choice between a
    /// few kinds of model replaces it.
    #[error("{}", config_file_needed(needed))]
    ConfigFileNeeded {
        /// What the weights do not tell, as fields of the family's `config.json`.
        needed: Vec<&'static str>,
    },

    /// Occurs when a checkpoint is of a model that Headscope does not run.
    #[error("this is {found}, which Headscope does not run; it runs {runs}")]
    ModelUnsupported {
        /// The kind of model or of file.
        found: String,
        /// The families that run.
        runs: &'static str,
    },

    /// Occurs when a checkpoint in several files lacks some of them.
    #[error("the checkpoint lies in several files, and {} missing: {}", are(missing), missing.join(", "))]
    PartsMissing {
        /// Names of the files that are missing.
        missing: Vec<String>,
    },

    /// Occurs when a configuration lacks a field, contradicts itself or describes another kind of model.
    #[error("the model configuration's `{field}` should be {expected}, and is {found}")]
    ConfigInvalid {
        /// The field.
        field: String,
        /// The values that the field may have.
        expected: String,
        /// The field's value.
        found: String,
    },

    /// Occurs when a tokenizer file cannot be read.
    #[error("the tokenizer file should be a Hugging Face tokenizer.json: {found}")]
    TokenizerInvalid {
        /// The tokenizer library's message.
        found: String,
    },

    /// Occurs when the vocabulary has no token for a text, and none for unknown text.
    #[error("no token of this model's vocabulary stands for {}", quoted(found))]
    NoTokenFor {
        /// The distinct words or characters, at most 16.
        found: Vec<String>,
    },

    /// Occurs when a model without a tokenizer is given text.
    #[error("this model has no tokenizer: give it token ids, or load it with its tokenizer.json")]
    NoTokenizer {},

    /// Occurs when WebGPU is requested and no adapter can be used.
    #[error("no WebGPU adapter can be used here: {found}")]
    GpuUnavailable {
        /// The platform's message.
        found: String,
    },

    /// Occurs when the GPU stops working: a driver reset, a removed device.
    #[error("the GPU was lost: {found}")]
    GpuLost {
        /// The platform's message.
        found: String,
    },

    /// Occurs when a model or a text needs more than the device allows.
    #[error("{what} needs {needed} {unit}, and this GPU's {limit} is {available}")]
    GpuLimit {
        /// The part of the model or run that does not fit.
        what: String,
        /// WebGPU's name of the limit.
        limit: &'static str,
        /// Unit of `needed` and `available`.
        unit: &'static str,
        /// Amount that the part needs.
        needed: u64,
        /// Amount that the device allows.
        available: u64,
    },

    /// Occurs when the GPU's memory is full. No limit of the device tells this in advance.
    #[error("the GPU has no memory left for {what}: {found}")]
    GpuMemory {
        /// The part of the model or run that does not fit.
        what: String,
        /// The platform's message.
        found: String,
    },

    /// Occurs when the GPU refuses a call: a bug in Headscope.
    #[error("the GPU refused a call, which is a bug in Headscope: {found}")]
    GpuValidation {
        /// The platform's message.
        found: String,
    },

    /// Occurs when reading the visitor's file fails.
    #[error("the file can't be read: {found}")]
    FileRead {
        /// The platform's message.
        found: String,
    },
}

impl Error {
    /// The error for a field of a configuration.
    pub(crate) fn config_invalid(field: &str, expected: &str, found: impl Display) -> Self {
        let (field, expected, found) = (field.to_owned(), expected.to_owned(), found.to_string());
        Error::ConfigInvalid { field, expected, found }
    }

    /// The stable name of this error, the same in every version.
    pub fn code(&self) -> &'static str {
        match self {
            Error::EmptyInput {} => "EmptyInput",
            Error::TooFewTokens { .. } => "TooFewTokens",
            Error::TooManyTokens { .. } => "TooManyTokens",
            Error::BatchTooLarge { .. } => "BatchTooLarge",
            Error::NotRepeated { .. } => "NotRepeated",
            Error::TokenOutOfRange { .. } => "TokenOutOfRange",
            Error::HeadOutOfRange { .. } | Error::HeadName { .. } => "HeadOutOfRange",
            Error::NotDefined { .. } => "NotDefined",
            Error::PositionOutOfRange { .. } => "PositionOutOfRange",
            Error::KeysMismatch { .. } => "KeysMismatch",
            Error::TensorDtype { .. } => "TensorDtype",
            Error::NonFiniteWeight { .. } => "NonFiniteWeight",
            Error::CheckpointFormat { .. } => "CheckpointFormat",
            Error::UnsafePickle { .. } => "UnsafePickle",
            Error::ConfigNeeded { .. } => "ConfigNeeded",
            Error::ConfigFileNeeded { .. } => "ConfigFileNeeded",
            Error::ModelUnsupported { .. } => "ModelUnsupported",
            Error::PartsMissing { .. } => "PartsMissing",
            Error::ConfigInvalid { .. } => "ConfigInvalid",
            Error::TokenizerInvalid { .. } => "TokenizerInvalid",
            Error::NoTokenFor { .. } => "NoTokenFor",
            Error::NoTokenizer {} => "NoTokenizer",
            Error::GpuUnavailable { .. } => "GpuUnavailable",
            Error::GpuLost { .. } => "GpuLost",
            Error::GpuLimit { .. } => "GpuLimit",
            Error::GpuMemory { .. } => "GpuMemory",
            Error::GpuValidation { .. } => "GpuValidation",
            Error::FileRead { .. } => "FileRead",
        }
    }
}

/// A result of the engine.
pub type Result<T> = std::result::Result<T, Error>;
