//! Every kind of model of docs/definitions.md#the-model, four layers deep and of sizes that fill no tile,
//! on both backends. A text is so long that the GPU makes its patterns in bands.

use headscope::experiments::Random;
use headscope::model::{Heads, ModelConfig, Normalization, PositionalEmbedding};
use headscope::session::{Engine, Model, Preference};
use pollster::block_on;

use crate::support::reference::Reference;
use crate::support::{assert_close, tolerance};

const BACKENDS: [Preference; 2] = [Preference::Cpu, Preference::WebGpu];

fn model(reference: &Reference, preference: Preference) -> Model {
    block_on(async {
        let engine = Engine::open(preference).await.expect("a backend");
        assert_eq!(engine.gpu().is_some(), preference == Preference::WebGpu);
        engine.load_model(&reference.file()[..], reference.config.clone(), None).await.expect("a model")
    })
}

fn tokens(count: usize, d_vocab: usize) -> Vec<u32> {
    let mut random = Random::new(7);
    (0..count).map(|_| random.below(d_vocab) as u32).collect()
}

#[test]
fn every_kind_of_model_gives_what_plain_loops_give() {
    for normalization in [None, Some(Normalization::Ln), Some(Normalization::LnPre)] {
        for positional_embedding in [PositionalEmbedding::Shortformer, PositionalEmbedding::Standard] {
            for biases in [true, false] {
                let config = ModelConfig {
                    n_layers: 4,
                    n_heads: 3,
                    d_model: 26,
                    d_head: 6,
                    n_ctx: 40,
                    d_vocab: 37,
                    normalization,
                    positional_embedding,
                    eps: 1e-5,
                    heads: Heads::PLAIN,
                    mlp: None,
                    tied_unembedding: false,
                };
                let kind = format!("{normalization:?}, {positional_embedding:?}, biases: {biases}");
                let reference = Reference::new(config, biases, 3);
                let ids = tokens(33, 37);
                let expected = reference.run(&ids);
                for preference in BACKENDS {
                    let run = block_on(model(&reference, preference).run_ids(ids.clone())).expect("a run");
                    let what = format!("{preference:?}, {kind}");
                    let close = |figure: &str, shape: &[usize], found: &[f32], expected: &[f32]| {
                        assert_close(
                            &format!("{figure}, {what}"),
                            shape,
                            found,
                            expected,
                            tolerance::FORWARD,
                        );
                    };
                    close("log_probs", &[32], run.log_probs(), &expected.log_probs);
                    let resid_post = block_on(run.residual(4)).expect("a residual");
                    close("resid_post", &[33, 26], &resid_post, &expected.resid_post);
                    for (layer, heads) in expected.patterns.iter().enumerate() {
                        for (head, expected) in heads.iter().enumerate() {
                            let found = block_on(run.pattern(layer, head)).expect("a pattern");
                            close(&format!("pattern {layer}.{head}"), &[33, 33], &found, expected);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn patterns_of_a_long_text_are_the_same_on_both_backends() {
    let config = ModelConfig {
        n_layers: 2,
        n_heads: 3,
        d_model: 18,
        d_head: 4,
        n_ctx: 1500,
        d_vocab: 37,
        normalization: None,
        positional_embedding: PositionalEmbedding::Shortformer,
        eps: 1e-5,
        heads: Heads::PLAIN,
        mlp: None,
        tied_unembedding: false,
    };
    let reference = Reference::new(config, true, 5);
    let ids = tokens(1500, 37);
    let found = BACKENDS.map(|preference| {
        let run = block_on(model(&reference, preference).run_ids(ids.clone())).expect("a run");
        [block_on(run.pattern(1, 2)).expect("a pattern"), block_on(run.mean_pattern(0)).expect("a pattern")]
    });
    let [cpu, gpu] = &found;
    for (what, (gpu, cpu)) in ["pattern 1.2", "mean pattern"].iter().zip(gpu.iter().zip(cpu)) {
        assert_close(what, &[1500, 1500], gpu, cpu, tolerance::FORWARD);
        for row in cpu.chunks_exact(1500) {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-3, "{what}: a row should sum to 1");
        }
    }
}
