//! Attribution, composition, copying, positions and weighted patterns, on both backends: against
//! TransformerLens, and against what they are made of.

use crate::support::figures::{BACKENDS, assert_figures, json, with_every_fixture};
use crate::support::{Fixture, assert_close, tolerance};
use headscope::model::{LogitTarget, ModelConfig};
use headscope::session::{Model, WeightedBy};
use pollster::block_on;

#[test]
fn attributions_agree_with_transformer_lens_and_add_up() {
    with_every_fixture(|what, _, model, expected, tokens| {
        let run = block_on(model.run_ids(tokens.ids[..tokens.seq()].to_vec())).expect("a run");
        for target in [LogitTarget::Next, LogitTarget::Token(7), LogitTarget::Difference(3, 8)] {
            let found = block_on(model.attribution(&run, target)).expect("an attribution");
            let rows: Vec<&[f32]> = found.values.chunks_exact(found.components.len()).collect();
            assert_eq!(found.logits.len(), rows.len());
            if let (LogitTarget::Next, Some(reference)) = (target, expected.get("logit_attribution")) {
                // The reference has no column of the biases.
                let without_biases: Vec<&[f32]> = rows.iter().map(|row| &row[..row.len() - 1]).collect();
                assert_figures(what, &json(without_biases), reference, tolerance::EXPERIMENT);
            }
            for (position, (row, logit)) in rows.iter().zip(&found.logits).enumerate() {
                let logits = block_on(run.logits(position)).expect("logits");
                let expected = match target {
                    LogitTarget::Next => logits[run.ids()[position + 1] as usize],
                    LogitTarget::Token(id) => logits[id as usize],
                    LogitTarget::Difference(one, other) => logits[one as usize] - logits[other as usize],
                };
                let sum = row.iter().sum::<f32>();
                let close = |other: f32| (other - expected).abs() < tolerance::FORWARD;
                let right = close(sum) && close(*logit);
                assert!(right, "{what}, {target:?}, position {position}: {sum}, {logit}, not {expected}");
            }
        }
        let ids = run.ids().len();
        let rows = |target| block_on(model.attribution(&run, target)).expect("figures").logits.len();
        assert_eq!([rows(LogitTarget::Next), rows(LogitTarget::Token(0))], [ids - 1, ids], "{what}");
        let none = block_on(model.attribution(&run, LogitTarget::Token(u32::MAX)));
        assert_eq!(none.expect_err("no such token").code(), "TokenOutOfRange", "{what}");
    });
}

#[test]
fn compositions_agree_with_transformer_lens() {
    with_every_fixture(|what, fixture, model, expected, _| {
        let found = block_on(model.composition(0)).expect("scores");
        let heads = fixture.config.n_heads;
        let later_layers = fixture.config.n_layers * (fixture.config.n_layers - 1) / 2;
        assert_eq!(found.deeper.len(), later_layers.saturating_sub(1) * heads * heads, "{what}");
        let json = json(&found);
        if let Some(reference) = expected.get("composition") {
            for way in ["Q", "K", "V"] {
                let what = format!("{what}, {way}");
                assert_figures(&what, &json[way], &reference[way], tolerance::EXPERIMENT);
            }
        }
        // Random matrices: |AB| is about |A| |B| / sqrt(d_model).
        let usual = 1.0 / (fixture.config.d_model as f64).sqrt();
        assert!((found.baseline / usual - 1.0).abs() < 0.15, "{what}: {} is not {usual}", found.baseline);
        if fixture.config.n_layers == 3 {
            let named =
                |from: &str, to: &str| found.deeper.iter().any(|pair| pair.from == from && pair.to == to);
            assert!(named("0.3", "2.1") && named("1.0", "2.3") && !named("0.0", "1.0"), "{what}");
            let of_two = block_on(model.composition_between(1, 2, 0)).expect("scores");
            let deeper = found.deeper.iter().find(|pair| pair.from == "1.0" && pair.to == "2.3");
            assert_eq!(Some(of_two.first.k[0][3]), deeper.map(|pair| pair.scores.k), "{what}");
        }
    });
}

#[test]
fn copying_agrees_with_transformer_lens() {
    let copied = |model: &Model, heads: &[(usize, usize)]| {
        let copying = block_on(model.copying(heads)).expect("an experiment");
        while !copying.is_done() {
            block_on(copying.step()).expect("a step");
        }
        let counts = copying.counts();
        assert_eq!(counts.rows, copying.total());
        (counts.top1 as f64 / counts.rows as f64, counts.top5 as f64 / counts.rows as f64)
    };
    with_every_fixture(|what, fixture, model, expected, _| {
        let Some(reference) = expected.get("ov_copying_top1") else { return };
        for layer in 0..fixture.config.n_layers {
            for head in 0..fixture.config.n_heads {
                let (top1, top5) = copied(model, &[(layer, head)]);
                let what = format!("{what}, {layer}.{head}");
                assert_figures(&what, &json(top1), &reference[layer][head], tolerance::EXPERIMENT);
                assert!(top5 >= top1, "{what}: {top5} below {top1}");
            }
        }
        // A head counts once, however often it is named.
        assert_eq!(copied(model, &[(0, 1), (0, 0), (0, 1)]), copied(model, &[(0, 0), (0, 1)]), "{what}");
        let code = |heads: &[(usize, usize)]| block_on(model.copying(heads)).err().map(|error| error.code());
        assert_eq!(code(&[]), Some("EmptyInput"));
        assert_eq!(code(&[(9, 0)]), Some("HeadOutOfRange"));
    });
}

