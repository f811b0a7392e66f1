//! Checkpoints in several files, with and without the hub's index.

use headscope::Error;
use headscope::checkpoint::{Checkpoint, files_of_index};
use safetensors::SafeTensors;
use serde_json::json;

use crate::checkpoint::captured::{Captured, capture, capture_from};
use crate::checkpoint::hub_file::HubFile;
use crate::checkpoint::torch::{Torch, elements, encode, small_config};

/// A part's name and contents.
type Part = (String, Vec<u8>);

/// A checkpoint cut into this many files, and its index.
fn cut(file: &HubFile, count: usize) -> (Vec<Part>, String) {
    let tensors = SafeTensors::deserialize(&file.weights).expect("safetensors");
    let mut names = tensors.names();
    names.sort();
    let name = |part: usize| format!("model-{:05}-of-{count:05}.safetensors", part + 1);
    let parts = (0..count).map(|part| {
        let kept = names.iter().enumerate().filter(|(at, _)| at % count == part);
        let views = kept.map(|(_, name)| (*name, tensors.tensor(name).expect("a tensor")));
        (name(part), safetensors::serialize(views, None).expect("a file"))
    });
    let map: serde_json::Map<String, serde_json::Value> = names
        .iter()
        .enumerate()
        .map(|(at, tensor)| ((*tensor).to_owned(), json!(name(at % count))))
        .collect();
    (parts.collect(), json!({"metadata": {"total_size": 1}, "weight_map": map}).to_string())
}

fn open<'a>(parts: &'a [Part], index: Option<&str>) -> headscope::Result<Checkpoint<&'a [u8]>> {
    let files = parts.iter().map(|(name, bytes)| (name.clone(), &bytes[..]));
    pollster::block_on(Checkpoint::open_parts(files, index))
}

fn weights(file: &HubFile, parts: &[Part], index: Option<&str>) -> headscope::Result<Captured> {
    let checkpoint = open(parts, index)?;
    let config = checkpoint.config(Some(&file.config))?;
    capture_from(&checkpoint, &config).map(|(captured, _)| captured)
}

#[track_caller]
fn assert_refused(parts: &[Part], index: Option<&str>, code: &str, words: &[&str]) {
    let error = open(parts, index).map(|_| ()).expect_err("parts that should be refused");
    assert_eq!(error.code(), code, "{error}");
    for word in words {
        assert!(error.to_string().contains(word), "`{word}` is not in: {error}");
    }
}

#[test]
fn parts_are_one_checkpoint_with_and_without_their_index() {
    let file = HubFile::open("smollm");
    let whole = weights(&file, &[(String::new(), file.weights.clone())], None).expect("weights");
    let (mut parts, index) = cut(&file, 3);
    assert_eq!(files_of_index(&index).expect("an index").len(), 3);
    assert!(weights(&file, &parts, Some(&index)).expect("weights") == whole);
    parts.reverse();
    assert!(weights(&file, &parts, Some(&index)).expect("weights") == whole, "in any order");
    assert!(weights(&file, &parts, None).expect("weights") == whole, "without the index");
}

#[test]
fn a_missing_part_is_named() {
    let (parts, index) = cut(&HubFile::open("smollm"), 3);
    let missing = |found: &[Part], index| match open(found, index).map(|_| ()).expect_err("a missing part") {
        Error::PartsMissing { missing } => missing,
        other => panic!("{other}"),
    };
    for index in [Some(&*index), None] {
        assert_eq!(missing(&parts[..1], index), [parts[1].0.clone(), parts[2].0.clone()]);
        assert_eq!(missing(&parts[1..], index), [parts[0].0.clone()]);
    }
    assert_refused(&parts[1..], None, "PartsMissing", &["1 is missing", "model-00001-of-00003.safetensors"]);
    assert_refused(&[], None, "CheckpointFormat", &["no file"]);
}

