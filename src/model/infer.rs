//! A configuration told from names and shapes of tensors.

use std::collections::BTreeMap;

use super::config::invalid;
use super::given::{Given, SIZES};
use super::{ModelConfig, Normalization, PositionalEmbedding};
use crate::error::{Error, Key, KindOfModel, Result};

use Normalization::{Ln, LnPre};
use PositionalEmbedding::{Shortformer, Standard};

/// Kinds of model without LayerNorm weights, the likeliest first: what is published without normalization is
/// shortformer, and folding a LayerNorm into its neighbours, which leaves none, is refused for shortformer.
const WITHOUT_NORM_WEIGHTS: [(Option<Normalization>, PositionalEmbedding); 4] =
    [(None, Shortformer), (Some(LnPre), Standard), (Some(LnPre), Shortformer), (None, Standard)];

/// Kinds of model with LayerNorm weights, the likeliest first.
const WITH_NORM_WEIGHTS: [(Option<Normalization>, PositionalEmbedding); 2] =
    [(Some(Ln), Standard), (Some(Ln), Shortformer)];

/// Beginnings of names that TransformerLens gives.
const KNOWN_NAMES: [&str; 5] = ["embed.", "pos_embed.", "blocks.", "ln_final.", "unembed."];

impl ModelConfig {
    /// The configuration of a model with these tensors: sizes by their names and shapes, the rest by `given`,
    /// a `config.json` in TransformerLens' form or NeelNanda's, which may be incomplete and wins where it speaks.
    ///
    /// # Errors
    /// [`Error::ConfigNeeded`] when normalization or positions remain open; [`Error::KeysMismatch`] when
    /// tensors are missing that tell the sizes; [`Error::ConfigInvalid`] when it is another kind of model.
    pub fn infer<'a>(
        tensors: impl IntoIterator<Item = (&'a str, &'a [usize])>,
        given: Option<&str>,
    ) -> Result<Self> {
        let tensors: BTreeMap<&str, &[usize]> = tensors.into_iter().collect();
        let given = given.map(Given::read).transpose()?.unwrap_or_default();
        refuse_other_models(&tensors)?;
        let inferred = sizes(&tensors);
        let mut sizes = [0; 6];
        for (field, size) in SIZES.into_iter().zip(&mut sizes) {
            let known = given.size(field).or_else(|| inferred.get(field).copied());
            *size = known.ok_or_else(|| no_such_model(&tensors))?;
        }
        let learned = ["ln_final.w", "blocks.0.ln1.w"].iter().any(|name| tensors.contains_key(name));
        let kinds: &[_] = if learned { &WITH_NORM_WEIGHTS } else { &WITHOUT_NORM_WEIGHTS };
        let normalization = given.normalization.or(learned.then_some(Some(Ln)));
        match (normalization, given.positions) {
            (Some(normalization), Some(positions)) => {
                ModelConfig::of(sizes, normalization, positions, &given)
            }
            (normalization, positions) => Err(ask(kinds, normalization, positions, inferred)),
        }
    }
}

fn refuse_other_models(tensors: &BTreeMap<&str, &[usize]>) -> Result<()> {
    let with = |part: &str| tensors.keys().find(|name| name.contains(part));
    if let Some(name) = with(".mlp.") {
        return Err(invalid("attn_only", "true", format!("contradicted by the tensor `{name}`")));
    }
    if let Some(name) = with(".attn.rotary_") {
        let found = format!("rotary, by the tensor `{name}`");
        return Err(invalid("positional_embedding_type", "\"standard\" or \"shortformer\"", found));
    }
    Ok(())
}

/// Sizes by name, where a tensor tells them.
fn sizes(tensors: &BTreeMap<&str, &[usize]>) -> BTreeMap<&'static str, usize> {
    let mut sizes = BTreeMap::new();
    if let Some(&&[d_vocab, d_model]) = tensors.get("embed.W_E").filter(|shape| shape.len() == 2) {
        sizes.extend([("d_vocab", d_vocab), ("d_model", d_model)]);
    }
    if let Some(&&[n_ctx, _]) = tensors.get("pos_embed.W_pos").filter(|shape| shape.len() == 2) {
        sizes.insert("n_ctx", n_ctx);
    }
    if let Some(&&[n_heads, _, d_head]) = tensors.get("blocks.0.attn.W_Q").filter(|shape| shape.len() == 3) {
        sizes.extend([("n_heads", n_heads), ("d_head", d_head)]);
    }
    let layer = |name: &&str| name.strip_prefix("blocks.")?.split_once('.')?.0.parse::<usize>().ok();
    if let Some(last) = tensors.keys().filter_map(layer).max() {
        sizes.insert("n_layers", last.saturating_add(1));
    }
    sizes
}

/// The error for tensors of which none, or not enough, are an attention-only model's.
fn no_such_model(tensors: &BTreeMap<&str, &[usize]>) -> Error {
    let key = |name: &str, found| Key { tensor: name.to_owned(), expected: None, found };
    let telling = ["embed.W_E", "pos_embed.W_pos", "blocks.0.attn.W_Q"];
    let known = |name: &str| KNOWN_NAMES.iter().any(|beginning| name.starts_with(beginning));
    Error::KeysMismatch {
        missing: telling
            .iter()
            .filter(|name| !tensors.contains_key(**name))
            .map(|name| key(name, None))
            .collect(),
        unexpected: tensors
            .iter()
            .filter(|(name, _)| !known(name))
            .map(|(name, shape)| key(name, Some(shape.to_vec())))
            .collect(),
        misshaped: telling
            .iter()
            .filter_map(|name| tensors.get(name).map(|shape| key(name, Some(shape.to_vec()))))
            .filter(|key| key.found.as_ref().is_some_and(|shape| shape.len() != rank(&key.tensor)))
            .collect(),
    }
}

fn rank(name: &str) -> usize {
    if name.ends_with("W_Q") { 3 } else { 2 }
}

/// The error that asks for what is still open.
fn ask(
    kinds: &[(Option<Normalization>, PositionalEmbedding)],
    normalization: Option<Option<Normalization>>,
    positions: Option<PositionalEmbedding>,
    inferred: BTreeMap<&'static str, usize>,
) -> Error {
    let mut unknown = Vec::new();
    if normalization.is_none() {
        unknown.push("normalization_type");
    }
    if positions.is_none() {
        unknown.push("positional_embedding_type");
    }
    let possible = |kind: &&(Option<Normalization>, PositionalEmbedding)| {
        normalization.is_none_or(|it| it == kind.0) && positions.is_none_or(|it| it == kind.1)
    };
    let mut choices: Vec<KindOfModel> = kinds.iter().filter(possible).map(|&kind| named(kind)).collect();
    if choices.is_empty() {
        // What is given contradicts the tensors: loading will say so once the rest is chosen.
        let given = normalization.unwrap_or_default();
        choices = [Standard, Shortformer].map(|positions| named((given, positions))).to_vec();
    }
    Error::ConfigNeeded { unknown, inferred, choices }
}

fn named((normalization, positions): (Option<Normalization>, PositionalEmbedding)) -> KindOfModel {
    KindOfModel {
        normalization_type: normalization.map(|kind| match kind {
            Ln => "LN",
            LnPre => "LNPre",
        }),
        positional_embedding_type: match positions {
            Standard => "standard",
            Shortformer => "shortformer",
        },
    }
}
