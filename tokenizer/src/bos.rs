//! The token that goes before a text, as the files of a tokenizer have it.

use serde_json::{Map, Value};

use crate::{Error, Result};

/// Names of a BOS, the most common first, for a tokenizer whose files do not tell.
const BOS_NAMES: [&str; 7] =
    ["<|endoftext|>", "<|BOS|>", "<|begin_of_text|>", "<bos>", "<s>", "[BOS]", "<|startoftext|>"];

/// Names of an EOS, likewise.
const EOS_NAMES: [&str; 6] = ["<|endoftext|>", "<|EOS|>", "<|end_of_text|>", "<eos>", "</s>", "[EOS]"];

/// What `tokenizer_config.json` or `special_tokens_map.json` says of the special tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpecialTokens {
    bos: Named,
    eos: Named,
}

/// A special token in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Named {
    /// The file does not say.
    #[default]
    Unsaid,
    /// The file says that there is none.
    Absent,
    /// The token, as the vocabulary spells it.
    Token(String),
}

impl SpecialTokens {
    /// Reads `bos_token` and `eos_token`, each a string, an object with `content`, or null.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the text is no JSON object, or a token is of another kind.
    pub fn from_json(json: &str) -> Result<Self> {
        let wrong = |found: String| Error::Invalid { found };
        let fields: Map<String, Value> = serde_json::from_str(json)
            .map_err(|error| wrong(format!("its special tokens should be a JSON object: {error}")))?;
        let named = |field: &str| match fields.get(field) {
            None => Ok(Named::Unsaid),
            Some(Value::Null) => Ok(Named::Absent),
            Some(value) => {
                let content = value.as_str().or_else(|| value.get("content")?.as_str());
                let expected = || wrong(format!("`{field}` should name a token, and is {value}"));
                content.map(|token| Named::Token(token.to_owned())).ok_or_else(expected)
            }
        };
        Ok(SpecialTokens { bos: named("bos_token")?, eos: named("eos_token")? })
    }
}

/// The BOS: as the file of special tokens names it; else the token that the tokenizer's own post-processor
/// puts first; else the first common name that the vocabulary has.
pub fn bos(tokenizer: &tokenizers::Tokenizer, special: &SpecialTokens) -> Option<u32> {
    let known = |names: &[&str]| names.iter().find_map(|token| tokenizer.token_to_id(token));
    match &special.bos {
        Named::Token(token) => tokenizer.token_to_id(token),
        Named::Absent => None,
        Named::Unsaid => put_first(tokenizer).or_else(|| known(&BOS_NAMES)),
    }
}

/// The EOS: as the file of special tokens names it, else the first common name that the vocabulary has.
pub fn eos(tokenizer: &tokenizers::Tokenizer, special: &SpecialTokens) -> Option<u32> {
    match &special.eos {
        Named::Token(token) => tokenizer.token_to_id(token),
        Named::Absent => None,
        Named::Unsaid => EOS_NAMES.iter().find_map(|token| tokenizer.token_to_id(token)),
    }
}

/// The id that the post-processor puts before a single text.
fn put_first(tokenizer: &tokenizers::Tokenizer) -> Option<u32> {
    put_first_by(&serde_json::to_value(tokenizer.get_post_processor()?).ok()?)
}

/// The same, of a post-processor as `tokenizer.json` describes it.
fn put_first_by(processor: &Value) -> Option<u32> {
    let id = |value: &Value| u32::try_from(value.as_u64()?).ok();
    match processor["type"].as_str()? {
        "Sequence" => processor["processors"].as_array()?.iter().find_map(put_first_by),
        "TemplateProcessing" => {
            let name = processor["single"][0]["SpecialToken"]["id"].as_str()?;
            id(&processor["special_tokens"][name]["ids"][0])
        }
        // `[name, id]`
        "RobertaProcessing" | "BertProcessing" => id(&processor["cls"][1]),
        _ => None,
    }
}
