//! The full-size stand-in: tokens to run it on, and the heads that must be found.

use headscope::detectors::Thresholds;
use headscope::session::Run;
use serde_json::{Value, json};
use standin::noise::Noise;
use standin::planted::{NOTEBOOK, Plan};

/// `[BOS, x, x]` with `x` of random tokens, and the first of them again where `count` is even.
pub fn repeated(count: usize) -> Vec<u32> {
    let mut noise = Noise::new(1, 0);
    let half: Vec<u32> =
        (0..(count - 1) / 2).map(|_| 1 + (noise.bits() % (NOTEBOOK.d_vocab as u64 - 1)) as u32).collect();
    std::iter::once(0).chain(half.iter().copied().cycle()).take(count).collect()
}

/// Compares the heads that the detectors find with the planted heads.
pub fn assert_finds(run: &Run, plan: &Plan) {
    let seq = run.ids().len();
    let found = json!(run.detect(&Thresholds::default()).expect("figures"));
    assert_eq!(found["dominant"]["previous"]["heads"], names(&plan.previous), "previous, {seq} tokens");
    assert_eq!(found["dominant"]["current"]["heads"], names(&plan.current), "current, {seq} tokens");
    assert_eq!(found["dominant"]["first"]["heads"], names(&plan.first), "first, {seq} tokens");
    let induction = &found["token_matching"]["induction"];
    let heads: Vec<(usize, usize)> = (0..NOTEBOOK.n_layers * NOTEBOOK.n_heads)
        .map(|at| (at / NOTEBOOK.n_heads, at % NOTEBOOK.n_heads))
        .filter(|&(layer, head)| induction[layer][head].as_f64().expect("a score") > 0.4)
        .collect();
    assert_eq!(names(&heads), names(&plan.induction), "induction, {seq} tokens");
}

fn names(heads: &[(usize, usize)]) -> Value {
    let mut heads = heads.to_vec();
    heads.sort();
    json!(heads.iter().map(|(layer, head)| format!("{layer}.{head}")).collect::<Vec<_>>())
}
