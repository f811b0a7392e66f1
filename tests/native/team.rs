//! The CPU backend with helpers: the figures are those without them.

use std::rc::Rc;

use headscope::cpu;
use headscope::model::{Ablation, AblationKind};
use pollster::block_on;

use crate::support::team::InProcess;
use crate::support::{FIXTURES, Fixture, assert_close, cpu_model};

/// Numbers of helpers: parts of 2, 3, 4 and 8.
const HELPERS: [usize; 4] = [1, 2, 3, 7];

fn divided(fixture: &Fixture, team: &Rc<InProcess>) -> cpu::Model {
    let mut weights = cpu::Weights::divided_between(Some(Rc::clone(team) as _));
    fixture.load_into(&mut weights);
    cpu::Model::new(fixture.config.clone(), weights)
}

#[test]
fn products_are_those_of_the_whole_to_the_last_bit() {
    for (name, helpers) in FIXTURES.into_iter().flat_map(|name| HELPERS.map(|helpers| (name, helpers))) {
        let what = format!("{name}, {helpers} helpers");
        let (fixture, team) = (Fixture::open(name), InProcess::new(helpers));
        let batch = fixture.batch(fixture.tokens());
        let expected = block_on(cpu_model(&fixture).run(&batch, None));
        let found = block_on(divided(&fixture, &team).run(&batch, None));
        assert!(team.take_asked().iter().all(|&asked| asked > 0), "{what}: a helper did nothing");
        assert_eq!(found.readout().stats, expected.readout().stats, "{what}");
        assert_eq!(found.readout().offsets, expected.readout().offsets, "{what}");
        for layer in 0..=fixture.config.n_layers {
            assert_eq!(found.residual(layer), expected.residual(layer), "{what}, stream {layer}");
        }
        let rows = batch.seq();
        for row in [0, rows / 2, rows - 1] {
            assert_eq!(block_on(found.logits(row)), block_on(expected.logits(row)), "{what}, logits {row}");
        }
        for (part, found, expected) in [
            ("log_probs", &found.readout().log_probs, &expected.readout().log_probs),
            ("top_log_probs", &found.readout().top_log_probs, &expected.readout().top_log_probs),
        ] {
            // However it is cut, a log-sum-exp holds to 1e-6 (src/cpu/log_sum_exp.rs); then the figure is
            // rounded to f32, at the largest of them by one step.
            let largest = expected.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
            let allowed = 1e-6 + f32::EPSILON * largest;
            assert_close(&format!("{what}, {part}"), &[rows], found, expected, allowed);
        }
    }
}

#[test]
fn going_on_from_a_run_and_ablating_give_the_same_figures() {
    for name in ["planted_f16", "random_3layer_ln_standard", "random_2layer_lnpre_shortformer"] {
        let (fixture, team) = (Fixture::open(name), InProcess::new(3));
        let (whole, divided) = (cpu_model(&fixture), divided(&fixture, &team));
        let tokens = fixture.tokens();
        let mut other = tokens[..17].to_vec();
        other.extend([7, 8, 9]);
        let (earlier, batch) = (fixture.batch(other), fixture.batch(tokens));
        let ablation = Ablation::new(&fixture.config, AblationKind::Mean, &[(0, 1)], &[]).expect("a head");
        let figures = |model: &cpu::Model| {
            let run = block_on(model.run(&batch, Some(&block_on(model.run(&earlier, None)))));
            assert_eq!(run.dims().first_row, 16);
            let last = fixture.config.n_layers;
            let streams = [run.residual(last), block_on(run.ablated(&ablation, 0, None)).residual(last)];
            let targets: Vec<[u32; 2]> = (0..batch.seq() as u32).map(|row| [row, u32::MAX]).collect();
            let directions = block_on(run.directions(&targets));
            let norms = block_on(run.value_norms(0, 1)).expect("norms");
            (streams, block_on(run.attribution(&directions, 0)), directions, norms)
        };
        assert_eq!(figures(&divided), figures(&whole), "{name}");
    }
}

#[test]
fn a_small_matrix_is_kept_where_it_is() {
    let (fixture, team) = (Fixture::open("planted_f16"), InProcess::from_size(2, usize::MAX));
    let model = divided(&fixture, &team);
    block_on(model.run(&fixture.batch(fixture.tokens()), None));
    assert_eq!((team.held(), team.take_asked()), (vec![0, 0], vec![0, 0]));
}

#[test]
fn a_model_that_is_freed_leaves_nothing_with_helpers() {
    let (fixture, team) = (Fixture::open("planted_f16"), InProcess::new(2));
    let model = divided(&fixture, &team);
    let run = block_on(model.run(&fixture.batch(fixture.tokens()), None));
    let matrices = 2 * fixture.config.n_layers + 1;
    assert_eq!(team.held(), [matrices, matrices]);
    drop(model);
    assert_eq!(team.held(), [matrices, matrices], "the run goes on");
    block_on(run.logits(0)).expect("logits");
    drop(run);
    assert_eq!(team.held(), [0, 0]);
}
