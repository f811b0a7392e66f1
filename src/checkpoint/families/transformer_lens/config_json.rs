//! `config.json` in the two forms that attention-only models come with.
//!
//! TransformerLens writes the fields of its `HookedTransformerConfig`. The repositories of
//! NeelNanda's models have an older form: `normalization` in place of `normalization_type`, and
//! `shortformer_pos`, true or false, in place of `positional_embedding_type`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::model::{Heads, ModelConfig, Normalization, PositionalEmbedding, Size};

/// The `eps` of a configuration without one: TransformerLens' own.
const DEFAULT_EPS: f64 = 1e-5;

/// A `config.json`, which may be incomplete.
#[derive(Debug, Default)]
pub struct ConfigJson {
    sizes: BTreeMap<Size, usize>,
    /// The outer `None` means that the file does not say.
    pub normalization: Option<Option<Normalization>>,
    pub positions: Option<PositionalEmbedding>,
    eps: Option<f64>,
    attn_scale: Option<f64>,
    n_key_value_heads: Option<usize>,
}

/// A field, the value that it should have, and whether a value is that.
type Needed = (&'static str, &'static str, fn(&Value) -> bool);

/// Fields of models that this engine does not compute, unless they have these values.
const OTHER_MODELS: [Needed; 9] = [
    ("attn_only", "true", |value| *value == Value::Bool(true)),
    ("attention_dir", "\"causal\"", |value| value == "causal"),
    ("use_attn_scale", "true", |value| *value == Value::Bool(true)),
    ("scale_attn_by_inverse_layer_idx", "false", |value| *value == Value::Bool(false)),
    ("use_local_attn", "false", |value| *value == Value::Bool(false)),
    ("final_rms", "false", |value| *value == Value::Bool(false)),
    ("attn_scores_soft_cap", "off", is_off),
    ("output_logits_soft_cap", "off", is_off),
    ("num_experts", "null", |_| false),
];

/// Whether a cap is none in TransformerLens' way: a number that is not positive.
fn is_off(value: &Value) -> bool {
    value.as_f64().is_some_and(|cap| cap <= 0.0)
}

impl ModelConfig {
    /// Reads a whole `config.json`, in TransformerLens' form or the older one of NeelNanda's models.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] when the text is no JSON object, a field is missing or of the wrong
    /// kind, a size is 0, or a field such as `attn_only` belongs to another kind of model.
    pub fn from_json(json: &str) -> Result<Self> {
        let config = ConfigJson::read(json)?;
        let missing = |field: &str| Error::config_invalid(field, "given", "missing");
        let size = |size: Size| config.size(size).ok_or_else(|| missing(size.field()));
        let sizes = Size::ALL.into_iter().map(|it| Ok((it, size(it)?))).collect::<Result<_>>()?;
        let normalization = config.normalization.ok_or_else(|| missing("normalization_type"))?;
        let positions = config.positions.ok_or_else(|| missing("positional_embedding_type"))?;
        config.complete(&sizes, normalization, positions)
    }
}

impl ConfigJson {
    /// Reads a JSON object. Fields that make no difference to an attention-only model are ignored.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] when the text is no JSON object, a field is of the wrong kind, or the
    /// configuration is of another kind of model.
    pub fn read(json: &str) -> Result<Self> {
        let whole = |error| Error::config_invalid("(whole file)", "a JSON object", error);
        let fields: Map<String, Value> = serde_json::from_str(json).map_err(whole)?;
        let field = |name: &str| fields.get(name).filter(|value| !value.is_null());
        for (name, expected, accepted) in OTHER_MODELS {
            if let Some(found) = field(name).filter(|value| !accepted(value)) {
                return Err(Error::config_invalid(name, expected, found));
            }
        }
        let size = |name: &str| {
            let count = |value: &Value| value.as_u64().and_then(|size| usize::try_from(size).ok());
            let wrong = |value: &Value| Error::config_invalid(name, "a whole number", value);
            field(name).map(|value| count(value).ok_or_else(|| wrong(value))).transpose()
        };
        let number = |name: &str| {
            let wrong = |value: &Value| Error::config_invalid(name, "a number", value);
            field(name).map(|value| value.as_f64().ok_or_else(|| wrong(value))).transpose()
        };
        let mut config = ConfigJson {
            sizes: BTreeMap::new(),
            normalization: normalization(&fields)?,
            positions: positions(&fields)?,
            eps: number("eps")?,
            attn_scale: number("attn_scale")?,
            n_key_value_heads: size("n_key_value_heads")?,
        };
        for known in Size::ALL {
            if let Some(value) = size(known.field())? {
                config.sizes.insert(known, value);
            }
        }
        Ok(config)
    }

