//! Entries of the catalogue whose configuration lies on the hub: their sizes follow from the models' shapes,
//! as their papers and cards tell them.

use serde_json::Value;

use crate::checkpoint::catalogue::entries;

/// How a family's weights lie in its file.
#[derive(Clone, Copy, PartialEq)]
enum Layout {
    /// GPT-2: a tied unembedding, and a mask of four bytes an element in each layer.
    Gpt2,
    /// GPT-Neo: as GPT-2, with masks of one byte an element.
    GptNeo,
    /// GPT-NeoX: no table of positions, an unembedding of its own, masks as above.
    NeoX,
    /// TransformerLens' toys: an unembedding of its own with a bias, masks as above.
    Toy,
    /// Llama and Qwen: a gated MLP, no masks, a tied unembedding.
    Llama { key_value: usize, query: usize, twice: bool },
}

/// A model: its id, its layout, and its sizes.
struct Shape {
    id: &'static str,
    layout: Layout,
    layers: usize,
    d_model: usize,
    d_mlp: usize,
    vocabulary: usize,
    context: usize,
}

const fn shape(id: &'static str, layout: Layout, sizes: [usize; 5]) -> Shape {
    let [layers, d_model, d_mlp, vocabulary, context] = sizes;
    Shape { id, layout, layers, d_model, d_mlp, vocabulary, context }
}

use Layout::{Gpt2, GptNeo, Llama, NeoX, Toy};

const SMOLLM: Layout = Llama { key_value: 192, query: 576, twice: false };
const QWEN2: Layout = Llama { key_value: 128, query: 896, twice: false };
// Qwen3-0.6B's file has the tied matrix twice.
const QWEN3: Layout = Llama { key_value: 1024, query: 2048, twice: true };

const SHAPES: [Shape; 22] = [
    shape("gpt2", Gpt2, [12, 768, 3072, 50257, 1024]),
    shape("distilgpt2", Gpt2, [6, 768, 3072, 50257, 1024]),
    shape("gpt2-medium", Gpt2, [24, 1024, 4096, 50257, 1024]),
    shape("pythia-14m", NeoX, [6, 128, 512, 50304, 2048]),
    shape("pythia-31m", NeoX, [6, 256, 1024, 50304, 2048]),
    shape("pythia-70m", NeoX, [6, 512, 2048, 50304, 2048]),
    shape("pythia-160m", NeoX, [12, 768, 3072, 50304, 2048]),
    shape("pythia-410m", NeoX, [24, 1024, 4096, 50304, 2048]),
    shape("TinyStories-1M", GptNeo, [8, 64, 256, 50257, 2048]),
    shape("TinyStories-8M", GptNeo, [8, 256, 1024, 50257, 2048]),
    shape("TinyStories-33M", GptNeo, [4, 768, 3072, 50257, 2048]),
    shape("GELU_1L512W_C4_Code", Toy, [1, 512, 2048, 48262, 1024]),
    shape("GELU_2L512W_C4_Code", Toy, [2, 512, 2048, 48262, 1024]),
    shape("GELU_3L512W_C4_Code", Toy, [3, 512, 2048, 48262, 1024]),
    shape("GELU_4L512W_C4_Code", Toy, [4, 512, 2048, 48262, 1024]),
    shape("SoLU_1L512W_C4_Code", Toy, [1, 512, 2048, 48262, 1024]),
    shape("SoLU_2L512W_C4_Code", Toy, [2, 512, 2048, 48262, 1024]),
    shape("SoLU_3L512W_C4_Code", Toy, [3, 512, 2048, 48262, 1024]),
    shape("SoLU_4L512W_C4_Code", Toy, [4, 512, 2048, 48262, 1024]),
    shape("SmolLM2-135M", SMOLLM, [30, 576, 1536, 49152, 8192]),
    shape("Qwen2.5-0.5B", QWEN2, [24, 896, 4864, 151936, 32768]),
    shape("Qwen3-0.6B", QWEN3, [28, 1024, 3072, 151936, 40960]),
];

