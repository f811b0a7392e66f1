//! Models that Headscope does not run: refused by the field or the tensor that says so.

use headscope::Error;
use headscope::model::ModelConfig;
use serde_json::{Value, json};

use crate::checkpoint::hub_file::HubFile;

/// Names and shapes of tensors.
type Shapes = &'static [(&'static str, &'static [usize])];

/// The error of a checkpoint whose configuration has this field changed.
fn refusal(name: &str, field: &str, value: &Value) -> Error {
    let file = HubFile::open(name);
    let mut config: Value = serde_json::from_str(&file.config).expect("JSON");
    config[field] = value.clone();
    let told = file.checkpoint().config(Some(&config.to_string()));
    told.map(|config| panic!("{name}, {field}: {config:?}")).unwrap_err()
}

#[test]
fn fields_that_change_the_figures_are_refused_by_name_with_what_was_found() {
    let yarn = json!({"rope_type": "yarn", "factor": 4.0});
    let llama3 = json!({"rope_type": "llama3", "rope_theta": 500000.0});
    let by_layer = json!({"full_attention": {"rope_type": "default"}, "sliding_attention": {}});
    let cases = [
        ("smollm", "rope_scaling", yarn, "rope_scaling", "yarn"),
        ("smollm", "rope_scaling", json!({"type": "linear", "factor": 2}), "rope_scaling", "linear"),
        ("smollm", "rope_parameters", llama3, "rope_type", "llama3"),
        ("smollm", "rope_parameters", by_layer, "rope_parameters", "several"),
        ("pythia", "rope_scaling", json!({"type": "dynamic"}), "rope_scaling", "dynamic"),
        ("smollm", "final_logit_softcapping", json!(30.0), "final_logit_softcapping", "30"),
        ("smollm", "attn_logit_softcapping", json!(50.0), "attn_logit_softcapping", "50"),
        ("smollm", "num_local_experts", json!(8), "num_local_experts", "8"),
        ("qwen2", "num_experts", json!(60), "num_experts", "60"),
        ("smollm", "n_routed_experts", json!(64), "n_routed_experts", "64"),
        ("gpt2", "alibi", json!(true), "alibi", "true"),
        ("gpt2", "use_alibi", json!(true), "use_alibi", "true"),
        ("gpt2", "position_embedding_type", json!("alibi"), "position_embedding_type", "alibi"),
        ("qwen3", "is_causal", json!(false), "is_causal", "false"),
        ("smollm", "use_bidirectional_attention", json!(true), "use_bidirectional_attention", "true"),
        ("gpt2", "is_encoder_decoder", json!(true), "is_encoder_decoder", "true"),
        ("gpt2", "add_cross_attention", json!(true), "add_cross_attention", "true"),
        ("smollm", "clip_qkv", json!(8.0), "clip_qkv", "8"),
        ("qwen2", "use_mrope", json!(true), "use_mrope", "true"),
        ("smollm", "rope_interleaved", json!(true), "rope_interleaved", "true"),
        ("smollm", "use_logn_attn", json!(true), "use_logn_attn", "true"),
        ("smollm", "use_attention_sinks", json!(true), "use_attention_sinks", "true"),
        ("smollm", "post_embedding_ln", json!(true), "post_embedding_ln", "true"),
        (
            "smollm",
            "use_normalization_before_and_after",
            json!(true),
            "use_normalization_before_and_after",
            "true",
        ),
        ("gpt2", "final_rms", json!(true), "final_rms", "true"),
        ("smollm", "embedding_multiplier", json!(12.0), "embedding_multiplier", "12"),
        ("smollm", "residual_multiplier", json!(0.22), "residual_multiplier", "0.22"),
        ("smollm", "attention_multiplier", json!(0.01), "attention_multiplier", "0.01"),
        ("smollm", "logits_scaling", json!(8.0), "logits_scaling", "8"),
        ("smollm", "logit_scale", json!(0.0625), "logit_scale", "0.0625"),
        ("smollm", "quantization_config", json!({"bits": 4}), "quantization_config", "bits"),
        ("smollm", "load_in_4bit", json!(true), "load_in_4bit", "true"),
        ("smollm", "load_in_8bit", json!(true), "load_in_8bit", "true"),
        ("qwen2", "layer_types", json!(["sliding_attention"]), "layer_types", "sliding_attention"),
        ("smollm", "sliding_window", json!(32), "sliding_window", "32"),
        ("smollm", "attention_bias", json!(true), "attention_bias", "true"),
        ("smollm", "mlp_bias", json!(true), "mlp_bias", "true"),
        ("smollm", "hidden_act", json!("relu2"), "hidden_act", "relu2"),
        ("smollm", "num_key_value_heads", json!(2), "n_key_value_heads", "2"),
        ("gpt2", "n_head", json!(5), "n_head", "5"),
        ("gpt2", "n_head", json!(0), "n_head", "0"),
        ("gpt2", "scale_attn_weights", json!("no"), "scale_attn_weights", "no"),
        ("gpt_neo", "attention_layers", json!(["global"]), "attention_layers", "1 layers"),
        ("gpt_neo", "attention_layers", json!(["global", "far"]), "attention_layers", "far"),
        ("gpt_neo", "window_size", json!(0), "window_size", "0"),
        ("pythia", "rotary_pct", json!(1.5), "rotary_dim", "24"),
        ("pythia", "layer_norm_eps", json!("small"), "layer_norm_eps", "small"),
        ("pythia", "model_type", json!("llama"), "model_type", "llama"),
        ("tl_gelu", "model_type", json!("gpt2"), "model_type", "gpt2"),
    ];
    for (name, field, value, named, part) in cases {
        let error = refusal(name, field, &value);
        let Error::ConfigInvalid { field: found_field, found, .. } = &error else {
            panic!("{name}, {field}: {error}")
        };
        assert_eq!(found_field, named, "{error}");
        assert!(found.contains(part), "{field}: `{part}` is not in: {error}");
    }
}

