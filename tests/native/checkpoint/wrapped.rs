//! Names with wrappers, buffers that hold infinities, and training checkpoints.

use headscope::Error;
use headscope::checkpoint::Checkpoint;
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use standin::pickle::Pickle;

use crate::checkpoint::captured::{Captured, capture, capture_from};
use crate::checkpoint::hub_file::HubFile;
use crate::checkpoint::torch::{Torch, small_config};

/// The file with other names.
fn renamed(file: &HubFile, name: impl Fn(&str) -> String) -> Vec<u8> {
    let tensors = SafeTensors::deserialize(&file.weights).expect("safetensors");
    let views: Vec<(String, TensorView)> = tensors.iter().map(|(old, view)| (name(old), view)).collect();
    safetensors::serialize(views, None).expect("a file")
}

fn weights(file: &HubFile, bytes: &[u8]) -> headscope::Result<Captured> {
    let checkpoint = pollster::block_on(Checkpoint::open(bytes))?;
    let config = checkpoint.config(Some(&file.config))?;
    capture_from(&checkpoint, &config).map(|(captured, _)| captured)
}

#[test]
fn wrappers_of_names_make_no_difference() {
    for family in ["gpt2", "pythia", "smollm", "qwen3"] {
        let file = HubFile::open(family);
        let plain = weights(&file, &file.weights).expect(family);
        for wrapper in
            ["module.", "_orig_mod.module.", "model.model.", "transformer.", "student.net.", "net.module."]
        {
            let wrapped = renamed(&file, |name| format!("{wrapper}{name}"));
            assert!(weights(&file, &wrapped).expect(wrapper) == plain, "{family}, {wrapper}");
        }
        // The base model alone, as its class saves it.
        let bare = renamed(&file, |name| {
            name.trim_start_matches("transformer.")
                .trim_start_matches("gpt_neox.")
                .trim_start_matches("model.")
                .to_owned()
        });
        assert!(weights(&file, &bare).expect("a base model") == plain, "{family}, no wrapper");
    }
}

#[test]
fn the_newer_name_of_the_unembedding_of_neox_is_known() {
    let file = HubFile::open("pythia");
    let newer = renamed(&file, |name| name.replace("embed_out.", "lm_head."));
    assert!(weights(&file, &newer).expect("weights") == weights(&file, &file.weights).expect("weights"));
}

#[test]
fn two_names_of_one_tensor_are_both_named() {
    let file = HubFile::open("gpt2");
    let doubled = renamed(&file, |name| match name {
        "h.1.ln_1.bias" => "transformer.h.0.ln_1.bias".to_owned(),
        other => other.to_owned(),
    });
    let error = weights(&file, &doubled).expect_err("one tensor twice").to_string();
    assert!(error.contains("`h.0.ln_1.bias`") && error.contains("`transformer.h.0.ln_1.bias`"), "{error}");
}

#[test]
fn buffers_may_hold_infinities_and_are_named() {
    let file = HubFile::open("pythia");
    let tensors = SafeTensors::deserialize(&file.weights).expect("safetensors");
    let infinite = f32::NEG_INFINITY.to_le_bytes();
    let views = tensors.iter().map(|(name, view)| {
        let masked = name.ends_with(".masked_bias");
        let own = || TensorView::new(safetensors::Dtype::F32, Vec::new(), &infinite).expect("a number");
        (name.to_owned(), if masked { own() } else { view })
    });
    let changed = safetensors::serialize(views, None).expect("a file");
    assert_ne!(changed, file.weights);
    assert!(weights(&file, &changed).expect("weights") == weights(&file, &file.weights).expect("weights"));
    let checkpoint = file.checkpoint();
    let keys =
        checkpoint.check(&checkpoint.config(Some(&file.config)).expect("a configuration")).expect("keys");
    let of_first: Vec<&str> =
        keys.buffers.iter().map(String::as_str).filter(|name| name.starts_with("layers.0.")).collect();
    let expected = ["attention.bias", "attention.masked_bias", "attention.rotary_emb.inv_freq"];
    assert_eq!(of_first, expected.map(|name| format!("layers.0.{name}")));
}

#[test]
fn a_missing_tensor_is_named_as_the_family_has_it() {
    let file = HubFile::open("qwen2");
    let tensors = SafeTensors::deserialize(&file.weights).expect("safetensors");
    let without = |end: &str| {
        let kept = tensors.iter().filter(|(name, _)| !name.ends_with(end));
        safetensors::serialize(kept.map(|(name, view)| (name.to_owned(), view)), None).expect("a file")
    };
    let error =
        weights(&file, &without("layers.1.mlp.gate_proj.weight")).map(|_| ()).expect_err("a missing tensor");
    let Error::KeysMismatch { missing, unexpected, misshaped } = &error else { panic!("{error}") };
    assert_eq!((missing.len(), unexpected.len(), misshaped.len()), (1, 0, 0));
    assert_eq!(missing[0].tensor, "layers.1.mlp.gate_proj.weight");
    assert_eq!(missing[0].expected, Some(vec![88, 48]));
    // A bias may be absent: zero.
    let zero = weights(&file, &without("layers.1.self_attn.q_proj.bias")).expect("weights");
    assert_eq!(zero.vector(headscope::model::VectorId::QkvBias(1))[..48], [0.0; 48]);
}

/// A pickle of dicts around a state dict, and what else a training script saves.
fn trained(torch: &Torch, keys: &[&str]) -> Vec<u8> {
    let storages: Vec<_> = torch.storages.iter().map(|(storage, _)| storage.clone()).collect();
    let mut pickle = Pickle::new(2);
    pickle.dict().text("epoch").int(3);
    pickle.text("optimizer").dict().text("state").dict().int(0).dict().text("exp_avg");
    standin::checkpoint::push_tensor(&mut pickle, &torch.tensors[0], &storages);
    pickle.text("step").int(7).items().items().items();
    for key in keys {
        let path: Vec<&str> = key.split('/').collect();
        for (depth, name) in path.iter().enumerate() {
            pickle.text(name);
            if depth + 1 < path.len() {
                pickle.dict();
            }
        }
        standin::checkpoint::state_dict(&mut pickle, &torch.tensors, &storages);
        for _ in 1..path.len() {
            pickle.items();
        }
    }
    pickle.items();
    torch.file_with(&pickle.finish())
}

#[test]
fn the_one_state_dict_of_a_training_checkpoint_is_found_wherever_it_lies() {
    let torch = Torch::of(&small_config(), "FloatStorage");
    let plain = capture(&torch.file()[..], &small_config()).expect("weights").0;
    for key in ["state_dict", "model", "model_state_dict", "module", "net", "model/module/state_dict"] {
        let file = trained(&torch, &[key]);
        assert!(capture(&file[..], &small_config()).expect(key).0 == plain, "{key}");
    }
}

#[test]
fn two_state_dicts_are_both_named() {
    let torch = Torch::of(&small_config(), "FloatStorage");
    let file = trained(&torch, &["model", "ema/shadow"]);
    let error = capture(&file[..], &small_config()).expect_err("two state dicts").to_string();
    assert!(error.contains("`model`") && error.contains("`ema.shadow`"), "{error}");
    let file = trained(&torch, &[]);
    let error = capture(&file[..], &small_config()).expect_err("no state dict").to_string();
    assert!(error.contains("`epoch`, `optimizer`"), "{error}");
}
