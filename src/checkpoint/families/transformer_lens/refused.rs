//! Fields of TransformerLens' configuration that ask for arithmetic that Headscope does not do.

use serde_json::Value;

use crate::checkpoint::families::json::{Harmless, is_false, is_one};

/// The fields, with the values that make no difference.
pub const REFUSED: [Harmless; 20] = [
    refused("attention_dir", "\"causal\"", |value| value == "causal"),
    refused("final_rms", "false", is_false),
    refused("attn_scores_soft_cap", "off", is_off),
    refused("output_logits_soft_cap", "off", is_off),
    refused("final_logit_softcapping", "null", |_| false),
    refused("attn_logit_softcapping", "null", |_| false),
    refused("num_experts", "null", |_| false),
    refused("clip_qkv", "null", |_| false),
    refused("use_logn_attn", "false", is_false),
    refused("use_dynamic_ntk_rope", "false", is_false),
    refused("use_NTK_by_parts_rope", "false", is_false),
    refused("use_yarn_rope", "false", is_false),
    refused("rotary_scaling_factor", "1", is_one),
    refused("rotary_base_local", "null", |_| false),
    refused("use_attention_sinks", "false", is_false),
    refused("post_embedding_ln", "false", is_false),
    refused("use_normalization_before_and_after", "false", is_false),
    refused("load_in_4bit", "false", is_false),
    refused("quantization_method", "null", |_| false),
    refused("rope_scaling", "null", |_| false),
];

const fn refused(field: &'static str, expected: &'static str, accepts: fn(&Value) -> bool) -> Harmless {
    Harmless { field, expected, accepts }
}

/// Whether a cap is none in TransformerLens' way: a number that is not positive.
fn is_off(value: &Value) -> bool {
    value.as_f64().is_some_and(|cap| cap <= 0.0)
}
