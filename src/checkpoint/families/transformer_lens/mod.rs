//! TransformerLens' own checkpoints: the state dict of a `HookedTransformer`, and its `config.json`.
//!
//! Names and shapes in the file are those of [`parameters`](crate::model::parameters).

mod config_json;
mod kinds;
mod refused;

use self::config_json::{ConfigJson, Layers};
use self::kinds::{Open, config_needed};
use super::family::{Family, Told};
use crate::checkpoint::view::{Along, View};
use crate::error::Result;
use crate::model::{
    ModelConfig, Normalization, Parameter, ParameterId, Size, TensorShapes, has_tensor, infer_sizes,
    is_known_name, sizes_missing,
};

/// The family's row in the table of families.
pub const TRANSFORMER_LENS: Family = Family {
    name: "transformer_lens",
    model_types: &[],
    has: is_known_name,
    // The names of keys and values that query heads share.
    aliases: &[("._W_K", ".W_K"), ("._W_V", ".W_V"), ("._b_K", ".b_K"), ("._b_V", ".b_V")],
    config,
    view,
};

/// The configuration: sizes by `tensors`, the rest by `config_json`, which wins where it speaks.
fn config(tensors: &TensorShapes, config_json: Option<&str>) -> Result<Told> {
    let given = config_json.map(ConfigJson::read).transpose()?.unwrap_or_default();
    let has = |id| has_tensor(tensors, id);
    let layers = Layers {
        has_mlp: has(ParameterId::MlpIn(0)),
        gated: has(ParameterId::MlpGate(0)),
        inner_norm: has(ParameterId::MlpLnWeight(0)),
        qk_norm: has(ParameterId::AttnQNorm(0)),
        tied: given.is_tied()? && !has(ParameterId::Unembed),
    };
    given.check_layers(&layers)?;
    let rotary = tensors.keys().any(|name| name.contains(".attn.rotary_"));
    let mut inferred = infer_sizes(tensors);
    if let Some(&&[n_ctx, _]) = tensors.get("blocks.0.attn.rotary_sin") {
        inferred.entry(Size::Positions).or_insert(n_ctx);
    }
    let mut sizes = inferred.clone();
    sizes.extend(given.sizes()?);
    let open_size = |size: &Size| !sizes.contains_key(size);
    let n_ctx_open = open_size(&Size::Positions) && (rotary || given.has_no_position_matrix());
    if Size::ALL.iter().any(|size| open_size(size) && !(n_ctx_open && *size == Size::Positions)) {
        return Err(sizes_missing(tensors));
    }
    let learned = match (has(ParameterId::Ln1Weight(0)), has(ParameterId::Ln1Bias(0))) {
        (true, false) => Some(Normalization::Rms),
        (_, true) => Some(Normalization::Ln),
        (false, false) => None,
    };
    let normalization = given.normalization()?.or(learned.map(Some));
    let positions = given.positions(sizes[&Size::Head])?;
    let activation = given.activation(&layers)?;
    let open = Open {
        normalization: normalization.is_none(),
        positions: positions.is_none(),
        activation: layers.has_mlp && activation.is_none(),
        n_ctx: n_ctx_open,
    };
    let (Some(normalization), Some(positions), false) = (normalization, positions, open.more_than_kind())
    else {
        let of_known_kind = !(layers.has_mlp || rotary);
        return Err(config_needed(open, of_known_kind, learned, (normalization, positions), inferred));
    };
    let config = given.complete(&sizes, (normalization, positions), activation, &layers)?;
    let ignored = given.sizes()?.get(&Size::Mlp).copied().filter(|_| !layers.has_mlp);
    let note = |d_mlp| format!("The configuration's d_mlp of {d_mlp} is ignored: the weights have no MLP.");
    Ok(Told { config, notes: ignored.map(note).into_iter().collect() })
}

/// A parameter is a tensor of its own, of the same name and shape; a tied unembedding is the transposed
/// embedding.
fn view(config: &ModelConfig, parameter: &Parameter) -> View {
    if !(config.tied_unembedding && parameter.id == ParameterId::Unembed) {
        return View::whole(&parameter.name, &parameter.shape);
    }
    let along = |dimension, len| Along { dimension, len, step: 1 };
    View {
        tensor: "embed.W_E".to_owned(),
        shape: vec![config.d_vocab, config.d_model],
        start: vec![0, 0],
        along: vec![along(1, config.d_model), along(0, config.d_vocab)],
    }
}
