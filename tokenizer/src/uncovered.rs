//! Text that no token stands for. Some vocabularies have no token for unknown text, and leave it out.

use std::collections::HashSet;

use tokenizers::{Model, OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer};

use crate::Error;

/// The most characters or words that are named.
const MOST: usize = 16;

/// The distinct characters of a text that no token stands for. Blanks are left out: many tokenizers split at
/// blanks and drop them.
///
/// The tokens' ranges only tell that something is missing: after a character that was left out, the library
/// counts on from the wrong place. So each character is then encoded alone.
pub fn characters(tokenizer: &tokenizers::Tokenizer, text: &str, offsets: &[(usize, usize)]) -> Vec<char> {
    let mut found = Vec::new();
    if is_covered(text, offsets) {
        return found;
    }
    let mut seen = HashSet::new();
    for char in text.chars().filter(|char| !char.is_whitespace()) {
        if found.len() == MOST || !seen.insert(char) {
            continue;
        }
        let ids = tokenizer.encode(char.to_string(), false).map(|encoding| encoding.get_ids().len());
        if ids.unwrap_or(0) == 0 {
            found.push(char);
        }
    }
    found
}

/// Whether every character but blanks lies in a token's range.
fn is_covered(text: &str, offsets: &[(usize, usize)]) -> bool {
    let mut covered = vec![false; text.len()];
    for &(start, end) in offsets {
        if let Some(bytes) = covered.get_mut(start.min(text.len())..end.min(text.len())) {
            bytes.fill(true);
        }
    }
    text.char_indices()
        .all(|(at, char)| char.is_whitespace() || covered[at..at + char.len_utf8()].contains(&true))
}

/// The library's error as ours: the words that the vocabulary lacks, where those are the reason.
pub fn explained(tokenizer: &tokenizers::Tokenizer, text: &str, error: tokenizers::Error) -> Error {
    let found = words(tokenizer, text).unwrap_or_default();
    if found.is_empty() {
        return Error::Invalid { found: error.to_string() };
    }
    Error::NoTokenFor { found }
}

/// The distinct words of a text that the model refuses, as the pre-tokenizer splits it.
fn words(tokenizer: &tokenizers::Tokenizer, text: &str) -> tokenizers::Result<Vec<String>> {
    let mut split = PreTokenizedString::from(text);
    if let Some(normalizer) = tokenizer.get_normalizer() {
        split.normalize(|part| tokenizers::Normalizer::normalize(normalizer, part))?;
    }
    if let Some(pre_tokenizer) = tokenizer.get_pre_tokenizer() {
        pre_tokenizer.pre_tokenize(&mut split)?;
    }
    let mut found: Vec<String> = Vec::new();
    for (word, ..) in split.get_splits(OffsetReferential::Original, OffsetType::Byte) {
        let lacks = tokenizer.get_model().tokenize(word).is_err();
        if lacks && found.len() < MOST && !found.iter().any(|other| other == word) {
            found.push(word.to_owned());
        }
    }
    Ok(found)
}
