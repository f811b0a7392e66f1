//! Tensors of every layout and element type that torch saves give the same weights as plain ones.

use headscope::checkpoint::ByteSource;
use headscope::model::ModelConfig;
use standin::pickle::Pickle;

use crate::checkpoint::captured::{Captured, capture};
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
fn a_transposed_matrix_of_several_pieces_is_read_in_bounded_parts() {
    let config = ModelConfig { d_vocab: 9000, d_model: 600, ..small_config() };
    let mut torch = Torch::of(&config, "FloatStorage");
    let plain = capture(&torch.file()[..], &config).expect("weights").0;
    let (tensor, (_, bytes)) = torch.tensor("embed.W_E");
    let (elements, _) = bytes.as_chunks::<4>();
    let transposed: Vec<u8> =
        (0..elements.len()).flat_map(|at| elements[at % 9000 * 600 + at / 9000]).collect();
    (*bytes, tensor.strides) = (transposed, vec![1, 9000]);
    let file = torch.file();
    let largest = std::cell::Cell::new(0);
    let watched = Watched { file: &file, largest: &largest };
    assert!(capture(watched, &config).expect("weights").0 == plain, "the weights differ");
    assert!(largest.get() <= 4 << 20, "{} bytes were read at once", largest.get());
}

struct Watched<'a> {
    file: &'a [u8],
    largest: &'a std::cell::Cell<u64>,
}

impl ByteSource for Watched<'_> {
    fn len(&self) -> u64 {
        self.file.len() as u64
    }

    async fn read(&self, range: std::ops::Range<u64>) -> headscope::Result<Vec<u8>> {
        self.largest.set(self.largest.get().max(range.end - range.start));
        self.file.read(range).await
    }
}