/// Counts the tokens of `W_E (sum of W_V W_O) W_U` with fewer than one and fewer than five entries that reach
/// their own, in plain loops over f64.
fn copied_by_hand(fixture: &Fixture, heads: &[usize]) -> [usize; 2] {
    let ModelConfig { d_model, d_head, d_vocab, .. } = fixture.config;
    let tensor = |name: &str| -> Vec<f64> { fixture.weight(name).into_iter().map(f64::from).collect() };
    let [embed, values, output, unembed] =
        ["embed.W_E", "blocks.0.attn.W_V", "blocks.0.attn.W_O", "unembed.W_U"].map(tensor);
    let times = |x: &[f64], weight: &[f64], columns: usize| -> Vec<f64> {
        let column = |n: usize| x.iter().enumerate().map(|(k, x)| x * weight[k * columns + n]).sum();
        (0..columns).map(column).collect()
    };
    let mut counts = [0, 0];
    for (token, x) in embed.chunks_exact(d_model).enumerate() {
        let mut moved = vec![0.0; d_model];
        for head in heads {
            let of_head = head * d_model * d_head;
            let value = times(x, &values[of_head..][..d_model * d_head], d_head);
            let written = times(&value, &output[of_head..][..d_model * d_head], d_model);
            moved.iter_mut().zip(written).for_each(|(moved, written)| *moved += written);
        }
        let logits = times(&moved, &unembed, d_vocab);
        let others = logits.iter().filter(|&&logit| logit >= logits[token]).count() - 1;
        counts[0] += usize::from(others < 1);
        counts[1] += usize::from(others < 5);
    }
    counts
}

#[test]
fn copying_of_one_head_and_of_several_counts_what_plain_loops_count() {
    let fixture = Fixture::open("random_1layer");
    for preference in BACKENDS {
        let model = fixture.session_model(preference);
        for heads in [&[0][..], &[2], &[1, 3], &[0, 1, 2, 3]] {
            let copying = block_on(model.copying(&heads.iter().map(|&head| (0, head)).collect::<Vec<_>>()));
            let copying = copying.expect("an experiment");
            while !copying.is_done() {
                block_on(copying.step()).expect("a step");
            }
            let found = [copying.counts().top1, copying.counts().top5];
            let expected = copied_by_hand(&fixture, heads);
            let close = |at: usize| found[at].abs_diff(expected[at]) <= tolerance::COUNT as usize;
            assert!(close(0) && close(1), "{preference:?}, heads {heads:?}: {found:?}, not {expected:?}");
            assert!(expected[1] > 0, "heads {heads:?}: a count of nothing proves nothing");
        }
    }
}

#[test]
fn position_scores_agree_with_transformer_lens() {
    with_every_fixture(|what, fixture, model, expected, _| {
        let found = block_on(model.position_scores()).expect("scores");
        assert_eq!(found.len(), fixture.config.n_heads);
        if let Some(reference) = expected.get("pos_by_pos_previous") {
            assert_figures(what, &json(found), reference, tolerance::PATTERN_MEAN);
        }
    });
}

#[test]
fn weighted_patterns_are_patterns_times_the_sizes_of_values() {
    let fixture = Fixture::open("random_1layer");
    let (config, ids) = (&fixture.config, fixture.tokens());
    let (head, seq) = (2, ids.len());
    let part = |name: &str, size: usize| fixture.weight(name)[head * size..(head + 1) * size].to_vec();
    let (d_model, d_head) = (config.d_model, config.d_head);
    let values = part("blocks.0.attn.W_V", d_model * d_head);
    let bias = part("blocks.0.attn.b_V", d_head);
    let output = part("blocks.0.attn.W_O", d_head * d_model);
    let size = |numbers: &[f32]| numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
    for preference in BACKENDS {
        let model = fixture.session_model(preference);
        let run = block_on(model.run_ids(ids.clone())).expect("a run");
        let pattern = block_on(run.pattern(0, head)).expect("a pattern");
        let stream = block_on(run.residual(0)).expect("a residual");
        let value = |key_pos: usize| -> Vec<f32> {
            let products = times(&stream[key_pos * d_model..][..d_model], &values);
            products.iter().zip(&bias).map(|(product, bias)| product + bias).collect()
        };
        let by_value: Vec<f32> = (0..seq).map(|key_pos| size(&value(key_pos))).collect();
        let by_output: Vec<f32> = (0..seq).map(|key_pos| size(&times(&value(key_pos), &output))).collect();
        for (by, sizes) in [(WeightedBy::Value, by_value), (WeightedBy::Output, by_output)] {
            let found = block_on(run.weighted_pattern(0, head, by, 0)).expect("a pattern");
            let expected: Vec<f32> =
                pattern.iter().enumerate().map(|(at, weight)| weight * sizes[at % seq]).collect();
            let what = format!("{by:?}, {preference:?}");
            assert_close(&what, &[seq, seq], &found, &expected, tolerance::FORWARD);
        }
        assert_eq!(block_on(run.weighted_pattern(0, head, WeightedBy::Nothing, 0)), Ok(pattern));
        let refused = block_on(run.weighted_pattern(1, 0, WeightedBy::Value, 0)).expect_err("one layer");
        assert_eq!(refused.code(), "HeadOutOfRange");
    }
}

/// A row times a row-major matrix.
fn times(row: &[f32], matrix: &[f32]) -> Vec<f32> {
    let columns = matrix.len() / row.len();
    let entry = |column: usize| row.iter().enumerate().map(|(at, x)| x * matrix[at * columns + column]).sum();
    (0..columns).map(entry).collect()
}
