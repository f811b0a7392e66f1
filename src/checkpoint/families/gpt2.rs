//! GPT-2: learned positions, q, k and v in one tensor, weights as `[in, out]`.

use super::family::{Family, Told};
use super::hub_config::{Dialect, HubConfig};
use super::hub_table::{Form, Row, has, linear, plain, view};
use crate::checkpoint::view::View;
use crate::error::Result;
use crate::model::{
    Activation, Heads, ModelConfig, Normalization, Parameter, ParameterId as P, PositionalEmbedding, Size,
    TensorShapes,
};

/// The family's row in the table of families.
pub const GPT2: Family = Family {
    name: "gpt2",
    model_types: &["gpt2"],
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
    fused(P::AttnQ, "h.{layer}.attn.c_attn.weight", 0),
    fused(P::AttnK, "h.{layer}.attn.c_attn.weight", 1),
    fused(P::AttnV, "h.{layer}.attn.c_attn.weight", 2),
    fused(P::AttnQBias, "h.{layer}.attn.c_attn.bias", 0),
    fused(P::AttnKBias, "h.{layer}.attn.c_attn.bias", 1),
    fused(P::AttnVBias, "h.{layer}.attn.c_attn.bias", 2),
    plain(P::AttnO, "h.{layer}.attn.c_proj.weight"),
    plain(P::AttnOBias, "h.{layer}.attn.c_proj.bias"),
    plain(P::Ln2Weight, "h.{layer}.ln_2.weight"),
    plain(P::Ln2Bias, "h.{layer}.ln_2.bias"),
    plain(P::MlpIn, "h.{layer}.mlp.c_fc.weight"),
    plain(P::MlpInBias, "h.{layer}.mlp.c_fc.bias"),
    plain(P::MlpOut, "h.{layer}.mlp.c_proj.weight"),
    plain(P::MlpOutBias, "h.{layer}.mlp.c_proj.bias"),
    plain(|_| P::LnFinalWeight, "ln_f.weight"),
    plain(|_| P::LnFinalBias, "ln_f.bias"),
    linear(|_| P::Unembed, "lm_head.weight"),
    plain(|_| P::UnembedBias, "lm_head.bias"),
];

const fn fused(id: fn(usize) -> P, name: &'static str, part: usize) -> Row {
    Row { id, name, form: Form::Fused(part) }
}

const DIALECT: Dialect = Dialect {
    sizes: &[
        (Size::Layers, "n_layer"),
        (Size::Heads, "n_head"),
        (Size::Model, "n_embd"),
        (Size::Positions, "n_positions"),
        (Size::Vocab, "vocab_size"),
        (Size::Mlp, "n_inner"),
    ],
    activation: ("activation_function", Activation::GeluNew),
    eps: ("layer_norm_epsilon", 1e-5),
    positions: |_| 1024,
    tied: true,
    rotated_share: 0.0,
    untold: &["n_head", "activation_function", "layer_norm_epsilon"],
    rows: &ROWS,
};

fn config(tensors: &TensorShapes, config_json: Option<&str>) -> Result<Told> {
    let hub = HubConfig::read(&DIALECT, tensors, config_json)?;
    let unscaled = hub.fields.flag("scale_attn_weights")? == Some(false);
    let heads = Heads {
        scale: unscaled.then_some(1.0),
        scale_by_inverse_layer: hub.fields.flag("scale_attn_by_inverse_layer_idx")?.unwrap_or(false),
        ..Heads::PLAIN
    };
    let heads = (hub.d_model_of_head()?, heads);
    hub.model(Normalization::Ln, PositionalEmbedding::Standard, heads, (false, false))
}

fn of(config: &ModelConfig, parameter: &Parameter) -> View {
    view(&ROWS, config, parameter)
}
