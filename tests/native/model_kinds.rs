//! Models of every kind of docs/definitions.md#the-model, with MLPs, of sizes that fill no tile, against
//! plain loops in f64 on both backends. Together they have every answer of `src/model/architecture.rs`.

use std::collections::BTreeSet;
use std::rc::Rc;

use headscope::backend::{Model, Run};
use headscope::checkpoint::WeightDtype;
use headscope::cpu;
use headscope::experiments::Random;
use headscope::gpu::{self, Gpu};
use headscope::model::{
    Ablation, AblationKind, Activation, Batch, Heads, Mlp, ModelConfig, Normalization, OFFSETS, Pairing,
    PositionalEmbedding, Rotary, unpadded,
};
use pollster::block_on;

use crate::support::reference::{Ablated, Figures, Reference};
use crate::support::{assert_close, open_gpu, tolerance};

/// A name, a configuration, and whether the model has biases.
pub type Kind = (&'static str, ModelConfig, bool);

/// Three layers of three heads of six, without MLPs.
fn base() -> ModelConfig {
    ModelConfig {
        n_layers: 3,
        n_heads: 3,
        d_model: 26,
        d_head: 6,
        n_ctx: 40,
        d_vocab: 37,
        normalization: Some(Normalization::Ln),
        positional_embedding: PositionalEmbedding::Standard,
        eps: 1e-5,
        heads: Heads::PLAIN,
        mlp: None,
        tied_unembedding: false,
    }
}

fn mlp(activation: Activation, gated: bool, parallel: bool) -> Option<Mlp> {
    Some(Mlp { d_mlp: 37, activation, gated, parallel })
}

fn rotary(dims: usize, pairing: Pairing) -> PositionalEmbedding {
    PositionalEmbedding::Rotary(Rotary { dims, base: 50.0, pairing })
}

/// Kinds of models that together have every answer.
pub fn kinds() -> Vec<Kind> {
    use Activation::{Gelu, GeluNew, Relu, Silu, SoluLn};
    use Normalization::{LnPre, Rms, RmsPre};
    use PositionalEmbedding::{None as Nowhere, Shortformer};
    let shared = |heads| Heads { n_key_value_heads: Some(heads), ..Heads::PLAIN };
    vec![
        (
            "as GPT-2",
            ModelConfig {
                mlp: mlp(GeluNew, false, false),
                heads: Heads { scale_by_inverse_layer: true, ..Heads::PLAIN },
                tied_unembedding: true,
                ..base()
            },
            true,
        ),
        (
            "as GPT-Neo",
            ModelConfig {
                mlp: mlp(GeluNew, false, false),
                heads: Heads { scale: Some(1.0), windows: vec![None, Some(7), Some(1)], ..Heads::PLAIN },
                tied_unembedding: true,
                ..base()
            },
            true,
        ),
        (
            "as GPT-NeoX",
            ModelConfig {
                mlp: mlp(Gelu, false, true),
                positional_embedding: rotary(4, Pairing::Half),
                ..base()
            },
            true,
        ),
        (
            "as Llama",
            ModelConfig {
                n_heads: 4,
                normalization: Some(Rms),
                mlp: mlp(Silu, true, false),
                positional_embedding: rotary(6, Pairing::Half),
                heads: shared(2),
                tied_unembedding: true,
                ..base()
            },
            false,
        ),
        (
            "as Qwen3, with windows",
            ModelConfig {
                normalization: Some(Rms),
                mlp: mlp(Silu, true, false),
                positional_embedding: rotary(6, Pairing::Half),
                heads: Heads { qk_norm: true, windows: vec![Some(9), None, Some(16)], ..shared(1) },
                ..base()
            },
            true,
        ),
        (
            "as GPT-J",
            ModelConfig {
                normalization: Some(LnPre),
                mlp: mlp(GeluNew, false, true),
                positional_embedding: rotary(4, Pairing::Adjacent),
                ..base()
            },
            true,
        ),
        (
            "as the SoLU models",
            ModelConfig { mlp: mlp(SoluLn, false, false), normalization: Some(LnPre), ..base() },
            true,
        ),
        (
            "shortformer with shared keys",
            ModelConfig {
                n_heads: 2,
                d_head: 4,
                normalization: None,
                mlp: mlp(Relu, false, false),
                positional_embedding: Shortformer,
                heads: shared(1),
                ..base()
            },
            true,
        ),
        (
            "without positions",
            ModelConfig {
                normalization: Some(RmsPre),
                mlp: mlp(SoluLn, true, true),
                positional_embedding: Nowhere,
                ..base()
            },
            false,
        ),
        (
            "parallel without a norm",
            ModelConfig { normalization: None, mlp: mlp(Gelu, true, true), ..base() },
            false,
        ),
        (
            "attention only, rotary",
            ModelConfig { positional_embedding: rotary(2, Pairing::Half), ..base() },
            false,
        ),
    ]
}

/// Random ids of a vocabulary, of which many repeat.
pub fn ids_of(config: &ModelConfig, count: usize) -> Vec<u32> {
    let mut random = Random::new(7);
    (0..count).map(|_| (random.below(9) * (config.d_vocab / 9)) as u32).collect()
}

/// The model on the CPU and on a GPU.
pub fn on_both(gpu: &Rc<Gpu>, reference: &Reference, dtype: WeightDtype) -> [Model; 2] {
    let config = &reference.config;
    let mut of_cpu = cpu::Weights::default();
    reference.load_into(&mut of_cpu, dtype);
    [Model::Cpu(cpu::Model::new(config.clone(), of_cpu)), on_gpu(gpu, reference, dtype)]
}

fn on_gpu(gpu: &Rc<Gpu>, reference: &Reference, dtype: WeightDtype) -> Model {
    let mut weights = gpu::Weights::new(gpu).expect("room");
    reference.load_into(&mut weights, dtype);
    Model::Gpu(block_on(gpu::Model::new(gpu, reference.config.clone(), weights)).expect("a model"))
}

fn backend(model: &Model) -> &'static str {
    match model {
        Model::Cpu(_) => "CPU",
        Model::Gpu(_) => "GPU",
    }
}

