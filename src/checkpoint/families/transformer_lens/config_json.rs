//! `config.json` in the two forms that TransformerLens' models come with.
//!
//! TransformerLens writes the fields of its `HookedTransformerConfig`. The repositories of
//! NeelNanda's models have an older form: `normalization` in place of `normalization_type`,
//! `shortformer_pos`, true or false, in place of `positional_embedding_type`, and `act_type` in some.

use std::collections::BTreeMap;

use serde_json::Value;

use super::refused::REFUSED;
use crate::checkpoint::families::json::Fields;
use crate::error::{Error, Result};
use crate::model::{
    Activation, Heads, Mlp, ModelConfig, Normalization, Pairing, PositionalEmbedding, Rotary, Size,
};

/// The `eps` of a configuration without one: TransformerLens' own.
const DEFAULT_EPS: f64 = 1e-5;

/// The `rotary_base` of a configuration without one: TransformerLens' own.
const DEFAULT_ROTARY_BASE: f64 = 10_000.0;

/// The largest relative difference between `attn_scale` and `sqrt(d_head)` that is rounding.
const SCALE_ROUNDING: f64 = 1e-4;

/// A `config.json`, which may be incomplete.
#[derive(Debug, Default)]
pub struct ConfigJson(Fields);

/// The facts beside sizes that tensors tell of the layers.
#[derive(Debug, Clone, Copy)]
pub struct Layers {
    /// Whether each layer has an MLP.
    pub has_mlp: bool,
    /// Whether the MLP is gated.
    pub gated: bool,
    /// Whether the MLP has a learned LayerNorm inside.
    pub inner_norm: bool,
    /// Whether queries and keys have norms.
    pub qk_norm: bool,
    /// Whether the unembedding is the transposed embedding.
    pub tied: bool,
}

/// Normalization and positions.
type Kind = (Option<Normalization>, PositionalEmbedding);

impl ModelConfig {
    /// Reads a whole `config.json`, in TransformerLens' form or the older one of NeelNanda's models.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] when the text is no JSON object, a field is missing or of the wrong
    /// kind, a size is 0, or a field asks for arithmetic that Headscope does not do.
    pub fn from_json(json: &str) -> Result<Self> {
        let config = ConfigJson::read(json)?;
        let missing = |field: &str| Error::config_invalid(field, "given", "missing");
        let sizes = config.sizes()?;
        if let Some(size) = Size::ALL.into_iter().find(|size| !sizes.contains_key(size)) {
            return Err(missing(size.field()));
        }
        let layers = config.layers()?;
        let activation = config.activation(&layers)?;
        if layers.has_mlp && activation.is_none() {
            return Err(missing("act_fn"));
        }
        let normalization = config.normalization()?.ok_or_else(|| missing("normalization_type"))?;
        let positions = config.positions(sizes[&Size::Head])?;
        let positions = positions.ok_or_else(|| missing("positional_embedding_type"))?;
        config.complete(&sizes, (normalization, positions), activation, &layers)
    }
}

impl ConfigJson {
    /// Reads a JSON object.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] when the text is no JSON object, or a field asks for arithmetic that
    /// Headscope does not do.
    pub fn read(json: &str) -> Result<Self> {
        let fields = Fields::parse(json)?;
        fields.refuse(&REFUSED)?;
        Ok(ConfigJson(fields))
    }

    /// The sizes that the file gives.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for a value that is no whole number.
    pub fn sizes(&self) -> Result<BTreeMap<Size, usize>> {
        let all = Size::ALL.into_iter().chain([Size::KeyValueHeads, Size::Mlp]);
        let given = |size: Size| Some(self.0.size(size.field()).transpose()?.map(|value| (size, value)));
        all.filter_map(given).collect()
    }

    /// The normalization, if the file tells it. A null is an answer here: no normalization.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for a name of none.
    pub fn normalization(&self) -> Result<Option<Option<Normalization>>> {
        let names = ["normalization_type", "normalization"];
        let Some(name) = names.into_iter().find(|name| self.0.has(name)) else { return Ok(None) };
        let Some(value) = self.0.get(name) else { return Ok(Some(None)) };
        match Normalization::ALL.into_iter().find(|kind| value == kind.name()) {
            Some(kind) => Ok(Some(Some(kind))),
            None => Err(Error::config_invalid(name, "\"LN\", \"LNPre\", \"RMS\", \"RMSPre\" or null", value)),
        }
    }

