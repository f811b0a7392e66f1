//! GPT-NeoX, Pythia: rotary positions over a part of each head, parallel blocks, q, k and v of a head
//! interleaved.

use super::family::{Family, Told};
use super::hub_config::{Dialect, HubConfig};
use super::hub_table::{Form, Row, has, linear, plain, view};
use crate::checkpoint::view::View;
use crate::error::Result;
use crate::model::{
    Activation, Heads, ModelConfig, Normalization, Parameter, ParameterId as P, Size, TensorShapes,
};

/// The family's row in the table of families.
pub const GPT_NEOX: Family = Family {
    name: "gpt_neox",
    model_types: &["gpt_neox"],
    has: |name| has(&ROWS, name),
    // transformers 5 has renamed the unembedding.
    aliases: &[("lm_head.weight", "embed_out.weight")],
    config,
    view: of,
};

const ROWS: [Row; 21] = [
    plain(|_| P::Embed, "embed_in.weight"),
    plain(P::Ln1Weight, "layers.{layer}.input_layernorm.weight"),
    plain(P::Ln1Bias, "layers.{layer}.input_layernorm.bias"),
    interleaved(P::AttnQ, "layers.{layer}.attention.query_key_value.weight", 0),
    interleaved(P::AttnK, "layers.{layer}.attention.query_key_value.weight", 1),
    interleaved(P::AttnV, "layers.{layer}.attention.query_key_value.weight", 2),
    interleaved(P::AttnQBias, "layers.{layer}.attention.query_key_value.bias", 0),
    interleaved(P::AttnKBias, "layers.{layer}.attention.query_key_value.bias", 1),
    interleaved(P::AttnVBias, "layers.{layer}.attention.query_key_value.bias", 2),
    linear(P::AttnO, "layers.{layer}.attention.dense.weight"),
    plain(P::AttnOBias, "layers.{layer}.attention.dense.bias"),
    plain(P::Ln2Weight, "layers.{layer}.post_attention_layernorm.weight"),
    plain(P::Ln2Bias, "layers.{layer}.post_attention_layernorm.bias"),
    linear(P::MlpIn, "layers.{layer}.mlp.dense_h_to_4h.weight"),
    plain(P::MlpInBias, "layers.{layer}.mlp.dense_h_to_4h.bias"),
    linear(P::MlpOut, "layers.{layer}.mlp.dense_4h_to_h.weight"),
    plain(P::MlpOutBias, "layers.{layer}.mlp.dense_4h_to_h.bias"),
    plain(|_| P::LnFinalWeight, "final_layer_norm.weight"),
    plain(|_| P::LnFinalBias, "final_layer_norm.bias"),
    linear(|_| P::Unembed, "embed_out.weight"),
    plain(|_| P::UnembedBias, "embed_out.bias"),
];

const fn interleaved(id: fn(usize) -> P, name: &'static str, part: usize) -> Row {
    Row { id, name, form: Form::Interleaved(part) }
}

const DIALECT: Dialect = Dialect {
    sizes: &[
        (Size::Layers, "num_hidden_layers"),
        (Size::Heads, "num_attention_heads"),
        (Size::Model, "hidden_size"),
        (Size::Positions, "max_position_embeddings"),
        (Size::Vocab, "vocab_size"),
        (Size::Mlp, "intermediate_size"),
    ],
    activation: ("hidden_act", Activation::Gelu),
    eps: ("layer_norm_eps", 1e-5),
    positions: |_| 2048,
    tied: false,
    rotated_share: 0.25,
    untold: &[
        "num_attention_heads",
        "rotary_pct",
        "rotary_emb_base",
        "use_parallel_residual",
        "hidden_act",
        "layer_norm_eps",
    ],
    rows: &ROWS,
};

fn config(tensors: &TensorShapes, config_json: Option<&str>) -> Result<Told> {
    let hub = HubConfig::read(&DIALECT, tensors, config_json)?;
    let d_head = hub.d_model_of_head()?;
    let parallel = hub.fields.flag("use_parallel_residual")?.unwrap_or(true);
    hub.model(Normalization::Ln, hub.rotary(d_head)?, (d_head, Heads::PLAIN), (false, parallel))
}

fn of(config: &ModelConfig, parameter: &Parameter) -> View {
    view(&ROWS, config, parameter)
}
