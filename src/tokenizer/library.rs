//! The tokenizer that is linked in.

use headscope_tokenizer::Tokenizer;

use super::{Encoded, Vocabulary};
use crate::error::{Error, Result};

/// The library's error as the engine's.
pub fn told(error: headscope_tokenizer::Error) -> Error {
    match error {
        headscope_tokenizer::Error::Invalid { found } => Error::TokenizerInvalid { found },
        headscope_tokenizer::Error::NoTokenFor { found } => Error::NoTokenFor { found },
    }
}

impl Vocabulary for Tokenizer {
    fn bos(&self) -> Option<u32> {
        self.bos()
    }

    fn first(&self) -> Option<u32> {
        self.first()
    }

    fn token(&self, id: u32) -> Option<String> {
        self.token(id)
    }

    fn decodable(&self, d_vocab: usize) -> Vec<u32> {
        self.decodable(d_vocab)
    }

    fn vocabulary(&self) -> usize {
        self.vocabulary()
    }

    fn encode_beginning(&self, text: &str, limit: usize) -> Result<Encoded> {
        let encoded = self.encode_beginning(text, limit).map_err(told)?;
        Ok(Encoded { ids: encoded.ids, end: encoded.end, uncovered: encoded.uncovered })
    }

    fn pieces(&self, ids: &[u32]) -> Result<Vec<String>> {
        self.pieces(ids).map_err(told)
    }

    fn fragments(&self, ids: &[u32]) -> Vec<Option<Vec<u8>>> {
        ids.iter().map(|&id| self.fragment(id)).collect()
    }
}
