//! Llama, SmolLM, Mistral without a window, Qwen2 and Qwen3: RMS norms, rotary positions, gated MLPs,
//! key-value heads that query heads share.

use super::family::{Family, Told};
use super::hub_config::{Dialect, HubConfig};
use super::hub_table::{Row, has, linear, plain, view};
use crate::checkpoint::view::View;
use crate::error::{Error, Result};
use crate::model::{
    Activation, Heads, ModelConfig, Normalization, Parameter, ParameterId as P, Size, TensorShapes,
};

/// The family's row in the table of families.
pub const LLAMA: Family = Family {
    name: "llama",
    model_types: &["llama", "mistral", "qwen2", "qwen3"],
    has: |name| has(&ROWS, name),
    aliases: &[],
    config,
    view: of,
};

const ROWS: [Row; 21] = [
    plain(|_| P::Embed, "embed_tokens.weight"),
    plain(P::Ln1Weight, "layers.{layer}.input_layernorm.weight"),
    linear(P::AttnQ, "layers.{layer}.self_attn.q_proj.weight"),
    linear(P::AttnK, "layers.{layer}.self_attn.k_proj.weight"),
    linear(P::AttnV, "layers.{layer}.self_attn.v_proj.weight"),
    plain(P::AttnQBias, "layers.{layer}.self_attn.q_proj.bias"),
    plain(P::AttnKBias, "layers.{layer}.self_attn.k_proj.bias"),
    plain(P::AttnVBias, "layers.{layer}.self_attn.v_proj.bias"),
    plain(P::AttnQNorm, "layers.{layer}.self_attn.q_norm.weight"),
    plain(P::AttnKNorm, "layers.{layer}.self_attn.k_norm.weight"),
    linear(P::AttnO, "layers.{layer}.self_attn.o_proj.weight"),
    plain(P::AttnOBias, "layers.{layer}.self_attn.o_proj.bias"),
    plain(P::Ln2Weight, "layers.{layer}.post_attention_layernorm.weight"),
    linear(P::MlpGate, "layers.{layer}.mlp.gate_proj.weight"),
    plain(P::MlpGateBias, "layers.{layer}.mlp.gate_proj.bias"),
    linear(P::MlpIn, "layers.{layer}.mlp.up_proj.weight"),
    plain(P::MlpInBias, "layers.{layer}.mlp.up_proj.bias"),
    linear(P::MlpOut, "layers.{layer}.mlp.down_proj.weight"),
    plain(P::MlpOutBias, "layers.{layer}.mlp.down_proj.bias"),
    plain(|_| P::LnFinalWeight, "norm.weight"),
    linear(|_| P::Unembed, "lm_head.weight"),
];

const DIALECT: Dialect = Dialect {
    sizes: &[
        (Size::Layers, "num_hidden_layers"),
        (Size::Heads, "num_attention_heads"),
        (Size::Model, "hidden_size"),
        (Size::Head, "head_dim"),
        (Size::Positions, "max_position_embeddings"),
        (Size::Vocab, "vocab_size"),
        (Size::KeyValueHeads, "num_key_value_heads"),
        (Size::Mlp, "intermediate_size"),
    ],
    activation: ("hidden_act", Activation::Silu),
    eps: ("rms_norm_eps", 1e-6),
    positions: |model_type| match model_type {
        "mistral" => 131_072,
        "qwen2" | "qwen3" => 32_768,
        _ => 2048,
    },
    tied: false,
    rotated_share: 1.0,
    untold: &["num_attention_heads", "rope_theta", "hidden_act", "rms_norm_eps"],
    rows: &ROWS,
};

/// The window of a configuration that has one and does not say how wide: that of transformers' classes.
const DEFAULT_WINDOW: usize = 4096;

fn config(tensors: &TensorShapes, config_json: Option<&str>) -> Result<Told> {
    let hub = HubConfig::read(&DIALECT, tensors, config_json)?;
    let n_heads = hub.heads()?;
    let by_width = |id, per: usize| hub.width_of(id).map(|width| width / per.max(1)).filter(|it| *it > 0);
    let d_head = hub.size(Size::Head)?.or_else(|| by_width(P::AttnQ(0), n_heads));
    let d_head = d_head.map_or_else(|| hub.d_model_of_head(), Ok)?;
    let shared = hub.size(Size::KeyValueHeads)?.or_else(|| by_width(P::AttnK(0), d_head));
    let heads = Heads {
        n_key_value_heads: shared.filter(|shared| *shared != n_heads),
        qk_norm: hub.holds(P::AttnQNorm(0)),
        ..Heads::PLAIN
    };
    check_biases(&hub)?;
    refuse_windows(&hub)?;
    hub.model(Normalization::Rms, hub.rotary(d_head)?, (d_head, heads), (true, false))
}

/// Compares the fields that say whether there are biases with the tensors.
fn check_biases(hub: &HubConfig) -> Result<()> {
    for (field, bias) in [("attention_bias", P::AttnQBias(0)), ("mlp_bias", P::MlpInBias(0))] {
        let held = hub.holds(bias);
        // Qwen2 has biases whatever the field says.
        if let Some(given) = hub.fields.flag(field)?.filter(|given| *given != held)
            && hub.model_type()? != "qwen2"
        {
            return Err(Error::config_invalid(field, &format!("{held}, by the tensors"), given));
        }
    }
    Ok(())
}

/// Refuses a sliding window that is shorter than the model's longest text.
fn refuse_windows(hub: &HubConfig) -> Result<()> {
    if let Some(kinds) = hub.fields.get("layer_types") {
        let full = kinds.as_array().is_some_and(|kinds| kinds.iter().all(|kind| kind == "full_attention"));
        if !full {
            return Err(Error::config_invalid("layer_types", "\"full_attention\" for every layer", kinds));
        }
    }
    let model_type = hub.model_type()?;
    let (qwen, mistral) = (model_type.starts_with("qwen"), model_type == "mistral");
    let used = hub.fields.flag("use_sliding_window")?.unwrap_or(!qwen);
    let absent =
        if hub.fields.has("sliding_window") || !(qwen || mistral) { None } else { Some(DEFAULT_WINDOW) };
    let positions = hub.unlearned_positions()?;
    match hub.fields.size("sliding_window")?.or(absent).filter(|window| used && *window < positions) {
        None => Ok(()),
        Some(window) => {
            let expected = format!("null, or at least the {positions} positions");
            Err(Error::config_invalid("sliding_window", &expected, window))
        }
    }
}

fn of(config: &ModelConfig, parameter: &Parameter) -> View {
    view(&ROWS, config, parameter)
}
