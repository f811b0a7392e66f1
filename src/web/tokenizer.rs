//! A tokenizer in a wasm module of its own; `tokenizer/src/web.rs` is the other side.

use std::fmt;
use std::rc::Rc;

use js_sys::{Array, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::error::{Error, Result};
use crate::tokenizer::{Encoded, Vocabulary};

#[wasm_bindgen]
extern "C" {
    /// `Tokenizer` of that module.
    pub type Tokenizer;

    #[wasm_bindgen(method)]
    fn bos(this: &Tokenizer) -> Option<u32>;

    #[wasm_bindgen(method)]
    fn first(this: &Tokenizer) -> Option<u32>;

    #[wasm_bindgen(method)]
    fn token(this: &Tokenizer, id: u32) -> Option<String>;

    #[wasm_bindgen(method)]
    fn decodable(this: &Tokenizer, d_vocab: usize) -> Vec<u32>;

    #[wasm_bindgen(method)]
    fn vocabulary(this: &Tokenizer) -> usize;

    #[wasm_bindgen(method, catch)]
    fn encode_beginning(
        this: &Tokenizer,
        text: &str,
        limit: usize,
    ) -> std::result::Result<Beginning, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn pieces(this: &Tokenizer, ids: &[u32]) -> std::result::Result<Vec<String>, JsValue>;

    /// Of each id a `Uint8Array`, or null.
    #[wasm_bindgen(method)]
    fn fragments(this: &Tokenizer, ids: &[u32]) -> Array;

    /// Frees the tokenizer in its module's memory.
    #[wasm_bindgen(method)]
    fn free(this: &Tokenizer);

    /// The module's form of [`Encoded`].
    type Beginning;

    #[wasm_bindgen(method, getter)]
    fn ids(this: &Beginning) -> Vec<u32>;

    #[wasm_bindgen(method, getter)]
    fn end(this: &Beginning) -> usize;

    #[wasm_bindgen(method, getter)]
    fn uncovered(this: &Beginning) -> String;
}

/// A tokenizer that is freed with its last model and run.
pub struct InModule(pub Tokenizer);

impl fmt::Debug for InModule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("InModule").field(&self.vocabulary()).finish()
    }
}

impl Drop for InModule {
    fn drop(&mut self) {
        self.0.free();
    }
}

impl Vocabulary for InModule {
    fn bos(&self) -> Option<u32> {
        self.0.bos()
    }

    fn first(&self) -> Option<u32> {
        self.0.first()
    }

    fn token(&self, id: u32) -> Option<String> {
        self.0.token(id)
    }

    fn decodable(&self, d_vocab: usize) -> Vec<u32> {
        self.0.decodable(d_vocab)
    }

    fn vocabulary(&self) -> usize {
        self.0.vocabulary()
    }

    fn encode_beginning(&self, text: &str, limit: usize) -> Result<Encoded> {
        let encoded = self.0.encode_beginning(text, limit).map_err(told)?;
        Ok(Encoded {
            ids: encoded.ids(),
            end: encoded.end(),
            uncovered: encoded.uncovered().chars().collect(),
        })
    }

    fn pieces(&self, ids: &[u32]) -> Result<Vec<String>> {
        self.0.pieces(ids).map_err(told)
    }

    fn fragments(&self, ids: &[u32]) -> Vec<Option<Vec<u8>>> {
        let fragments = self.0.fragments(ids);
        fragments.iter().map(|it| it.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec)).collect()
    }
}

/// A model's tokenizer, or its fault; neither for a model without one.
///
/// # Errors
/// When the module could not be loaded.
pub async fn awaited(
    promise: Option<Promise>,
) -> std::result::Result<(Option<Rc<dyn Vocabulary>>, Option<Error>), JsValue> {
    let Some(promise) = promise else { return Ok((None, None)) };
    match JsFuture::from(promise).await {
        Ok(tokenizer) => Ok((Some(Rc::new(InModule(tokenizer.unchecked_into()))), None)),
        Err(thrown) => Ok((None, Some(known(&thrown).ok_or(thrown)?))),
    }
}

/// The module's error as the engine's. Anything else that the module throws is a bug there, and goes on to
/// the worker as it is.
fn told(thrown: JsValue) -> Error {
    known(&thrown).unwrap_or_else(|| wasm_bindgen::throw_val(thrown))
}

/// The same; none for anything else.
fn known(thrown: &JsValue) -> Option<Error> {
    let name = thrown.dyn_ref::<js_sys::Error>().map(|error| String::from(error.name()));
    let found = Reflect::get(thrown, &"found".into()).unwrap_or_default();
    match name.as_deref() {
        Some("TokenizerInvalid") => Some(Error::TokenizerInvalid { found: found.as_string()? }),
        Some("NoTokenFor") => {
            let words = Array::from(&found).iter().filter_map(|word| word.as_string()).collect();
            Some(Error::NoTokenFor { found: words })
        }
        _ => None,
    }
}
