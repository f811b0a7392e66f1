//! Checkpoints as training scripts write them: what public bug reports taught.

use headscope::model::NotFinite;
use headscope::session::Preference;

use crate::support::cases::load;
use crate::support::figures::BACKENDS;

const IDS: [u32; 6] = [3, 1, 4, 3, 1, 4];

#[test]
fn wrappers_and_training_checkpoints_load_and_say_what_was_taken_off() {
    for (name, said) in [
        ("prefix_module.pth", "All names begin with `module.`, which was taken off"),
        (
            "lightning.ckpt",
            "The state dict is in `state_dict`. All names begin with `model.`, which was taken off",
        ),
        ("under_net.pth", "The state dict is in `net`"),
    ] {
        let model = load(Preference::Cpu, &[name], None).unwrap_or_else(|error| panic!("{name}: {error}"));
        let keys = model.keys().to_string();
        assert!(keys.contains(said), "{name}: {keys}");
        let run = pollster::block_on(model.run_ids(IDS.to_vec())).expect("a run");
        assert_eq!((run.ids(), run.not_finite()), (&IDS[..], None), "{name}");
    }
}

#[test]
fn a_layout_that_is_known_and_does_not_run_is_named() {
    let error = load(Preference::Cpu, &["bridge_native.pth"], None).expect_err("another layout");
    let said = error.to_string();
    assert!(said.contains("TransformerBridge"), "{said}");
}

#[test]
fn both_parts_load_and_one_alone_says_that_the_other_is_missing() {
    let parts = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    let model = load(Preference::Cpu, &parts, None).expect("two parts");
    pollster::block_on(model.run_ids(IDS.to_vec())).expect("a run");
    for (part, missing) in [(parts[0], parts[1]), (parts[1], parts[0])] {
        let error = load(Preference::Cpu, &[part], None).expect_err("one part");
        assert!(error.to_string().contains(missing), "{error}");
    }
}

#[test]
fn figures_that_overflow_are_told_by_layer_and_head() {
    for backend in BACKENDS {
        let model = load(backend, &["overflow.pth"], None).expect("finite weights");
        let run = pollster::block_on(model.run_ids(IDS.to_vec())).expect("a run");
        assert_eq!(run.not_finite(), Some(NotFinite { layer: 0, heads: vec![0] }), "{backend:?}");
    }
}
