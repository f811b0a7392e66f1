//! The GPU backend against TransformerLens: every figure of every fixture.

use crate::support::{FIXTURES, Fixture, WEIGHTS, assert_close, gpu_model, open_gpu, tolerance};
use headscope::gpu;

#[test]
fn agrees_with_transformer_lens() {
    let gpu = open_gpu();
    for (name, weights) in FIXTURES.into_iter().flat_map(|name| WEIGHTS.map(|weights| (name, weights))) {
        let fixture = Fixture::open_with(name, weights);
        let model = gpu_model(&gpu, &fixture);
        let run = pollster::block_on(model.run(&fixture.batch(fixture.tokens()), None)).expect("a run");
        compare(&fixture, &run);
    }
}

#[test]
fn goes_on_from_a_shared_beginning_to_the_same_figures() {
    let gpu = open_gpu();
    let fixture = Fixture::open("planted_f16");
    let model = gpu_model(&gpu, &fixture);
    let tokens = fixture.tokens();
    for shared in [1, 2, 17, 40, tokens.len() - 1] {
        let mut other = tokens[..shared].to_vec();
        other.extend([7, 8, 9]);
        let earlier = pollster::block_on(model.run(&fixture.batch(other), None)).expect("a run");
        let batch = fixture.batch(tokens.clone());
        let run = pollster::block_on(model.run(&batch, Some(&earlier))).expect("a run");
        assert_eq!(run.dims().first_row as usize, shared - 1);
        compare(&fixture, &run);
    }
}

/// Compares every figure of a run with TransformerLens'.
pub fn compare(fixture: &Fixture, run: &gpu::Run) {
    let (name, config) = (fixture.name, &fixture.config);
    let check = |what: &str, found: &[f32], figure: &str| {
        let (shape, expected) = fixture.figure(figure);
        assert_close(&format!("{name} {what}"), &shape, found, &expected, tolerance::FORWARD);
    };
    for layer in 0..config.n_layers {
        let read = |index| pollster::block_on(run.residual(index)).expect("a residual");
        check("resid_pre", &read(layer), &format!("resid_pre.{layer}"));
        check("resid_post", &read(layer + 1), &format!("resid_post.{layer}"));
        let patterns: Vec<f32> = (0..config.n_heads)
            .flat_map(|head| pollster::block_on(run.pattern(layer, head, 0)).expect("a pattern"))
            .collect();
        check("pattern", &patterns, &format!("pattern.{layer}"));
    }
    let rows = run.batch().tokens().len();
    check("log_probs", &run.readout().log_probs[..rows - 1], "log_probs");
    let logits: Vec<f32> =
        (0..rows).flat_map(|row| pollster::block_on(run.logits(row)).expect("logits")).collect();
    check("logits", &logits, "logits");
}
