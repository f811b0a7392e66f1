//! Twelve small checkpoints in the layouts of their hub repositories: each is recognised, tells its
//! configuration, matches every key, and has each element where the reference has it.

use headscope::model::{MatrixId, ModelConfig, VectorId};
use serde_json::{Value, json};

use crate::checkpoint::captured::{Captured, capture_from};
use crate::checkpoint::hub_file::{FAMILIES, HubFile};

/// The configuration that each checkpoint tells.
fn expected(name: &str) -> Value {
    let with = |parts: &[Value]| {
        let fields = parts.iter().flat_map(|part| part.as_object().expect("an object").clone());
        Value::Object(fields.collect())
    };
    let gpt2 = json!({
        "n_layers": 3, "n_heads": 3, "d_model": 36, "d_head": 12, "n_ctx": 64, "d_vocab": 203,
        "normalization_type": "LN", "positional_embedding_type": "standard", "eps": 1e-5,
        "d_mlp": 144, "act_fn": "gelu_new", "gated_mlp": false, "parallel_attn_mlp": false,
        "tie_word_embeddings": true,
    });
    let neox = json!({
        "n_layers": 3, "n_heads": 3, "d_model": 48, "d_head": 16, "n_ctx": 64, "d_vocab": 208,
        "normalization_type": "LN", "positional_embedding_type": "rotary", "eps": 1e-5,
        "rotary_dim": 4, "rotary_base": 10_000.0, "rotary_adjacent_pairs": false,
        "d_mlp": 192, "act_fn": "gelu", "gated_mlp": false, "parallel_attn_mlp": true,
    });
    let llama = json!({
        "n_layers": 3, "n_heads": 9, "d_model": 54, "d_head": 6, "n_ctx": 64, "d_vocab": 211,
        "normalization_type": "RMS", "positional_embedding_type": "rotary", "eps": 1e-6,
        "rotary_dim": 6, "rotary_base": 10_000.0, "rotary_adjacent_pairs": false,
        "d_mlp": 88, "act_fn": "silu", "gated_mlp": true, "parallel_attn_mlp": false,
    });
    let tl = json!({
        "n_layers": 2, "n_heads": 4, "d_model": 48, "d_head": 12, "n_ctx": 64, "d_vocab": 197,
        "normalization_type": "LNPre", "positional_embedding_type": "standard", "eps": 1e-5,
        "d_mlp": 192, "act_fn": "gelu", "gated_mlp": false, "parallel_attn_mlp": false,
    });
    match name {
        "gpt2" => gpt2,
        "gpt2_inverse_layer_scale" => with(&[gpt2, json!({"scale_attn_by_inverse_layer_idx": true})]),
        "gpt_neo" => with(&[
            gpt2,
            json!({"n_layers": 2, "n_heads": 4, "d_model": 32, "d_head": 8, "d_vocab": 205, "d_mlp": 128,
                   "attn_scale": 1.0, "use_local_attn": true, "window_size": 8,
                   "attn_types": ["global", "local"]}),
        ]),
        "gpt_neox_sequential" => with(&[neox, json!({"parallel_attn_mlp": false})]),
        "pythia" => neox,
        "llama_untied" => llama,
        "smollm" => with(&[
            llama,
            json!({"eps": 1e-5, "rotary_base": 100_000.0, "n_key_value_heads": 3,
                   "tie_word_embeddings": true}),
        ]),
        "qwen2" => with(&[
            llama,
            json!({"d_model": 48, "n_heads": 6, "d_head": 8, "rotary_dim": 8, "rotary_base": 1e6,
                   "n_key_value_heads": 2, "tie_word_embeddings": true}),
        ]),
        "qwen3" => with(&[
            llama,
            json!({"d_model": 40, "n_heads": 4, "d_head": 16, "rotary_dim": 16, "rotary_base": 1e6,
                   "n_key_value_heads": 2, "use_qk_norm": true, "tie_word_embeddings": true}),
        ]),
        "tl_gelu" => with(&[tl, json!({"normalization_type": "LN"})]),
        "tl_solu" => with(&[tl, json!({"act_fn": "solu_ln"})]),
        "tl_rotary_adjacent" => with(&[
            tl,
            json!({"positional_embedding_type": "rotary", "rotary_dim": 8, "rotary_base": 10_000.0,
                   "rotary_adjacent_pairs": true, "act_fn": "gelu_new", "parallel_attn_mlp": true}),
        ]),
        other => panic!("{other} is not known here"),
    }
}

