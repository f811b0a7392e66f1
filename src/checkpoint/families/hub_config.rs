//! `config.json` as repositories of the hub have it, of the families that transformers has a class for.
//!
//! An absent field has the default of transformers' class, unless the tensors tell it. transformers 5 writes
//! `rope_parameters`; before, the same numbers were fields of their own. Both forms are read.

use std::collections::BTreeMap;

use serde_json::Value;

use super::family::Told;
use super::hub_table::{Row, holds, sides, told_sizes};
use super::json::{Fields, Harmless, is_false, is_one, is_true};
use crate::error::{Error, Key, Result};
use crate::model::{
    Activation, Heads, Mlp, ModelConfig, Normalization, Pairing, ParameterId, PositionalEmbedding, Rotary,
    Size, TensorShapes,
};

/// The field names and defaults of a family's configuration class.
#[derive(Debug)]
pub struct Dialect {
    /// Names of the sizes.
    pub sizes: &'static [(Size, &'static str)],
    /// Name of the MLP's activation, and its default.
    pub activation: (&'static str, Activation),
    /// Name of the number inside norms, and its default.
    pub eps: (&'static str, f64),
    /// Positions of a model of a `model_type` whose configuration and tensors tell none.
    pub positions: fn(&str) -> usize,
    /// Whether the unembedding is the transposed embedding unless the configuration says otherwise.
    pub tied: bool,
    /// The share of each head's numbers that are turned, unless the configuration says otherwise.
    pub rotated_share: f64,
    /// The facts that no tensor tells, for the error of a checkpoint without a configuration.
    pub untold: &'static [&'static str],
    /// The family's tensors.
    pub rows: &'static [Row],
}

/// Fields that ask for arithmetic that Headscope does not do, unless they have these values.
const REFUSED: [Harmless; 29] = [
    refused("final_logit_softcapping", "null", |_| false),
    refused("attn_logit_softcapping", "null", |_| false),
    refused("num_local_experts", "null", |_| false),
    refused("num_experts", "null", |_| false),
    refused("n_routed_experts", "null", |_| false),
    refused("alibi", "false", is_false),
    refused("use_alibi", "false", is_false),
    refused("position_embedding_type", "\"absolute\" or \"rope\"", |value| {
        value == "absolute" || value == "rope"
    }),
    refused("is_causal", "true", is_true),
    refused("use_bidirectional_attention", "false", is_false),
    refused("is_encoder_decoder", "false", is_false),
    refused("add_cross_attention", "false", is_false),
    refused("clip_qkv", "null", |_| false),
    refused("use_mrope", "false", is_false),
    refused("rope_interleaved", "false", is_false),
    refused("use_logn_attn", "false", is_false),
    refused("use_attention_sinks", "false", is_false),
    refused("post_embedding_ln", "false", is_false),
    refused("use_normalization_before_and_after", "false", is_false),
    refused("final_rms", "false", is_false),
    refused("embedding_multiplier", "1", is_one),
    refused("residual_multiplier", "1", is_one),
    refused("attention_multiplier", "null", |_| false),
    refused("logits_scaling", "1", is_one),
    refused("logit_scale", "1", is_one),
    refused("quantization_config", "null", |_| false),
    refused("load_in_4bit", "false", is_false),
    refused("load_in_8bit", "false", is_false),
    refused("rope_scaling", "null, or of the type \"default\"", |value| {
        kind_of_rope(&Fields::of(value)) == Some("default")
    }),
];

const fn refused(field: &'static str, expected: &'static str, accepts: fn(&Value) -> bool) -> Harmless {
    Harmless { field, expected, accepts }
}

/// The kind of rotary positions that an object of `config.json` names.
fn kind_of_rope(fields: &Fields) -> Option<&str> {
    ["rope_type", "type"].into_iter().find_map(|name| fields.get(name)).and_then(Value::as_str)
}