    /// The kind of positional embedding, if the file tells it.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for a name of none, and for a rotation that no number describes.
    pub fn positions(&self, d_head: usize) -> Result<Option<PositionalEmbedding>> {
        use PositionalEmbedding::{None as Without, Rotary as Turned, Shortformer, Standard};
        match self.0.get("positional_embedding_type") {
            Some(value) if value == Standard.name() => return Ok(Some(Standard)),
            Some(value) if value == Shortformer.name() => return Ok(Some(Shortformer)),
            Some(value) if value == Without.name() => return Ok(Some(Without)),
            Some(value) if value == "rotary" => return Ok(Some(Turned(self.rotary(d_head)?))),
            Some(value) => {
                let expected = "\"standard\", \"shortformer\", \"rotary\" or \"none\"";
                return Err(Error::config_invalid("positional_embedding_type", expected, value));
            }
            None => {}
        }
        let whole = ["n_layers", "d_model"].iter().all(|name| self.0.get(name).is_some());
        match self.0.flag("shortformer_pos")? {
            Some(shortformer) => Ok(Some(if shortformer { Shortformer } else { Standard })),
            // In both forms, a whole configuration without either field means standard positions.
            None => Ok(whole.then_some(Standard)),
        }
    }

    /// Whether the file names positions that no matrix holds.
    pub fn has_no_position_matrix(&self) -> bool {
        self.0.get("positional_embedding_type").is_some_and(|value| value == "rotary" || value == "none")
    }

    fn rotary(&self, d_head: usize) -> Result<Rotary> {
        let adjacent = self.0.flag("rotary_adjacent_pairs")?.unwrap_or(false);
        Ok(Rotary {
            dims: self.0.size("rotary_dim")?.unwrap_or(d_head),
            base: self.0.number("rotary_base")?.unwrap_or(DEFAULT_ROTARY_BASE),
            pairing: if adjacent { Pairing::Adjacent } else { Pairing::Half },
        })
    }

    /// The function inside each MLP, if the file or a learned LayerNorm there tells it.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for another function, where there is an MLP.
    pub fn activation(&self, layers: &Layers) -> Result<Option<Activation>> {
        if !layers.has_mlp {
            return Ok(None);
        }
        let Some((field, value)) = self.given_activation() else {
            return Ok(layers.inner_norm.then_some(Activation::SoluLn));
        };
        let given = value.as_str().unwrap_or_default().to_lowercase();
        let name = match &*given {
            "gelu_fast" | "gelu_pytorch_tanh" => "gelu_new",
            "swish" => "silu",
            other => other,
        };
        match Activation::ALL.into_iter().find(|it| it.name() == name) {
            Some(activation) => Ok(Some(activation)),
            None => Err(Error::config_invalid(field, "gelu, gelu_new, relu, silu or solu_ln", value)),
        }
    }

    fn given_activation(&self) -> Option<(&'static str, &Value)> {
        ["act_fn", "act_type"].into_iter().find_map(|field| Some((field, self.0.get(field)?)))
    }

    /// Whether the file says that the unembedding is the transposed embedding.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for a value that is neither true nor false.
    pub fn is_tied(&self) -> Result<bool> {
        Ok(self.0.flag("tie_word_embeddings")?.unwrap_or(false))
    }

    /// The layers as the file alone tells them.
    fn layers(&self) -> Result<Layers> {
        let has_mlp = match self.0.flag("attn_only")? {
            Some(attn_only) => !attn_only,
            None => self.0.get(Size::Mlp.field()).is_some() && self.given_activation().is_some(),
        };
        let gated = has_mlp && self.0.flag("gated_mlp")?.unwrap_or(false);
        let qk_norm = self.0.flag("use_qk_norm")?.unwrap_or(false);
        Ok(Layers { has_mlp, gated, inner_norm: false, qk_norm, tied: self.is_tied()? })
    }

