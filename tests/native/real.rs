//! SmolLM2-135M, a real trained model, natively on both backends: its known answers.
//!
//! `cargo xtask test --real` fetches the weights and runs these tests.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use headscope::checkpoint::{ByteSource, Checkpoint};
use headscope::error::Error;
use headscope::experiments::RepeatedTokens;
use headscope::model::{Ablation, AblationKind};
use headscope::session::{Engine, Model, Preference};
use headscope::tokenizer::Tokenizer;
use pollster::block_on;
use safetensors::SafeTensors;
use serde_json::Value;

use crate::support::figures::assert_figures;
use crate::support::{assert_close, tolerance};

/// Log-probabilities against float64: thirty layers of f32.
const LOG_PROBS: f32 = 2e-3;

/// A file on disk, read by ranges.
struct OnDisk(File);

impl ByteSource for OnDisk {
    fn len(&self) -> u64 {
        self.0.metadata().expect("a file").len()
    }

    async fn read(&self, range: Range<u64>) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; (range.end - range.start) as usize];
        self.0.read_exact_at(&mut bytes, range.start).expect("the file was checked");
        Ok(bytes)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fixture(name: &str) -> Vec<u8> {
    let path: PathBuf = root().join("tests/fixtures/real/smollm2-135m").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn load(preference: Preference) -> Model {
    let path = root().join("target/real/smollm2-135m/model.safetensors");
    let weights = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let config = String::from_utf8(fixture("hub/config.json")).expect("UTF-8");
    let tokenizer = Tokenizer::from_json(&fixture("hub/tokenizer.json")).expect("a tokenizer");
    block_on(async {
        let engine = Engine::open(preference).await.expect("a backend");
        let checkpoint = Checkpoint::open(OnDisk(weights)).await.expect("an index");
        let config = checkpoint.config(Some(&config)).expect("a config");
        engine.load_checkpoint(&checkpoint, config, Some(Rc::new(tokenizer))).await.expect("a model")
    })
}

fn check(preference: Preference) {
    let model = load(preference);
    let expected: Value = serde_json::from_slice(&fixture("expected.json")).expect("JSON");
    let figures = fixture("expected.safetensors");
    let figures = SafeTensors::deserialize(&figures).expect("safetensors");
    let floats = |name: &str| -> (Vec<usize>, Vec<f32>) {
        let tensor = figures.tensor(name).expect("a tensor");
        let (values, _) = tensor.data().as_chunks::<4>();
        (tensor.shape().to_vec(), values.iter().map(|&value| f32::from_le_bytes(value)).collect())
    };
    let ids = |name: &str| -> Vec<u32> {
        let (values, _) = figures.tensor(name).expect("a tensor").data().as_chunks::<8>();
        values.iter().map(|&value| i64::from_le_bytes(value) as u32).collect()
    };

    let run = block_on(model.run_text(expected["text"].as_str().expect("a text"), false)).expect("a run");
    assert_eq!(run.ids(), ids("tokens"));
    let (shape, log_probs) = floats("log_probs");
    assert_close("log_probs", &shape, run.log_probs(), &log_probs, LOG_PROBS);
    for head in ["16.0", "11.1", "17.3", "18.6", "29.8", "0.0"] {
        let (layer, number) = model.config().head_named(head).expect("a head");
        let (shape, pattern) = floats(&format!("pattern.{head}"));
        let found = block_on(run.pattern(layer, number)).expect("a pattern");
        assert_close(&format!("pattern of {head}"), &shape, &found, &pattern, 1e-3);
    }
    let last = block_on(run.predictions(run.ids().len() - 1, 5)).expect("predictions");
    for (found, known) in last.tokens.iter().zip(expected["next_token"].as_array().expect("tokens")) {
        assert_eq!(found.piece, known[0].as_str().expect("a piece"));
        let probability = known[1].as_f64().expect("a probability");
        assert!((found.probability - probability).abs() < 1e-3, "{found:?}, known {probability}");
    }

    let known = &expected["repeated"];
    let rows: Vec<Vec<u32>> = ids("repeated.tokens").chunks_exact(101).map(<[u32]>::to_vec).collect();
    let tokens = RepeatedTokens::given(&rows).expect("repeated tokens");
    let found = serde_json::to_value(block_on(model.repeated(&tokens)).expect("figures")).expect("JSON");
    assert_figures("strict", &found["strict"], &known["induction_strict"], 1e-3);
    for (half, key) in [("meanFirst", "first"), ("meanSecond", "second")] {
        let known = &known[format!("mean_log_prob_{key}_half")];
        assert_figures(half, &found[half], known, tolerance::EXPERIMENT);
    }
    let mut ranking: Vec<(String, f64)> = Vec::new();
    for (layer, heads) in found["strict"].as_array().expect("layers").iter().enumerate() {
        for (head, score) in heads.as_array().expect("heads").iter().enumerate() {
            ranking.push((format!("{layer}.{head}"), score.as_f64().expect("a score")));
        }
    }
    ranking.sort_by(|one, other| other.1.total_cmp(&one.1));
    for ((name, _), known) in ranking.iter().zip(known["ranking"].as_array().expect("heads")).take(10) {
        assert_eq!(name, known[0].as_str().expect("a name"));
    }
    let increases = known["zero_ablation_loss_increase"].as_object().expect("increases");
    for (names, increase) in increases {
        let head = |name| model.config().head_named(name).expect("a head");
        let heads: Vec<(usize, usize)> = names.split('+').map(head).collect();
        let ablation = Ablation::new(model.config(), AblationKind::Zero, &heads, &[]).expect("heads");
        let found = block_on(model.repeated_loss_increase(&tokens, &ablation)).expect("a loss");
        let known = increase.as_f64().expect("a number");
        assert!((found - known).abs() < 5e-3, "without {names}: {found}, known {known}");
    }
}

#[test]
#[ignore = "cargo xtask test --real fetches the weights"]
fn smollm2_gives_its_known_answers_on_the_cpu() {
    check(Preference::Cpu);
}

#[test]
#[ignore = "cargo xtask test --real fetches the weights"]
fn smollm2_gives_its_known_answers_on_the_gpu() {
    check(Preference::WebGpu);
}