fn run(model: &Model, batch: &Batch, previous: Option<&Run>) -> Run {
    block_on(model.run(batch, previous)).expect("a run")
}

/// Compares every figure of the first sequence of a run.
fn check(what: &str, config: &ModelConfig, run: &Run, expected: &Figures) {
    let (seq, close) = (run.batch().seq(), tolerance::FORWARD);
    let log_probs = &run.readout().log_probs[..seq - 1];
    assert_close(&format!("log_probs, {what}"), &[seq - 1], log_probs, &expected.log_probs, close);
    let resid = block_on(run.residual(config.n_layers)).expect("a residual");
    let width = config.d_model;
    let resid = &resid[..seq * width];
    assert_close(&format!("resid_post, {what}"), &[seq, width], resid, &expected.resid_post, close);
    for (layer, heads) in expected.patterns.iter().enumerate() {
        for (head, expected) in heads.iter().enumerate() {
            let found = block_on(run.pattern(layer, head)).expect("a pattern");
            let name = format!("pattern {layer}.{head}, {what}");
            assert_close(&name, &[seq, seq], &found, expected, close);
            // A key that a query does not see has no weight at all.
            let unseen =
                found.iter().zip(expected).find(|(found, expected)| **expected == 0.0 && **found != 0.0);
            assert_eq!(unseen, None, "{name}");
        }
    }
}