#[test]
fn an_index_that_says_something_else_than_the_files_is_refused() {
    let file = HubFile::open("smollm");
    let (parts, index) = cut(&file, 2);
    let (first, second) = (&*parts[0].0, &*parts[1].0);
    // The norm lies in one of the two: each other claim is wrong.
    let wrong = |from: &str, to: &str| {
        let line = format!("\"model.norm.weight\":\"{from}\"");
        index.contains(&line).then(|| index.replace(&line, &format!("\"model.norm.weight\":\"{to}\"")))
    };
    let other = wrong(first, second).or_else(|| wrong(second, first)).expect("the norm is in the index");
    assert_refused(&parts, Some(&other), "CheckpointFormat", &["`model.norm.weight`", first, second]);
    let more = index
        .replace("\"model.norm.weight\":", &format!("\"model.other\":\"{first}\",\"model.norm.weight\":"));
    assert_refused(&parts, Some(&more), "CheckpointFormat", &["`model.other`", first, "is in none"]);
    let mut extra = parts.clone();
    extra.push(("optimizer.safetensors".to_owned(), file.weights.clone()));
    assert_refused(&extra, Some(&index), "CheckpointFormat", &["does not name", "`optimizer.safetensors`"]);
}

#[test]
fn an_index_may_only_name_files_beside_it() {
    for name in [
        "../model.safetensors",
        "/etc/passwd",
        "a/b.safetensors",
        "..",
        "",
        "c:\\x",
        "https://a.b/c",
        "a%2fb",
    ] {
        let index = json!({"weight_map": {"a.weight": name}}).to_string();
        let error = files_of_index(&index).expect_err(name);
        assert_eq!(error.code(), "CheckpointFormat");
        assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
    }
    for index in ["[]", "{", "{}", r#"{"weight_map": {}}"#, r#"{"weight_map": {"a": 3}}"#] {
        assert_eq!(files_of_index(index).expect_err(index).code(), "CheckpointFormat");
    }
}

#[test]
fn parts_that_overlap_or_are_damaged_are_named() {
    let file = HubFile::open("smollm");
    let (mut parts, _) = cut(&file, 2);
    let copies = ["a.safetensors", "b.safetensors"].map(|name| (name.to_owned(), file.weights.clone()));
    assert_refused(
        &copies,
        None,
        "CheckpointFormat",
        &["in two files", "`a.safetensors`", "`b.safetensors`"],
    );
    parts[1].1.truncate(100);
    assert_refused(&parts, None, "CheckpointFormat", &["`model-00002-of-00002.safetensors`"]);
}

#[test]
fn parts_of_torch_are_joined_and_their_checksums_compared() {
    let torch = Torch::of(&small_config(), "FloatStorage");
    let half = |keep: fn(usize) -> bool| {
        let mut half = torch.clone();
        let mut at = 0;
        half.tensors.retain(|_| {
            at += 1;
            keep(at)
        });
        half.file()
    };
    let names = [1, 2].map(|part| format!("pytorch_model-0000{part}-of-00002.bin"));
    let [first, second] = names.clone();
    let mut parts = [(first, half(|at| at % 2 == 0)), (second, half(|at| at % 2 == 1))];
    let map: serde_json::Map<String, serde_json::Value> = torch
        .tensors
        .iter()
        .enumerate()
        .map(|(at, tensor)| (tensor.name.clone(), json!(names[1 - at % 2])))
        .collect();
    let index = json!({"weight_map": map}).to_string();
    let loaded = |parts: &[Part]| {
        let checkpoint = open(parts, Some(&index))?;
        capture_from(&checkpoint, &small_config()).map(|(captured, _)| captured)
    };
    let plain = capture(&torch.file()[..], &small_config()).expect("weights").0;
    assert!(loaded(&parts).expect("weights") == plain);
    let unembed = encode("FloatStorage", &elements("unembed.W_U", 230));
    // Both files have every storage. Only the one whose tensor it is reads it.
    for (_, bytes) in &mut parts {
        let found = bytes.windows(unembed.len()).position(|window| window == unembed);
        bytes[found.expect("W_U")] ^= 1;
    }
    let error = loaded(&parts).map(|_| ()).expect_err("a changed bit");
    assert!(error.to_string().contains("damaged"), "{error}");
}
