//! The catalogue of models: valid configurations, files that exist, sizes that follow from the shapes.

use std::path::{Path, PathBuf};

use headscope::model::{ModelConfig, parameters};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models")
}

pub fn entries() -> Vec<Value> {
    let json = std::fs::read(models().join("catalogue.json")).expect("the catalogue");
    let catalogue: Value = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(catalogue["version"], 1);
    catalogue["models"].as_array().expect("models").clone()
}

/// The configuration of an entry; none where it lies on the hub.
fn config(entry: &Value) -> Option<ModelConfig> {
    let path = models().join(entry["config"]["path"].as_str()?);
    Some(ModelConfig::from_json(&std::fs::read_to_string(path).expect("a file")).expect("a config"))
}

/// Layers and heads, as an entry's name tells them: `12 layers of 12 heads`.
fn layers_and_heads(entry: &Value) -> (usize, usize) {
    let name = entry["name"].as_str().expect("a name");
    let (before, after) = name.split_once(" layer").expect("layers");
    let number = |text: Option<&str>| text.and_then(|text| text.parse().ok()).expect("a number");
    (
        number(before.rsplit(' ').next()),
        number(after.trim_start_matches("s of ").trim_start_matches(" of ").split(' ').next()),
    )
}

#[test]
fn files_that_ship_have_the_length_and_the_checksum_of_their_entry() {
    for entry in entries() {
        for file in ["weights", "config", "tokenizer"].map(|kind| &entry[kind]) {
            let Some(path) = file["path"].as_str() else { continue };
            let bytes = std::fs::read(models().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert_eq!(file["bytes"], bytes.len(), "{path}");
            assert_eq!(file["sha256"], format!("{:x}", Sha256::digest(&bytes)), "{path}");
        }
    }
}

#[test]
fn every_file_lies_somewhere_and_says_how_large_it_is() {
    let mut ids = Vec::new();
    for entry in entries() {
        ids.push(entry["id"].as_str().expect("an id").to_owned());
        for file in ["weights", "config", "tokenizer"].map(|kind| &entry[kind]) {
            let on_hub = file["repo"].as_str().is_some_and(|repo| repo.split('/').count() == 2)
                && file["file"].is_string();
            assert_ne!(file["path"].is_string(), on_hub, "{file}");
            assert_ne!(file["bytes"].is_u64(), file["bytes_about"].is_u64(), "{file}");
        }
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "two entries have one id");
}

#[test]
fn sizes_of_the_weights_are_those_of_the_shapes() {
    for entry in entries() {
        let Some(config) = config(&entry) else { continue };
        let numbers: usize = parameters(&config).iter().map(|it| it.shape.iter().product::<usize>()).sum();
        let size = entry["weights"]["bytes"].as_u64().or(entry["weights"]["bytes_about"].as_u64());
        let size = size.expect("a size") as f64;
        let half = entry["dtype"] == "f16";
        // Masks have two bytes an element beside f16 weights, and one beside f32. The default model has none.
        let masks = config.n_layers * config.n_ctx * config.n_ctx;
        let expected = match (half, entry["id"] == "default") {
            (true, true) => 2 * numbers,
            (true, false) => 2 * (numbers + masks),
            (false, _) => 4 * numbers + masks,
        };
        let difference = (size / expected as f64 - 1.0).abs();
        assert!(difference < 0.005, "{}: {size} bytes, and its shapes give {expected}", entry["id"]);
        let (memory, weights) =
            (entry["memory"].as_u64().expect("memory"), numbers * if half { 2 } else { 4 });
        let difference = (memory as f64 / weights as f64 - 1.0).abs();
        assert!(difference < 0.005, "{}: {memory} bytes of memory, its weights have {weights}", entry["id"]);
    }
}

#[test]
fn an_entry_says_what_the_model_panel_shows() {
    for entry in entries() {
        let id = &entry["id"];
        assert!(entry["group"].is_string(), "{id}");
        if let Some(config) = config(&entry) {
            assert_eq!(layers_and_heads(&entry), (config.n_layers, config.n_heads), "{id}");
        } else {
            assert!(entry["licence"].is_string(), "{id}");
        }
        assert!(entry["memory"].is_u64(), "{id}");
        assert!(["f32", "f16", "bf16"].iter().any(|dtype| entry["dtype"] == *dtype), "{id}");
    }
}

#[test]
fn published_heads_are_heads_of_the_model() {
    for entry in entries() {
        let (layers, heads) = layers_and_heads(&entry);
        let published = &entry["published"];
        let dominant = &published["dominant"];
        let lists =
            [&dominant["current"], &dominant["previous"], &dominant["first"], &published["induction"]];
        let mut names: Vec<&str> = lists
            .into_iter()
            .chain(published["task"]["heads"].as_object().into_iter().flat_map(|roles| roles.values()))
            .flat_map(|list| list.as_array().into_iter().flatten())
            .map(|head| head.as_str().expect("a head"))
            .collect();
        for kind in published["repeated"].as_object().into_iter().flat_map(|kinds| kinds.values()) {
            for (head, score) in kind.as_object().expect("heads and their scores") {
                assert!(score.as_f64().is_some_and(|score| (0.0..=1.0).contains(&score)), "{head}");
                names.push(head);
            }
        }
        for name in names {
            let (layer, head) = name.split_once('.').expect("a head");
            let part = |text: &str| text.parse::<usize>().expect("a number");
            assert!(part(layer) < layers && part(head) < heads, "{}: {name}", entry["id"]);
        }
    }
}
