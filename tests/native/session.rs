//! Text to figures on the default model, as the page does it, on both backends.

use std::path::Path;
use std::rc::Rc;

use headscope::checkpoint::Checkpoint;
use headscope::detectors::Thresholds;
use headscope::model::ModelConfig;
use headscope::session::{Engine, Model, Preference, Run};
use headscope::tokenizer::Tokenizer;
use serde_json::Value;

use crate::support::{assert_close, tolerance};

fn file(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn config() -> ModelConfig {
    ModelConfig::from_json(&String::from_utf8(file("models/default/config.json")).expect("UTF-8"))
        .expect("a config")
}

fn tokenizer() -> Tokenizer {
    Tokenizer::from_json(&file("models/default/tokenizer.json")).expect("a tokenizer")
}

fn default_model(preference: Preference) -> Model {
    let engine = pollster::block_on(Engine::open(preference)).expect("a backend");
    assert_eq!(engine.gpu().is_some(), preference == Preference::WebGpu);
    let weights = file("models/default/model.safetensors");
    pollster::block_on(engine.load_model(&weights[..], config(), Some(Rc::new(tokenizer()))))
        .expect("a model")
}

fn run_text(model: &Model, text: &str) -> Rc<Run> {
    pollster::block_on(model.run_text(text, true)).expect("a run")
}

fn expected() -> Value {
    serde_json::from_slice(&file("tests/fixtures/default_model.expected.json")).expect("JSON")
}

/// The first text of the tokenizer's fixture: the notebook's paragraph.
fn paragraph() -> String {
    let cases: Value = serde_json::from_slice(&file("tests/fixtures/default_tokenizer.json")).expect("JSON");
    cases[0]["text"].as_str().expect("a text").to_owned()
}

#[test]
fn the_default_model_shows_its_heads() {
    for preference in [Preference::Cpu, Preference::WebGpu] {
        let run = run_text(&default_model(preference), &paragraph());
        let expected = expected();
        let ids: Vec<u64> = run.ids().iter().map(|&id| id.into()).collect();
        assert_eq!(serde_json::json!(ids), expected["ids"]);
        let found = serde_json::to_value(run.detect(&Thresholds::default()).expect("figures")).expect("JSON");
        for kind in ["current", "previous", "first"] {
            let found = &found["dominant"][kind]["heads"];
            assert_eq!(found, &expected["detectors"][kind]["heads"], "{kind}, {preference:?}");
            assert_ne!(found, &serde_json::json!([]), "{kind}");
        }
        let log_probs = expected["log_probs"].as_array().expect("an array");
        assert_eq!(run.log_probs().len(), log_probs.len());
        for (at, (found, expected)) in run.log_probs().iter().zip(log_probs).enumerate() {
            let expected = expected.as_f64().expect("a number") as f32;
            assert!(
                (found - expected).abs() < 1e-4,
                "log_probs[{at}], {preference:?}: {found}, not {expected}"
            );
        }
    }
}

#[test]
fn the_default_model_has_induction_heads() {
    let model = default_model(Preference::Cpu);
    let repeated = &expected()["repeated"];
    let seq_len = repeated["seq_len"].as_u64().expect("a number") as usize;
    let rows = repeated["tokens"].as_array().expect("rows");
    let (mut halves, mut strict) = ([0.0f32; 2], vec![vec![0.0f32; config().n_heads]; config().n_layers]);
    for row in rows {
        let ids = row.as_array().expect("ids").iter().map(|id| id.as_u64().expect("an id") as u32).collect();
        let run = pollster::block_on(model.run_ids(ids)).expect("a run");
        for (half, log_probs) in halves.iter_mut().zip(run.log_probs().chunks_exact(seq_len)) {
            *half += log_probs.iter().sum::<f32>() / (seq_len * rows.len()) as f32;
        }
        let n = run.ids().len();
        for (layer, heads) in strict.iter_mut().enumerate() {
            for (head, score) in heads.iter_mut().enumerate() {
                let pattern = pollster::block_on(run.pattern(layer, head)).expect("a pattern");
                let stripe =
                    (n - seq_len..n).map(|query_pos| pattern[query_pos * n + query_pos + 1 - seq_len]);
                *score += stripe.sum::<f32>() / (seq_len * rows.len()) as f32;
            }
        }
    }
    let close =
        |found: f32, expected: &Value| (f64::from(found) - expected.as_f64().expect("a number")).abs() < 1e-4;
    assert!(close(halves[0], &repeated["mean_log_prob_first_half"]), "{halves:?}");
    assert!(close(halves[1], &repeated["mean_log_prob_second_half"]), "{halves:?}");
    assert!(halves[1] > halves[0] + 2.0, "{halves:?}");
    for (layer, heads) in strict.iter().enumerate() {
        for (head, &score) in heads.iter().enumerate() {
            assert!(close(score, &repeated["induction_strict"][layer][head]), "{layer}.{head}: {score}");
        }
    }
    assert!(strict.iter().flatten().any(|&score| score > 0.4), "{strict:?}");
}

#[test]
fn an_edit_goes_on_from_what_is_known_and_changes_nothing_else() {
    for preference in [Preference::Cpu, Preference::WebGpu] {
        let model = default_model(preference);
        let first = run_text(&model, &paragraph());
        let edited = run_text(&model, &format!("{} And more.", paragraph()));
        assert_eq!(edited.reused(), first.ids().len() - 1, "{preference:?}");
        drop(first);
        let fresh = run_text(&default_model(preference), &format!("{} And more.", paragraph()));
        assert_eq!(fresh.reused(), 0);
        for (found, expected) in edited.log_probs().iter().zip(fresh.log_probs()) {
            assert!((found - expected).abs() < 1e-5, "{preference:?}: {found}, not {expected}");
        }
    }
}

#[test]
fn text_past_n_ctx_is_cut_and_counted() {
    let model = default_model(Preference::Cpu);
    let word = "tests\u{1f600} and more ";
    let text = word.repeat(1000);
    let run = run_text(&model, &text);
    assert_eq!(run.ids().len(), config().n_ctx);
    let all = tokenizer().encode(&text).expect("ids");
    assert_eq!(run.ids()[1..], all[..config().n_ctx - 1], "the tokens are those of the whole text");
    let units: Vec<u16> = text.encode_utf16().collect();
    let kept = String::from_utf16(&units[..units.len() - run.dropped()]).expect("a cut between characters");
    let again = tokenizer().encode(&kept).expect("ids");
    assert_eq!(again, run.ids()[1..]);
}

#[test]
fn predictions_are_those_of_the_logits() {
    for preference in [Preference::Cpu, Preference::WebGpu] {
        let model = default_model(preference);
        let run = run_text(&model, "the cat sat on the mat and the cat sat on the");
        let last = run.ids().len() - 1;
        for position in [0, 3, last] {
            let predictions = pollster::block_on(run.predictions(position, 4)).expect("predictions");
            let logits = pollster::block_on(run.logits(position)).expect("logits");
            let sum: f64 = logits.iter().map(|&logit| f64::from(logit).exp()).sum();
            let mut order: Vec<usize> = (0..logits.len()).collect();
            order.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
            let ids: Vec<usize> = predictions.tokens.iter().map(|token| token.id as usize).collect();
            assert_eq!(ids, order[..4]);
            for token in &predictions.tokens {
                let expected = f64::from(logits[token.id as usize]).exp() / sum;
                assert!((token.probability - expected).abs() < 1e-9, "{token:?}: {expected}");
                assert_eq!(tokenizer().pieces(&[token.id]).expect("a piece")[0], token.piece);
            }
            let Some(target) = predictions.target else {
                assert_eq!(position, last, "only the last token has no target");
                continue;
            };
            assert_eq!(target.id, run.ids()[position + 1]);
            let log_prob = f64::from(run.log_probs()[position]);
            assert!((target.log_prob - log_prob).abs() < 1e-4, "{target:?}: {log_prob}");
            assert_eq!(order[target.rank - 1], target.id as usize);
        }
        let code = pollster::block_on(run.predictions(last + 1, 4)).expect_err("no such position").code();
        assert_eq!(code, "PositionOutOfRange");
    }
}

#[test]
fn input_that_can_not_run_says_why_and_the_next_run_works() {
    for preference in [Preference::Cpu, Preference::WebGpu] {
        let model = default_model(preference);
        let code = |ids: Vec<u32>| pollster::block_on(model.run_ids(ids)).err().map(|error| error.code());
        assert_eq!(
            pollster::block_on(model.run_text("", true)).err().map(|error| error.code()),
            Some("EmptyInput")
        );
        assert_eq!(code(vec![]), Some("EmptyInput"));
        assert_eq!(code(vec![0; 513]), Some("TooManyTokens"));
        assert_eq!(code(vec![0, 4096]), Some("TokenOutOfRange"));
        let run = run_text(&model, "a");
        let pattern = |layer, head| pollster::block_on(run.pattern(layer, head));
        assert_eq!(pattern(2, 0).err().map(|error| error.code()), Some("HeadOutOfRange"));
        assert_eq!(pattern(0, 8).err().map(|error| error.code()), Some("HeadOutOfRange"));
        assert_eq!(
            pollster::block_on(run.logits(2)).err().map(|error| error.code()),
            Some("PositionOutOfRange")
        );
        assert_eq!(pattern(0, 0).expect("a pattern").len(), run.ids().len().pow(2));
        let one = pollster::block_on(model.run_ids(vec![5])).expect("one token is a run");
        assert_eq!(one.log_probs().len(), 0);
        // A GPU may fuse the products of a score in one kernel and not in the other.
        let pattern = pollster::block_on(one.pattern(1, 1)).expect("a pattern");
        assert_close("the pattern of one token", &[1, 1], &pattern, &[1.0], tolerance::KERNEL);
        one.detect(&Thresholds::default()).expect("figures of one token");
    }
}

#[test]
fn tokenizer_agrees_with_python() {
    let (tokenizer, cases) = (tokenizer(), file("tests/fixtures/default_tokenizer.json"));
    let cases: Value = serde_json::from_slice(&cases).expect("JSON");
    let cases = cases.as_array().expect("an array");
    assert!(cases.len() >= 20);
    for case in cases {
        let ids = tokenizer.encode(case["text"].as_str().expect("a text")).expect("ids");
        assert_eq!(serde_json::json!(ids), case["ids"], "{}", case["name"]);
        let pieces = tokenizer.pieces(&ids).expect("pieces");
        assert_eq!(serde_json::json!(pieces), case["pieces"], "{}", case["name"]);
    }
}

#[test]
fn a_damaged_checkpoint_says_what_is_wrong() {
    let weights = file("models/default/model.safetensors");
    let open = |bytes: &[u8]| pollster::block_on(Checkpoint::open(bytes)).map(|_| ());
    let load = |bytes: &[u8], config: ModelConfig| {
        let engine = pollster::block_on(Engine::open(Preference::Cpu)).expect("a backend");
        pollster::block_on(engine.load_model(bytes, config, None)).map(|_| ()).map_err(|error| error.code())
    };
    for cut in [0, 7, 8, 100, weights.len() - 1] {
        let error = open(&weights[..cut]).expect_err("cut short");
        assert_eq!(error.code(), "CheckpointFormat", "{cut} bytes: {error}");
    }
    let mut announces_terabytes = weights.clone();
    announces_terabytes[..8].copy_from_slice(&(1u64 << 42).to_le_bytes());
    assert_eq!(open(&announces_terabytes).expect_err("a lie").code(), "CheckpointFormat");
    assert_eq!(open(b"<!doctype html><title>404</title>").expect_err("HTML").code(), "CheckpointFormat");

    assert_eq!(load(&weights, ModelConfig { d_model: 255, ..config() }), Err("KeysMismatch"));
    assert_eq!(load(&weights, ModelConfig { n_layers: 3, ..config() }), Err("KeysMismatch"));
    assert_eq!(load(&weights, ModelConfig { n_layers: 1, ..config() }), Err("KeysMismatch"));
    let mut poisoned = weights.clone();
    let end = poisoned.len();
    poisoned[end - 2..].copy_from_slice(&half::f16::NAN.to_le_bytes());
    assert_eq!(load(&poisoned, config()), Err("NonFiniteWeight"));
    assert_eq!(load(&weights, config()), Ok(()));
}
