//! `config.json` of well-known repositories, in both forms that transformers has written, and what tensors
//! tell where it is silent.

use headscope::Error;
use headscope::checkpoint::Checkpoint;
use headscope::model::ModelConfig;
use serde_json::{Value, json};

use crate::checkpoint::hub_file::HubFile;

/// Names and shapes of tensors, as far as they tell sizes.
type Shapes = &'static [(&'static str, &'static [usize])];

fn infer(shapes: Shapes, config: &Value) -> Result<Value, Error> {
    ModelConfig::infer(shapes.iter().copied(), Some(&config.to_string())).map(|config| json!(config))
}

/// The fields of a configuration that should have these values.
#[track_caller]
fn assert_has(found: &Value, expected: &Value) {
    for (field, expected) in expected.as_object().expect("an object") {
        assert_eq!(&found[field], expected, "{field} of {found}");
    }
}

#[test]
fn gpt2_small() {
    let config = json!({
        "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1,
        "bos_token_id": 50256, "embd_pdrop": 0.1, "eos_token_id": 50256, "initializer_range": 0.02,
        "layer_norm_epsilon": 1e-05, "model_type": "gpt2", "n_ctx": 1024, "n_embd": 768, "n_head": 12,
        "n_layer": 12, "n_positions": 1024, "resid_pdrop": 0.1, "summary_activation": null,
        "summary_first_dropout": 0.1, "summary_proj_to_labels": true, "summary_type": "cls_index",
        "summary_use_proj": true, "vocab_size": 50257,
        "task_specific_params": {"text-generation": {"do_sample": true, "max_length": 50}},
    });
    let shapes: Shapes = &[
        ("wte.weight", &[50257, 768]),
        ("wpe.weight", &[1024, 768]),
        ("h.0.attn.bias", &[1, 1, 1024, 1024]),
        ("h.0.attn.c_attn.weight", &[768, 2304]),
        ("h.0.mlp.c_fc.weight", &[768, 3072]),
    ];
    let found = infer(shapes, &config).expect("GPT-2");
    let expected = json!({
        "n_layers": 12, "n_heads": 12, "d_model": 768, "d_head": 64, "n_ctx": 1024, "d_vocab": 50257,
        "normalization_type": "LN", "positional_embedding_type": "standard", "eps": 1e-5, "d_mlp": 3072,
        "act_fn": "gelu_new", "gated_mlp": false, "parallel_attn_mlp": false, "tie_word_embeddings": true,
    });
    assert_eq!(found, expected);
}