    /// Refuses fields that tensors contradict.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`].
    pub fn check_layers(&self, layers: &Layers) -> Result<()> {
        let told =
            [("attn_only", !layers.has_mlp), ("gated_mlp", layers.gated), ("use_qk_norm", layers.qk_norm)];
        for (field, told) in told {
            if let Some(given) = self.0.flag(field)?.filter(|given| *given != told) {
                return Err(Error::config_invalid(field, &format!("{told}, by the tensors"), given));
            }
        }
        Ok(())
    }

    /// The whole configuration, given what the file leaves open.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for sizes that no model has, and for a field of the wrong kind.
    pub fn complete(
        &self,
        sizes: &BTreeMap<Size, usize>,
        (normalization, positional_embedding): Kind,
        activation: Option<Activation>,
        layers: &Layers,
    ) -> Result<ModelConfig> {
        let (n_layers, n_heads, d_head) = (sizes[&Size::Layers], sizes[&Size::Heads], sizes[&Size::Head]);
        let parallel = self.0.flag("parallel_attn_mlp")?.unwrap_or(false);
        let missing = || Error::config_invalid(Size::Mlp.field(), "given", "missing");
        let mlp = activation.map(|activation| {
            let d_mlp = *sizes.get(&Size::Mlp).ok_or_else(missing)?;
            Ok(Mlp { d_mlp, activation, gated: layers.gated, parallel })
        });
        // TransformerLens writes -1 where the field was not set.
        let of_vocab = |out: &&Value| **out == -1 || **out == sizes[&Size::Vocab];
        if let Some(found) = self.0.get("d_vocab_out").filter(|out| !of_vocab(out)) {
            return Err(Error::config_invalid("d_vocab_out", "d_vocab", found));
        }
        let shared = sizes.get(&Size::KeyValueHeads).copied();
        ModelConfig {
            n_layers,
            n_heads,
            d_model: sizes[&Size::Model],
            d_head,
            n_ctx: sizes[&Size::Positions],
            d_vocab: sizes[&Size::Vocab],
            normalization,
            positional_embedding,
            eps: self.0.number("eps")?.unwrap_or(DEFAULT_EPS),
            heads: Heads {
                n_key_value_heads: shared.filter(|shared| *shared != n_heads),
                scale: self.scale(d_head)?,
                scale_by_inverse_layer: self.0.flag("scale_attn_by_inverse_layer_idx")?.unwrap_or(false),
                qk_norm: layers.qk_norm,
                windows: self.windows()?,
            },
            mlp: mlp.transpose()?,
            tied_unembedding: layers.tied,
        }
        .checked()
    }

    /// The factor of each score; nothing where it is that of `d_head`. `attn_scale` divides the scores.
    fn scale(&self, d_head: usize) -> Result<Option<f64>> {
        if self.0.flag("use_attn_scale")? == Some(false) {
            return Ok(Some(1.0));
        }
        let usual = (d_head as f64).sqrt();
        let given = self.0.number("attn_scale")?.filter(|given| *given > 0.0);
        Ok(given.filter(|given| (given - usual).abs() > SCALE_ROUNDING * usual).map(|given| 1.0 / given))
    }

    /// Each layer's window; nothing where no layer has one.
    fn windows(&self) -> Result<Vec<Option<usize>>> {
        if !self.0.flag("use_local_attn")?.unwrap_or(false) {
            return Ok(Vec::new());
        }
        let missing = |field: &str| Error::config_invalid(field, "given with use_local_attn", "missing");
        let window = self.0.size("window_size")?.ok_or_else(|| missing("window_size"))?;
        let types = self.0.get("attn_types").ok_or_else(|| missing("attn_types"))?;
        let of_kind = |kind: &Value| match kind.as_str() {
            Some("global") => Some(None),
            Some("local") => Some(Some(window)),
            _ => None,
        };
        let windows = types.as_array().and_then(|types| types.iter().map(of_kind).collect());
        let expected = "a list of \"global\" and \"local\"";
        windows.ok_or_else(|| Error::config_invalid("attn_types", expected, types))
    }
}