/// Compares what is made from a run's patterns: offsets, thumbnails, row statistics, stripes.
fn check_figures_of_patterns(what: &str, config: &ModelConfig, run: &Run, expected: &Figures) {
    let seq = run.batch().seq();
    let weight = |layer: usize, head: usize, query: usize, key: usize| {
        expected.patterns[layer][head][query * seq + key]
    };
    let offset = 5;
    let stripe = block_on(run.stripe(offset)).expect("a stripe");
    let layers: Vec<usize> = (0..config.n_layers).collect();
    let thumbnails = unpadded(&block_on(run.thumbnails(&layers, 0)).expect("thumbnails"), run.dims());
    for layer in 0..config.n_layers {
        for head in 0..config.n_heads {
            let offsets = &run.readout().offsets[(layer * config.n_heads + head) * OFFSETS..][..OFFSETS];
            let mean = |offset: usize| {
                let weights = (offset..seq).map(|query| weight(layer, head, query, query - offset));
                weights.sum::<f32>() / seq.saturating_sub(offset).max(1) as f32
            };
            let right: Vec<f32> = (0..OFFSETS).map(mean).collect();
            let name = format!("offsets of {layer}.{head}, {what}");
            assert_close(&name, &[OFFSETS], offsets, &right, tolerance::FORWARD);
            let cells = &thumbnails[(layer * config.n_heads + head) * seq * seq..][..seq * seq];
            for (at, &cell) in cells.iter().enumerate() {
                let right = (255.0 * weight(layer, head, at / seq, at % seq)).round() as u8;
                assert!(cell.abs_diff(right) <= tolerance::THUMBNAIL, "{what}: cell {cell}, not {right}");
            }
            for query in 0..seq {
                let at = (layer * seq + query) * config.n_heads + head;
                let stats = &run.readout().stats[at];
                let on_stripe = if query < offset { 0.0 } else { weight(layer, head, query, query - offset) };
                let found = [stats.current, stats.previous, stats.first, stripe[at]];
                let right = [
                    weight(layer, head, query, query),
                    weight(layer, head, query, query.saturating_sub(1)),
                    weight(layer, head, query, 0),
                    on_stripe,
                ];
                let name = format!("stats and stripe of {layer}.{head}, query {query}, {what}");
                assert_close(&name, &[4], &found, &right, tolerance::FORWARD);
            }
        }
    }
}

#[test]
fn every_kind_gives_what_plain_loops_give() {
    let gpu = open_gpu();
    let dtypes = [WeightDtype::F32, WeightDtype::Bf16, WeightDtype::F16];
    for ((name, config, biases), dtype) in kinds().into_iter().zip(dtypes.into_iter().cycle()) {
        let reference = Reference::new(config, biases, 3);
        let config = &reference.config;
        let ids = ids_of(config, 33);
        let expected = reference.run(&ids);
        let batch = Batch::one(config, ids.clone()).expect("a batch");
        // The same beginning, of which a later run keeps the rows.
        let other = Batch::one(config, [&ids[..20], &[1, 2, 3]].concat()).expect("a batch");
        for model in on_both(&gpu, &reference, dtype) {
            let what = format!("{name}, {}, {dtype:?}", backend(&model));
            let whole = run(&model, &batch, None);
            check(&what, config, &whole, &expected);
            check_figures_of_patterns(&what, config, &whole, &expected);
            let earlier = run(&model, &other, None);
            let resumed = run(&model, &batch, Some(&earlier));
            assert_eq!(resumed.dims().first_row, 19, "{what}");
            check(&format!("resumed, {what}"), config, &resumed, &expected);
        }
    }
}

#[test]
fn logits_of_every_kind_give_its_log_probs() {
    let gpu = open_gpu();
    for (name, config, biases) in kinds() {
        let reference = Reference::new(config, biases, 4);
        let ids = ids_of(&reference.config, 12);
        let expected = reference.run(&ids).log_probs;
        let batch = Batch::one(&reference.config, ids.clone()).expect("a batch");
        for model in on_both(&gpu, &reference, WeightDtype::Bf16) {
            let run = run(&model, &batch, None);
            let found: Vec<f32> = (0..11)
                .map(|row| {
                    let logits = block_on(run.logits(row)).expect("logits");
                    let sum: f64 = logits.iter().map(|&logit| f64::from(logit).exp()).sum();
                    (f64::from(logits[ids[row + 1] as usize]) - sum.ln()) as f32
                })
                .collect();
            let what = format!("log_probs of logits, {name}, {}", backend(&model));
            assert_close(&what, &[11], &found, &expected, tolerance::FORWARD);
        }
    }
}

