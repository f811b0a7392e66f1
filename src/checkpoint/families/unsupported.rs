//! Models that are known and not run: told by `model_type`, or by names of tensors that only they have.

use super::family::Family;
use super::json::Fields;
use crate::error::{Error, Result};
use crate::model::TensorShapes;

/// The families that run, as an error lists them.
const RUNS: &str = "GPT-2, GPT-Neo, GPT-NeoX (Pythia), Llama, Mistral, Qwen2, Qwen3 and TransformerLens' own \
                    checkpoints";

/// Parts of names, without wrappers, and the model or file that has them.
const LAYOUTS: [(&str, &str); 22] = [
    ("lora_A", "a LoRA adapter without its model"),
    (".qweight", "a quantized model"),
    (".weight.absmax", "a quantized model"),
    (".SCB", "a quantized model"),
    ("._original_component.", "a checkpoint in TransformerLens' TransformerBridge layout"),
    ("blocks.0.attn.q.weight", "a checkpoint in TransformerLens' TransformerBridge layout"),
    ("blocks.0.attn.qkv.weight", "a checkpoint in TransformerLens' TransformerBridge layout"),
    ("block_sparse_moe", "a mixture of experts, such as Mixtral"),
    (".mlp.experts.", "a mixture of experts"),
    ("layers.0.pre_feedforward_layernorm", "a Gemma model"),
    ("layers.0.self_attn.qkv_proj", "a Phi-3 model"),
    ("layers.0.self_attn.dense.", "a Phi model"),
    ("layers.0.mixer.", "a Mamba model"),
    ("h.0.self_attention.query_key_value", "a BLOOM or Falcon model"),
    ("h.0.attn.q_proj.", "a GPT-J or CodeGen model"),
    ("decoder.layers.0.self_attn", "an OPT model"),
    ("encoder.layer.0.attention.self.query", "a BERT or RoBERTa model"),
    ("encoder.block.0.layer.0.SelfAttention", "a T5 model"),
    ("encoder.layers.0.self_attn", "a model with an encoder"),
    ("decoder.block.0.layer.0", "a T5 model"),
    ("h.0.crossattention.", "a model with cross-attention"),
    ("vision_tower.", "a model of images and text"),
];

/// The error for a kind of model or file that is known and not run.
pub fn unsupported(found: impl Into<String>) -> Error {
    Error::ModelUnsupported { found: found.into(), runs: RUNS }
}

/// The layout of these names that is known and not run, if there is one.
pub fn layout_of<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Option<&'static str> {
    let has = |(part, _): &&(&str, &str)| names.clone().any(|name| name.contains(part));
    LAYOUTS.iter().find(has).map(|(_, found)| *found)
}

/// Refuses tensors of a layout that is known and not run.
///
/// # Errors
/// [`Error::ModelUnsupported`].
pub fn refuse_layout(tensors: &TensorShapes) -> Result<()> {
    if let Some(found) = layout_of(tensors.keys().copied()) {
        return Err(unsupported(found));
    }
    // nanoGPT has GPT-2's names, and torch's Linear in place of GPT-2's transposed one.
    match tensors.get("h.0.attn.c_attn.weight") {
        Some(&&[output, input]) if output == 3 * input => {
            Err(unsupported("a checkpoint in nanoGPT's layout, which has GPT-2's matrices transposed"))
        }
        _ => Ok(()),
    }
}

/// Refuses a `config.json` whose `model_type` is not one of the family that the tensors are of. Tensors that
/// no family knows are of any.
///
/// # Errors
/// [`Error::ModelUnsupported`] for a type that does not run; [`Error::ConfigInvalid`] for the type of another
/// family, for a type that is no text, and when the file is no JSON object.
pub fn check_model_type(family: Option<&Family>, all: &[&Family], config_json: Option<&str>) -> Result<()> {
    let Some(json) = config_json else { return Ok(()) };
    let fields = Fields::parse(json)?;
    let Some(found) = fields.text("model_type")? else { return Ok(()) };
    if !all.iter().any(|other| other.model_types.contains(&found)) {
        return Err(unsupported(format!("a model of type `{found}`")));
    }
    let Some(family) = family.filter(|family| !family.model_types.contains(&found)) else { return Ok(()) };
    let expected = match family.model_types {
        [] => "absent, as the tensors have TransformerLens' names".to_owned(),
        types => format!("{}, by the names of the tensors", types.join(" or ")),
    };
    Err(Error::config_invalid("model_type", &expected, found))
}