#[test]
fn pythia_70m() {
    let config = json!({
        "architectures": ["GPTNeoXForCausalLM"], "bos_token_id": 0, "eos_token_id": 0, "hidden_act": "gelu",
        "hidden_size": 512, "initializer_range": 0.02, "intermediate_size": 2048, "layer_norm_eps": 1e-05,
        "max_position_embeddings": 2048, "model_type": "gpt_neox", "num_attention_heads": 8,
        "num_hidden_layers": 6, "rotary_emb_base": 10000, "rotary_pct": 0.25, "tie_word_embeddings": false,
        "torch_dtype": "float16", "transformers_version": "4.24.0", "use_cache": true,
        "use_parallel_residual": true, "vocab_size": 50304,
    });
    let shapes: Shapes = &[
        ("gpt_neox.embed_in.weight", &[50304, 512]),
        ("gpt_neox.layers.0.attention.query_key_value.weight", &[1536, 512]),
        ("gpt_neox.layers.0.mlp.dense_h_to_4h.weight", &[2048, 512]),
        ("embed_out.weight", &[50304, 512]),
    ];
    let expected = json!({
        "n_layers": 6, "n_heads": 8, "d_model": 512, "d_head": 64, "n_ctx": 2048, "d_vocab": 50304,
        "normalization_type": "LN", "positional_embedding_type": "rotary", "eps": 1e-5, "rotary_dim": 16,
        "rotary_base": 10_000.0, "rotary_adjacent_pairs": false, "d_mlp": 2048, "act_fn": "gelu",
        "gated_mlp": false, "parallel_attn_mlp": true,
    });
    assert_eq!(infer(shapes, &config).expect("Pythia"), expected);

    // As transformers 5 writes it.
    let mut newer = config;
    let fields = newer.as_object_mut().expect("an object");
    fields.retain(|field, _| !["rotary_emb_base", "rotary_pct", "torch_dtype"].contains(&field.as_str()));
    newer["dtype"] = json!("float16");
    newer["rope_parameters"] =
        json!({"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.25});
    assert_eq!(infer(shapes, &newer).expect("Pythia"), expected);
    // transformers' class has these values where the file is silent.
    let silent = json!({"model_type": "gpt_neox", "num_attention_heads": 8, "num_hidden_layers": 6});
    assert_eq!(infer(shapes, &silent).expect("Pythia"), expected);
}

#[test]
fn tiny_stories_1m() {
    let kinds = ["global", "local"].repeat(4);
    let mut config = json!({
        "activation_function": "gelu_new", "architectures": ["GPTNeoForCausalLM"], "attention_dropout": 0,
        "attention_layers": kinds, "attention_types": [[["global", "local"], 4]], "bos_token_id": 50256,
        "embed_dropout": 0, "eos_token_id": 50256, "gradient_checkpointing": false, "hidden_size": 64,
        "initializer_range": 0.02, "intermediate_size": null, "layer_norm_epsilon": 1e-05,
        "max_position_embeddings": 2048, "model_type": "gpt_neo", "num_heads": 16, "num_layers": 8,
        "resid_dropout": 0, "torch_dtype": "float32", "transformers_version": "4.28.1", "use_cache": true,
        "vocab_size": 50257, "window_size": 256,
    });
    let shapes: Shapes = &[
        ("transformer.wte.weight", &[50257, 64]),
        ("transformer.wpe.weight", &[2048, 64]),
        ("transformer.h.0.attn.attention.q_proj.weight", &[64, 64]),
        ("transformer.h.7.mlp.c_fc.weight", &[256, 64]),
        ("transformer.h.0.mlp.c_fc.weight", &[256, 64]),
        ("lm_head.weight", &[50257, 64]),
    ];
    let expected = json!({
        "n_layers": 8, "n_heads": 16, "d_model": 64, "d_head": 4, "n_ctx": 2048, "d_vocab": 50257,
        "normalization_type": "LN", "positional_embedding_type": "standard", "eps": 1e-5, "attn_scale": 1.0,
        "use_local_attn": true, "window_size": 256, "attn_types": kinds, "d_mlp": 256, "act_fn": "gelu_new",
        "gated_mlp": false, "parallel_attn_mlp": false, "tie_word_embeddings": true,
    });
    assert_eq!(infer(shapes, &config).expect("TinyStories"), expected);
    // Either field tells the windows, and so do the defaults of transformers' class.
    for field in ["attention_layers", "attention_types"] {
        config.as_object_mut().expect("an object").remove(field);
        assert_eq!(infer(shapes, &config).expect("TinyStories"), expected);
    }
    config["attention_types"] = json!([[["global"], 8]]);
    assert_eq!(infer(shapes, &config).expect("TinyStories")["use_local_attn"], Value::Null);
}

#[test]
fn smollm2_135m() {
    let config = include_str!("../../fixtures/smollm2_135m.config.json");
    let shapes: Shapes = &[
        ("model.embed_tokens.weight", &[49152, 576]),
        ("model.layers.0.self_attn.q_proj.weight", &[576, 576]),
        ("model.layers.0.self_attn.k_proj.weight", &[192, 576]),
        ("model.layers.0.mlp.up_proj.weight", &[1536, 576]),
    ];
    let found = infer(shapes, &serde_json::from_str(config).expect("JSON")).expect("SmolLM2");
    assert_has(
        &found,
        &json!({
            "n_layers": 30, "n_heads": 9, "n_key_value_heads": 3, "d_model": 576, "d_head": 64,
            "n_ctx": 8192, "d_vocab": 49152, "normalization_type": "RMS",
            "eps": 9.999999747378752e-06, "rotary_dim": 64, "rotary_base": 100_000.0, "d_mlp": 1536,
            "act_fn": "silu", "gated_mlp": true,
            "parallel_attn_mlp": false, "tie_word_embeddings": true,
        }),
    );
}

#[test]
fn qwen2_5_0_5b_and_qwen3_0_6b() {
    let qwen2 = json!({
        "architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 151643,
        "eos_token_id": 151643, "hidden_act": "silu", "hidden_size": 896, "initializer_range": 0.02,
        "intermediate_size": 4864, "max_position_embeddings": 32768, "max_window_layers": 24,
        "model_type": "qwen2", "num_attention_heads": 14, "num_hidden_layers": 24, "num_key_value_heads": 2,
        "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "sliding_window": 32768, "tie_word_embeddings": true,
        "torch_dtype": "bfloat16", "transformers_version": "4.40.1", "use_cache": true, "use_mrope": false,
        "use_sliding_window": false, "vocab_size": 151936,
    });
    let shapes: Shapes = &[
        ("model.embed_tokens.weight", &[151936, 896]),
        ("model.layers.0.self_attn.q_proj.weight", &[896, 896]),
        ("model.layers.0.self_attn.q_proj.bias", &[896]),
        ("model.layers.0.self_attn.k_proj.weight", &[128, 896]),
        ("model.layers.0.mlp.up_proj.weight", &[4864, 896]),
    ];
    let found = infer(shapes, &qwen2).expect("Qwen2.5");
    assert_has(
        &found,
        &json!({
            "n_layers": 24, "n_heads": 14, "n_key_value_heads": 2, "d_head": 64, "n_ctx": 32768,
            "rotary_base": 1e6, "d_mlp": 4864, "eps": 1e-6, "tie_word_embeddings": true,
            "use_qk_norm": null,
        }),
    );
    let qwen3 = json!({
        "architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
        "bos_token_id": 151643, "eos_token_id": 151645, "head_dim": 128, "hidden_act": "silu",
        "hidden_size": 1024, "initializer_range": 0.02, "intermediate_size": 3072,
        "max_position_embeddings": 40960, "max_window_layers": 28, "model_type": "qwen3",
        "num_attention_heads": 16, "num_hidden_layers": 28, "num_key_value_heads": 8, "rms_norm_eps": 1e-06,
        "rope_scaling": null, "rope_theta": 1000000, "sliding_window": null, "tie_word_embeddings": true,
        "torch_dtype": "bfloat16", "transformers_version": "4.51.0", "use_cache": true,
        "use_sliding_window": false, "vocab_size": 151936,
    });
    let shapes: Shapes = &[
        ("model.embed_tokens.weight", &[151936, 1024]),
        ("model.layers.0.self_attn.q_proj.weight", &[2048, 1024]),
        ("model.layers.0.self_attn.q_norm.weight", &[128]),
        ("model.layers.0.self_attn.k_proj.weight", &[1024, 1024]),
        ("model.layers.0.mlp.up_proj.weight", &[3072, 1024]),
        ("lm_head.weight", &[151936, 1024]),
    ];
    let expected = json!({
        "n_layers": 28, "n_heads": 16, "n_key_value_heads": 8, "d_head": 128, "n_ctx": 40960,
        "rotary_dim": 128, "rotary_base": 1e6, "d_mlp": 3072, "use_qk_norm": true,
        "tie_word_embeddings": true,
    });
    assert_has(&infer(shapes, &qwen3).expect("Qwen3"), &expected);
    // Without these fields the tensors tell: heads of 2048 / 16, and 1024 / 128 of keys.
    let mut silent = qwen3;
    let fields = silent.as_object_mut().expect("an object");
    let told = ["head_dim", "num_key_value_heads", "hidden_size", "intermediate_size", "vocab_size"];
    fields.retain(|field, _| !told.contains(&field.as_str()));
    assert_has(&infer(shapes, &silent).expect("Qwen3"), &expected);
}

#[test]
fn a_part_of_each_head_is_turned_in_both_forms() {
    let dims = |field: &str, value: Value| {
        let file = HubFile::open("smollm");
        let mut config: Value = serde_json::from_str(&file.config).expect("JSON");
        config[field] = value;
        let told = file.checkpoint().config(Some(&config.to_string())).expect("a configuration");
        json!(told)["rotary_dim"].clone()
    };
    // Heads are 6 wide.
    assert_eq!(dims("partial_rotary_factor", json!(0.75)), 4);
    let newer = json!({"rope_type": "default", "rope_theta": 1e5, "partial_rotary_factor": 0.4});
    assert_eq!(dims("rope_parameters", newer), 2);
}

#[test]
fn scores_of_gpt2_may_be_left_as_they_are() {
    let file = HubFile::open("gpt2");
    let unscaled = file.config.replace("\"scale_attn_weights\": true", "\"scale_attn_weights\": false");
    assert_ne!(unscaled, file.config);
    let told = file.checkpoint().config(Some(&unscaled)).expect("a configuration");
    assert_eq!(told.heads.scale, Some(1.0));
}

#[test]
fn an_unembedding_is_tied_by_the_file_else_by_the_tensors_and_the_family() {
    let tied = |name: &str, field: Option<bool>| {
        let file = HubFile::open(name);
        let mut config: Value = serde_json::from_str(&file.config).expect("JSON");
        config.as_object_mut().expect("an object").remove("tie_word_embeddings");
        if let Some(field) = field {
            config["tie_word_embeddings"] = json!(field);
        }
        let checkpoint = file.checkpoint();
        let told = checkpoint.config(Some(&config.to_string())).expect(name);
        (told.tied_unembedding, checkpoint.check(&told).map(|keys| keys.buffers))
    };
    assert!(tied("gpt2", None).0 && tied("smollm", None).0);
    assert!(!tied("llama_untied", None).0 && !tied("pythia", None).0);
    // An embedding that was saved twice is read past by its name.
    assert_eq!(tied("llama_untied", Some(true)), (true, Ok(vec!["lm_head.weight".to_owned()])));
    let (untied, keys) = tied("smollm", Some(false));
    let Err(Error::KeysMismatch { missing, .. }) = keys else { panic!("{keys:?}") };
    assert_eq!((untied, missing.len(), missing[0].tensor.as_str()), (false, 1, "lm_head.weight"));
}

#[test]
fn without_a_configuration_what_is_needed_is_named() {
    for (name, needed) in [
        ("gpt2", &["n_head", "activation_function", "layer_norm_epsilon"][..]),
        (
            "gpt_neo",
            &["num_heads", "attention_types", "window_size", "activation_function", "layer_norm_epsilon"],
        ),
        ("smollm", &["num_attention_heads", "rope_theta", "hidden_act", "rms_norm_eps"]),
        ("tl_rotary_adjacent", &["normalization_type", "positional_embedding_type", "act_fn"]),
        ("tl_gelu", &["positional_embedding_type", "act_fn"]),
    ] {
        let error = HubFile::open(name).checkpoint().config(None).expect_err(name);
        let Error::ConfigFileNeeded { needed: named } = &error else { panic!("{name}: {error}") };
        assert_eq!(named, needed, "{name}");
        assert!(error.to_string().contains("config.json"), "{error}");
    }
    let error = HubFile::open("pythia").checkpoint().config(Some("{}")).expect_err("no heads");
    assert_eq!(error, Error::ConfigFileNeeded { needed: vec!["num_attention_heads"] });
}

#[test]
fn the_weights_decide_whether_there_is_an_mlp() {
    let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/random_1layer.pth"))
        .expect("a checkpoint");
    let checkpoint = pollster::block_on(Checkpoint::open(&file[..])).expect("an index");
    // As the repository of NeelNanda's attn-only-4l has it.
    let claims = json!({"normalization": null, "shortformer_pos": true, "d_mlp": 2048, "attn_only": true});
    let config = checkpoint.config(Some(&claims.to_string())).expect("a configuration");
    assert_eq!(config.mlp, None);
    let keys = checkpoint.check(&config).expect("keys");
    assert_eq!(keys.notes.len(), 1);
    assert!(keys.to_string().ends_with("d_mlp of 2048 is ignored: the weights have no MLP"), "{keys}");
    let contradicted = json!({"normalization": null, "shortformer_pos": true, "attn_only": false});
    let error = checkpoint.config(Some(&contradicted.to_string())).expect_err("no MLP");
    assert_eq!(error.code(), "ConfigInvalid");
}

#[test]
fn the_older_form_of_transformer_lens_has_mlps_too() {
    let shapes: Shapes = &[
        ("embed.W_E", &[48262, 512]),
        ("pos_embed.W_pos", &[1024, 512]),
        ("blocks.0.attn.W_Q", &[8, 512, 64]),
        ("blocks.0.attn.W_K", &[8, 512, 64]),
        ("blocks.0.mlp.W_in", &[512, 2048]),
        ("blocks.0.mlp.ln.w", &[2048]),
        ("blocks.0.ln1.w", &[512]),
        ("blocks.0.ln1.b", &[512]),
        ("unembed.W_U", &[512, 48262]),
    ];
    let mut config = json!({
        "n_layers": 1, "d_model": 512, "d_mlp": 2048, "d_head": 64, "n_heads": 8, "n_ctx": 1024,
        "d_vocab": 48262, "act_fn": "solu_ln", "attn_only": false, "normalization": "LN",
        "shortformer_pos": false, "final_rms": false, "tokenizer_name": "NeelNanda/gpt-neox-tokenizer-digits",
    });
    let expected = json!({"act_fn": "solu_ln", "d_mlp": 2048, "normalization_type": "LN", "n_layers": 1,
                          "positional_embedding_type": "standard", "gated_mlp": false});
    assert_has(&infer(shapes, &config).expect("SoLU_1L"), &expected);
    config["act_type"] = config["act_fn"].take();
    config["act_type"] = json!("SoLU_LN");
    assert_has(&infer(shapes, &config).expect("SoLU_1L"), &expected);
    // The LayerNorm inside the MLP tells it, too.
    config["act_type"] = Value::Null;
    assert_has(&infer(shapes, &config).expect("SoLU_1L"), &expected);
    config["act_fn"] = json!("gelu");
    assert_eq!(infer(shapes, &config).expect("GELU_1L")["act_fn"], "gelu");
    config["act_fn"] = json!("solu");
    let error = infer(shapes, &config).expect_err("no such function");
    assert!(error.to_string().contains("`act_fn`") && error.to_string().contains("solu_ln"), "{error}");
}

#[test]
fn other_answers_of_transformer_lens_are_read() {
    let shapes: Shapes = &[
        ("embed.W_E", &[50, 24]),
        ("blocks.0.attn.W_Q", &[6, 24, 4]),
        ("blocks.0.attn._W_K", &[2, 24, 4]),
        ("blocks.0.attn.q_norm.w", &[4]),
        ("blocks.0.ln1.w", &[24]),
        ("blocks.0.mlp.W_in", &[24, 32]),
        ("blocks.0.mlp.W_gate", &[24, 32]),
        ("blocks.1.ln1.w", &[24]),
        ("unembed.W_U", &[24, 50]),
    ];
    let config = json!({
        "n_ctx": 30, "positional_embedding_type": "rotary", "rotary_base": 500.0, "act_fn": "silu",
        "use_attn_scale": true, "attn_scale": 4.0, "scale_attn_by_inverse_layer_idx": true,
        "use_local_attn": true, "window_size": 5, "attn_types": ["local", "global"], "d_vocab_out": -1,
        "parallel_attn_mlp": true, "gated_mlp": true, "use_qk_norm": true,
    });
    let expected = json!({
        "n_layers": 2, "n_heads": 6, "d_model": 24, "d_head": 4, "n_ctx": 30, "d_vocab": 50,
        "normalization_type": "RMS", "positional_embedding_type": "rotary", "eps": 1e-5, "rotary_dim": 4,
        "rotary_base": 500.0, "rotary_adjacent_pairs": false, "n_key_value_heads": 2, "attn_scale": 4.0,
        "scale_attn_by_inverse_layer_idx": true, "use_qk_norm": true, "use_local_attn": true,
        "window_size": 5, "attn_types": ["local", "global"], "d_mlp": 32, "act_fn": "silu",
        "gated_mlp": true, "parallel_attn_mlp": true,
    });
    assert_eq!(infer(shapes, &config).expect("a configuration"), expected);
    let mut unscaled = config.clone();
    unscaled["use_attn_scale"] = json!(false);
    assert_eq!(infer(shapes, &unscaled).expect("a configuration")["attn_scale"], 1.0);
    for (field, value) in [
        ("d_vocab_out", json!(10)),
        ("d_vocab_out", json!(51)),
        ("attn_types", json!(["local"])),
        ("attn_types", json!(["near", "far"])),
        ("window_size", json!(0)),
        ("window_size", Value::Null),
        ("rotary_dim", json!(3)),
        ("rotary_dim", json!(6)),
        ("rotary_base", json!(-1.0)),
    ] {
        let mut wrong = config.clone();
        (wrong["d_vocab"], wrong[field]) = (json!(50), value);
        let error = infer(shapes, &wrong).expect_err(field);
        let Error::ConfigInvalid { field: named, .. } = &error else { panic!("{field}: {error}") };
        assert_eq!(named, field, "{error}");
    }
}
