//! TransformerLens' own checkpoints: the state dict of a `HookedTransformer`, and its `config.json`.
//!
//! Names and shapes in the file are those of [`parameters`](crate::model::parameters).

mod config_json;
mod kinds;

use self::config_json::ConfigJson;
use self::kinds::config_needed;
use super::family::Family;
use crate::checkpoint::view::View;
use crate::error::{Error, Result};
use crate::model::{
    ModelConfig, Normalization, Parameter, Size, TensorShapes, has_learned_norm, infer_sizes, is_known_name,
    sizes_missing,
};

/// The family's row in the table of families.
pub(super) const TRANSFORMER_LENS: Family = Family { has: is_known_name, config, view, is_buffer };

/// The configuration: sizes by `tensors`, the rest by `config_json`, which wins where it speaks.
fn config(tensors: &TensorShapes, config_json: Option<&str>) -> Result<ModelConfig> {
    let given = config_json.map(ConfigJson::read).transpose()?.unwrap_or_default();
    refuse_other_models(tensors)?;
    let inferred = infer_sizes(tensors);
    let size = |size: Size| given.size(size).or_else(|| inferred.get(&size).copied());
    let sizes = Size::ALL.into_iter().map(|it| size(it).map(|value| (it, value))).collect::<Option<_>>();
    let sizes = sizes.ok_or_else(|| sizes_missing(tensors))?;
    let learned_norm = has_learned_norm(tensors);
    let normalization = given.normalization.or(learned_norm.then_some(Some(Normalization::Ln)));
    match (normalization, given.positions) {
        (Some(normalization), Some(positions)) => given.complete(&sizes, normalization, positions),
        (normalization, positions) => Err(config_needed(learned_norm, normalization, positions, inferred)),
    }
}

/// A parameter is a tensor of its own, of the same name and shape.
fn view(_: &ModelConfig, parameter: &Parameter) -> View {
    View::whole(&parameter.name, &parameter.shape)
}

/// Whether a tensor is a buffer that TransformerLens saves and no model reads.
fn is_buffer(name: &str) -> bool {
    name.ends_with(".attn.mask") || name.ends_with(".attn.IGNORE")
}

/// Refuses tensors that only a model with MLPs or rotary positions has.
fn refuse_other_models(tensors: &TensorShapes) -> Result<()> {
    let with = |part: &str| tensors.keys().find(|name| name.contains(part));
    if let Some(name) = with(".mlp.") {
        let found = format!("contradicted by the tensor `{name}`");
        return Err(Error::config_invalid("attn_only", "true", found));
    }
    if let Some(name) = with(".attn.rotary_") {
        let (expected, found) =
            ("\"standard\" or \"shortformer\"", format!("rotary, by the tensor `{name}`"));
        return Err(Error::config_invalid("positional_embedding_type", expected, found));
    }
    Ok(())
}
