//! Text to token ids and back, by Hugging Face's own library.

use crate::error::{Error, Result};

/// Names of the token that TransformerLens puts before a text, the most common first.
const BOS_TOKENS: [&str; 3] = ["<|endoftext|>", "<|BOS|>", "<s>"];

/// Characters that are encoded first, for each token of the limit. Most texts need fewer.
const CHARACTERS_PER_TOKEN: usize = 8;

/// A loaded `tokenizer.json`.
#[derive(Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
}

/// The beginning of a text, encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// Token ids, without a BOS.
    pub ids: Vec<u32>,
    /// End of the last token in the text, in bytes.
    pub end: usize,
}

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// [`Error::TokenizerInvalid`] when the library cannot read the file.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let inner = tokenizers::Tokenizer::from_bytes(json)
            .map_err(|error| Error::TokenizerInvalid { found: error.to_string() })?;
        Ok(Tokenizer { inner })
    }

    /// The id that goes before a text, if the vocabulary has one.
    pub fn bos(&self) -> Option<u32> {
        BOS_TOKENS.iter().find_map(|token| self.inner.token_to_id(token))
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
    /// [`Error::TokenizerInvalid`] when the library refuses, which byte-level tokenizers never do.
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
                .map_err(|error| Error::TokenizerInvalid { found: error.to_string() })?;
            let ids = encoding.get_ids();
            if ids.len() > limit {
                let end = encoding.get_offsets()[limit.saturating_sub(1)].1;
                return Ok(Encoded { ids: ids[..limit].to_vec(), end });
            }
            if cut == text.len() || ids.len() == limit {
                return Ok(Encoded { ids: ids.to_vec(), end: cut });
            }
            window = cut.saturating_mul(4);
        }
    }

    /// The text of each id, decoded alone. A token that ends inside a character has U+FFFD there.
    ///
    /// # Errors
    /// [`Error::TokenizerInvalid`] when the library refuses an id.
    pub fn pieces(&self, ids: &[u32]) -> Result<Vec<String>> {
        ids.iter()
            .map(|&id| {
                self.inner
                    .decode(&[id], false)
                    .map_err(|error| Error::TokenizerInvalid { found: error.to_string() })
            })
            .collect()
    }

    /// The bytes of a token that is not valid UTF-8 alone, such as the first half of an emoji.
    ///
    /// `None` for every other token, and where the vocabulary does not tell the bytes.
    pub fn fragment(&self, id: u32) -> Option<Vec<u8>> {
        let bytes = bytes_of(&self.inner.id_to_token(id)?)?;
        std::str::from_utf8(&bytes).is_err().then_some(bytes)
    }
}

/// The bytes that a token of a byte-level vocabulary spells, or the byte that a token such as `<0xE2>`
/// names in other vocabularies.
fn bytes_of(token: &str) -> Option<Vec<u8>> {
    if let Some(hex) = token.strip_prefix("<0x").and_then(|rest| rest.strip_suffix('>')) {
        return u8::from_str_radix(hex, 16).ok().map(|byte| vec![byte]);
    }
    token.chars().map(byte_of).collect()
}

/// The byte that a character of a byte-level vocabulary stands for.
///
/// Printable characters of Latin-1 stand for themselves. The other bytes are numbered from U+0100 on,
/// as in `bytes_to_unicode` of OpenAI's GPT-2.
fn byte_of(char: char) -> Option<u8> {
    let itself = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    match u8::try_from(char) {
        Ok(byte) => itself(byte).then_some(byte),
        Err(_) => (0..=255).filter(|&byte| !itself(byte)).nth((char as usize).checked_sub(0x100)?),
    }
}

/// The first single space between two words from byte `least` on, or the end of the text.
fn word_boundary(text: &str, least: usize) -> usize {
    let bytes = text.as_bytes();
    let solid = |at: usize| bytes.get(at).is_some_and(|byte| !byte.is_ascii_whitespace() && byte.is_ascii());
    (least.max(1)..bytes.len())
        .find(|&at| bytes[at] == b' ' && solid(at - 1) && solid(at + 1))
        .unwrap_or(bytes.len())
}
