//! The errors of a tokenizer. The engine's error type has the same two, with the same codes and sentences.

/// Everything that can fail between a `tokenizer.json`, a text and its ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// Occurs when a tokenizer file cannot be read.
    Invalid {
        /// The tokenizer library's message.
        found: String,
    },

    /// Occurs when the vocabulary has no token for a text, and none for unknown text.
    NoTokenFor {
        /// The distinct words or characters, at most 16.
        found: Vec<String>,
    },
}

impl Error {
    /// The stable name of this error, the same in every version.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Invalid { .. } => "TokenizerInvalid",
            Error::NoTokenFor { .. } => "NoTokenFor",
        }
    }
}

/// A result of a tokenizer.
pub type Result<T> = std::result::Result<T, Error>;
