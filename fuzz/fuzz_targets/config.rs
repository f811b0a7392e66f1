//! Any text as the `config.json` of a model: alone, and beside weights.
#![no_main]

use headscope::checkpoint::Checkpoint;
use headscope::model::ModelConfig;
use headscope::tokenizer::prepends_bos;
use libfuzzer_sys::fuzz_target;

const WEIGHTS: &[u8] = include_bytes!("../../tests/fixtures/cases/ctx4.pth");

fuzz_target!(|json: &str| {
    let _ = ModelConfig::from_json(json);
    let _ = prepends_bos(json);
    let checkpoint = pollster::block_on(Checkpoint::open(WEIGHTS)).expect("a sound file");
    let _ = checkpoint.config(Some(json));
});
