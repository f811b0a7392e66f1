//! Every family of models, from its hub's files, on both backends against plain float64.

use std::path::PathBuf;

use headscope::checkpoint::Checkpoint;
use headscope::experiments::RepeatedTokens;
use headscope::model::{Ablation, AblationKind, LogitTarget, ModelConfig};
use headscope::session::{Engine, Model, Preference, Run};
use pollster::block_on;
use safetensors::SafeTensors;
use serde_json::Value;

use crate::support::figures::{BACKENDS, assert_figures, json};
use crate::support::team::InProcess;
use crate::support::{assert_close, tolerance};

/// A test for each folder of tests/fixtures/families: loading a model takes longer than its figures.
macro_rules! families {
    ($($name:ident),*) => { $( #[test] fn $name() { holds_to_float64(stringify!($name)); } )* };
}

families!(
    gpt2,
    gpt2_inverse_layer_scale,
    gpt_neo,
    gpt_neox_sequential,
    llama_untied,
    pythia,
    qwen2,
    qwen3,
    smollm,
    tl_gelu,
    tl_rotary_adjacent,
    tl_solu
);

/// A model of a family, and what float64 computes on it.
struct Family {
    name: &'static str,
    expected: Value,
    figures: Vec<u8>,
}

impl Family {
    fn open(name: &'static str) -> Self {
        let expected = serde_json::from_slice(&file(name, "expected.json")).expect("JSON");
        Family { name, expected, figures: file(name, "expected.safetensors") }
    }

    /// The model, loaded from its files as the hub has them.
    fn load(&self, preference: Preference, helpers: usize) -> Model {
        let weights = ["model.safetensors", "pytorch_model.bin", "model_final.pth"]
            .into_iter()
            .find(|weights| path(self.name, weights).is_file())
            .expect("weights");
        let config = String::from_utf8(file(self.name, "config.json")).expect("UTF-8");
        let weights = file(self.name, weights);
        block_on(async {
            let engine = Engine::open(preference).await.expect("a backend");
            let engine = engine.with_team(Some(InProcess::new(helpers)));
            let checkpoint = Checkpoint::open(&weights[..]).await.expect("an index");
            let config = checkpoint.config(Some(&config)).expect("a config");
            engine.load_checkpoint(&checkpoint, config, None).await.expect("a model")
        })
    }

    fn tensor(&self, name: &str) -> (Vec<usize>, Vec<f32>) {
        let figures = SafeTensors::deserialize(&self.figures).expect("safetensors");
        let tensor = figures.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (values, _) = tensor.data().as_chunks::<4>();
        (tensor.shape().to_vec(), values.iter().map(|&value| f32::from_le_bytes(value)).collect())
    }

    fn tokens(&self) -> Vec<u32> {
        let figures = SafeTensors::deserialize(&self.figures).expect("safetensors");
        let tokens = figures.tensor("tokens").expect("tokens");
        let (tokens, _) = tokens.data().as_chunks::<8>();
        tokens.iter().map(|&token| i64::from_le_bytes(token) as u32).collect()
    }
}

fn path(family: &str, name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/families/{family}/{name}"))
}

fn file(family: &str, name: &str) -> Vec<u8> {
    let path = path(family, name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn holds_to_float64(name: &'static str) {
    let family = Family::open(name);
    let with_helpers = (Preference::Cpu, 2);
    for (preference, helpers) in BACKENDS.map(|preference| (preference, 0)).into_iter().chain([with_helpers])
    {
        let what = format!("{name}, {preference:?}, {helpers} helpers");
        let model = family.load(preference, helpers);
        check_forward(&what, &family, &model);
        check_detectors_and_predictions(&what, &family, &model);
        check_repeated_tokens_and_ablations(&what, &family, &model);
        check_attribution(&what, &family, &model);
        check_composition_and_copying(&what, &family, &model);
    }
}

fn run(model: &Model, tokens: Vec<u32>) -> std::rc::Rc<Run> {
    block_on(model.run_ids(tokens)).expect("a run")
}

fn check_forward(what: &str, family: &Family, model: &Model) {
    let run = run(model, family.tokens());
    let check = |name: &str, found: &[f32], tolerance: f32| {
        let (shape, expected) = family.tensor(name);
        assert_close(&format!("{what}, {name}"), &shape, found, &expected, tolerance);
    };
    let ModelConfig { n_layers, n_heads, .. } = *model.config();
    for layer in 0..n_layers {
        let patterns: Vec<f32> =
            (0..n_heads).flat_map(|head| block_on(run.pattern(layer, head)).expect("a pattern")).collect();
        check(&format!("pattern.{layer}"), &patterns, tolerance::FORWARD);
        let stream = block_on(run.residual(layer)).expect("a stream");
        check(&format!("resid_pre.{layer}"), &stream, tolerance::STREAM);
    }
    check("resid_post", &block_on(run.residual(n_layers)).expect("a stream"), tolerance::STREAM);
    check("log_probs", run.log_probs(), tolerance::STREAM);
    let logits: Vec<f32> = (0..family.tokens().len())
        .flat_map(|position| block_on(run.logits(position)).expect("logits"))
        .collect();
    check("logits", &logits, tolerance::STREAM);
}

fn check_detectors_and_predictions(what: &str, family: &Family, model: &Model) {
    let expected = &family.expected;
    let run = run(model, family.tokens());
    let found = json(run.detect(&Default::default()).expect("figures"));
    let mean = tolerance::PATTERN_MEAN;
    for kind in ["current", "previous", "first"] {
        let (dominant, expected_dominant) = (&found["dominant"][kind], &expected["detectors"][kind]);
        assert_figures(
            &format!("{what}, dominant {kind}"),
            &dominant["fraction"],
            &expected_dominant["fraction"],
            mean,
        );
        assert_eq!(dominant["heads"], expected_dominant["heads"], "{what}, {kind}");
        let (found, expected) = (&found["mean"][kind], &expected["mean_scores"][kind]);
        assert_figures(&format!("{what}, mean {kind}"), found, expected, mean);
    }
    for pattern in ["previous_token_head", "duplicate_token_head", "induction_head"] {
        for measure in ["mul", "abs"] {
            let name = format!("{what}, {pattern} {measure}");
            let (found, expected) = (&found["head_detector"][pattern], &expected["head_detector"][pattern]);
            assert_figures(&name, &found[measure], &expected[measure], mean);
        }
    }
    let (found_score, expected_score) = (&found["neuronpedia_induction"], &expected["neuronpedia_induction"]);
    assert_figures(&format!("{what}, Neuronpedia's induction"), found_score, expected_score, mean);
    let offsets: Vec<Vec<(f64, f64)>> = serde_json::from_value(expected["offsets"].clone()).expect("pairs");
    let part = |pick: fn(&(f64, f64)) -> f64| -> Vec<Vec<f64>> {
        offsets.iter().map(|layer| layer.iter().map(pick).collect()).collect()
    };
    assert_figures(&format!("{what}, offset"), &found["offset"]["distance"], &json(part(|it| it.0)), 0.0);
    assert_figures(&format!("{what}, offset mean"), &found["offset"]["mean"], &json(part(|it| it.1)), mean);
    let predictions = &expected["predictions"];
    let first = run.log_probs().iter().zip(run.top_log_probs()).filter(|(next, top)| next == top).count();
    let accuracy = first as f64 / run.log_probs().len() as f64;
    assert_figures(&format!("{what}, accuracy"), &json(accuracy), &predictions["accuracy"], 1e-12);
    for position in 0..run.ids().len() {
        let found = block_on(run.predictions(position, 3)).expect("predictions");
        let ids: Vec<u32> = found.tokens.iter().map(|token| token.id).collect();
        assert_eq!(json(ids), predictions["top_ids"][position], "{what}, position {position}");
        let probabilities: Vec<f64> = found.tokens.iter().map(|token| token.probability).collect();
        let expected = &predictions["top_probabilities"][position];
        assert_figures(&format!("{what}, position {position}"), &json(probabilities), expected, 1e-4);
        let rank = found.target.map(|target| target.rank);
        assert_eq!(json(rank), predictions["target_rank"][position], "{what}, position {position}");
    }
}

fn check_repeated_tokens_and_ablations(what: &str, family: &Family, model: &Model) {
    let expected = &family.expected["repeated"];
    let rows: Vec<Vec<u32>> = serde_json::from_value(expected["tokens"].clone()).expect("rows of ids");
    let tokens = RepeatedTokens::given(&rows).expect("repeated tokens");
    let found = json(block_on(model.repeated(&tokens)).expect("figures"));
    for (figure, name, tolerance) in [
        ("logProbs", "log_probs", tolerance::EXPERIMENT),
        ("meanFirst", "mean_log_prob_first_half", tolerance::EXPERIMENT),
        ("meanSecond", "mean_log_prob_second_half", tolerance::EXPERIMENT),
        ("stripe", "induction_stripe", tolerance::PATTERN_MEAN),
        ("strict", "induction_strict", tolerance::PATTERN_MEAN),
    ] {
        assert_figures(&format!("{what}, {name}"), &found[figure], &expected[name], tolerance);
    }
    let ModelConfig { n_layers, n_heads, .. } = *model.config();
    let increase = |kind, heads: &[(usize, usize)], mlps: &[usize]| {
        let ablation = Ablation::new(model.config(), kind, heads, mlps).expect("an ablation");
        block_on(model.repeated_loss_increase(&tokens, &ablation)).expect("a loss")
    };
    for (kind, name) in [(AblationKind::Zero, "zero"), (AblationKind::Mean, "mean")] {
        let of_layer = |layer| (0..n_heads).map(|head| increase(kind, &[(layer, head)], &[])).collect();
        let heads: Vec<Vec<f64>> = (0..n_layers).map(of_layer).collect();
        let expected_heads = &expected[format!("{name}_ablation_loss_increase")];
        let what = format!("{what}, {name} ablation");
        assert_figures(&what, &json(heads), expected_heads, tolerance::EXPERIMENT);
        let mlps: Vec<f64> = (0..n_layers).map(|layer| increase(kind, &[], &[layer])).collect();
        let expected_mlps = &expected[format!("{name}_ablation_of_mlp_loss_increase")];
        assert_figures(&format!("{what} of MLPs"), &json(mlps), expected_mlps, tolerance::EXPERIMENT);
    }
}

fn check_attribution(what: &str, family: &Family, model: &Model) {
    let expected = &family.expected["repeated"]["attribution"];
    let tokens = serde_json::from_value(family.expected["repeated"]["tokens"][0].clone()).expect("ids");
    let run = run(model, tokens);
    let found = block_on(model.attribution(&run, LogitTarget::Next)).expect("figures");
    assert_eq!(json(&found.components), expected["components"], "{what}");
    let rows: Vec<&[f32]> = found.values.chunks_exact(found.components.len()).collect();
    assert_figures(&format!("{what}, attribution"), &json(&rows), &expected["values"], tolerance::EXPERIMENT);
    for (row, logit) in rows.iter().zip(&found.logits) {
        let sum: f32 = row.iter().sum();
        assert!((sum - logit).abs() < 1e-3, "{what}: a row adds up to {sum}, its logit is {logit}");
    }
}

fn check_composition_and_copying(what: &str, family: &Family, model: &Model) {
    let all = json(block_on(model.composition(0)).expect("figures"));
    let pair = json(block_on(model.composition_between(0, 1, 0)).expect("figures"));
    for way in ["Q", "K", "V"] {
        let expected = &family.expected["composition_0_1"][way];
        assert_figures(&format!("{what}, {way}"), &all[way], expected, tolerance::EXPERIMENT);
        assert_eq!(pair[way], all[way], "{what}, {way} of the two layers");
    }
    assert_eq!((&pair["deeper"], &pair["baseline"]), (&serde_json::json!([]), &all["baseline"]), "{what}");
    let refused = |from, to| block_on(model.composition_between(from, to, 0)).expect_err("no pair").code();
    let layers = model.config().n_layers;
    let codes = [refused(0, layers), refused(1, 1), refused(1, 0)];
    assert_eq!(codes, ["HeadOutOfRange", "NotDefined", "NotDefined"], "{what}");
    let ModelConfig { n_layers, n_heads, .. } = *model.config();
    let top1 = |layer, head| {
        let copying = block_on(model.copying(&[(layer, head)])).expect("an experiment");
        while !copying.is_done() {
            block_on(copying.step()).expect("a step");
        }
        copying.counts().top1 as f64 / copying.total() as f64
    };
    let of_layer = |layer| (0..n_heads).map(|head| top1(layer, head)).collect();
    let found: Vec<Vec<f64>> = (0..n_layers).map(of_layer).collect();
    let expected = &family.expected["ov_copying_top1"];
    assert_figures(&format!("{what}, copying"), &json(found), expected, tolerance::EXPERIMENT);
}

#[test]
fn every_family_has_its_test() {
    let folder = path("", "");
    let mut folders: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    folders.sort();
    let source = include_str!("families.rs");
    let (_, list) = source.split_once("families!(").expect("the list");
    let (list, _) = list.split_once(')').expect("its end");
    let named: Vec<&str> = list.split(',').map(str::trim).collect();
    assert_eq!(folders, named);
}

#[test]
fn what_is_not_defined_says_why() {
    let family = Family::open("pythia");
    let model = family.load(Preference::Cpu, 0);
    let error = block_on(model.position_scores()).expect_err("rotary positions");
    assert_eq!(error.code(), "NotDefined");
    assert!(error.to_string().contains("rotary"), "{error}");
}
