//! The CPU backend against TransformerLens: every figure of every fixture; and against itself, where
//! the same figures are reached by another way.

use crate::support::{FIXTURES, Fixture, WEIGHTS, assert_close, cpu_model, tolerance};
use headscope::cpu;
use headscope::detectors::{offsets_of_patterns, row_stats_of_patterns};
use headscope::model::{Batch, ModelConfig, OFFSETS, RowStats, THUMBNAIL_SIDE, unpadded};
use pollster::block_on;

#[test]
fn agrees_with_transformer_lens() {
    for (name, weights) in FIXTURES.into_iter().flat_map(|name| WEIGHTS.map(|weights| (name, weights))) {
        let fixture = Fixture::open_with(name, weights);
        let run = block_on(cpu_model(&fixture).run(&fixture.batch(fixture.tokens()), None));
        compare(&fixture, &run);
    }
}

#[test]
fn goes_on_from_a_shared_beginning_to_the_same_figures() {
    for name in ["planted_f16", "random_3layer_ln_standard"] {
        let fixture = Fixture::open(name);
        let model = cpu_model(&fixture);
        let tokens = fixture.tokens();
        let batch = |tokens: &[u32]| fixture.batch(tokens.to_vec());
        let fresh = block_on(model.run(&batch(&tokens), None));
        for shared in [1, 2, 17, 30, tokens.len() - 1, tokens.len()] {
            let mut other = tokens[..shared].to_vec();
            other.extend([7, 8, 9]);
            let earlier = block_on(model.run(&batch(&other), None));
            let run = block_on(model.run(&batch(&tokens), Some(&earlier)));
            assert_eq!(run.dims().first_row as usize, shared - 1);
            compare(&fixture, &run);
            assert_eq!(run.readout(), fresh.readout(), "{name}, {shared} tokens shared");
        }
    }
}

#[test]
fn a_batch_gives_each_sequence_its_own_figures() {
    for name in ["planted_f16", "random_3layer_ln_standard"] {
        let fixture = Fixture::open(name);
        let (config, model) = (&fixture.config, cpu_model(&fixture));
        let first = fixture.tokens();
        let mut second = first.clone();
        second.reverse();
        let seq = first.len();
        let both = Batch::new(config, [first.clone(), second.clone()].concat(), 2).expect("a batch");
        let batch = block_on(model.run(&both, None));
        for (sequence, tokens) in [first, second].iter().enumerate() {
            let alone = block_on(model.run(&fixture.batch(tokens.clone()), None));
            let rows = sequence * seq..(sequence + 1) * seq;
            assert_eq!(batch.readout().log_probs[rows.clone()], alone.readout().log_probs);
            let per_layer = seq * config.n_heads;
            for layer in 0..config.n_layers {
                let found = &batch.readout().stats[(2 * layer + sequence) * per_layer..][..per_layer];
                assert_eq!(found, &alone.readout().stats[layer * per_layer..][..per_layer]);
            }
            let width = config.d_model;
            let found = batch.residual(config.n_layers).expect("a residual");
            let found = &found[rows.start * width..rows.end * width];
            assert_eq!(found, alone.residual(config.n_layers).expect("a residual"));
            if sequence == 0 {
                assert_eq!(batch.pattern(0, 1, 0), alone.pattern(0, 1, 0));
                assert_eq!(batch.readout().offsets, alone.readout().offsets);
                assert_eq!(batch.thumbnails(&[0], 0), alone.thumbnails(&[0], 0));
            }
        }
    }
}

#[test]
fn row_statistics_are_those_of_the_patterns() {
    for name in FIXTURES {
        let fixture = Fixture::open(name);
        let config = &fixture.config;
        // Few different tokens, so that most rows have several matches.
        let tokens: Vec<u32> = (0..70).map(|position| (position * position) % 11).collect();
        let run = block_on(cpu_model(&fixture).run(&fixture.batch(tokens.clone()), None));
        let patterns = all_patterns(&run, config);
        let expected = row_stats_of_patterns(&patterns, config.n_heads, &tokens);
        let shape = [config.n_layers, tokens.len(), config.n_heads];
        type Figure = fn(&RowStats) -> f32;
        let figures: [(&str, Figure); 7] = [
            ("top", |row| row.top),
            ("current", |row| row.current),
            ("previous", |row| row.previous),
            ("first", |row| row.first),
            ("induction", |row| row.induction),
            ("duplicate", |row| row.duplicate),
            ("induction_large", |row| row.induction_large),
        ];
        for (what, figure) in figures {
            let found: Vec<f32> = run.readout().stats.iter().map(figure).collect();
            let expected: Vec<f32> = expected.iter().map(figure).collect();
            assert_close(&format!("{name} {what}"), &shape, &found, &expected, 1e-6);
        }
        let shape = [config.n_layers, config.n_heads, OFFSETS];
        let expected = offsets_of_patterns(&patterns, tokens.len());
        assert_close(&format!("{name} offsets"), &shape, &run.readout().offsets, &expected, 1e-6);
    }
}

