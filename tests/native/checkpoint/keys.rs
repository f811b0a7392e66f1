//! Keys compared with a configuration: one error lists everything that does not match.

use headscope::Error;
use headscope::error::Key;
use headscope::model::ModelConfig;

use crate::checkpoint::captured::capture;
use crate::checkpoint::torch::{Torch, small_config};

#[test]
fn everything_that_does_not_fit_is_in_one_error() {
    let mut torch = Torch::of(&small_config(), "FloatStorage");
    torch.tensors.retain(|tensor| tensor.name != "ln_final.b" && tensor.name != "blocks.0.attn.W_O");
    let (unembed, _) = torch.tensor("unembed.W_U");
    (unembed.shape, unembed.strides) = (vec![23, 10], vec![10, 1]);
    torch.add("head.weight", "FloatStorage", &[2, 3], &[0.0; 6]);
    let error = capture(&torch.file()[..], &small_config()).expect_err("keys that do not fit");
    let key = |tensor: &str, expected: Option<&[usize]>, found: Option<&[usize]>| Key {
        tensor: tensor.to_owned(),
        expected: expected.map(<[usize]>::to_vec),
        found: found.map(<[usize]>::to_vec),
    };
    let expected = Error::KeysMismatch {
        missing: vec![
            key("blocks.0.attn.W_O", Some(&[3, 4, 10]), None),
            key("ln_final.b", Some(&[10]), None),
        ],
        unexpected: vec![key("head.weight", None, Some(&[2, 3]))],
        misshaped: vec![key("unembed.W_U", Some(&[10, 23]), Some(&[23, 10]))],
    };
    assert_eq!(error, expected);
    assert_eq!(
        error.to_string(),
        "the checkpoint's tensors are not those of the configuration: \
         2 missing (`blocks.0.attn.W_O` [3, 4, 10], `ln_final.b` [10]); 1 unexpected (`head.weight` [2, 3]); \
         1 of another shape (`unembed.W_U` should be [10, 23] and is [23, 10])"
    );
}

#[test]
fn a_long_list_is_shortened_in_the_sentence_only() {
    let torch = Torch::of(&small_config(), "FloatStorage");
    let config = ModelConfig { n_layers: 2, ..small_config() };
    let error = capture(&torch.file()[..], &config).expect_err("a layer is missing");
    let Error::KeysMismatch { missing, .. } = &error else { panic!("{error}") };
    assert_eq!(missing.len(), 6);
    let end =
        "6 missing (`blocks.1.ln1.w` [10], `blocks.1.ln1.b` [10], `blocks.1.attn.W_Q` [3, 10, 4] and 3 more)";
    assert!(error.to_string().ends_with(end), "{error}");
}
