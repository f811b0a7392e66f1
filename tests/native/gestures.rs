//! What each gesture computes, as exact counts on both backends, and that what is kept gives the same figures
//! as computing everything. ARCHITECTURE.md has the table.

use std::rc::Rc;

use headscope::backend::Model as OnBackend;
use headscope::checkpoint::WeightDtype;
use headscope::detectors::Thresholds;
use headscope::model::{
    Ablation, AblationKind, Batch, Heads, LogitTarget, ModelConfig, PositionalEmbedding, Work,
};
use headscope::session::{Model, Preference, Run};
use pollster::block_on;

use crate::model_kinds::{ids_of, on_both};
use crate::support::figures::BACKENDS;
use crate::support::reference::Reference;
use crate::support::{Fixture, open_gpu};

/// 3 layers of 4 heads: D = 48, 257 ids padded to 264, with norms and standard positions.
const FIXTURE: &str = "random_3layer_ln_standard";

/// Rows times the elements of q, k and v, of the output, and of the unembedding.
const QKV: u64 = 48 * 144;
const OUTPUT: u64 = 48 * 48;
const UNEMBED: u64 = 48 * 264;

/// A gesture; on the CPU its products with weights and its scores, on a GPU its dispatches.
type Row = (&'static str, u64, u64, u64);

/// The texts have 72 tokens. Scores are made for four queries at a time, with keys in eights.
const TABLE: [Row; 26] = [
    ("a text", 3 * 72 * (QKV + OUTPUT) + 71 * UNEMBED, ATTENTION * 3 + OFFSETS * 3, 22),
    ("thumbnails of a layer", 0, ATTENTION, 1),
    ("those of all layers", 0, 2 * ATTENTION, 2),
    ("the same again", 0, 0, 0),
    ("a head's pattern", 0, ATTENTION / 4, 1),
    ("another threshold", 0, 0, 0),
    ("a head of layer 2 ablated", 72 * OUTPUT + 71 * UNEMBED, ATTENTION, 6),
    ("its thumbnails", 0, 0, 0),
    ("its loss and detections", 0, 0, 0),
    ("those at another threshold", 0, 0, 0),
    ("the loss without a head of layer 2", 72 * OUTPUT + 71 * UNEMBED, 0, 5),
    ("without another", 72 * OUTPUT + 71 * UNEMBED, 0, 5),
    ("without one of layer 0", 72 * (3 * OUTPUT + 2 * QKV) + 71 * UNEMBED, 3 * ATTENTION, 14),
    ("without another of layer 0", 72 * (3 * OUTPUT + 2 * QKV) + 71 * UNEMBED, 2 * ATTENTION, 13),
    ("an attribution", 3 * 72 * OUTPUT, 3 * ATTENTION, 8),
    ("the same again", 0, 0, 0),
    ("the last row of the pattern", 0, LAST_ROWS / 4 / 2, 1),
    // Two rows are new: the target of the one before the edited token is another.
    ("the last token edited", 6 * (QKV + OUTPUT) + UNEMBED, 3 * (LAST_ROWS + LAST_BLOCK), 22),
    ("its thumbnails", 0, 3 * LAST_ROWS, 3),
    ("its attribution", 3 * 2 * OUTPUT, 3 * LAST_ROWS, 8),
    ("its run with the same head ablated", 2 * OUTPUT + UNEMBED, LAST_ROWS, 6),
    // The text before it was the edited one, so that three rows are new.
    ("a token added", 9 * (QKV + OUTPUT) + 2 * UNEMBED, 3 * (960 + 1440), 22),
    // Four sequences of 41 tokens. The stripe is one score a query, and not counted.
    ("repeated tokens", 3 * 164 * (QKV + OUTPUT) + 160 * UNEMBED, 60384, 25),
    // The loss is of the last 19 predictions of each sequence.
    ("a head ablated there", 164 * (2 * OUTPUT + QKV) + 4 * 19 * UNEMBED, 36256, 15),
    ("that at another threshold", 0, 0, 0),
    ("the whole model there at a threshold", 0, 0, 0),
];

/// Scores of a layer: of all queries; of the nearest 33 keys of each, as offsets need them; of the last
/// two queries; of the last block of 8 queries for the offsets.
const ATTENTION: u64 = 11520;
const OFFSETS: u64 = 8960;
const LAST_ROWS: u64 = 576;
const LAST_BLOCK: u64 = 1280;

struct Gestures {
    model: Model,
    found: Vec<(&'static str, Work)>,
}

impl Gestures {
    fn make<T>(&mut self, what: &'static str, make: impl AsyncFnOnce(&Model) -> headscope::Result<T>) -> T {
        let before = self.model.work();
        let made = block_on(make(&self.model)).expect(what);
        self.found.push((what, self.model.work() - before));
        made
    }
}

/// Makes every gesture of the table, in its order.
fn play(preference: Preference) -> Vec<(&'static str, Work)> {
    let fixture = Fixture::open(FIXTURE);
    let config = &fixture.config;
    let mut it = Gestures { model: fixture.session_model(preference), found: Vec::new() };
    let without = |head| without(config, head);
    let ids = ids_of(config, 72);
    let (edited, longer) = ([&ids[..71], &[5]].concat(), [&ids[..], &[5]].concat());
    let all = [0, 1, 2];
    let (usual, other) = (Thresholds::default(), Thresholds { active: 0.2, ..Thresholds::default() });

    let run: Rc<Run> = it.make("a text", async |model| model.run_ids(ids.clone()).await);
    it.make("thumbnails of a layer", async |_| run.thumbnails(&[1]).await);
    it.make("those of all layers", async |_| run.thumbnails(&all).await);
    it.make("the same again", async |_| run.thumbnails(&all).await);
    it.make("a head's pattern", async |_| run.pattern(1, 0).await);
    it.make("another threshold", async |_| run.detect(&other));
    let ablated = it.make("a head of layer 2 ablated", async |_| run.ablated(&without((2, 1))).await);
    it.make("its thumbnails", async |_| ablated.thumbnails(&all).await);
    it.make("its loss and detections", async |_| run.ablate(&without((2, 1)), &usual).await);
    it.make("those at another threshold", async |_| run.ablate(&without((2, 1)), &other).await);
    it.make("the loss without a head of layer 2", async |_| run.loss_increase(&without((2, 0))).await);
    it.make("without another", async |_| run.loss_increase(&without((2, 3))).await);
    it.make("without one of layer 0", async |_| run.loss_increase(&without((0, 0))).await);
    it.make("without another of layer 0", async |_| run.loss_increase(&without((0, 3))).await);
    it.make("an attribution", async |model| model.attribution(&run, LogitTarget::Next).await);

    it.make("the same again", async |model| model.attribution(&run, LogitTarget::Next).await);
    it.make("the last row of the pattern", async |_| run.pattern_from(1, 0, 71).await);
    let new: Rc<Run> = it.make("the last token edited", async |model| model.run_ids(edited).await);
    it.make("its thumbnails", async |_| new.thumbnails(&all).await);
    it.make("its attribution", async |model| model.attribution(&new, LogitTarget::Next).await);
    it.make("its run with the same head ablated", async |_| new.ablated(&without((2, 1))).await);
    let _longer = it.make("a token added", async |model| model.run_ids(longer).await);

    let tokens = it.model.draw_repeated(20, 4, 1).expect("a draw");
    let (head, none) = (without((1, 0)), Ablation::new(config, AblationKind::Zero, &[], &[]).expect("none"));
    it.make("repeated tokens", async |model| model.repeated(&tokens).await);
    it.make("a head ablated there", async |model| model.ablate_repeated(&tokens, &head, &usual).await);
    block_on(it.model.ablate_repeated(&tokens, &none, &usual)).expect("figures");
    it.make("that at another threshold", async |model| model.ablate_repeated(&tokens, &head, &other).await);
    it.make("the whole model there at a threshold", async |model| {
        model.ablate_repeated(&tokens, &none, &other).await
    });
    it.found
}

fn without(config: &ModelConfig, head: (usize, usize)) -> Ablation {
    Ablation::new(config, AblationKind::Zero, &[head], &[]).expect("a head")
}

#[test]
fn each_gesture_computes_what_follows_from_it_and_no_more() {
    let (cpu, gpu) = (play(Preference::Cpu), play(Preference::WebGpu));
    let found: Vec<Row> = cpu
        .iter()
        .zip(&gpu)
        .map(|((what, cpu), (_, gpu))| (*what, cpu.products, cpu.scores, gpu.dispatches))
        .collect();
    for (found, expected) in found.iter().zip(TABLE) {
        assert_eq!(*found, expected);
    }
    assert_eq!(found.len(), TABLE.len());
}

/// 2 layers of 2 heads, and room for 2048 tokens.
const LONG: ModelConfig = ModelConfig {
    n_layers: 2,
    n_heads: 2,
    d_model: 32,
    d_head: 16,
    n_ctx: 2048,
    d_vocab: 512,
    normalization: None,
    positional_embedding: PositionalEmbedding::Standard,
    eps: 1e-5,
    heads: Heads::PLAIN,
    mlp: None,
    tied_unembedding: false,
};

/// Multiplications on the CPU, workgroups on a GPU.
fn cost(work: Work) -> u64 {
    work.products + work.scores * LONG.d_head as u64 + work.workgroups
}

#[test]
fn an_edit_of_the_last_token_costs_a_small_part_of_the_whole() {
    let gpu = open_gpu();
    for model in on_both(&gpu, &Reference::new(LONG, true, 5), WeightDtype::F32) {
        if matches!(model, OnBackend::Gpu(_)) && !gpu.is_software() {
            // A workgroup of hardware makes up to 64 rows: their number says little about two rows.
            continue;
        }
        for (tokens, part) in [(256, 10), (2048, 20)] {
            let ids = ids_of(&LONG, tokens);
            let mut edited = ids.clone();
            edited[tokens - 1] = (edited[tokens - 1] + 1) % 512;
            let batch = |ids| Batch::one(&LONG, ids).expect("a batch");
            let before = model.work();
            let whole = block_on(model.run(&batch(ids), None)).expect("a run");
            let between = model.work();
            let edit = block_on(model.run(&batch(edited), Some(&whole))).expect("a run");
            assert_eq!(edit.dims().first_row as usize, tokens - 2);
            let (whole, edit) = (cost(between - before), cost(model.work() - between));
            assert!(part * edit <= whole, "{tokens} tokens: {edit} of {whole}");
        }
    }
}

#[test]
fn what_is_kept_gives_the_figures_of_a_fresh_run() {
    let fixture = Fixture::open(FIXTURE);
    let config = &fixture.config;
    let ids = ids_of(config, 72);
    for preference in BACKENDS {
        for (edited, head) in [(70, (2, 1)), (33, (0, 3)), (1, (1, 0))] {
            let ablation = without(config, head);
            let changed = [&ids[..edited], &[5], &ids[edited + 1..]].concat();
            let of = |model: &Model, ids: &[u32]| {
                let run = block_on(model.run_ids(ids.to_vec())).expect("a run");
                let cells = block_on(run.thumbnails(&[0, 1, 2])).expect("thumbnails");
                let ablated = block_on(run.ablated(&ablation)).expect("a run");
                let of_ablated = block_on(ablated.thumbnails(&[0, 1, 2])).expect("thumbnails");
                // The last is that of the first, so that the edited text goes on from it.
                let (next, token) = (LogitTarget::Next, LogitTarget::Token(7));
                let parts = [(&run, next), (&ablated, next), (&run, token), (&run, next)]
                    .map(|(run, target)| block_on(model.attribution(run, target)).expect("parts").values);
                (run, cells, ablated, of_ablated, parts)
            };
            let model = fixture.session_model(preference);
            let _before = of(&model, &ids);
            let (run, cells, ablated, of_ablated, parts) = of(&model, &changed);
            let fresh = of(&fixture.session_model(preference), &changed);
            assert_eq!((run.reused(), ablated.reused(), fresh.2.reused()), (edited - 1, edited - 1, 0));
            let figures = |run: &Run| {
                let readout = run.readout();
                let stats: &[f32] = bytemuck::cast_slice(&readout.stats);
                [stats, &readout.log_probs, &readout.top_log_probs, &readout.offsets].concat()
            };
            for (kept, fresh) in [(&run, &fresh.0), (&ablated, &fresh.2)] {
                for (kept, fresh) in figures(kept).iter().zip(figures(fresh)) {
                    let what = format!("{preference:?}, {edited}");
                    assert!(
                        (kept - fresh).abs() <= 2e-6 * fresh.abs().max(1.0),
                        "{what}: {kept}, not {fresh}"
                    );
                }
            }
            let values = parts.iter().zip(&fresh.4);
            for (kept, fresh) in values.flat_map(|(kept, fresh)| kept.iter().zip(fresh)) {
                assert!((kept - fresh).abs() <= 1e-5, "{preference:?}, {edited}: {kept}, not {fresh}");
            }
            for (kept, fresh) in [(cells, fresh.1), (of_ablated, fresh.3)] {
                let differ = kept.iter().zip(&fresh).filter(|(kept, fresh)| kept.abs_diff(**fresh) > 1);
                assert_eq!((kept.len(), differ.count()), (fresh.len(), 0), "{preference:?}, {edited}");
            }
        }
    }
}
