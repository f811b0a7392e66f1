//! Configurations inferred from tensors, and from the two forms of `config.json`.

use headscope::Error;
use headscope::error::KindOfModel;
use headscope::model::{ModelConfig, Normalization, PositionalEmbedding, parameters};
use serde_json::{Value, json};

use crate::checkpoint::torch::small_config;

/// Infers a configuration from a model's tensors and a `config.json`.
fn infer(config: &ModelConfig, given: Option<Value>) -> Result<ModelConfig, Error> {
    let parameters = parameters(config);
    let tensors = parameters.iter().map(|parameter| (parameter.name.as_str(), &parameter.shape[..]));
    ModelConfig::infer(tensors, given.map(|given| given.to_string()).as_deref())
}

fn without_norm() -> ModelConfig {
    ModelConfig { normalization: None, ..small_config() }
}

fn choices(error: Error) -> (Vec<&'static str>, Vec<(Option<&'static str>, &'static str)>) {
    let Error::ConfigNeeded { unknown, inferred, choices } = error else { panic!("{error}") };
    assert_eq!((inferred["n_heads"], inferred["d_head"], inferred["d_vocab"]), (3, 4, 23));
    let kind = |kind: KindOfModel| (kind.normalization_type, kind.positional_embedding_type);
    (unknown, choices.into_iter().map(kind).collect())
}

#[test]
fn what_shapes_do_not_tell_is_asked_for_the_likeliest_first() {
    let error = infer(&without_norm(), None).expect_err("open");
    assert_eq!(
        error.to_string(),
        "the weights don't tell normalization_type and positional_embedding_type: give the model's \
         config.json or choose, the likeliest first: shortformer positions without normalization; standard \
         positions with LNPre; shortformer positions with LNPre; standard positions without normalization"
    );
    let (unknown, offered) = choices(error);
    assert_eq!(unknown, ["normalization_type", "positional_embedding_type"]);
    assert_eq!(offered[0], (None, "shortformer"));
    assert_eq!(offered.len(), 4);

    let learned = infer(&small_config(), None).expect_err("open");
    assert_eq!(
        choices(learned),
        (vec!["positional_embedding_type"], vec![(Some("LN"), "standard"), (Some("LN"), "shortformer")])
    );
    let given = json!({"positional_embedding_type": "standard"});
    let folded = infer(&without_norm(), Some(given)).expect_err("open");
    assert_eq!(
        choices(folded),
        (vec!["normalization_type"], vec![(Some("LNPre"), "standard"), (None, "standard")])
    );
    let given = json!({"normalization_type": "LNPre"});
    let folded = infer(&without_norm(), Some(given)).expect_err("open");
    assert_eq!(
        choices(folded),
        (
            vec!["positional_embedding_type"],
            vec![(Some("LNPre"), "standard"), (Some("LNPre"), "shortformer")]
        )
    );
}

#[test]
fn a_choice_that_was_offered_is_a_configuration() {
    for config in [without_norm(), small_config()] {
        let Error::ConfigNeeded { choices, .. } = infer(&config, None).expect_err("open") else {
            panic!("not asked")
        };
        for choice in choices {
            let chosen = infer(&config, Some(json!(choice))).expect("chosen");
            assert_eq!(json!(chosen)["positional_embedding_type"], choice.positional_embedding_type);
            assert_eq!(json!(chosen)["normalization_type"], json!(choice.normalization_type));
        }
    }
}

#[test]
fn both_forms_of_config_json_are_read() {
    let sizes = json!({"n_layers": 1, "n_heads": 3, "d_model": 10, "d_head": 4, "n_ctx": 7, "d_vocab": 23});
    let with = |fields: Value| {
        let mut all = sizes.clone();
        let (all_fields, fields) = (all.as_object_mut().expect("an object"), fields);
        all_fields.extend(fields.as_object().expect("an object").clone());
        all
    };
    let kind = |given: Value, tensors: &ModelConfig| {
        let config = infer(tensors, Some(given)).expect("a config");
        (config.normalization, config.positional_embedding)
    };
    use Normalization::{Ln, LnPre};
    use PositionalEmbedding::{Shortformer, Standard};
    let old = json!({"act_fn": "none", "d_mlp": null, "attn_only": true, "normalization": "LN",
                     "shortformer_pos": false, "seed": 7, "final_rms": false,
                     "tokenizer_name": "NeelNanda/gpt-neox-tokenizer-digits"});
    assert_eq!(kind(with(old.clone()), &small_config()), (Some(Ln), Standard));
    let old = json!({"attn_only": true, "normalization": null, "shortformer_pos": true});
    assert_eq!(kind(with(old), &without_norm()), (None, Shortformer));
    // In both forms, a configuration without a field for positions means standard positions.
    let old = json!({"attn_only": true, "normalization_type": "LN"});
    assert_eq!(kind(with(old), &small_config()), (Some(Ln), Standard));
    let new = json!({"attn_only": true, "normalization_type": "LNPre",
                     "positional_embedding_type": "shortformer", "attn_scale": 2.0, "use_attn_scale": true,
                     "n_key_value_heads": null, "d_vocab_out": 23,
                     "attn_scores_soft_cap": -1.0, "attention_dir": "causal", "device": "cuda"});
    assert_eq!(kind(with(new), &without_norm()), (Some(LnPre), Shortformer));
    // The given configuration wins. The checkpoint's keys are compared with it later.
    let given =
        with(json!({"n_ctx": 99, "normalization_type": null, "positional_embedding_type": "standard"}));
    assert_eq!(infer(&without_norm(), Some(given)).expect("a config").n_ctx, 99);
}

