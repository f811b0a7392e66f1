//! Text to token ids and back, by Hugging Face's own library.
//!
//! The crate is apart from the engine because of its size: for the browser it is a wasm module of its own,
//! which the engine's worker loads after the engine. `web` is the interface of that module.

#![deny(missing_docs)]

mod bos;
mod error;
mod pieces;
mod uncovered;
#[cfg(target_arch = "wasm32")]
pub mod web;

pub use bos::SpecialTokens;
pub use error::{Error, Result};

/// Characters that are encoded first, for each token of the limit. Most texts need fewer.
const CHARACTERS_PER_TOKEN: usize = 8;

/// A loaded `tokenizer.json`.
#[derive(Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    bos: Option<u32>,
    eos: Option<u32>,
}

/// The part of a `tokenizer.json` that must be JSON before the library reads it. Version 0.23 panics where
/// the decoder is cut or damaged, and reports all other damage.
#[derive(serde::Deserialize)]
struct Parts {
    #[serde(default, rename = "decoder")]
    _decoder: serde_json::Value,
}

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

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the library cannot read the file.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        Self::from_files(json, &SpecialTokens::default())
    }

    /// Reads a `tokenizer.json`, beside what another file says of its special tokens.
    ///
    /// Trainers save the truncation and padding that they used. Neither belongs to the vocabulary, and
    /// `transformers` resets both on every call, so they are not kept.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the library cannot read the file.
    pub fn from_files(json: &[u8], special: &SpecialTokens) -> Result<Self> {
        serde_json::from_slice::<Parts>(json).map_err(|error| invalid(error.into()))?;
        let mut inner = tokenizers::Tokenizer::from_bytes(json).map_err(invalid)?;
        inner.with_truncation(None).map_err(invalid)?;
        inner.with_padding(None);
        let (bos, eos) = (bos::bos(&inner, special), bos::eos(&inner, special));
        Ok(Tokenizer { inner, bos, eos })
    }

    /// The id that goes before a text, if there is one: as the files of the tokenizer have it.
    pub fn bos(&self) -> Option<u32> {
        self.bos
    }

    /// The id that begins repeated tokens: the BOS, or else the end of a text, as in TransformerLens.
    pub fn first(&self) -> Option<u32> {
        self.bos.or(self.eos)
    }

    /// The token of an id, as the vocabulary spells it.
    pub fn token(&self, id: u32) -> Option<String> {
        self.inner.id_to_token(id)
    }

    /// The ids from 0 to `d_vocab - 1` that stand for a token.
    pub fn decodable(&self, d_vocab: usize) -> Vec<u32> {
        (0..d_vocab as u32).filter(|&id| self.inner.id_to_token(id).is_some()).collect()
    }

    /// Number of tokens, special ones included.
    pub fn vocabulary(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// Encodes a whole text. Special tokens that the text spells out are recognised, as in Python.
    ///
    /// # Errors
    /// [`Error::NoTokenFor`] when the vocabulary lacks a word and has no token for unknown words.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>> {
        Ok(self.encode_beginning(text, usize::MAX)?.ids)
    }

    /// Encodes the first `limit` tokens of a text, and little more.
    ///
    /// The text is cut before a space between two words. Every pre-tokenizer of this family cuts there
    /// too, so that the tokens are those of the whole text.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode).
    pub fn encode_beginning(&self, text: &str, limit: usize) -> Result<Encoded> {
        let mut window = limit.saturating_mul(CHARACTERS_PER_TOKEN);
        loop {
            let cut = word_boundary(text, window);
            let encoding = self
                .inner
                .encode(&text[..cut], false)
                .map_err(|error| uncovered::explained(&self.inner, &text[..cut], error))?;
            let (ids, offsets) = (encoding.get_ids(), encoding.get_offsets());
            if ids.len() > limit {
                let end = end_of(&text[..cut], offsets, limit);
                let uncovered = uncovered::characters(&self.inner, &text[..end], &offsets[..limit]);
                return Ok(Encoded { ids: ids[..limit].to_vec(), end, uncovered });
            }
            if cut == text.len() || ids.len() == limit {
                let uncovered = uncovered::characters(&self.inner, &text[..cut], offsets);
                return Ok(Encoded { ids: ids.to_vec(), end: cut, uncovered });
            }
            window = cut.saturating_mul(4);
        }
    }

    /// The text of each id, decoded alone. A token that ends inside a character has U+FFFD there. The blank
    /// that a token such as `▁the` begins with is kept.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the library refuses an id.
    pub fn pieces(&self, ids: &[u32]) -> Result<Vec<String>> {
        ids.iter().map(|&id| pieces::piece(&self.inner, id).map_err(invalid)).collect()
    }

    /// The bytes of a token that is not valid UTF-8 alone, such as the first half of an emoji.
    ///
    /// `None` for every other token, and where the vocabulary does not tell the bytes.
    pub fn fragment(&self, id: u32) -> Option<Vec<u8>> {
        pieces::fragment(&self.inner, id)
    }
}

/// The library's message as an error.
fn invalid(error: tokenizers::Error) -> Error {
    Error::Invalid { found: error.to_string() }
}

/// The end of the text that the first `limit` tokens stand for, in bytes. A character that the next token
/// also stands for is not before the end. The library's offsets may lie inside a character.
fn end_of(text: &str, offsets: &[(usize, usize)], limit: usize) -> usize {
    let kept = offsets[..limit].iter().map(|&(_, end)| end).max().unwrap_or(0);
    let end = offsets.get(limit).map_or(kept, |&(start, _)| kept.min(start)).min(text.len());
    (0..=end).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The first single space between two words from byte `least` on, or the end of the text.
fn word_boundary(text: &str, least: usize) -> usize {
    let bytes = text.as_bytes();
    let solid = |at: usize| bytes.get(at).is_some_and(|byte| !byte.is_ascii_whitespace() && byte.is_ascii());
    (least.max(1)..bytes.len())
        .find(|&at| bytes[at] == b' ' && solid(at - 1) && solid(at + 1))
        .unwrap_or(bytes.len())
}