/// A configuration of the hub, and the tensors that it comes with.
#[derive(Debug)]
pub struct HubConfig<'a> {
    dialect: &'a Dialect,
    tensors: &'a TensorShapes<'a>,
    told: BTreeMap<Size, usize>,
    /// Fields of the file.
    pub fields: Fields,
}

impl<'a> HubConfig<'a> {
    /// Reads a `config.json` of this family.
    ///
    /// # Errors
    /// [`Error::ConfigFileNeeded`] without it, or where it has no number of heads; [`Error::ConfigInvalid`]
    /// when it is no JSON object, or a field of it asks for arithmetic that Headscope does not do.
    pub fn read(dialect: &'a Dialect, tensors: &'a TensorShapes<'a>, json: Option<&str>) -> Result<Self> {
        let Some(json) = json else {
            return Err(Error::ConfigFileNeeded { needed: dialect.untold.to_vec() });
        };
        let fields = Fields::parse(json)?;
        fields.refuse(&REFUSED)?;
        if let Some(kind) = fields.get("rope_parameters").map(Fields::of) {
            check_rope_parameters(&kind)?;
        }
        let told = told_sizes(dialect.rows, tensors);
        let config = HubConfig { dialect, tensors, told, fields };
        config.heads()?;
        Ok(config)
    }

    /// A size by the file, else by the tensors.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for a value that is no whole number.
    pub fn size(&self, size: Size) -> Result<Option<usize>> {
        let name = self.name(size);
        let given = name.map(|name| self.fields.size(name)).transpose()?.flatten();
        Ok(given.or_else(|| self.told.get(&size).copied()))
    }

    /// The heads of each layer.
    ///
    /// # Errors
    /// [`Error::ConfigFileNeeded`] where the file does not tell; [`Error::ConfigInvalid`] for 0.
    pub fn heads(&self) -> Result<usize> {
        let name = self.name(Size::Heads).unwrap_or_default();
        match self.fields.size(name)? {
            None => Err(Error::ConfigFileNeeded { needed: vec![name] }),
            Some(0) => Err(Error::config_invalid(name, "at least 1", 0)),
            Some(heads) => Ok(heads),
        }
    }

    /// A size that the model cannot be without.
    ///
    /// # Errors
    /// [`Error::KeysMismatch`] with the tensors that would tell it.
    pub fn needed(&self, size: Size) -> Result<usize> {
        let telling = |row: &&Row| {
            let id = (row.id)(0);
            matches!(id, ParameterId::Embed | ParameterId::Positions | ParameterId::MlpIn(_))
        };
        let missing = || {
            let names = self.dialect.rows.iter().filter(telling).map(|row| row.name.replace("{layer}", "0"));
            let key = |tensor| Key { tensor, expected: None, found: None };
            let absent = names.filter(|name| !self.tensors.contains_key(&**name));
            Error::KeysMismatch {
                missing: absent.map(key).collect(),
                unexpected: Vec::new(),
                misshaped: Vec::new(),
            }
        };
        self.size(size)?.ok_or_else(missing)
    }

    /// The stream divided among the heads.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] where it cannot be.
    pub fn d_model_of_head(&self) -> Result<usize> {
        let (d_model, heads) = (self.needed(Size::Model)?, self.heads()?);
        if !d_model.is_multiple_of(heads) {
            let name = self.name(Size::Heads).unwrap_or_default();
            return Err(Error::config_invalid(name, &format!("a divisor of the width {d_model}"), heads));
        }
        Ok(d_model / heads)
    }

    /// The width of all heads that a parameter's tensor makes.
    pub fn width_of(&self, id: ParameterId) -> Option<usize> {
        sides(self.dialect.rows, self.tensors, id).map(|[_, width]| width)
    }

    /// Whether the tensors hold a parameter; of a layer, the first one's.
    pub fn holds(&self, id: ParameterId) -> bool {
        holds(self.dialect.rows, self.tensors, id)
    }

    /// The file's `model_type`.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for a value that is no text.
    pub fn model_type(&self) -> Result<&str> {
        Ok(self.fields.text("model_type")?.unwrap_or_default())
    }