#[test]
fn thumbnails_hold_each_cells_largest_weight() {
    let fixture = Fixture::open("planted_f16");
    let (config, model) = (&fixture.config, cpu_model(&fixture));
    for seq in [1, 2, 63, 64, 65, 100] {
        let tokens: Vec<u32> = (0..seq as u32).map(|position| (position * 37) % 500).collect();
        let run = block_on(model.run(&fixture.batch(tokens), None));
        let side = seq.min(THUMBNAIL_SIDE);
        let mut expected = Vec::new();
        for pattern in all_patterns(&run, config).chunks_exact(seq * seq) {
            let mut cells = vec![0.0_f32; side * side];
            for (at, &weight) in pattern.iter().enumerate() {
                let cell = cell_of(at / seq, seq) * side + cell_of(at % seq, seq);
                cells[cell] = cells[cell].max(weight);
            }
            expected.extend(cells.iter().map(|weight| (255.0 * weight).round()));
        }
        let layers: Vec<usize> = (0..config.n_layers).collect();
        let cells = unpadded(&run.thumbnails(&layers, 0), run.dims());
        let found: Vec<f32> = cells.iter().map(|&cell| f32::from(cell)).collect();
        let shape = [config.n_layers, config.n_heads, side, side];
        assert_close(&format!("thumbnails of {seq} tokens"), &shape, &found, &expected, 0.0);
    }
}

/// The cell that covers a position: the last one that starts at or before it.
fn cell_of(position: usize, seq: usize) -> usize {
    let side = seq.min(THUMBNAIL_SIDE);
    (0..side).rev().find(|cell| cell * seq / side <= position).expect("cell 0 starts at 0")
}

#[test]
fn mean_pattern_is_the_mean_of_all_heads() {
    let fixture = Fixture::open("random_3layer_ln_standard");
    let config = &fixture.config;
    let run = block_on(cpu_model(&fixture).run(&fixture.batch(fixture.tokens()), None));
    let seq = run.batch().seq();
    let mut expected = vec![0.0; seq * seq];
    for pattern in all_patterns(&run, config).chunks_exact(seq * seq) {
        for (mean, weight) in expected.iter_mut().zip(pattern) {
            *mean += weight / config.total_heads() as f32;
        }
    }
    assert_close("mean pattern", &[seq, seq], &run.mean_pattern(0), &expected, 1e-6);
}

#[test]
fn refuses_what_the_model_can_not_run() {
    let fixture = Fixture::open("random_1layer");
    let model = cpu_model(&fixture);
    let code = |tokens: &[u32]| Batch::one(&fixture.config, tokens.to_vec()).expect_err("refused").code();
    assert_eq!(code(&[]), "EmptyInput");
    assert_eq!(code(&[0; 97]), "TooManyTokens");
    assert_eq!(code(&[0, 257]), "TokenOutOfRange");
    let run = block_on(model.run(&Batch::one(&fixture.config, vec![0]).expect("one token is enough"), None));
    assert_eq!(run.readout().log_probs, [0.0]);
    assert_eq!(run.pattern(0, 3, 0).expect("a pattern"), [1.0]);
    assert_eq!(run.pattern(1, 0, 0).expect_err("one layer").code(), "HeadOutOfRange");
    assert_eq!(block_on(run.logits(1)).expect_err("one row").code(), "PositionOutOfRange");
    assert_eq!(run.residual(2).expect_err("one layer").code(), "HeadOutOfRange");
}

fn all_patterns(run: &cpu::Run, config: &ModelConfig) -> Vec<f32> {
    (0..config.total_heads())
        .flat_map(|index| run.pattern(index / config.n_heads, index % config.n_heads, 0).expect("a pattern"))
        .collect()
}

fn compare(fixture: &Fixture, run: &cpu::Run) {
    let (name, config) = (fixture.name, &fixture.config);
    let check = |what: &str, found: &[f32], figure: &str| {
        let (shape, expected) = fixture.figure(figure);
        assert_close(&format!("{name} {what}"), &shape, found, &expected, tolerance::FORWARD);
    };
    let patterns = all_patterns(run, config);
    for (layer, patterns) in patterns.chunks_exact(patterns.len() / config.n_layers).enumerate() {
        let read = |index| run.residual(index).expect("a residual");
        check("resid_pre", &read(layer), &format!("resid_pre.{layer}"));
        check("resid_post", &read(layer + 1), &format!("resid_post.{layer}"));
        check("pattern", patterns, &format!("pattern.{layer}"));
    }
    let rows = run.batch().tokens().len();
    check("log_probs", &run.readout().log_probs[..rows - 1], "log_probs");
    let logits: Vec<f32> = (0..rows).flat_map(|row| block_on(run.logits(row)).expect("logits")).collect();
    check("logits", &logits, "logits");
}
