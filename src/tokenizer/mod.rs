//! What a session asks of a tokenizer.
//!
//! Hugging Face's library is in a crate of its own, `headscope-tokenizer`. Natively it is linked in. In the
//! browser it is another wasm module: `src/web/tokenizer.rs` calls it through JavaScript.

#[cfg(not(target_arch = "wasm32"))]
mod library;
mod prepends;

use std::fmt;

use crate::error::Result;

#[cfg(not(target_arch = "wasm32"))]
pub use headscope_tokenizer::{SpecialTokens, Tokenizer};
#[cfg(not(target_arch = "wasm32"))]
pub use library::told;
pub use prepends::prepends_bos;

/// The beginning of a text, encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// Token ids, without a BOS.
    pub ids: Vec<u32>,
    /// End of the text that the tokens stand for, in bytes. It lies between two characters.
    pub end: usize,
    /// The distinct characters before `end`, without blanks, that no token stands for. They are in the order
    /// of the text, and at most 16.
    pub uncovered: Vec<char>,
}

/// A model's tokenizer. The methods are those of `headscope_tokenizer::Tokenizer`, which documents them.
pub trait Vocabulary: fmt::Debug {
    /// The id that goes before a text, if there is one.
    fn bos(&self) -> Option<u32>;

    /// The id that begins repeated tokens: the BOS, or else the end of a text.
    fn first(&self) -> Option<u32>;

    /// The token of an id, as the vocabulary spells it.
    fn token(&self, id: u32) -> Option<String>;

    /// The ids from 0 to `d_vocab - 1` that stand for a token.
    fn decodable(&self, d_vocab: usize) -> Vec<u32>;

    /// Number of tokens, special ones included.
    fn vocabulary(&self) -> usize;

    /// Encodes the first `limit` tokens of a text.
    ///
    /// # Errors
    /// [`Error::NoTokenFor`](crate::Error::NoTokenFor) when the vocabulary lacks a word and has no token for
    /// unknown words.
    fn encode_beginning(&self, text: &str, limit: usize) -> Result<Encoded>;

    /// The text of each id, decoded alone.
    ///
    /// # Errors
    /// [`Error::TokenizerInvalid`](crate::Error::TokenizerInvalid) when the library refuses an id.
    fn pieces(&self, ids: &[u32]) -> Result<Vec<String>>;

    /// The bytes of each token that is not valid UTF-8 alone; `None` for every other token.
    fn fragments(&self, ids: &[u32]) -> Vec<Option<Vec<u8>>>;
}
