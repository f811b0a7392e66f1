//! The experiments on the stand-in for the notebook's model, at full size: they find what was planted.

use std::time::Instant;

use headscope::checkpoint::Checkpoint;
use headscope::experiments::Repeated;
use headscope::model::{Ablation, AblationKind};
use headscope::session::{Engine, Model, Preference};
use pollster::block_on;
use standin::planted::{NOTEBOOK, Planted};

/// The full-size stand-in.
fn full_size(planted: &Planted, preference: Preference) -> Model {
    let file = planted.write(Vec::with_capacity(190 << 20)).expect("memory");
    block_on(async {
        let engine = Engine::open(preference).await.expect("a backend");
        let checkpoint = Checkpoint::open(&file[..]).await.expect("an index");
        let config = checkpoint.config(Some(&planted.config().to_string())).expect("a config");
        engine.load_checkpoint(&checkpoint, config, None).await.expect("a model")
    })
}

/// Prints how long it took.
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let since = Instant::now();
    let result = work();
    println!("{what}: {:.1} s", since.elapsed().as_secs_f64());
    result
}

/// Heads of a layer by a figure, the largest first.
fn ranked(figures: &[f64]) -> Vec<usize> {
    let mut heads: Vec<usize> = (0..figures.len()).collect();
    heads.sort_by(|&a, &b| figures[b].total_cmp(&figures[a]));
    heads
}

#[test]
fn what_was_planted_in_the_full_size_stand_in_is_found_switched_off_and_traced() {
    let planted = Planted::new(NOTEBOOK, 0);
    let (model, plan) = (full_size(&planted, Preference::Cpu), &planted.plan);
    let tokens = model.draw_repeated(50, 2, 0).expect("a draw");
    let Repeated { mean_first, mean_second, stripes, .. } =
        timed("repeated, 2 x 50", || block_on(model.repeated(&tokens))).expect("an experiment");
    println!("log-probability {mean_first:.2}, then {mean_second:.2}");

    // The induction heads are those that were planted, and no other head comes near.
    let mut induction: Vec<usize> = plan.induction.iter().map(|&(_, head)| head).collect();
    let mut found = ranked(&stripes.strict[1])[..2].to_vec();
    let third = stripes.strict[1][ranked(&stripes.strict[1])[2]];
    induction.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, induction, "{:?}", stripes.strict);
    assert!(found.iter().all(|&head| stripes.strict[1][head] > 0.4) && third < 0.1, "{:?}", stripes.strict);
    assert!(mean_second > mean_first + 2.0, "{mean_first}, then {mean_second}");

    // Their keys read what the previous-token head wrote.
    let composition = timed("composition", || block_on(model.composition(0))).expect("scores");
    let (_, previous) = plan.previous[0];
    for &head in &induction {
        let scores: Vec<f64> = composition.first.k.iter().map(|row| row[head]).collect();
        assert_eq!(ranked(&scores)[0], previous, "K-composition with 1.{head}: {scores:?}");
        assert!(
            scores[previous] > 2.0 * composition.baseline,
            "{scores:?}, by chance {}",
            composition.baseline
        );
    }
    assert!((composition.baseline * 768_f64.sqrt() - 1.0).abs() < 0.01, "{}", composition.baseline);

    // Without it they find nothing, and most of what the repetition gave is gone.
    let off = Ablation::new(model.config(), AblationKind::Zero, &plan.previous, &[]).expect("a head");
    let thresholds = headscope::detectors::Thresholds::default();
    let ablated = timed("one ablation", || block_on(model.ablate_repeated(&tokens, &off, &thresholds)));
    let ablated = ablated.expect("figures");
    let strict = ablated.strict.expect("of a repeated sequence");
    assert!(induction.iter().all(|&head| strict[1][head] < 0.1), "{:?}", strict[1]);
    let lost = ablated.loss_increase / (mean_second - mean_first);
    assert!(lost > 0.7, "{lost} of what the repetition gave");

    let positions = timed("position scores", || block_on(model.position_scores())).expect("scores");
    assert_eq!(ranked(&positions)[0], previous, "{positions:?}");

    // They copy what they attend to, and progress is told on the way. The browser's test has the whole
    // vocabulary: tests/page/engine/full_size.both.spec.js.
    let copying = block_on(model.copying(&[(1, induction[0])])).expect("an experiment");
    let mut steps = 0;
    timed("copying, some ids", || {
        while copying.counts().rows < 5000 {
            block_on(copying.step()).expect("a step");
            steps += 1;
            assert!(copying.counts().rows <= copying.total());
        }
    });
    let counts = copying.counts();
    println!("{steps} steps, {counts:?}");
    assert!(steps > 1 && !copying.is_done(), "{steps} steps");
    assert!(counts.top1 as f64 > 0.95 * counts.rows as f64, "{counts:?}");
}

/// A software adapter is too slow for all of it: short draws, and the first steps of copying.
#[test]
fn the_gpu_finds_the_same_at_full_size() {
    let planted = Planted::new(NOTEBOOK, 0);
    let (model, plan) = (full_size(&planted, Preference::WebGpu), &planted.plan);
    let tokens = model.draw_repeated(20, 1, 0).expect("a draw");
    let repeated = timed("repeated, 20", || block_on(model.repeated(&tokens))).expect("an experiment");
    let induction: Vec<usize> = plan.induction.iter().map(|&(_, head)| head).collect();
    assert!(
        induction.iter().all(|&head| repeated.stripes.strict[1][head] > 0.4),
        "{:?}",
        repeated.stripes.strict
    );

    let composition = timed("composition", || block_on(model.composition(0))).expect("scores");
    let (_, previous) = plan.previous[0];
    for &head in &induction {
        let scores: Vec<f64> = composition.first.k.iter().map(|row| row[head]).collect();
        assert_eq!(ranked(&scores)[0], previous, "K-composition with 1.{head}: {scores:?}");
    }

    let off = Ablation::new(model.config(), AblationKind::Zero, &plan.previous, &[]).expect("a head");
    let thresholds = headscope::detectors::Thresholds::default();
    let ablated = timed("one ablation", || block_on(model.ablate_repeated(&tokens, &off, &thresholds)));
    let strict = ablated.expect("figures").strict.expect("of a repeated sequence");
    assert!(induction.iter().all(|&head| strict[1][head] < 0.1), "{:?}", strict[1]);

    let copying = block_on(model.copying(&[(1, induction[0])])).expect("an experiment");
    timed("copying, some ids", || {
        while copying.counts().rows < 500 {
            block_on(copying.step()).expect("a step");
        }
    });
    let counts = copying.counts();
    assert!(counts.top1 as f64 > 0.95 * counts.rows as f64, "{counts:?}");
}