    /// A size, if the file gives it.
    pub fn size(&self, size: Size) -> Option<usize> {
        self.sizes.get(&size).copied()
    }

    /// The whole configuration, given what the file leaves open.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for sizes that no model has, and for a field that contradicts the others.
    pub fn complete(
        &self,
        sizes: &BTreeMap<Size, usize>,
        normalization: Option<Normalization>,
        positional_embedding: PositionalEmbedding,
    ) -> Result<ModelConfig> {
        let config = ModelConfig {
            n_layers: sizes[&Size::Layers],
            n_heads: sizes[&Size::Heads],
            d_model: sizes[&Size::Model],
            d_head: sizes[&Size::Head],
            n_ctx: sizes[&Size::Positions],
            d_vocab: sizes[&Size::Vocab],
            normalization,
            positional_embedding,
            eps: self.eps.unwrap_or(DEFAULT_EPS),
            heads: Heads::PLAIN,
            mlp: None,
            tied_unembedding: false,
        }
        .checked()?;
        self.check_derived(&config)?;
        Ok(config)
    }

    /// Refuses fields that should follow from the others and do not.
    fn check_derived(&self, config: &ModelConfig) -> Result<()> {
        let scale = (config.d_head as f64).sqrt();
        if let Some(found) = self.attn_scale.filter(|found| *found > 0.0 && (found - scale).abs() > 1e-3) {
            let expected = format!("sqrt(d_head) = {scale:.4}");
            return Err(Error::config_invalid("attn_scale", &expected, found));
        }
        if let Some(found) = self.n_key_value_heads.filter(|found| *found != config.n_heads) {
            let expected = format!("n_heads = {}", config.n_heads);
            return Err(Error::config_invalid("n_key_value_heads", &expected, found));
        }
        Ok(())
    }
}

/// The normalization, if the file tells it. A null is an answer here: no normalization.
fn normalization(fields: &Map<String, Value>) -> Result<Option<Option<Normalization>>> {
    let found = ["normalization_type", "normalization"].into_iter().find(|name| fields.contains_key(*name));
    let Some(name) = found else { return Ok(None) };
    match &fields[name] {
        Value::Null => Ok(Some(None)),
        value if value == "LN" => Ok(Some(Some(Normalization::Ln))),
        value if value == "LNPre" => Ok(Some(Some(Normalization::LnPre))),
        value => Err(Error::config_invalid(name, "\"LN\", \"LNPre\" or null", value)),
    }
}

/// The kind of positional embedding, if the file tells it.
fn positions(fields: &Map<String, Value>) -> Result<Option<PositionalEmbedding>> {
    let field = |name: &str| fields.get(name).filter(|value| !value.is_null());
    let of = |shortformer| {
        Ok(Some(if shortformer { PositionalEmbedding::Shortformer } else { PositionalEmbedding::Standard }))
    };
    if let Some(value) = field("positional_embedding_type") {
        return match value.as_str() {
            Some("standard") => of(false),
            Some("shortformer") => of(true),
            _ => {
                let expected = "\"standard\" or \"shortformer\"";
                Err(Error::config_invalid("positional_embedding_type", expected, value))
            }
        };
    }
    match field("shortformer_pos") {
        Some(Value::Bool(shortformer)) => of(*shortformer),
        Some(value) => Err(Error::config_invalid("shortformer_pos", "true or false", value)),
        // In both forms, a whole configuration without either field means standard positions.
        None if field("n_layers").is_some() && field("d_model").is_some() => of(false),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLANTED: &str = include_str!("../../../../tests/fixtures/planted_f16.config.json");

    #[test]
    fn reads_what_transformer_lens_writes() {
        let config = ModelConfig::from_json(PLANTED).expect("a valid config");
        assert_eq!((config.n_heads, config.d_model, config.d_vocab), (4, 66, 500));
        assert_eq!(config.normalization, None);
        assert_eq!(config.positional_embedding, PositionalEmbedding::Shortformer);
    }

    #[test]
    fn names_the_field_that_is_wrong() {
        for (from, to, field) in [
            ("\"attn_only\": true", "\"attn_only\": false", "attn_only"),
            ("\"causal\"", "\"bidirectional\"", "attention_dir"),
            ("\"n_heads\": 4", "\"n_heads\": 0", "n_heads"),
            ("\"d_vocab\": 500", "\"d_vocab\": 99999999", "d_vocab"),
        ] {
            let json = PLANTED.replace(from, to);
            assert_ne!(json, PLANTED);
            match ModelConfig::from_json(&json) {
                Err(Error::ConfigInvalid { field: named, .. }) => assert_eq!(named, field),
                other => panic!("{field}: {other:?}"),
            }
        }
    }
}
