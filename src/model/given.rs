//! What a `config.json` says, in either of the two forms that attention-only models come with.
//!
//! TransformerLens writes the fields of its `HookedTransformerConfig`. The repositories of
//! NeelNanda's models have an older form: `normalization` in place of `normalization_type`, and
//! `shortformer_pos`, true or false, in place of `positional_embedding_type`.

use serde_json::{Map, Value};

use super::config::invalid;
use super::{ModelConfig, Normalization, PositionalEmbedding};
use crate::error::Result;

/// The fields that are sizes.
pub(super) const SIZES: [&str; 6] = ["n_layers", "n_heads", "d_model", "d_head", "n_ctx", "d_vocab"];

/// A configuration, as far as it is given.
#[derive(Debug, Default)]
pub(super) struct Given {
    sizes: [Option<usize>; 6],
    pub normalization: Option<Option<Normalization>>,
    pub positions: Option<PositionalEmbedding>,
    pub eps: Option<f64>,
    attn_scale: Option<f64>,
    n_key_value_heads: Option<usize>,
}

/// A field, what it should be, and whether it is.
type Needed = (&'static str, &'static str, fn(&Value) -> bool);

/// Fields with which another model would be computed than ours.
const OTHER_MODELS: [Needed; 9] = [
    ("attn_only", "true", |value| *value == Value::Bool(true)),
    ("attention_dir", "\"causal\"", |value| value == "causal"),
    ("use_attn_scale", "true", |value| *value == Value::Bool(true)),
    ("scale_attn_by_inverse_layer_idx", "false", |value| *value == Value::Bool(false)),
    ("use_local_attn", "false", |value| *value == Value::Bool(false)),
    ("final_rms", "false", |value| *value == Value::Bool(false)),
    ("attn_scores_soft_cap", "off", off),
    ("output_logits_soft_cap", "off", off),
    ("num_experts", "null", |_| false),
];

/// TransformerLens' way to say that there is no limit.
fn off(value: &Value) -> bool {
    value.as_f64().is_some_and(|cap| cap <= 0.0)
}

impl Given {
    /// Reads a JSON object; fields that make no difference to an attention-only model are ignored.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`](crate::Error::ConfigInvalid) when it is no JSON object, a field is of the wrong kind,
    /// or it is the configuration of another kind of model.
    pub fn read(json: &str) -> Result<Self> {
        let whole = |error: &dyn std::fmt::Display| invalid("(whole file)", "a JSON object", error);
        let fields: Map<String, Value> = serde_json::from_str(json).map_err(|error| whole(&error))?;
        let field = |name: &str| fields.get(name).filter(|value| !value.is_null());
        for (name, expected, accepted) in OTHER_MODELS {
            if let Some(found) = field(name).filter(|value| !accepted(value)) {
                return Err(invalid(name, expected, found));
            }
        }
        let size = |name: &str| {
            let count = |value: &Value| value.as_u64().and_then(|size| usize::try_from(size).ok());
            let wrong = |value: &Value| invalid(name, "a whole number", value);
            field(name).map(|value| count(value).ok_or_else(|| wrong(value))).transpose()
        };
        let number = |name: &str| {
            let wrong = |value: &Value| invalid(name, "a number", value);
            field(name).map(|value| value.as_f64().ok_or_else(|| wrong(value))).transpose()
        };
        let mut given = Given {
            sizes: [None; 6],
            normalization: normalization(&fields)?,
            positions: positions(&fields)?,
            eps: number("eps")?,
            attn_scale: number("attn_scale")?,
            n_key_value_heads: size("n_key_value_heads")?,
        };
        for (name, into) in SIZES.into_iter().zip(&mut given.sizes) {
            *into = size(name)?;
        }
        Ok(given)
    }

    /// A size by its name.
    pub fn size(&self, name: &str) -> Option<usize> {
        SIZES.iter().position(|field| *field == name).and_then(|at| self.sizes[at])
    }

    /// Refuses fields that should follow from the others and do not.
    pub fn check_derived(&self, config: &ModelConfig) -> Result<()> {
        let scale = (config.d_head as f64).sqrt();
        if let Some(found) = self.attn_scale.filter(|found| *found > 0.0 && (found - scale).abs() > 1e-3) {
            return Err(invalid("attn_scale", &format!("sqrt(d_head) = {scale:.4}"), found));
        }
        if let Some(found) = self.n_key_value_heads.filter(|found| *found != config.n_heads) {
            return Err(invalid("n_key_value_heads", &format!("n_heads = {}", config.n_heads), found));
        }
        Ok(())
    }
}

/// A null is an answer here: no normalization.
fn normalization(fields: &Map<String, Value>) -> Result<Option<Option<Normalization>>> {
    let found = ["normalization_type", "normalization"].into_iter().find(|name| fields.contains_key(*name));
    let Some(name) = found else { return Ok(None) };
    match &fields[name] {
        Value::Null => Ok(Some(None)),
        value if value == "LN" => Ok(Some(Some(Normalization::Ln))),
        value if value == "LNPre" => Ok(Some(Some(Normalization::LnPre))),
        value => Err(invalid(name, "\"LN\", \"LNPre\" or null", value)),
    }
}

fn positions(fields: &Map<String, Value>) -> Result<Option<PositionalEmbedding>> {
    let field = |name: &str| fields.get(name).filter(|value| !value.is_null());
    let of = |shortformer| {
        Ok(Some(if shortformer { PositionalEmbedding::Shortformer } else { PositionalEmbedding::Standard }))
    };
    if let Some(value) = field("positional_embedding_type") {
        return match value.as_str() {
            Some("standard") => of(false),
            Some("shortformer") => of(true),
            _ => Err(invalid("positional_embedding_type", "\"standard\" or \"shortformer\"", value)),
        };
    }
    match field("shortformer_pos") {
        Some(Value::Bool(shortformer)) => of(*shortformer),
        Some(value) => Err(invalid("shortformer_pos", "true or false", value)),
        // In both forms a configuration that says nothing of positions means these.
        None if field("n_layers").is_some() && field("d_model").is_some() => of(false),
        None => Ok(None),
    }
}
