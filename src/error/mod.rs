//! The one error type of the engine.
//!
//! Each variant says when it occurs, carries the data a caller needs to act, and has a stable
//! [`code`](Error::code) that the JavaScript interface shows as the error's `name`.

mod details;

use std::collections::BTreeMap;

use serde::Serialize;

pub use details::{Key, KindOfModel};
use details::{config_needed, keys_mismatch};

/// What can go wrong between a file, a text and a figure.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Error {
    /// Occurs when a run is asked for with no token at all.
    #[error("there is nothing to run: at least one token is needed, and the input has none")]
    EmptyInput {},

    /// Occurs when a figure needs more tokens than the run has.
    #[error("{what} needs at least {needed} tokens, and the input has {found}")]
    TooFewTokens {
        /// The figure that was asked for.
        what: String,
        /// Tokens it needs.
        needed: usize,
        /// Tokens there are.
        found: usize,
    },

    /// Occurs when a sequence is longer than the model's positions.
    #[error("the model has {expected} positions, and the input has {found} tokens")]
    TooManyTokens {
        /// The model's `n_ctx`.
        expected: usize,
        /// Tokens given.
        found: usize,
    },

    /// Occurs when a batch holds more sequences than one run has room for.
    #[error("a batch of sequences of this length may have {expected} of them, and {found} are asked for")]
    BatchTooLarge {
        /// Sequences of this length that have room.
        expected: usize,
        /// Sequences asked for.
        found: usize,
    },

    /// Occurs when tokens given to a repeated-sequence experiment do not repeat.
    #[error(
        "row {row} should be a first token and twice the same others, {expected} in all, and has {found} \
         tokens that are not"
    )]
    NotRepeated {
        /// The first such row.
        row: usize,
        /// Tokens that it should have.
        expected: usize,
        /// Tokens that it has.
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

    /// Occurs when a head that the model does not have is asked for.
    #[error(
        "there is no head {layer}.{head}: the model has {n_layers} layers of {n_heads} heads, counted from 0"
    )]
    HeadOutOfRange {
        /// Layer asked for.
        layer: usize,
        /// Head asked for.
        head: usize,
        /// Layers of the model.
        n_layers: usize,
        /// Heads of each layer.
        n_heads: usize,
    },

    /// Occurs when what should name a head does not.
    #[error("a head is named by its layer and number, such as 1.4, and not by `{found}`")]
    HeadName {
        /// What was given.
        found: String,
    },

    /// Occurs when a figure that only adds up without normalization is asked of a model that has one.
    #[error("{what} is defined for models without normalization, and this one has {found}")]
    NormalizedModel {
        /// The figure that was asked for.
        what: String,
        /// The model's `normalization_type`.
        found: String,
    },

    /// Occurs when a position past the run's last token is asked for.
    #[error("there is no position {found}: the run has {expected} tokens, counted from 0")]
    PositionOutOfRange {
        /// Position asked for.
        found: usize,
        /// Tokens of the run.
        expected: usize,
    },

    /// Occurs when a checkpoint's tensors are not those of the configuration.
    #[error("{}", keys_mismatch(missing, unexpected, misshaped))]
    KeysMismatch {
        /// Tensors that the configuration calls for and the checkpoint lacks.
        missing: Vec<Key>,
        /// Tensors that a model of this configuration has no place for.
        unexpected: Vec<Key>,
        /// Tensors of another shape than the configuration calls for.
        misshaped: Vec<Key>,
    },

    /// Occurs when a tensor's element type can't hold weights.
    #[error("tensor `{tensor}` should be one of {expected}, and is {found}")]
    TensorDtype {
        /// Its name.
        tensor: String,
        /// Element types that are read.
        expected: &'static str,
        /// The element type found.
        found: String,
    },

    /// Occurs when a weight is NaN or infinite.
    #[error("tensor `{tensor}` should hold finite numbers, and element {index} is {found}")]
    NonFiniteWeight {
        /// Its name.
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
        /// What was found in its place.
        found: String,
    },

    /// Occurs when a torch checkpoint asks Python to make something other than tensors. Nothing was run.
    #[error(
        "the checkpoint wants Python to use `{found}`, which is not needed for tensors and was not run; \
         if you trust the file, load it in Python and write torch.save(model.state_dict(), \"model.pth\")"
    )]
    UnsafePickle {
        /// The name, as `module.name`.
        found: String,
    },

    /// Occurs when the weights alone don't tell what kind of model they are of.
    #[error("{}", config_needed(unknown, choices))]
    ConfigNeeded {
        /// Fields that have to be given.
        unknown: Vec<&'static str>,
        /// The sizes that names and shapes tell.
        inferred: BTreeMap<&'static str, usize>,
        /// What can be chosen, the likeliest first. Each is a configuration to load the model with.
        choices: Vec<KindOfModel>,
    },

    /// Occurs when a configuration is missing a field, contradicts itself or names another kind of model.
    #[error("the model configuration's `{field}` should be {expected}, and is {found}")]
    ConfigInvalid {
        /// The field.
        field: String,
        /// What it should be.
        expected: String,
        /// What it is.
        found: String,
    },

    /// Occurs when a tokenizer file can't be read.
    #[error("the tokenizer file should be a Hugging Face tokenizer.json: {found}")]
    TokenizerInvalid {
        /// What the tokenizer library says.
        found: String,
    },

    /// Occurs when text is given to a model without a tokenizer.
    #[error("this model has no tokenizer: give it token ids, or load it with its tokenizer.json")]
    NoTokenizer {},

    /// Occurs when WebGPU is asked for and there is no usable adapter.
    #[error("no WebGPU adapter can be used here: {found}")]
    GpuUnavailable {
        /// What the platform says.
        found: String,
    },

    /// Occurs when the GPU stops working for us: a driver reset, a removed device.
    #[error("the GPU was lost: {found}")]
    GpuLost {
        /// What the platform says.
        found: String,
    },

    /// Occurs when a model or a text needs more than the device allows.
    #[error("{what} needs {needed} {unit}, and this GPU's {limit} is {available}")]
    GpuLimit {
        /// What does not fit.
        what: String,
        /// WebGPU's name of the limit.
        limit: &'static str,
        /// Unit of the two figures.
        unit: &'static str,
        /// How much it needs.
        needed: u64,
        /// How much there is.
        available: u64,
    },

    /// Occurs when the GPU's memory is full, which no limit tells beforehand.
    #[error("the GPU has no memory left for {what}: {found}")]
    GpuMemory {
        /// What there was no room for.
        what: String,
        /// What the platform says.
        found: String,
    },

    /// Occurs when the GPU refuses a call of ours: a bug in Headscope.
    #[error("the GPU refused a call, which is a bug in Headscope: {found}")]
    GpuValidation {
        /// What the platform says.
        found: String,
    },

    /// Occurs when reading from the visitor's file fails halfway.
    #[error("the file can't be read: {found}")]
    FileRead {
        /// What the platform says.
        found: String,
    },
}

impl Error {
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
            Error::NormalizedModel { .. } => "NormalizedModel",
            Error::PositionOutOfRange { .. } => "PositionOutOfRange",
            Error::KeysMismatch { .. } => "KeysMismatch",
            Error::TensorDtype { .. } => "TensorDtype",
            Error::NonFiniteWeight { .. } => "NonFiniteWeight",
            Error::CheckpointFormat { .. } => "CheckpointFormat",
            Error::UnsafePickle { .. } => "UnsafePickle",
            Error::ConfigNeeded { .. } => "ConfigNeeded",
            Error::ConfigInvalid { .. } => "ConfigInvalid",
            Error::TokenizerInvalid { .. } => "TokenizerInvalid",
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
