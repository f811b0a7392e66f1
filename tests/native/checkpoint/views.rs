//! Tensors of every layout and element type that torch saves give the same weights as plain ones.

use std::cell::Cell;

use headscope::checkpoint::{ByteSource, Checkpoint, WeightDtype};
use headscope::model::{Heads, MatrixId, ModelConfig, VectorId};
use serde_json::json;
use standin::pickle::Pickle;

use crate::checkpoint::captured::{Captured, capture, capture_from};
use crate::checkpoint::torch::{Torch, elements, encode, small_config};

fn weights(torch: &Torch) -> Captured {
    capture(&torch.file()[..], &small_config()).expect("weights").0
}

#[test]
fn every_element_type_gives_the_same_values() {
    let plain = weights(&Torch::of(&small_config(), "FloatStorage"));
    for class in ["HalfStorage", "BFloat16Storage", "DoubleStorage"] {
        assert_eq!(weights(&Torch::of(&small_config(), class)).values(), plain.values(), "{class}");
    }
}

#[test]
fn every_form_of_the_container_gives_the_same_weights() {
    let torch = Torch::of(&small_config(), "HalfStorage");
    let plain = weights(&torch);
    let storages: Vec<_> = torch.storages.iter().map(|(storage, _)| storage.clone()).collect();
    let mut wrapped = vec![("plain", torch.clone())];
    for key in ["state_dict", "model", "model_state_dict"] {
        let mut named = Pickle::new(2);
        named
            .dict()
            .text("epoch")
            .int(1 << 40)
            .text("lr")
            .raw(b"G\x3f\x50\x62\x4d\xd2\xf1\xa9\xfc")
            .text("loss");
        standin::checkpoint::push_tensor(&mut named, &torch.tensors[0], &storages);
        named.text(key);
        let mut code = named.finish();
        code.pop();
        let wrapped_in = [code.split_off(2), b"u".to_vec()];
        wrapped.push((key, Torch { wrapped: wrapped_in, ..torch.clone() }));
    }
    for protocol in 2..=5 {
        wrapped.push(("protocol", Torch { protocol, ..torch.clone() }));
    }
    wrapped.push(("zip64", Torch { wide: true, ..torch.clone() }));
    for (what, torch) in wrapped {
        assert!(weights(&torch) == plain, "{what}");
    }
}

#[test]
fn an_ordered_dict_with_metadata_and_parameters_is_a_state_dict() {
    let torch = Torch::of(&small_config(), "FloatStorage");
    let storages: Vec<_> = torch.storages.iter().map(|(storage, _)| storage.clone()).collect();
    let mut pickle = Pickle::new(2);
    pickle.ordered_dict().raw(b"q\x07").mark();
    for tensor in &torch.tensors {
        pickle.text(&tensor.name).global("torch._utils", "_rebuild_parameter").mark();
        standin::checkpoint::push_tensor(&mut pickle, tensor, &storages);
        pickle.bool(true).ordered_dict().tuple().call();
    }
    // The module's `_metadata`, as an attribute.
    pickle.items().dict().text("_metadata").ordered_dict().items().raw(b"bh\x070h\x07");
    let file = torch.file_with(&pickle.finish());
    assert!(capture(&file[..], &small_config()).expect("weights").0 == weights(&torch));
}

#[test]
fn transposed_shared_and_spaced_views_give_the_same_weights() {
    let mut torch = Torch::of(&small_config(), "HalfStorage");
    let ModelConfig { n_heads, d_model, d_head, d_vocab, .. } = small_config();

    // The unembedding is the embedding, transposed: two views of one storage.
    let tied = elements("embed.W_E", d_vocab * d_model);
    let transposed = |values: &[f32], rows: usize, columns: usize| -> Vec<f32> {
        (0..columns * rows).map(|at| values[at % rows * columns + at / rows]).collect()
    };
    torch.tensor("unembed.W_U").1.1 = encode("HalfStorage", &transposed(&tied, d_vocab, d_model));
    let plain = weights(&torch);
    let embed = torch.tensor("embed.W_E").0.storage;
    let (unembed, _) = torch.tensor("unembed.W_U");
    (unembed.storage, unembed.strides) = (embed, vec![1, d_model]);

    // Heads are the second dimension in the storage, as einops leaves them, after five other elements.
    let values = elements("blocks.0.attn.W_K", n_heads * d_model * d_head);
    let (key, storage) = torch.tensor("blocks.0.attn.W_K");
    let mut moved = vec![99.0; 5 + values.len()];
    for (at, value) in values.iter().enumerate() {
        let (head, row, column) = (at / (d_model * d_head), at / d_head % d_model, at % d_head);
        moved[5 + (row * n_heads + head) * d_head + column] = *value;
    }
    (key.offset, key.strides) = (5, vec![d_head, n_heads * d_head, 1]);
    (storage.0.len, storage.1) = (moved.len(), encode("HalfStorage", &moved));

    // The bias is every third element of its storage.
    let values = elements("unembed.b_U", d_vocab);
    let (bias, storage) = torch.tensor("unembed.b_U");
    let spaced: Vec<f32> = values.iter().flat_map(|&value| [value, f32::NAN, f32::INFINITY]).collect();
    bias.strides = vec![3];
    (storage.0.len, storage.1) = (spaced.len(), encode("HalfStorage", &spaced));

    assert!(weights(&torch) == plain, "the weights differ");
}

