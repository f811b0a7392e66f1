//! Checkpoints that torch wrote, compared with the same weights as safetensors.

use std::path::PathBuf;

use headscope::checkpoint::Checkpoint;

use crate::checkpoint::captured::capture;
use crate::support::{FIXTURES, Fixture, WEIGHTS};

fn file(name: &str, ending: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{name}.{ending}"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn both_formats_give_the_same_weights_bit_for_bit() {
    for name in FIXTURES {
        let config = Fixture::open(name).config;
        let load = |ending| capture(&file(name, ending)[..], &config).expect(name);
        let [(safetensors, plain), (torch, keys)] = WEIGHTS.map(load);
        assert!(safetensors == torch, "{name}: the weights differ");
        let buffers = 2 * config.n_layers;
        assert_eq!((keys.matched, keys.buffers.len()), (plain.matched, buffers), "{name}");
        let tensors = keys.matched;
        let told = format!("All keys matched: {tensors} tensors, and {buffers} buffers that are not needed");
        assert_eq!(keys.to_string(), told);
        assert_eq!(plain.to_string(), format!("All keys matched: {tensors} tensors"));
    }
}

#[test]
fn the_configuration_is_told_from_either_file() {
    for name in FIXTURES {
        let config = Fixture::open(name).config;
        let kind = serde_json::to_value(&config).expect("JSON");
        let kind = serde_json::json!({
            "normalization_type": kind["normalization_type"],
            "positional_embedding_type": kind["positional_embedding_type"],
        });
        for ending in WEIGHTS {
            let bytes = file(name, ending);
            let checkpoint = pollster::block_on(Checkpoint::open(&bytes[..])).expect("an index");
            assert_eq!(checkpoint.config(Some(&kind.to_string())).expect(name), config, "{name}.{ending}");
        }
    }
}
