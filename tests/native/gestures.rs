//! What each gesture computes, in exact counts, on both backends. ARCHITECTURE.md has the table.

use crate::support::Fixture;
use headscope::detectors::Thresholds;
use headscope::experiments::RepeatedTokens;
use headscope::model::{Ablation, AblationKind, LogitTarget, Work};
use headscope::session::{Model, Preference, Run};
use pollster::block_on;
use std::rc::Rc;

struct Gestures {
    model: Model,
    found: Vec<(&'static str, Work)>,
}

impl Gestures {
    fn made<T>(&mut self, what: &'static str, make: impl AsyncFnOnce(&Model) -> headscope::Result<T>) -> T {
        let before = self.model.work();
        let made = block_on(make(&self.model)).expect(what);
        self.found.push((what, self.model.work() - before));
        made
    }
}

/// Plays every gesture once.
fn play(preference: Preference) -> Vec<(&'static str, Work)> {
    let fixture = Fixture::open("random_3layer_ln_standard");
    let config = &fixture.config;
    let mut it = Gestures { model: fixture.session_model(preference), found: Vec::new() };
    let without =
        |heads: &[(usize, usize)]| Ablation::new(config, AblationKind::Zero, heads, &[]).expect("heads");
    let ids: Vec<u32> = (0..72).map(|at| (at * 37) % 200).collect();
    let edited = [&ids[..71], &[5]].concat();
    let longer = [&ids[..], &[5]].concat();
    let layers: Vec<usize> = (0..config.n_layers).collect();
    let thresholds = Thresholds::default();
    let other = Thresholds { active: 0.2, ..thresholds };

    let run: Rc<Run> = it.made("a text", async |model| model.run_ids(ids.clone()).await);
    it.made("thumbnails of one layer", async |_| run.thumbnails(&[1]).await);
    it.made("thumbnails of all layers after it", async |_| run.thumbnails(&layers).await);
    it.made("the same thumbnails", async |_| run.thumbnails(&layers).await);
    it.made("a pattern", async |_| run.pattern(1, 0).await);
    it.made("a threshold", async |_| run.detect(&other));
    let ablated = it.made("a head ablated in layer 2", async |_| run.ablated(&without(&[(2, 1)])).await);
    it.made("its figures", async |_| run.ablate(&without(&[(2, 1)]), &thresholds).await);
    it.made("its figures at a threshold", async |_| run.ablate(&without(&[(2, 1)]), &other).await);
    it.made("its thumbnails", async |_| ablated.thumbnails(&layers).await);
    it.made("a head ablated in layer 0", async |_| run.ablated(&without(&[(0, 1)])).await);
    it.made("the loss without 2.0", async |_| run.loss_increase(&without(&[(2, 0)])).await);
    it.made("the loss without 2.1", async |_| run.loss_increase(&without(&[(2, 1)])).await);
    it.made("an attribution", async |model| model.attribution(&run, LogitTarget::Next).await);

    let ablated = it.made("again 2.1", async |_| run.ablated(&without(&[(2, 1)])).await);
    let new: Rc<Run> = it.made("the last token edited", async |model| model.run_ids(edited.clone()).await);
    it.made("its thumbnails", async |_| new.thumbnails(&layers).await);
    it.made("an attribution after it", async |model| model.attribution(&new, LogitTarget::Next).await);
    it.made("its ablated run", async |_| new.ablated(&without(&[(2, 1)])).await);
    drop(ablated);
    it.made("a token added", async |model| model.run_ids(longer.clone()).await);

    let tokens = it.model.draw_repeated(20, 4, 1).expect("a draw");
    it.made("repeated tokens", async |model| model.repeated(&tokens).await);
    let ablation = without(&[(1, 0)]);
    it.made("1.0 ablated there", async |model| model.ablate_repeated(&tokens, &ablation, &thresholds).await);
    it.made("at a threshold", async |model| model.ablate_repeated(&tokens, &ablation, &other).await);
    let _ = RepeatedTokens::given;
    it.found
}

#[test]
fn counts() {
    for preference in [Preference::Cpu, Preference::WebGpu] {
        for (what, work) in play(preference) {
            println!("{preference:?} {what}: {work:?}");
        }
    }
}