#[test]
fn a_matrix_of_several_types_is_kept_in_the_one_that_holds_all() {
    let plain = weights(&Torch::of(&small_config(), "FloatStorage"));
    let mut torch = Torch::of(&small_config(), "HalfStorage");
    let (_, (storage, bytes)) = torch.tensor("blocks.0.attn.W_K");
    let values = elements("blocks.0.attn.W_K", storage.len);
    (storage.class, *bytes) = ("BFloat16Storage", encode("BFloat16Storage", &values));
    let found = weights(&torch);
    assert_eq!(found.values(), plain.values());
    assert_eq!(found.dtype(MatrixId::Qkv(0)), WeightDtype::F32);
    assert_eq!(found.dtype(MatrixId::Output(0)), WeightDtype::F16);
}

#[test]
fn shared_keys_and_values_have_two_names() {
    let heads = Heads { n_key_value_heads: Some(1), ..Heads::PLAIN };
    let config = ModelConfig { heads, ..small_config() };
    let plain = Torch::of(&config, "FloatStorage");
    let mut own = plain.clone();
    for tensor in &mut own.tensors {
        for name in ["W_K", "W_V", "b_K", "b_V"] {
            tensor.name = tensor.name.replace(&format!(".{name}"), &format!("._{name}"));
        }
    }
    assert_ne!(own.pickle(), plain.pickle());
    let load = |torch: &Torch| capture(&torch.file()[..], &config).expect("weights");
    let (found, keys) = load(&own);
    assert!(found == load(&plain).0 && keys.matched == plain.tensors.len());
}

#[test]
fn a_tied_unembedding_of_transformer_lens_is_the_transposed_embedding() {
    let ModelConfig { d_model, d_vocab, .. } = small_config();
    let mut torch = Torch::of(&small_config(), "FloatStorage");
    torch.tensors.retain(|tensor| tensor.name != "unembed.W_U");
    let file = torch.file();
    let checkpoint = pollster::block_on(Checkpoint::open(&file[..])).expect("an index");
    let tied = json!({"positional_embedding_type": "standard", "tie_word_embeddings": true});
    let config = checkpoint.config(Some(&tied.to_string())).expect("a configuration");
    assert!(config.tied_unembedding);
    let (found, _) = capture_from(&checkpoint, &config).expect("weights");
    assert!(!found.has(MatrixId::Embed), "it is kept once");
    let (embedding, (columns, unembed)) =
        (elements("embed.W_E", d_vocab * d_model), found.matrix(MatrixId::Unembed));
    for (at, &expected) in embedding.iter().enumerate() {
        assert_eq!(unembed[at % d_model * columns + at / d_model], expected, "{at}");
    }
    assert_eq!(found.vector(VectorId::UnembedBias)[..d_vocab], elements("unembed.b_U", d_vocab));
    // Without the field, the tensor is missing.
    let untied = json!({"positional_embedding_type": "standard"});
    let config = checkpoint.config(Some(&untied.to_string())).expect("a configuration");
    assert_eq!(checkpoint.check(&config).expect_err("no W_U").code(), "KeysMismatch");
}

#[test]
fn one_number_can_be_a_whole_vector() {
    let mut torch = Torch::of(&small_config(), "FloatStorage");
    let (weight, storage) = torch.tensor("ln_final.w");
    weight.strides = vec![0];
    (storage.0.len, storage.1) = (1, encode("FloatStorage", &[1.5]));
    let found = weights(&torch).values();
    assert_eq!(found["LnFinalWeight"][..10], [1.5; 10]);
}

#[test]
fn big_endian_files_are_turned_round() {
    let plain = Torch::of(&small_config(), "DoubleStorage");
    let mut big = Torch { byteorder: "big", ..plain.clone() };
    for (_, bytes) in &mut big.storages {
        bytes.chunks_exact_mut(8).for_each(<[u8]>::reverse);
    }
    assert!(weights(&big) == weights(&plain));
}

#[test]
fn a_large_transposed_matrix_is_read_once_in_bounded_parts() {
    let config = ModelConfig { d_vocab: 9000, d_model: 600, ..small_config() };
    let mut torch = Torch::of(&config, "FloatStorage");
    let plain = capture(&torch.file()[..], &config).expect("weights").0;
    let (tensor, (_, bytes)) = torch.tensor("embed.W_E");
    let (elements, _) = bytes.as_chunks::<4>();
    let transposed: Vec<u8> =
        (0..elements.len()).flat_map(|at| elements[at % 9000 * 600 + at / 9000]).collect();
    (*bytes, tensor.strides) = (transposed, vec![1, 9000]);
    let file = torch.file();
    let (largest, total) = (Cell::new(0), Cell::new(0));
    let watched = Watched { file: &file, largest: &largest, total: &total };
    assert!(capture(watched, &config).expect("weights").0 == plain, "the weights differ");
    assert!(largest.get() <= 4 << 20, "{} bytes were read at once", largest.get());
    assert!(total.get() < file.len() as u64 * 11 / 10, "{} bytes of {} were read", total.get(), file.len());
}

struct Watched<'a> {
    file: &'a [u8],
    largest: &'a Cell<u64>,
    total: &'a Cell<u64>,
}

impl ByteSource for Watched<'_> {
    fn len(&self) -> u64 {
        self.file.len() as u64
    }

    async fn read(&self, range: std::ops::Range<u64>) -> headscope::Result<Vec<u8>> {
        self.largest.set(self.largest.get().max(range.end - range.start));
        self.total.set(self.total.get() + range.end - range.start);
        self.file.read(range).await
    }
}