/// Buffers of each layer.
fn buffers_of_layer(name: &str) -> usize {
    match name {
        "gpt2" => 1,
        "gpt_neo" | "tl_gelu" | "tl_solu" => 2,
        "pythia" => 3,
        "tl_rotary_adjacent" => 4,
        _ => 0,
    }
}

#[test]
fn every_family_is_recognised_and_tells_its_configuration() {
    for file in HubFile::all() {
        let config = file.checkpoint().config(Some(&file.config)).expect(file.name);
        assert_eq!(json!(config), expected(file.name), "{}", file.name);
    }
    assert_eq!(HubFile::all().count(), FAMILIES.len());
}

#[test]
fn every_tensor_is_a_parameter_or_a_buffer() {
    for file in HubFile::all() {
        let checkpoint = file.checkpoint();
        let config = checkpoint.config(Some(&file.config)).expect(file.name);
        let keys = checkpoint.check(&config).expect(file.name);
        let tensors = checkpoint.tensors().count();
        assert_eq!(keys.matched + keys.buffers.len(), tensors, "{}", file.name);
        assert_eq!(keys.buffers.len(), buffers_of_layer(file.name) * config.n_layers, "{}", file.name);
        assert!(keys.notes.is_empty(), "{}: {:?}", file.name, keys.notes);
    }
}

#[test]
fn a_configuration_that_was_told_is_a_configuration_of_its_own() {
    for file in HubFile::all() {
        let config = file.checkpoint().config(Some(&file.config)).expect(file.name);
        let again = ModelConfig::from_json(&json!(config).to_string()).expect(file.name);
        assert_eq!(again, config, "{}", file.name);
    }
}

/// Where the reference finds each element of a layer, by the indices of TransformerLens.
struct Oracle<'a> {
    file: &'a HubFile,
    config: &'a ModelConfig,
    layer: usize,
}

impl Oracle<'_> {
    fn tensor(&self, end: &str) -> Vec<f32> {
        let layers = match self.file.name {
            "gpt_neo" => "transformer.h",
            "gpt_neox_sequential" | "pythia" => "gpt_neox.layers",
            name if name.starts_with("gpt2") => "h",
            name if name.starts_with("tl") => "blocks",
            _ => "model.layers",
        };
        // The second GPT-2 was saved with the name of its base model.
        let wrapper = if self.file.name == "gpt2_inverse_layer_scale" { "transformer." } else { "" };
        self.file.tensor(&format!("{wrapper}{layers}.{}.{end}", self.layer))
    }

    /// `W_Q`, `W_K` or `W_V`, by head, row and column.
    fn heads(&self, part: usize) -> impl Fn(usize, usize, usize) -> f32 {
        let ModelConfig { n_heads, d_model, d_head, .. } = *self.config;
        let (name, letter) = (self.file.name, ["q", "k", "v"][part]);
        let weights = match name {
            "gpt_neo" => self.tensor(&format!("attn.attention.{letter}_proj.weight")),
            "gpt_neox_sequential" | "pythia" => self.tensor("attention.query_key_value.weight"),
            _ if name.starts_with("gpt2") => self.tensor("attn.c_attn.weight"),
            _ if name.starts_with("tl") => self.tensor(&format!("attn.W_{}", ["Q", "K", "V"][part])),
            _ => self.tensor(&format!("self_attn.{letter}_proj.weight")),
        };
        move |head, row, column| {
            let joined = head * d_head + column;
            weights[match name {
                "gpt_neox_sequential" | "pythia" => ((head * 3 + part) * d_head + column) * d_model + row,
                _ if name.starts_with("gpt2") => {
                    row * 3 * n_heads * d_head + part * n_heads * d_head + joined
                }
                _ if name.starts_with("tl") => (head * d_model + row) * d_head + column,
                _ => joined * d_model + row,
            }]
        }
    }

    /// `b_Q`, `b_K` or `b_V`, by head and column.
    fn head_biases(&self, part: usize) -> Option<impl Fn(usize, usize) -> f32> {
        let ModelConfig { n_heads, d_head, .. } = *self.config;
        let name = self.file.name;
        let biases = match name {
            "gpt_neox_sequential" | "pythia" => self.tensor("attention.query_key_value.bias"),
            "qwen2" => self.tensor(&format!("self_attn.{}_proj.bias", ["q", "k", "v"][part])),
            _ if name.starts_with("gpt2") => self.tensor("attn.c_attn.bias"),
            _ if name.starts_with("tl") => self.tensor(&format!("attn.b_{}", ["Q", "K", "V"][part])),
            _ => return None,
        };
        Some(move |head: usize, column: usize| {
            biases[match name {
                "gpt_neox_sequential" | "pythia" => (head * 3 + part) * d_head + column,
                _ if name.starts_with("gpt2") => (part * n_heads + head) * d_head + column,
                _ => head * d_head + column,
            }]
        })
    }

    /// A matrix `[input, output]`, given its name in each family and its input side.
    fn matrix(&self, names: [&str; 5], output: usize, input: usize) -> impl Fn(usize, usize) -> f32 {
        let name = self.file.name;
        let (at, linear) = match name {
            "gpt_neo" => (1, true),
            "gpt_neox_sequential" | "pythia" => (2, true),
            _ if name.starts_with("gpt2") => (0, false),
            _ if name.starts_with("tl") => (4, false),
            _ => (3, true),
        };
        let weights = self.tensor(names[at]);
        move |row, column| weights[if linear { column * input + row } else { row * output + column }]
    }
}