    /// The rotation of heads of this width.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for a base or share that is no number.
    pub fn rotary(&self, d_head: usize) -> Result<PositionalEmbedding> {
        let inside = |name: &str| self.fields.get(name).map(Fields::of).unwrap_or_default();
        let places = [&inside("rope_parameters"), &inside("rope_scaling"), &self.fields];
        let number = |names: &[&str]| {
            let found = places.iter().flat_map(|place| names.iter().map(|name| place.number(name)));
            found.filter_map(Result::transpose).next().transpose()
        };
        let base = number(&["rope_theta", "rotary_emb_base"])?.unwrap_or(10_000.0);
        let share = number(&["partial_rotary_factor", "rotary_pct"])?.unwrap_or(self.dialect.rotated_share);
        let dims = (d_head as f64 * share) as usize;
        Ok(PositionalEmbedding::Rotary(Rotary { dims, base, pairing: Pairing::Half }))
    }

    /// The number of positions of a model that has no matrix of them.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for a value that is no whole number.
    pub fn unlearned_positions(&self) -> Result<usize> {
        let default = (self.dialect.positions)(self.model_type()?);
        Ok(self.size(Size::Positions)?.unwrap_or(default).min(Size::Positions.largest()))
    }

    /// The whole configuration, given the family's answers. Heads are as wide as `d_head`.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for a field of the wrong kind and for sizes that no model has;
    /// [`Error::KeysMismatch`] where neither file nor tensors tell a size.
    pub fn model(
        &self,
        normalization: Normalization,
        positional_embedding: PositionalEmbedding,
        (d_head, heads): (usize, Heads),
        (gated, parallel): (bool, bool),
    ) -> Result<Told> {
        let n_ctx = match positional_embedding.has_matrix() {
            true => self.needed(Size::Positions)?,
            false => self.unlearned_positions()?,
        };
        let untied = self.holds(ParameterId::Unembed);
        let tied = self.fields.flag("tie_word_embeddings")?.unwrap_or(self.dialect.tied || !untied);
        let mlp = Mlp { d_mlp: self.needed(Size::Mlp)?, activation: self.activation()?, gated, parallel };
        let (eps, default_eps) = self.dialect.eps;
        let config = ModelConfig {
            n_layers: self.needed(Size::Layers)?,
            n_heads: self.heads()?,
            d_model: self.needed(Size::Model)?,
            d_head,
            n_ctx,
            d_vocab: self.needed(Size::Vocab)?,
            normalization: Some(normalization),
            positional_embedding,
            eps: self.fields.number(eps)?.unwrap_or(default_eps),
            heads,
            mlp: Some(mlp),
            tied_unembedding: tied,
        };
        Ok(Told { config: config.checked()?, notes: Vec::new() })
    }

    fn activation(&self) -> Result<Activation> {
        let (field, default) = self.dialect.activation;
        match self.fields.text(field)? {
            None => Ok(default),
            Some("gelu" | "gelu_python") => Ok(Activation::Gelu),
            Some("gelu_new" | "gelu_fast" | "gelu_pytorch_tanh" | "gelu_python_tanh") => {
                Ok(Activation::GeluNew)
            }
            Some("relu") => Ok(Activation::Relu),
            Some("silu" | "swish") => Ok(Activation::Silu),
            Some(found) => {
                let expected = "gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, relu or silu";
                Err(Error::config_invalid(field, expected, found))
            }
        }
    }

    fn name(&self, size: Size) -> Option<&'static str> {
        self.dialect.sizes.iter().find(|(of, _)| *of == size).map(|(_, name)| *name)
    }
}

/// Refuses rotary positions of another kind, and several kinds in one model.
fn check_rope_parameters(rope: &Fields) -> Result<()> {
    if rope.has_objects() {
        let expected = "of one kind for all layers";
        return Err(Error::config_invalid("rope_parameters", expected, "of several"));
    }
    match kind_of_rope(rope) {
        None | Some("default") => Ok(()),
        Some(found) => Err(Error::config_invalid("rope_type", "\"default\"", found)),
    }
}