impl Shape {
    /// Numbers of all weights, each matrix once.
    fn numbers(&self) -> usize {
        let Shape { layers, d_model, d_mlp, vocabulary, context, .. } = *self;
        let embedding = vocabulary * d_model;
        // Without biases and norms, which are less than a tenth of a percent.
        let layer = match self.layout {
            Gpt2 | GptNeo | NeoX | Toy => 4 * d_model * d_model + 2 * d_model * d_mlp,
            Llama { key_value, query, .. } => {
                2 * d_model * query + 2 * d_model * key_value + 3 * d_model * d_mlp
            }
        };
        let others = match self.layout {
            Gpt2 | GptNeo => context * d_model,
            NeoX => embedding,
            Toy => embedding + vocabulary + context * d_model,
            Llama { .. } => 0,
        };
        embedding + layers * layer + others
    }

    /// Bytes of the file beside the weights.
    fn more(&self, bytes_each: usize) -> usize {
        let masks = self.layers * self.context * self.context;
        match self.layout {
            Gpt2 => 4 * masks,
            GptNeo | NeoX | Toy => masks,
            Llama { twice, .. } => usize::from(twice) * self.vocabulary * self.d_model * bytes_each,
        }
    }
}

fn assert_near(what: &str, found: &Value, expected: usize) {
    let found = found.as_u64().unwrap_or_else(|| panic!("{what}: no size")) as f64;
    let difference = (found / expected as f64 - 1.0).abs();
    assert!(difference < 0.005, "{what}: {found} bytes, and its shapes give {expected}");
}

#[test]
fn sizes_of_files_and_of_memory_are_those_of_the_shapes() {
    for entry in entries().iter().filter(|entry| entry["config"]["repo"].is_string()) {
        let id = entry["id"].as_str().expect("an id");
        let shape = SHAPES.iter().find(|shape| shape.id == id).unwrap_or_else(|| panic!("{id}: no shape"));
        let each = if entry["dtype"] == "f32" { 4 } else { 2 };
        let weights = shape.numbers() * each;
        assert_near(&format!("{id}, memory"), &entry["memory"], weights);
        let file = &entry["weights"];
        let size = if file["bytes"].is_u64() { &file["bytes"] } else { &file["bytes_about"] };
        assert_near(&format!("{id}, file"), size, weights + shape.more(each));
        assert!(entry["name"].as_str().is_some_and(|name| name.contains(&format!("{} layer", shape.layers))));
    }
}

#[test]
fn every_shape_is_of_an_entry() {
    let entries = entries();
    for Shape { id, .. } in &SHAPES {
        assert!(entries.iter().any(|entry| entry["id"] == *id), "{id}");
    }
}

#[test]
fn published_stripes_of_gpt2_are_those_of_the_published_patterns() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/golden/gpt2_published_stripes.json");
    let Ok(json) = std::fs::read(path) else {
        return crate::support::skipped("../shared/golden, the published stripes of GPT-2,");
    };
    let golden: Value = serde_json::from_slice(&json).expect("JSON");
    let entries = entries();
    let gpt2 = entries.iter().find(|entry| entry["id"] == "gpt2").expect("GPT-2");
    let told = gpt2["published"]["repeated"]["induction"].as_object().expect("heads");
    let mut count = 0;
    for (layer, heads) in golden["layers"].as_object().expect("layers") {
        for (head, scores) in heads.as_array().expect("heads").iter().enumerate() {
            // The catalogue names the heads that attend there more than half of the time.
            let name = format!("{layer}.{head}");
            if scores[0].as_f64().expect("a score") > 0.5 {
                assert_eq!(told[&name], scores[0], "{name}");
                count += 1;
            } else {
                assert!(!told.contains_key(&name), "{name}");
            }
        }
    }
    assert_eq!(count, told.len());
}
