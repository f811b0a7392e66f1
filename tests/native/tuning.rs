//! The tuner of the GPU's kernels: what it chooses of which times, and that a choice changes no figure.

use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::forward_gpu::compare;
use crate::support::{Fixture, gpu_model, open_gpu, skipped};
use headscope::gpu::{Candidate, CandidateTime, ChosenBy, Gpu, Tune, Tuning, TuningOptions, fastest};

use Candidate::{HalfInvocations, HalfWorkgroups, Invocations, NarrowWorkgroups, Workgroups};

const NAMES: [(Candidate, &str); 5] = [
    (Invocations, "invocations"),
    (Workgroups, "workgroups"),
    (NarrowWorkgroups, "narrow-workgroups"),
    (HalfWorkgroups, "workgroups-f16"),
    (HalfInvocations, "invocations-f16"),
];

/// A candidate with its milliseconds of the product and of the unembedding.
type Timed = (Candidate, Option<f64>, Option<f64>);

fn times(given: &[Timed]) -> Vec<CandidateTime> {
    let time = |&(candidate, product, unembedding): &Timed| CandidateTime {
        candidate,
        product,
        unembedding,
        fault: None,
    };
    given.iter().map(time).collect()
}

#[test]
fn the_fastest_candidate_is_chosen_of_these_times() {
    // What the case is, layers, the times, and the choice. The rule takes workgroups in all of them.
    let cases: [(&str, usize, &[Timed], Candidate); 10] = [
        ("nothing was timed", 2, &[], Workgroups),
        ("the rule alone was timed", 2, &[(Workgroups, Some(1.0), Some(9.0))], Workgroups),
        (
            "the rule has no time",
            2,
            &[(Workgroups, None, None), (Invocations, Some(1.0), Some(1.0))],
            Workgroups,
        ),
        (
            "another is clearly faster",
            2,
            &[(Workgroups, Some(1.0), Some(9.0)), (Invocations, Some(0.5), Some(5.0))],
            Invocations,
        ),
        (
            "another is faster by the scatter of measurements",
            2,
            &[(Workgroups, Some(1.0), Some(9.0)), (Invocations, Some(1.0), Some(8.6))],
            Workgroups,
        ),
        (
            "the fastest of three",
            2,
            &[
                (Workgroups, Some(1.0), Some(9.0)),
                (NarrowWorkgroups, Some(0.9), Some(4.0)),
                (Invocations, Some(0.8), Some(5.0)),
            ],
            NarrowWorkgroups,
        ),
        (
            "of two layers the unembedding decides",
            2,
            &[(Workgroups, Some(2.0), Some(9.0)), (Invocations, Some(1.0), Some(12.0))],
            Workgroups,
        ),
        (
            "of twelve layers the product decides",
            12,
            &[(Workgroups, Some(2.0), Some(9.0)), (Invocations, Some(1.0), Some(12.0))],
            Invocations,
        ),
        (
            "a candidate without a time of the unembedding is not compared",
            2,
            &[(Workgroups, Some(1.0), Some(9.0)), (Invocations, Some(0.1), None)],
            Workgroups,
        ),
        (
            "without the rule's time of the unembedding the product decides alone",
            2,
            &[
                (Workgroups, Some(1.0), None),
                (NarrowWorkgroups, Some(0.8), None),
                (Invocations, Some(0.7), Some(99.0)),
            ],
            Invocations,
        ),
    ];
    for (what, layers, given, expected) in cases {
        let mut times = times(given);
        assert_eq!(fastest(Workgroups, layers, &times), expected, "{what}");
        times.reverse();
        assert_eq!(fastest(Workgroups, layers, &times), expected, "{what}, in the other order");
    }
}

#[test]
fn a_refused_candidate_is_not_chosen() {
    let mut times = times(&[(Workgroups, Some(1.0), Some(9.0)), (Invocations, None, None)]);
    times[1].fault = Some("a shader is refused".to_owned());
    assert_eq!(fastest(Workgroups, 2, &times), Workgroups);
}

#[test]
fn every_candidate_has_a_name() {
    assert_eq!(NAMES.len(), Candidate::ALL.len());
    for (candidate, name) in NAMES {
        assert!(Candidate::ALL.contains(&candidate));
        assert_eq!(candidate.name(), name);
        assert_eq!(Candidate::named(name), Some(candidate));
    }
    assert_eq!(Candidate::named("warps"), None);
}

