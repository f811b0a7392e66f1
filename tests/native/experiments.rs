//! The experiments against TransformerLens, on both backends, and as pure functions of figures known by hand.

use crate::support::figures::{BACKENDS, assert_figures, json, with_every_fixture};
use crate::support::{Fixture, tolerance};
use headscope::detectors::Thresholds;
use headscope::experiments::{MAX_ROWS, RepeatedTokens, Stripes, stripe_of_patterns};
use headscope::model::{Ablation, AblationKind};
use headscope::session::Preference;
use pollster::block_on;
use safetensors::SafeTensors;

#[test]
fn repeated_sequences_agree_with_transformer_lens() {
    with_every_fixture(|what, _, model, expected, tokens| {
        let found = json(block_on(model.repeated(tokens)).expect("an experiment"));
        assert_eq!(found["tokens"], expected["tokens"], "{what}");
        for (key, reference, tolerance) in [
            ("logProbs", "log_probs", tolerance::EXPERIMENT),
            ("meanFirst", "mean_log_prob_first_half", tolerance::EXPERIMENT),
            ("meanSecond", "mean_log_prob_second_half", tolerance::EXPERIMENT),
            ("stripe", "induction_stripe", tolerance::PATTERN_MEAN),
            ("strict", "induction_strict", tolerance::PATTERN_MEAN),
        ] {
            assert_figures(&format!("{what}, {key}"), &found[key], &expected[reference], tolerance);
        }
    });
}

#[test]
fn ablations_agree_with_transformer_lens() {
    with_every_fixture(|what, fixture, model, expected, tokens| {
        let before = json(block_on(model.repeated(tokens)).expect("an experiment"));
        for (kind, reference) in [
            (AblationKind::Zero, "zero_ablation_loss_increase"),
            (AblationKind::Mean, "mean_ablation_loss_increase"),
        ] {
            for layer in 0..fixture.config.n_layers {
                for head in 0..fixture.config.n_heads {
                    let ablation =
                        Ablation::new(&fixture.config, kind, &[(layer, head)], &[]).expect("a head");
                    let found = block_on(model.ablate_repeated(tokens, &ablation, &Thresholds::default()));
                    let found = found.expect("figures");
                    let what = format!("{what}, {kind:?} {layer}.{head}");
                    let expected = &expected[reference][layer][head];
                    assert_figures(&what, &json(found.loss_increase), expected, tolerance::EXPERIMENT);
                    let alone = block_on(model.repeated_loss_increase(tokens, &ablation)).expect("a figure");
                    assert_eq!(alone, found.loss_increase, "{what}");
                    // Everything before the head is equal to the last bit.
                    let strict = json(found.strict.expect("of a repeated sequence"));
                    for layer in 0..=layer {
                        assert_eq!(strict[layer], before["strict"][layer], "{what}, layer {layer}");
                    }
                }
            }
        }
    });
}

#[test]
fn several_heads_go_off_together() {
    let fixture = Fixture::open("random_3layer_ln_standard");
    let config = &fixture.config;
    let all: Vec<(usize, usize)> =
        (0..config.total_heads()).map(|index| (index / config.n_heads, index % config.n_heads)).collect();
    let ids = fixture.tokens();
    let mut losses = Vec::new();
    for preference in BACKENDS {
        let model = fixture.session_model(preference);
        let run = block_on(model.run_ids(ids.clone())).expect("a run");
        let ablate = |kind, heads: &[(usize, usize)]| {
            let ablation = Ablation::new(config, kind, heads, &[]).expect("heads");
            block_on(run.ablate(&ablation, &Thresholds::default())).expect("figures")
        };
        let none = ablate(AblationKind::Zero, &[]);
        assert_eq!(none.loss_increase, 0.0);
        assert_eq!(none.detect, run.detect(&Thresholds::default()).expect("figures"));
        assert_eq!(none.strict, None, "a text has no stripe");
        // The mean over a batch of one is the sequence's own.
        assert!(ablate(AblationKind::Mean, &all).loss_increase.abs() < 1e-6);
        losses.push([ablate(AblationKind::Zero, &all[3..7]).loss, ablate(AblationKind::Zero, &all).loss]);
        let one = block_on(model.run_ids(ids[..1].to_vec())).expect("a run");
        let off = Ablation::new(config, AblationKind::Zero, &all, &[]).expect("heads");
        let refused = block_on(one.ablate(&off, &Thresholds::default())).expect_err("nothing to predict");
        assert_eq!(refused.code(), "TooFewTokens");
    }
    for (cpu, gpu) in losses[0].iter().zip(losses[1]) {
        assert!((cpu - gpu).abs() < 1e-4, "{losses:?}");
    }
}

#[test]
fn heads_go_by_their_names() {
    let config = Fixture::open("planted_f16").config;
    assert_eq!(config.head_named("1.3"), Ok((1, 3)));
    for name in
        ["2.0", "0.4", "", "1", "1.", ".1", "a.b", "1.2.3", "-1.0", "+1.0", "1 .2", "99999999999999999999.0"]
    {
        assert_eq!(config.head_named(name).expect_err(name).code(), "HeadOutOfRange");
    }
}

#[test]
fn drawn_sequences_follow_from_the_seed() {
    let model = Fixture::open("planted_f16").session_model(Preference::Cpu);
    let draw = |seed| model.draw_repeated(20, 3, seed).expect("a draw");
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
    let tokens = draw(7);
    assert_eq!((tokens.seq(), tokens.batch()), (41, 3));
    for row in tokens.ids.chunks_exact(41) {
        assert_eq!(row[0], 0, "the BOS of a model without a tokenizer");
        assert_eq!(row[1..21], row[21..]);
        assert!(row[1..].iter().all(|id| (1..500).contains(id)), "{row:?}");
    }
    // Rows that are given come back as they are.
    let rows: Vec<Vec<u32>> = tokens.ids.chunks_exact(41).map(<[u32]>::to_vec).collect();
    assert_eq!(RepeatedTokens::given(&rows), Ok(tokens));
}

