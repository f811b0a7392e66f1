//! Whether a BOS goes before a text, as a model's configuration and TransformerLens have it.

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// `model_type` of configurations of the hub before which TransformerLens prepends no BOS.
const WITHOUT_BOS: [&str; 5] = ["gpt_neox", "bloom", "qwen", "qwen2", "qwen3"];

/// Whether TransformerLens prepends a BOS to the texts of a model with this `config.json`: its
/// `default_prepend_bos`, or else the habit of the model's family. Without a word, it does.
///
/// # Errors
/// [`Error::ConfigInvalid`] when `default_prepend_bos` is neither true nor false.
pub fn prepends_bos(config_json: &str) -> Result<bool> {
    // A file that is no JSON object is told where the configuration is read.
    let fields: Map<String, Value> = serde_json::from_str(config_json).unwrap_or_default();
    match fields.get("default_prepend_bos").unwrap_or(&Value::Null) {
        Value::Bool(prepends) => Ok(*prepends),
        Value::Null => {
            let family = fields.get("model_type").and_then(Value::as_str);
            Ok(!family.is_some_and(|family| WITHOUT_BOS.contains(&family)))
        }
        found => Err(Error::config_invalid("default_prepend_bos", "true or false", found)),
    }
}
