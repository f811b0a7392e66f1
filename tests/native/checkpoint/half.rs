//! Weights in f32 that are kept in half precision where the visitor asks for it.

use headscope::checkpoint::{Checkpoint, WeightDtype};
use headscope::model::MatrixId;
use pollster::block_on;

use super::captured::{Captured, capture_from};
use super::torch::{Torch, small_config};

fn family(name: &str) -> (Vec<u8>, String) {
    let folder = format!("{}/tests/fixtures/families/{name}", env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| std::fs::read(format!("{folder}/{file}")).expect("a fixture");
    (read("model.safetensors"), String::from_utf8(read("config.json")).expect("UTF-8"))
}

/// A family's weights as they are stored, and at half precision.
fn both(name: &str) -> [(Captured, String); 2] {
    let (file, config_json) = family(name);
    let load = |checkpoint: Checkpoint<&[u8]>| {
        let config = checkpoint.config(Some(&config_json)).expect("a config");
        let (captured, keys) = capture_from(&checkpoint, &config).expect("weights");
        (captured, keys.to_string())
    };
    let open = || block_on(Checkpoint::open(&file[..])).expect("an index");
    [load(open()), load(open().in_half_precision())]
}

#[test]
fn every_number_of_a_matrix_in_f32_is_rounded_to_the_nearest_half() {
    let [(full, _), (half, keys)] = both("gpt2");
    assert!(keys.ends_with("f32 is kept in half precision"), "{keys}");
    for id in [MatrixId::Qkv(0), MatrixId::MlpOut(2), MatrixId::Unembed] {
        assert_eq!([full.dtype(id), half.dtype(id)], [WeightDtype::F32, WeightDtype::F16], "{id:?}");
        let expected: Vec<f32> =
            full.matrix(id).1.iter().map(|&value| half::f16::from_f32(value).to_f32()).collect();
        assert_eq!(half.matrix(id).1, expected, "{id:?}");
    }
    assert_eq!(half.dtype(MatrixId::Positions), WeightDtype::F32);
}

#[test]
fn weights_in_f16_stay_as_they_are() {
    let [(full, _), (half, _)] = both("pythia");
    assert!(full == half);
}

#[test]
fn a_number_that_no_half_holds_is_refused() {
    let mut torch = Torch::of(&small_config(), "FloatStorage");
    let (_, (_, bytes)) = torch.tensor("blocks.0.attn.W_O");
    bytes[20..24].copy_from_slice(&1e5_f32.to_le_bytes());
    let file = torch.file();
    let checkpoint = || block_on(Checkpoint::open(&file[..])).expect("an index");
    assert!(capture_from(&checkpoint(), &small_config()).is_ok());
    let error = capture_from(&checkpoint().in_half_precision(), &small_config()).expect_err("too large");
    assert_eq!(error.code(), "NonFiniteWeight");
    assert!(error.to_string().contains("too large for half precision"), "{error}");
}
