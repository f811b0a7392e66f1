//! The module's JavaScript interface. The engine calls it through `src/web/tokenizer.rs`.
//!
//! Errors are `Error` objects with a stable `name`; `found` is what the variant of [`crate::Error`] has.

use js_sys::{Array, Object, Reflect, Uint8Array, Uint32Array};
use wasm_bindgen::prelude::*;

use crate::{Error, SpecialTokens};

/// A loaded `tokenizer.json`.
#[wasm_bindgen]
pub struct Tokenizer(crate::Tokenizer);

#[wasm_bindgen]
impl Tokenizer {
    /// Reads a `tokenizer.json`. `special_json` is a `tokenizer_config.json` or `special_tokens_map.json`.
    #[wasm_bindgen(constructor)]
    pub fn new(json: Vec<u8>, special_json: Option<String>) -> Result<Tokenizer, JsValue> {
        tell_panics();
        let special = special_json.map(|json| SpecialTokens::from_json(&json)).transpose().map_err(to_js)?;
        crate::Tokenizer::from_files(&json, &special.unwrap_or_default()).map(Tokenizer).map_err(to_js)
    }

    /// The id that goes before a text, if there is one.
    pub fn bos(&self) -> Option<u32> {
        self.0.bos()
    }

    /// The id that begins repeated tokens.
    pub fn first(&self) -> Option<u32> {
        self.0.first()
    }

    /// The token of an id, as the vocabulary spells it.
    pub fn token(&self, id: u32) -> Option<String> {
        self.0.token(id)
    }

    /// The ids from 0 to `d_vocab - 1` that stand for a token.
    pub fn decodable(&self, d_vocab: usize) -> Vec<u32> {
        self.0.decodable(d_vocab)
    }

    /// Number of tokens, special ones included.
    pub fn vocabulary(&self) -> usize {
        self.0.vocabulary()
    }

    /// `{ ids, end, uncovered }` of the first `limit` tokens of a text: `end` in bytes of UTF-8, `uncovered`
    /// a string of the characters that no token stands for.
    pub fn encode_beginning(&self, text: &str, limit: usize) -> Result<JsValue, JsValue> {
        let encoded = self.0.encode_beginning(text, limit).map_err(to_js)?;
        let fields: [(&str, JsValue); 3] = [
            ("ids", Uint32Array::from(&encoded.ids[..]).into()),
            ("end", (encoded.end as f64).into()),
            ("uncovered", encoded.uncovered.iter().collect::<String>().into()),
        ];
        let object = Object::new();
        for (name, value) in &fields {
            Reflect::set(&object, &(*name).into(), value)?;
        }
        Ok(object.into())
    }

    /// The text of each id, decoded alone.
    pub fn pieces(&self, ids: &[u32]) -> Result<Vec<String>, JsValue> {
        self.0.pieces(ids).map_err(to_js)
    }

    /// The bytes of each token that is not valid UTF-8 alone; null for every other token.
    pub fn fragments(&self, ids: &[u32]) -> Array {
        let bytes = |id| self.0.fragment(id).map_or(JsValue::NULL, |it| Uint8Array::from(&it[..]).into());
        ids.iter().map(|&id| bytes(id)).collect()
    }
}

/// A panic ends in a trap, and JavaScript sees only `unreachable`. The error that is thrown here says what
/// happened and where.
fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| wasm_bindgen::throw_str(&panic.to_string())));
}

/// An `Error` with the code as its name.
fn to_js(error: Error) -> JsValue {
    let found: JsValue = match &error {
        Error::Invalid { found } => found.into(),
        Error::NoTokenFor { found } => {
            found.iter().map(|word| JsValue::from_str(word)).collect::<Array>().into()
        }
    };
    let js = js_sys::Error::new(error.code());
    js.set_name(error.code());
    // Setting a property of an object just made can't fail.
    let _ = Reflect::set(&js, &"found".into(), &found);
    js.into()
}