fn opened(options: TuningOptions) -> Rc<Gpu> {
    Rc::new(pollster::block_on(Gpu::open()).expect("an adapter").with_tuning(options))
}

/// Loads a model, compares its figures with the reference, and returns the tuning.
fn tuned(options: TuningOptions) -> Tuning {
    let fixture = Fixture::open("planted_f16");
    let gpu = opened(options);
    let model = gpu_model(&gpu, &fixture);
    let run = pollster::block_on(model.run(&fixture.batch(fixture.tokens()), None)).expect("a run");
    compare(&fixture, &run);
    gpu.tuning()
}

/// A clock that stands still: there is time for everything.
fn endless() -> TuningOptions {
    TuningOptions { clock: Some(|| 0.0), on_software: true, ..TuningOptions::default() }
}

#[test]
fn measures_every_candidate_and_chooses_by_the_times() {
    let Tuning { chosen, by, rate, times } = tuned(endless());
    assert_eq!(by, ChosenBy::Measured);
    let half = open_gpu().has_half();
    if !half {
        skipped("an adapter that reads f16");
    }
    let expected: Vec<_> = Candidate::ALL.into_iter().filter(|it| half || !it.reads_half()).collect();
    let mut found: Vec<_> = times.iter().map(|time| time.candidate).collect();
    found.sort_by_key(|candidate| candidate.name());
    assert_eq!(found, {
        let mut expected = expected;
        expected.sort_by_key(|candidate| candidate.name());
        expected
    });
    for CandidateTime { candidate, product, unembedding, fault } in &times {
        assert_eq!(*fault, None, "{candidate:?}");
        // The clock stands still, so these are the GPU's own.
        assert!(product.is_some() && unembedding.is_some(), "{candidate:?}: {product:?}, {unembedding:?}");
    }
    let rule = Candidate::of_rule(open_gpu().is_software());
    assert_eq!(chosen, fastest(rule, 2, &times));
    assert!(rate.is_some_and(|rate| rate > 0.0), "{rate:?}");
}

#[test]
fn weights_that_are_not_f16_have_no_candidates_that_read_f16() {
    let gpu = opened(endless());
    gpu_model(&gpu, &Fixture::open("planted_f32"));
    let times = gpu.tuning().times;
    assert!(times.len() > 1 && times.iter().all(|time| !time.candidate.reads_half()), "{times:?}");
}

#[test]
fn is_measured_once() {
    let fixture = Fixture::open("planted_f16");
    let gpu = opened(endless());
    let first = (gpu_model(&gpu, &fixture), gpu.tuning());
    let second = (gpu_model(&gpu, &fixture), gpu.tuning());
    assert_eq!(first.1, second.1);
}

#[test]
fn stops_when_the_time_is_up() {
    // Every look at the clock takes a second.
    static LOOKS: AtomicU32 = AtomicU32::new(0);
    let clock: fn() -> f64 = || LOOKS.fetch_add(1, Ordering::Relaxed).into();
    let Tuning { chosen, by, times, .. } = tuned(TuningOptions { clock: Some(clock), ..endless() });
    assert_eq!((chosen, by), (Candidate::of_rule(open_gpu().is_software()), ChosenBy::Rule));
    assert!(times.iter().all(|time| time.product.is_none() && time.unembedding.is_none()), "{times:?}");
    assert!(LOOKS.load(Ordering::Relaxed) < 10);
}

#[test]
fn software_is_not_measured() {
    let gpu = open_gpu();
    gpu_model(&gpu, &Fixture::open("planted_f16"));
    if gpu.is_software() {
        let expected = Tuning { chosen: Invocations, by: ChosenBy::Rule, rate: None, times: Vec::new() };
        assert_eq!(gpu.tuning(), expected);
    }
}

#[test]
fn takes_what_is_given_or_remembered_without_a_measurement() {
    for chosen in Candidate::ALL {
        let given = tuned(TuningOptions { tune: Tune::Given(chosen), ..endless() });
        let tune = Tune::Remembered { chosen, rate: 1e12 };
        // An adapter that can't read f16 takes the candidate without it.
        let chosen = if open_gpu().has_half() { chosen } else { chosen.without_half() };
        assert_eq!(given, Tuning { chosen, by: ChosenBy::Given, rate: None, times: Vec::new() });
        let remembered = tuned(TuningOptions { tune, ..endless() });
        let expected = Tuning { chosen, by: ChosenBy::Remembered, rate: Some(1e12), times: Vec::new() };
        assert_eq!(remembered, expected);
    }
}