#[test]
fn what_can_not_be_repeated_says_why() {
    let code = |tokens: headscope::Result<RepeatedTokens>| tokens.err().map(|error| error.code());
    let draw = |seq_len, batch| code(RepeatedTokens::draw(seq_len, batch, 0, 0, &[1, 2, 3]));
    assert_eq!(draw(50, 0), Some("EmptyInput"));
    assert_eq!(draw(1, 1), Some("TooFewTokens"));
    assert_eq!(draw(50, MAX_ROWS / 101), None);
    assert_eq!(draw(50, MAX_ROWS / 101 + 1), Some("BatchTooLarge"));
    let given = |rows: &[Vec<u32>]| code(RepeatedTokens::given(rows));
    assert_eq!(given(&[]), Some("EmptyInput"));
    assert_eq!(given(&[vec![]]), Some("TooFewTokens"));
    assert_eq!(given(&[vec![0, 1, 2, 1, 3]]), Some("NotRepeated"));
    assert_eq!(given(&[vec![0, 1, 2, 1, 2], vec![0, 1, 2, 1, 2, 1, 2]]), Some("NotRepeated"));
    assert_eq!(given(&[vec![0, 1, 2, 1, 2, 3]]), Some("NotRepeated"));
    let fixture = Fixture::open("random_1layer");
    for preference in BACKENDS {
        let model = fixture.session_model(preference);
        for seq_len in [48, usize::MAX / 2, usize::MAX] {
            let refused = model.draw_repeated(seq_len, 2, 0).expect_err("97 tokens and more in 96 positions");
            assert_eq!(refused.code(), "TooManyTokens");
        }
        let tokens = RepeatedTokens::given(&[[&[0][..], &[1; 96]].concat()]).expect("repeated tokens");
        assert_eq!(block_on(model.repeated(&tokens)).expect_err("97 tokens").code(), "TooManyTokens");
        let tokens = RepeatedTokens::given(&[vec![0, 1, 257, 1, 257]]).expect("repeated tokens");
        assert_eq!(block_on(model.repeated(&tokens)).expect_err("257 ids").code(), "TokenOutOfRange");
    }
}

#[test]
fn stripes_of_perfect_patterns_are_known() {
    // Three tokens twice: the induction key of query q is q - 2.
    let tokens = RepeatedTokens::draw(3, 1, 0, 0, &[1, 2, 3]).expect("a draw");
    let mut induction = vec![0.0; 49];
    let mut first = vec![0.0; 49];
    for query_pos in 0..7 {
        first[query_pos * 7] = 1.0;
        let key_pos = if query_pos >= 4 { query_pos - 2 } else { query_pos };
        induction[query_pos * 7 + key_pos] = 1.0;
    }
    let stripe = stripe_of_patterns(&[induction, first].concat(), 7, tokens.offset());
    let scores = Stripes::of(&tokens, 2, &stripe);
    // The diagonal at -2 has five entries, of queries 2 to 6; the second copy is queries 4 to 6.
    assert_eq!(scores.stripe, [[3.0 / 5.0, 1.0 / 5.0]]);
    assert_eq!(scores.strict, [[1.0, 0.0]]);
    assert_eq!((scores.sd, scores.stripe_sd), (vec![vec![0.0, 0.0]], vec![vec![0.0, 0.0]]));

    // One head, which does the one in the first draw and the other in the second.
    let tokens = RepeatedTokens::draw(3, 2, 0, 0, &[1, 2, 3]).expect("two draws");
    let draws: Vec<f32> = (0..2).flat_map(|head| stripe.iter().skip(head).step_by(2).copied()).collect();
    let scores = Stripes::of(&tokens, 1, &draws);
    assert_eq!((scores.strict[0][0], scores.sd[0][0]), (0.5, 0.5));
    let close = |found: f64, expected: f64| (found - expected).abs() < 1e-15;
    assert!(close(scores.stripe[0][0], 0.4) && close(scores.stripe_sd[0][0], 0.2), "{scores:?}");
}

#[test]
fn stripes_of_the_notebooks_model_are_the_published_ones() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/golden/attn_only_2L_half/patterns.safetensors");
    let Ok(file) = std::fs::read(path) else {
        crate::support::skipped(path);
        return;
    };
    let file = SafeTensors::deserialize(&file).expect("safetensors");
    let patterns: Vec<f32> =
        bytemuck::pod_collect_to_vec(file.tensor("repeated.pattern").expect("patterns").data());
    let tokens = RepeatedTokens { seq_len: 50, ids: vec![0; 101] };
    let stripe: Vec<f32> = patterns
        .chunks_exact(12 * 101 * 101)
        .flat_map(|layer| stripe_of_patterns(layer, 101, tokens.offset()))
        .collect();
    let scores = Stripes::of(&tokens, 12, &stripe);
    for (head, stripe, strict) in [(10, 0.9051, 0.9228), (4, 0.7485, 0.7597), (6, 0.0240, 0.0091)] {
        let found = (scores.stripe[1][head], scores.strict[1][head]);
        let close = |found: f64, expected: f64| (found - expected).abs() < 5e-5;
        assert!(close(found.0, stripe) && close(found.1, strict), "1.{head}: {found:?}");
    }
}