#[test]
fn other_kinds_of_model_are_refused_by_the_field_that_says_so() {
    let refused = [
        ("attn_only", json!(false)),
        ("attention_dir", json!("bidirectional")),
        ("use_attn_scale", json!("no")),
        ("final_rms", json!(true)),
        ("attn_scores_soft_cap", json!(50.0)),
        ("output_logits_soft_cap", json!(30.0)),
        ("final_logit_softcapping", json!(30.0)),
        ("num_experts", json!(4)),
        ("clip_qkv", json!(8.0)),
        ("use_logn_attn", json!(true)),
        ("use_dynamic_ntk_rope", json!(true)),
        ("use_NTK_by_parts_rope", json!(true)),
        ("use_yarn_rope", json!(true)),
        ("rotary_scaling_factor", json!(2.0)),
        ("rotary_base_local", json!(10000)),
        ("use_attention_sinks", json!(true)),
        ("post_embedding_ln", json!(true)),
        ("use_normalization_before_and_after", json!(true)),
        ("load_in_4bit", json!(true)),
        ("quantization_method", json!("gptq")),
        ("rope_scaling", json!({"type": "linear"})),
        ("gated_mlp", json!(true)),
        ("use_qk_norm", json!(true)),
        ("n_key_value_heads", json!(2)),
        ("normalization_type", json!("DeepNorm")),
        ("positional_embedding_type", json!("alibi")),
        ("shortformer_pos", json!("yes")),
        ("n_heads", json!("three")),
        ("n_heads", json!(0)),
        ("n_ctx", json!(-5)),
        ("eps", json!("small")),
    ];
    for (field, value) in refused {
        let mut given = json!({"normalization_type": null, "positional_embedding_type": "standard"});
        if field == "shortformer_pos" {
            given = json!({"normalization_type": null});
        }
        given[field] = value;
        match infer(&without_norm(), Some(given)) {
            Err(Error::ConfigInvalid { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    let given = |json: &str| ModelConfig::infer([], Some(json)).expect_err("no object").code();
    assert_eq!([given("[]"), given("{"), given("null")], ["ConfigInvalid"; 3]);
}

#[test]
fn what_other_tensors_leave_open_is_named() {
    let with = |names: &[&'static str]| {
        let parameters = parameters(&small_config());
        let tensors = parameters.iter().map(|parameter| (parameter.name.as_str(), &parameter.shape[..]));
        let more = names.iter().map(|name| (*name, &[1usize, 2][..]));
        ModelConfig::infer(tensors.chain(more), None).expect_err("another model")
    };
    let needed = |error: Error| match error {
        Error::ConfigFileNeeded { needed } => needed,
        other => panic!("{other}"),
    };
    assert_eq!(needed(with(&["blocks.0.mlp.W_in"])), ["positional_embedding_type", "act_fn"]);
    assert_eq!(needed(with(&["blocks.0.mlp.W_in", "blocks.0.mlp.ln.w"])), ["positional_embedding_type"]);
    assert_eq!(needed(with(&["blocks.0.attn.rotary_sin"])), ["positional_embedding_type"]);

    let unknown: [(&str, &[usize]); 2] = [("conv.weight", &[50257, 768]), ("head.bias", &[768])];
    let error = ModelConfig::infer(unknown, None).expect_err("another model");
    let Error::KeysMismatch { missing, unexpected, misshaped } = &error else { panic!("{error}") };
    assert_eq!((missing.len(), unexpected.len(), misshaped.len()), (3, 2, 0));
    let flat: [(&str, &[usize]); 3] =
        [("embed.W_E", &[230]), ("pos_embed.W_pos", &[7, 10]), ("blocks.0.attn.W_Q", &[10, 12])];
    let error = ModelConfig::infer(flat, None).expect_err("flat");
    let Error::KeysMismatch { misshaped, .. } = &error else { panic!("{error}") };
    let names: Vec<&str> = misshaped.iter().map(|key| key.tensor.as_str()).collect();
    assert_eq!(names, ["embed.W_E", "blocks.0.attn.W_Q"]);
}