#[test]
fn harmless_values_of_the_same_fields_are_accepted() {
    for (name, field, value) in [
        ("smollm", "rope_scaling", json!({"rope_type": "default"})),
        ("smollm", "rope_parameters", json!({"rope_type": "default", "rope_theta": 100000.0})),
        ("gpt2", "alibi", json!(false)),
        ("gpt2", "position_embedding_type", json!("absolute")),
        ("smollm", "num_local_experts", Value::Null),
        ("smollm", "rope_interleaved", json!(false)),
        ("smollm", "is_causal", json!(true)),
        ("smollm", "logits_scaling", json!(1.0)),
        ("smollm", "sliding_window", json!(64)),
        ("pythia", "is_decoder", json!(false)),
        ("smollm", "attention_bias", json!(false)),
    ] {
        let file = HubFile::open(name);
        let mut config: Value = serde_json::from_str(&file.config).expect("JSON");
        config[field] = value;
        let told = file.checkpoint().config(Some(&config.to_string())).expect(field);
        assert_eq!(told, file.checkpoint().config(Some(&file.config)).expect(name), "{field}");
    }
}

#[test]
fn a_window_counts_where_the_family_uses_it() {
    let told = |fields: Value| {
        let file = HubFile::open("qwen2");
        let mut config: Value = serde_json::from_str(&file.config).expect("JSON");
        for (field, value) in fields.as_object().expect("an object") {
            config[field] = value.clone();
        }
        file.checkpoint().config(Some(&config.to_string())).map_err(|error| error.to_string())
    };
    assert!(told(json!({"sliding_window": 16})).is_ok(), "Qwen2 does not use it unless it says so");
    let error = told(json!({"sliding_window": 16, "use_sliding_window": true})).expect_err("a window");
    assert!(error.contains("`sliding_window`") && error.contains("64") && error.contains("16"), "{error}");
    assert!(told(json!({"use_sliding_window": true})).is_ok(), "null is no window");
    let mistral =
        json!({"model_type": "mistral", "max_position_embeddings": 32768, "use_sliding_window": null});
    assert!(told(mistral.clone()).is_ok(), "null is no window");
    let file = HubFile::open("smollm");
    let mut config: Value = serde_json::from_str(&file.config).expect("JSON");
    (config["model_type"], config["max_position_embeddings"]) = (json!("mistral"), json!(32768));
    let error = file.checkpoint().config(Some(&config.to_string())).expect_err("the class has a window");
    assert!(error.to_string().contains("4096"), "{error}");
}

#[test]
fn models_of_other_types_are_named_and_what_runs_is_listed() {
    for name in [
        "gemma", "gemma2", "gemma3", "phi", "phi3", "bloom", "opt", "mamba", "gptj", "mixtral", "bert",
        "roberta", "t5", "olmo2", "smollm3",
    ] {
        let error = refusal("smollm", "model_type", &json!(name));
        assert_eq!(error.code(), "ModelUnsupported", "{error}");
        let sentence = error.to_string();
        assert!(sentence.contains(&format!("`{name}`")) && sentence.contains("Qwen3"), "{sentence}");
    }
}

#[test]
fn tensors_of_layouts_that_do_not_run_are_named() {
    let cases: [(Shapes, &str); 14] = [
        (
            &[("transformer.wte.weight", &[65, 384]), ("transformer.h.0.attn.c_attn.weight", &[1152, 384])],
            "nanoGPT",
        ),
        (&[("blocks.0.attn.q.weight", &[8, 8]), ("embed.weight", &[9, 8])], "TransformerBridge"),
        (&[("blocks.0._original_component.attn.weight", &[8, 8])], "TransformerBridge"),
        (&[("bert.encoder.layer.0.attention.self.query.weight", &[8, 8])], "BERT"),
        (&[("model.layers.0.block_sparse_moe.gate.weight", &[8, 8])], "mixture of experts"),
        (&[("model.layers.0.mlp.experts.0.up_proj.weight", &[8, 8])], "mixture of experts"),
        (&[("model.layers.0.pre_feedforward_layernorm.weight", &[8])], "Gemma"),
        (&[("model.layers.0.self_attn.qkv_proj.weight", &[24, 8])], "Phi-3"),
        (&[("transformer.h.0.self_attention.query_key_value.weight", &[24, 8])], "BLOOM"),
        (&[("transformer.h.0.attn.q_proj.weight", &[8, 8])], "GPT-J"),
        (&[("model.decoder.layers.0.self_attn.q_proj.weight", &[8, 8])], "OPT"),
        (&[("backbone.layers.0.mixer.in_proj.weight", &[8, 8])], "Mamba"),
        (&[("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", &[8, 8])], "LoRA"),
        (&[("model.layers.0.self_attn.q_proj.qweight", &[8, 8])], "quantized"),
    ];
    for (tensors, part) in cases {
        let error = ModelConfig::infer(tensors.iter().copied(), None).expect_err(part);
        assert_eq!(error.code(), "ModelUnsupported", "{part}: {error}");
        assert!(error.to_string().contains(part), "`{part}` is not in: {error}");
    }
}
