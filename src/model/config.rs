//! A model's configuration: its sizes, and the answers of `architecture`.

use super::architecture::{Heads, Mlp, Normalization, PositionalEmbedding, Rotary};
use crate::error::{Error, Result};

/// The configuration of a causal transformer, in TransformerLens' terms. `config_fields.rs` writes its JSON
/// form.
#[derive(Debug, Clone, PartialEq)]
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
    pub normalization: Option<Normalization>,
    /// Kind of positional embedding.
    pub positional_embedding: PositionalEmbedding,
    /// Added to the variance or mean square inside every norm.
    pub eps: f64,
    /// What the heads are, beside their number and width.
    pub heads: Heads,
    /// The MLP of each layer, or none.
    pub mlp: Option<Mlp>,
    /// Whether `W_U` is the transpose of `W_E`. It is then kept once.
    pub tied_unembedding: bool,
}

/// A size of a model, as a field of its configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Size {
    /// Number of layers.
    Layers,
    /// Heads of each layer.
    Heads,
    /// Width of the residual stream.
    Model,
    /// Width of one head's queries, keys and values.
    Head,
    /// Number of positions.
    Positions,
    /// Number of token ids.
    Vocab,
    /// Heads of keys and values of each layer.
    KeyValueHeads,
    /// Width of an MLP's hidden layer; 0 in a model without MLPs.
    Mlp,
}

impl Size {
    /// The sizes that every model has.
    pub const ALL: [Size; 6] =
        [Size::Layers, Size::Heads, Size::Model, Size::Head, Size::Positions, Size::Vocab];

    /// The field's name in TransformerLens' configuration.
    pub fn field(self) -> &'static str {
        match self {
            Size::Layers => "n_layers",
            Size::Heads => "n_heads",
            Size::Model => "d_model",
            Size::Head => "d_head",
            Size::Positions => "n_ctx",
            Size::Vocab => "d_vocab",
            Size::KeyValueHeads => "n_key_value_heads",
            Size::Mlp => "d_mlp",
        }
    }

    /// The largest value that is accepted.
    pub fn largest(self) -> usize {
        match self {
            Size::Layers => 64,
            Size::Heads | Size::KeyValueHeads | Size::Head => 256,
            Size::Model => 1 << 14,
            Size::Mlp => 1 << 16,
            Size::Positions => 1 << 18,
            Size::Vocab => 1 << 20,
        }
    }
}

impl ModelConfig {
    /// Refuses sizes that no model has.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for a size of 0 or beyond the largest, an `eps` below 0, key-value heads that
    /// do not divide the heads, and a rotation, a scale or a window that no model has.
    pub fn checked(self) -> Result<Self> {
        let mlp = self.mlp.map(|_| Size::Mlp);
        for size in Size::ALL.into_iter().chain([Size::KeyValueHeads]).chain(mlp) {
            let (found, largest) = (self.size(size), size.largest());
            if found == 0 || found > largest {
                let expected = format!("between 1 and {largest}");
                return Err(Error::config_invalid(size.field(), &expected, found));
            }
        }
        if !self.n_heads.is_multiple_of(self.n_key_value_heads()) {
            let expected = format!("a divisor of the {} heads", self.n_heads);
            let field = Size::KeyValueHeads.field();
            return Err(Error::config_invalid(field, &expected, self.n_key_value_heads()));
        }
        if !(self.eps.is_finite() && self.eps >= 0.0) {
            return Err(Error::config_invalid("eps", "a number from 0 up", self.eps));
        }
        self.check_positions()?;
        self.check_scores()?;
        Ok(self)
    }

    fn check_positions(&self) -> Result<()> {
        let PositionalEmbedding::Rotary(Rotary { dims, base, .. }) = self.positional_embedding else {
            return Ok(());
        };
        if dims == 0 || !dims.is_multiple_of(2) || dims > self.d_head {
            let expected = format!("an even number from 2 to d_head = {}", self.d_head);
            return Err(Error::config_invalid("rotary_dim", &expected, dims));
        }
        if !(base.is_finite() && base > 0.0) {
            return Err(Error::config_invalid("rotary_base", "a number above 0", base));
        }
        Ok(())
    }

    fn check_scores(&self) -> Result<()> {
        if let Some(scale) = self.heads.scale.filter(|scale| !(scale.is_finite() && *scale > 0.0)) {
            return Err(Error::config_invalid("attn_scale", "a number above 0", 1.0 / scale));
        }
        let windows = &self.heads.windows;
        if !(windows.is_empty() || windows.len() == self.n_layers) {
            let expected = format!("one entry for each of {} layers", self.n_layers);
            return Err(Error::config_invalid("attn_types", &expected, windows.len()));
        }
        if windows.contains(&Some(0)) {
            return Err(Error::config_invalid("window_size", "at least 1", 0));
        }
        Ok(())
    }

    /// The value of a size.
    pub fn size(&self, size: Size) -> usize {
        match size {
            Size::Layers => self.n_layers,
            Size::Heads => self.n_heads,
            Size::Model => self.d_model,
            Size::Head => self.d_head,
            Size::Positions => self.n_ctx,
            Size::Vocab => self.d_vocab,
            Size::KeyValueHeads => self.n_key_value_heads(),
            Size::Mlp => self.mlp.map_or(0, |mlp| mlp.d_mlp),
        }
    }

    /// Heads of keys and values of each layer.
    pub fn n_key_value_heads(&self) -> usize {
        self.heads.n_key_value_heads.unwrap_or(self.n_heads)
    }

    /// The factor of each score of a layer.
    pub fn score_scale(&self, layer: usize) -> f64 {
        let scale = self.heads.scale.unwrap_or_else(|| 1.0 / (self.d_head as f64).sqrt());
        if self.heads.scale_by_inverse_layer { scale / (layer + 1) as f64 } else { scale }
    }

    /// Number of heads in all layers.
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

    /// Refuses a sequence that the model cannot run.
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
