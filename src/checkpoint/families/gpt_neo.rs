//! GPT-Neo, TinyStories: learned positions, windows in every other layer, scores that are not scaled.

use serde_json::Value;

use super::family::{Family, Told};
use super::hub_config::{Dialect, HubConfig};
use super::hub_table::{Row, has, linear, plain, view};
use crate::checkpoint::view::View;
use crate::error::{Error, Result};
use crate::model::{
    Activation, Heads, ModelConfig, Normalization, Parameter, ParameterId as P, PositionalEmbedding, Size,
    TensorShapes,
};

/// The family's row in the table of families.
pub const GPT_NEO: Family = Family {
    name: "gpt_neo",
    model_types: &["gpt_neo"],
    has: |name| has(&ROWS, name),
    aliases: &[],
    config,
    view: of,
};

const ROWS: [Row; 22] = [
    plain(|_| P::Embed, "wte.weight"),
    plain(|_| P::Positions, "wpe.weight"),
    plain(P::Ln1Weight, "h.{layer}.ln_1.weight"),
    plain(P::Ln1Bias, "h.{layer}.ln_1.bias"),
    linear(P::AttnQ, "h.{layer}.attn.attention.q_proj.weight"),
    linear(P::AttnK, "h.{layer}.attn.attention.k_proj.weight"),
    linear(P::AttnV, "h.{layer}.attn.attention.v_proj.weight"),
    plain(P::AttnQBias, "h.{layer}.attn.attention.q_proj.bias"),
    plain(P::AttnKBias, "h.{layer}.attn.attention.k_proj.bias"),
    plain(P::AttnVBias, "h.{layer}.attn.attention.v_proj.bias"),
    linear(P::AttnO, "h.{layer}.attn.attention.out_proj.weight"),
    plain(P::AttnOBias, "h.{layer}.attn.attention.out_proj.bias"),
    plain(P::Ln2Weight, "h.{layer}.ln_2.weight"),
    plain(P::Ln2Bias, "h.{layer}.ln_2.bias"),
    linear(P::MlpIn, "h.{layer}.mlp.c_fc.weight"),
    plain(P::MlpInBias, "h.{layer}.mlp.c_fc.bias"),
    linear(P::MlpOut, "h.{layer}.mlp.c_proj.weight"),
    plain(P::MlpOutBias, "h.{layer}.mlp.c_proj.bias"),
    plain(|_| P::LnFinalWeight, "ln_f.weight"),
    plain(|_| P::LnFinalBias, "ln_f.bias"),
    linear(|_| P::Unembed, "lm_head.weight"),
    plain(|_| P::UnembedBias, "lm_head.bias"),
];

const DIALECT: Dialect = Dialect {
    sizes: &[
        (Size::Layers, "num_layers"),
        (Size::Heads, "num_heads"),
        (Size::Model, "hidden_size"),
        (Size::Positions, "max_position_embeddings"),
        (Size::Vocab, "vocab_size"),
        (Size::Mlp, "intermediate_size"),
    ],
    activation: ("activation_function", Activation::GeluNew),
    eps: ("layer_norm_epsilon", 1e-5),
    positions: |_| 2048,
    tied: true,
    rotated_share: 0.0,
    untold: &["num_heads", "attention_types", "window_size", "activation_function", "layer_norm_epsilon"],
    rows: &ROWS,
};

/// The window of a configuration without one: that of transformers' class.
const DEFAULT_WINDOW: usize = 256;

fn config(tensors: &TensorShapes, config_json: Option<&str>) -> Result<Told> {
    let hub = HubConfig::read(&DIALECT, tensors, config_json)?;
    let heads = Heads { scale: Some(1.0), windows: windows(&hub)?, ..Heads::PLAIN };
    let heads = (hub.d_model_of_head()?, heads);
    hub.model(Normalization::Ln, PositionalEmbedding::Standard, heads, (false, false))
}

/// Each layer's window. `attention_layers` names the kind of each layer; `attention_types` has groups of
/// kinds, and how often each group repeats.
fn windows(hub: &HubConfig) -> Result<Vec<Option<usize>>> {
    let window = hub.fields.size("window_size")?.unwrap_or(DEFAULT_WINDOW);
    let of_kind = |kind: &Value| match kind.as_str() {
        Some("global") => Some(None),
        Some("local") => Some(Some(window)),
        _ => None,
    };
    let kinds = |value: &Value| value.as_array()?.iter().map(of_kind).collect::<Option<Vec<_>>>();
    let repeated = |group: &Value| {
        let (kinds, times) = (kinds(group.get(0)?)?, usize::try_from(group.get(1)?.as_u64()?).ok()?);
        (times <= Size::Layers.largest()).then(|| kinds.repeat(times))
    };
    let layers = hub.needed(Size::Layers)?;
    let (field, found) = match (hub.fields.get("attention_layers"), hub.fields.get("attention_types")) {
        (Some(value), _) => ("attention_layers", kinds(value).ok_or(value)),
        (None, Some(value)) => {
            let groups =
                value.as_array().map(|groups| groups.iter().map(repeated).collect::<Option<Vec<_>>>());
            ("attention_types", groups.flatten().map(|groups| groups.concat()).ok_or(value))
        }
        // The default of transformers' class: every other layer, from the second on.
        (None, None) => {
            let of_layer = |layer: usize| (layer % 2 == 1).then_some(window);
            ("attention_types", Ok((0..layers).map(of_layer).collect()))
        }
    };
    let expected = format!("\"global\" or \"local\" for each of {layers} layers");
    match found {
        Ok(windows) if windows.len() == layers && windows.iter().any(Option::is_some) => Ok(windows),
        Ok(windows) if windows.len() == layers => Ok(Vec::new()),
        Ok(windows) => Err(Error::config_invalid(field, &expected, format!("of {} layers", windows.len()))),
        Err(value) => Err(Error::config_invalid(field, &expected, value)),
    }
}

fn of(config: &ModelConfig, parameter: &Parameter) -> View {
    view(&ROWS, config, parameter)
}