/// Compares all elements of a block of a matrix.
fn assert_block(
    what: &str,
    (columns, values): &(usize, Vec<f32>),
    [rows, width]: [usize; 2],
    place: impl Fn(usize, usize) -> [usize; 2],
    expected: impl Fn(usize, usize) -> f32,
) {
    for row in 0..rows {
        for column in 0..width {
            let [at_row, at_column] = place(row, column);
            let found = values[at_row * columns + at_column];
            assert_eq!(found, expected(row, column), "{what} [{row}, {column}]");
        }
    }
}

fn check_layer(oracle: &Oracle, loaded: &Captured) {
    let Oracle { file, config, layer } = *oracle;
    let ModelConfig { n_heads, d_model, d_head, .. } = *config;
    let (shared, wide) = (config.n_key_value_heads(), d_head.next_multiple_of(4));
    let starts = [0, n_heads * wide, (n_heads + shared) * wide];
    let qkv = loaded.matrix(MatrixId::Qkv(layer));
    for (part, heads) in [n_heads, shared, shared].into_iter().enumerate() {
        let expected = oracle.heads(part);
        for head in 0..heads {
            let start = starts[part] + head * wide;
            let what = format!("{}, layer {layer}, part {part} of head {head}", file.name);
            let place = |row, column| [row, start + column];
            assert_block(&what, &qkv, [d_model, d_head], place, |row, column| expected(head, row, column));
            let biases = &loaded.vector(VectorId::QkvBias(layer))[start..][..d_head];
            for (column, &found) in biases.iter().enumerate() {
                let expected = oracle.head_biases(part).map_or(0.0, |bias| bias(head, column));
                assert_eq!(found, expected, "bias of {what}, {column}");
            }
        }
    }

    let output = loaded.matrix(MatrixId::Output(layer));
    let names = ["attn.c_proj.weight", "attn.attention.out_proj.weight", "attention.dense.weight"];
    let [first, second, third] = names;
    let expected = oracle.matrix(
        [first, second, third, "self_attn.o_proj.weight", "attn.W_O"],
        d_model,
        n_heads * d_head,
    );
    let place = |row: usize, column| [row / d_head * wide + row % d_head, column];
    assert_block(&format!("{}, W_O", file.name), &output, [n_heads * d_head, d_model], place, expected);

    let mlp = config.mlp.expect("an MLP");
    let names = ["mlp.c_fc.weight", "mlp.c_fc.weight", "mlp.dense_h_to_4h.weight", "mlp.up_proj.weight"];
    let [first, second, third, fourth] = names;
    let expected = oracle.matrix([first, second, third, fourth, "mlp.W_in"], mlp.d_mlp, d_model);
    let start = if mlp.gated { mlp.d_mlp } else { 0 };
    let (input, size) = (loaded.matrix(MatrixId::MlpIn(layer)), [d_model, mlp.d_mlp]);
    assert_block(
        &format!("{}, W_in", file.name),
        &input,
        size,
        |row, column| [row, start + column],
        expected,
    );
    if mlp.gated {
        let expected = oracle.matrix(["", "", "", "mlp.gate_proj.weight", ""], mlp.d_mlp, d_model);
        assert_block(&format!("{}, W_gate", file.name), &input, size, |row, column| [row, column], expected);
    }
    let names =
        ["mlp.c_proj.weight", "mlp.c_proj.weight", "mlp.dense_4h_to_h.weight", "mlp.down_proj.weight"];
    let [first, second, third, fourth] = names;
    let expected = oracle.matrix([first, second, third, fourth, "mlp.W_out"], d_model, mlp.d_mlp);
    let (output, size) = (loaded.matrix(MatrixId::MlpOut(layer)), [mlp.d_mlp, d_model]);
    assert_block(&format!("{}, W_out", file.name), &output, size, |row, column| [row, column], expected);
}

