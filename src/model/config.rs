//! What kind of model it is: sizes, normalization, positions.

use serde::{Deserialize, Serialize};

use super::given::{Given, SIZES};
use crate::error::{Error, Result};

/// How the residual stream is normalized before attention and before the unembedding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Normalization {
    /// LayerNorm with learned weight and bias.
    #[serde(rename = "LN")]
    Ln,
    /// LayerNorm without weight and bias.
    #[serde(rename = "LNPre")]
    LnPre,
}

/// Where the positional embedding enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PositionalEmbedding {
    /// Added once to the residual stream.
    Standard,
    /// Added after `ln1` to the inputs of q and k of every layer, never to v (Press et al. 2020).
    Shortformer,
}

/// An attention-only, causal transformer in TransformerLens' terms. Its JSON form is the
/// subset of `HookedTransformerConfig` that such a model needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelConfig {
    /// Number of layers.
    pub n_layers: usize,
    /// Heads of each layer.
    pub n_heads: usize,
    /// Width of the residual stream.
    pub d_model: usize,
    /// Width of one head's queries, keys and values.
    pub d_head: usize,
    /// Number of positions.
    pub n_ctx: usize,
    /// Number of token ids.
    pub d_vocab: usize,
    /// Normalization, or none.
    #[serde(rename = "normalization_type")]
    pub normalization: Option<Normalization>,
    /// Kind of positional embedding.
    #[serde(rename = "positional_embedding_type")]
    pub positional_embedding: PositionalEmbedding,
    /// Added to the variance inside LayerNorm.
    pub eps: f64,
}

/// TransformerLens' own.
const DEFAULT_EPS: f64 = 1e-5;

impl ModelConfig {
    /// Reads a whole `config.json`, in TransformerLens' form or the older one of NeelNanda's models.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] when it is no JSON object, a field is missing or of the wrong
    /// kind, a size is 0, or a field such as `attn_only` says that it is another kind of model.
    pub fn from_json(json: &str) -> Result<Self> {
        let given = Given::read(json)?;
        let missing = |field: &str| invalid(field, "given", "missing");
        let mut sizes = [0; 6];
        for (field, size) in SIZES.into_iter().zip(&mut sizes) {
            *size = given.size(field).ok_or_else(|| missing(field))?;
        }
        let normalization = given.normalization.ok_or_else(|| missing("normalization_type"))?;
        let positions = given.positions.ok_or_else(|| missing("positional_embedding_type"))?;
        ModelConfig::of(sizes, normalization, positions, &given)
    }

    /// Puts a configuration together; `sizes` in the order of [`SIZES`].
    pub(super) fn of(
        sizes: [usize; 6],
        normalization: Option<Normalization>,
        positional_embedding: PositionalEmbedding,
        given: &Given,
    ) -> Result<Self> {
        let [n_layers, n_heads, d_model, d_head, n_ctx, d_vocab] = sizes;
        let eps = given.eps.unwrap_or(DEFAULT_EPS);
        let config = ModelConfig {
            n_layers,
            n_heads,
            d_model,
            d_head,
            n_ctx,
            d_vocab,
            normalization,
            positional_embedding,
            eps,
        };
        config.check()?;
        given.check_derived(&config)?;
        Ok(config)
    }

    /// Refuses sizes that no model has.
    fn check(&self) -> Result<()> {
        let sizes = [
            ("n_layers", self.n_layers, 64),
            ("n_heads", self.n_heads, 256),
            ("d_model", self.d_model, 1 << 14),
            ("d_head", self.d_head, 256),
            ("n_ctx", self.n_ctx, 1 << 16),
            ("d_vocab", self.d_vocab, 1 << 20),
        ];
        for (field, size, largest) in sizes {
            if size == 0 || size > largest {
                return Err(invalid(field, &format!("between 1 and {largest}"), size));
            }
        }
        if !(self.eps.is_finite() && self.eps >= 0.0) {
            return Err(invalid("eps", "a number from 0 up", self.eps));
        }
        Ok(())
    }

    /// Heads of all layers together.
    pub fn total_heads(&self) -> usize {
        self.n_layers * self.n_heads
    }

    /// Refuses a head that the model does not have.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`].
    pub fn check_head(&self, layer: usize, head: usize) -> Result<()> {
        if layer < self.n_layers && head < self.n_heads {
            return Ok(());
        }
        Err(Error::HeadOutOfRange { layer, head, n_layers: self.n_layers, n_heads: self.n_heads })
    }

    /// Layer and head of a name such as `1.4`.
    ///
    /// # Errors
    /// [`Error::HeadName`], [`Error::HeadOutOfRange`].
    pub fn head_named(&self, name: &str) -> Result<(usize, usize)> {
        let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse().ok(),
            false => None,
        };
        let numbers = name.split_once('.').and_then(|(layer, head)| Some((number(layer)?, number(head)?)));
        let (layer, head) = numbers.ok_or_else(|| Error::HeadName { found: name.to_owned() })?;
        self.check_head(layer, head)?;
        Ok((layer, head))
    }

    /// Refuses a sequence that the model can't run.
    ///
    /// # Errors
    /// [`Error::EmptyInput`], [`Error::TooManyTokens`] or [`Error::TokenOutOfRange`].
    pub fn check_tokens(&self, tokens: &[u32]) -> Result<()> {
        if tokens.is_empty() {
            return Err(Error::EmptyInput {});
        }
        if tokens.len() > self.n_ctx {
            return Err(Error::TooManyTokens { expected: self.n_ctx, found: tokens.len() });
        }
        match tokens.iter().position(|&token| token as usize >= self.d_vocab) {
            None => Ok(()),
            Some(position) => {
                Err(Error::TokenOutOfRange { position, found: tokens[position], expected: self.d_vocab })
            }
        }
    }
}

pub(super) fn invalid(field: &str, expected: &str, found: impl std::fmt::Display) -> Error {
    Error::ConfigInvalid { field: field.to_owned(), expected: expected.to_owned(), found: found.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLANTED: &str = include_str!("../../tests/fixtures/planted_f16.config.json");

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