#[test]
fn heads_and_mlps_of_a_batch_are_ablated_as_plain_loops_do() {
    let gpu = open_gpu();
    for (name, config, biases) in kinds().into_iter().filter(|(_, config, _)| config.mlp.is_some()) {
        let reference = Reference::new(config, biases, 6);
        let config = &reference.config;
        let ids = ids_of(config, 3 * 11);
        let sequences: Vec<&[u32]> = ids.chunks(11).collect();
        let batch = Batch::new(config, ids.clone(), 3).expect("a batch");
        for model in on_both(&gpu, &reference, WeightDtype::F16) {
            let base = run(&model, &batch, None);
            for kind in [AblationKind::Zero, AblationKind::Mean] {
                for (heads, mlps) in [(&[][..], &[1][..]), (&[(2, 0)], &[0, 2]), (&[(1, 1)], &[])] {
                    let ablation = Ablation::new(config, kind, heads, mlps).expect("parts of the model");
                    let found = block_on(base.ablated(&ablation, 0, None)).expect("a run");
                    let ablated = Ablated {
                        kind,
                        heads: heads.iter().copied().collect(),
                        mlps: mlps.iter().copied().collect::<BTreeSet<usize>>(),
                    };
                    let expected = reference.run_ablated(&sequences, &ablated);
                    let what = format!("{name}, {}, {kind:?} of {heads:?}, {mlps:?}", backend(&model));
                    check(&what, config, &found, &expected[0]);
                    let resid = block_on(found.residual(config.n_layers)).expect("a residual");
                    let right: Vec<f32> = expected.iter().flat_map(|it| it.resid_post.clone()).collect();
                    let shape = [33, config.d_model];
                    assert_close(&format!("resid_post, {what}"), &shape, &resid, &right, tolerance::FORWARD);
                    let without = run(&model, &batch, None);
                    let same = without.readout().log_probs == found.readout().log_probs;
                    assert!(!same, "{what}: the ablation changes nothing");
                }
            }
        }
    }
}

#[test]
fn a_vocabulary_in_shards_gives_the_same_figures() {
    // 138 column tiles of W_U are three shares. A share of 32 rows in f32 is a shard of 64 KiB.
    let whole = open_gpu();
    let shards = Rc::new(block_on(Gpu::open()).expect("an adapter").with_shards_of(64 << 10));
    for tied_unembedding in [false, true] {
        let mlp = mlp(Activation::Silu, true, false);
        let config = ModelConfig { d_vocab: 1100, tied_unembedding, mlp, ..base() };
        let reference = Reference::new(config, true, 8);
        let config = &reference.config;
        let batch = Batch::one(config, ids_of(config, 33)).expect("a batch");
        let expected = reference.run(batch.tokens());
        let [found, right] = [&shards, &whole].map(|gpu| {
            let model = on_gpu(gpu, &reference, WeightDtype::F32);
            let run = run(&model, &batch, None);
            check(&format!("tied: {tied_unembedding}"), config, &run, &expected);
            let logits = block_on(run.logits(20)).expect("logits");
            (run.readout().clone(), logits)
        });
        assert_eq!(found.0.log_probs, right.0.log_probs);
        assert_eq!(found.0.stats, right.0.stats);
        assert_eq!(found.1, right.1);
        assert!(found.0.dispatches > right.0.dispatches, "{} dispatches", found.0.dispatches);
    }
}