#[test]
fn every_element_lies_where_the_reference_has_it() {
    for file in HubFile::all() {
        let checkpoint = file.checkpoint();
        let config = checkpoint.config(Some(&file.config)).expect(file.name);
        let (loaded, _) = capture_from(&checkpoint, &config).expect(file.name);
        for layer in 0..config.n_layers {
            check_layer(&Oracle { file: &file, config: &config, layer }, &loaded);
        }
        let ModelConfig { d_model, d_vocab, tied_unembedding, .. } = config;
        let (embed, unembed) = match file.name {
            "gpt_neo" => ("transformer.wte.weight", ""),
            "gpt2_inverse_layer_scale" => ("transformer.wte.weight", ""),
            "gpt2" => ("wte.weight", ""),
            "pythia" | "gpt_neox_sequential" => ("gpt_neox.embed_in.weight", "embed_out.weight"),
            name if name.starts_with("tl") => ("embed.W_E", "unembed.W_U"),
            _ => ("model.embed_tokens.weight", "lm_head.weight"),
        };
        let at = |row, column| [row, column];
        let embedding = file.tensor(embed);
        assert_eq!(loaded.has(MatrixId::Embed), !tied_unembedding, "{}", file.name);
        let (size, what) = ([d_model, d_vocab], format!("{}, W_U", file.name));
        let found = loaded.matrix(MatrixId::Unembed);
        if tied_unembedding {
            assert_block(&what, &found, size, at, |row, column| embedding[column * d_model + row]);
        } else {
            let matrix = loaded.matrix(MatrixId::Embed);
            let expected = |row: usize, column: usize| embedding[row * d_model + column];
            assert_block(&format!("{}, W_E", file.name), &matrix, [d_vocab, d_model], at, expected);
            let (weights, tl) = (file.tensor(unembed), file.name.starts_with("tl"));
            let expected = |row: usize, column: usize| {
                weights[if tl { row * d_vocab + column } else { column * d_model + row }]
            };
            assert_block(&what, &found, size, at, expected);
        }
    }
}

#[test]
fn norms_lie_where_the_reference_has_them() {
    let file = HubFile::open("qwen3");
    let checkpoint = file.checkpoint();
    let config = checkpoint.config(Some(&file.config)).expect("a configuration");
    let (loaded, _) = capture_from(&checkpoint, &config).expect("weights");
    let weights = loaded.vector(VectorId::QkNormWeight(1));
    assert_eq!(weights[..16], file.tensor("model.layers.1.self_attn.q_norm.weight"));
    assert_eq!(weights[16..], file.tensor("model.layers.1.self_attn.k_norm.weight"));
    let norm = |id: VectorId| &loaded.vector(id)[..40];
    assert_eq!(norm(VectorId::Ln1Weight(2)), file.tensor("model.layers.2.input_layernorm.weight"));
    assert_eq!(norm(VectorId::Ln2Weight(2)), file.tensor("model.layers.2.post_attention_layernorm.weight"));
    assert_eq!(norm(VectorId::LnFinalWeight), file.tensor("model.norm.weight"));
    assert_eq!(norm(VectorId::Ln2Bias(2)), [0.0; 40]);

    let file = HubFile::open("tl_gelu");
    let checkpoint = file.checkpoint();
    let config = checkpoint.config(Some(&file.config)).expect("a configuration");
    let (loaded, _) = capture_from(&checkpoint, &config).expect("weights");
    assert_eq!(loaded.vector(VectorId::Ln2Bias(1)), file.tensor("blocks.1.ln2.b"));
    assert_eq!(loaded.vector(VectorId::MlpInBias(1)), file.tensor("blocks.1.mlp.b_in"));
    assert_eq!(loaded.vector(VectorId::MlpOutBias(1)), file.tensor("blocks.1.mlp.b_out"));
    // Without weights of its own, the LayerNorm inside the MLP has ones and zeros.
    let file = HubFile::open("tl_solu");
    let checkpoint = file.checkpoint();
    let config = checkpoint.config(Some(&file.config)).expect("a configuration");
    let (loaded, _) = capture_from(&checkpoint, &config).expect("weights");
    assert_eq!(loaded.vector(VectorId::MlpLnWeight(0)), [1.0; 192]);
    assert_eq!(loaded.vector(VectorId::MlpLnBias(0)), [0.0; 192]);
}
