//! Any text as the index of a model in parts, alone and beside two parts.
#![no_main]

use headscope::checkpoint::{Checkpoint, files_of_index};
use libfuzzer_sys::fuzz_target;

const PARTS: [(&str, &[u8]); 2] = [
    (
        "model-00001-of-00002.safetensors",
        include_bytes!("../../tests/fixtures/cases/model-00001-of-00002.safetensors"),
    ),
    (
        "model-00002-of-00002.safetensors",
        include_bytes!("../../tests/fixtures/cases/model-00002-of-00002.safetensors"),
    ),
];

fuzz_target!(|index: &str| {
    let _ = files_of_index(index);
    let parts = PARTS.map(|(name, bytes)| (name.to_owned(), bytes)).to_vec();
    if let Ok(checkpoint) = pollster::block_on(Checkpoint::open_parts(parts, Some(index))) {
        let _ = checkpoint.config(None);
    }
});
