//! Long dispatches in parts: the same figures to the last bit, however small the parts are.

use std::rc::Rc;

use crate::model_kinds::{ids_of, kinds};
use crate::support::reference::Reference;
use headscope::checkpoint::WeightDtype;
use headscope::gpu::{Gpu, Model, Products, Run, Weights};
use headscope::model::{Ablation, AblationKind, Batch, ModelConfig, Readout, Shapes};
use pollster::block_on;

/// Tokens: more than two workgroups of rows.
const TOKENS: usize = 150;

/// The most multiply-adds of a submission: no rows but those of one workgroup; some rows; all rows.
const MOST: [f64; 3] = [1.0, 400_000.0, f64::MAX];

/// Every figure of a run that a part could change, as bits.
#[derive(Debug, PartialEq)]
struct Figures(Vec<(String, Vec<u32>)>);

impl Figures {
    fn add(&mut self, what: &str, figures: &[f32]) {
        self.0.push((what.to_owned(), figures.iter().map(|figure| figure.to_bits()).collect()));
    }

    fn add_run(&mut self, what: &str, config: &ModelConfig, run: &Run) {
        let Readout { stats, log_probs, top_log_probs, offsets, .. } = run.readout();
        self.add(&format!("{what}: log_probs"), log_probs);
        self.add(&format!("{what}: top_log_probs"), top_log_probs);
        self.add(&format!("{what}: offsets"), offsets);
        self.0.push((format!("{what}: stats"), bytemuck::cast_slice(stats).to_vec()));
        for layer in 0..=config.n_layers {
            self.add(&format!("{what}: resid {layer}"), &block_on(run.residual(layer)).expect("a stream"));
        }
    }

    /// Names the first figures that differ.
    fn assert_same(&self, others: &Figures, what: &str) {
        assert_eq!(self.0.len(), others.0.len());
        for ((name, expected), (_, found)) in self.0.iter().zip(&others.0) {
            let first = expected.iter().zip(found).position(|(one, other)| one != other);
            assert_eq!(first, None, "{what}: {name} differs");
            assert_eq!(expected.len(), found.len(), "{what}: {name}");
        }
    }
}

/// Figures of everything that has long dispatches, and the dispatches of all and of the first run.
fn figures(reference: &Reference, products: Products, most: f64) -> (Figures, u64, usize) {
    let gpu = block_on(Gpu::open()).expect("an adapter").with_products(products).with_most_work(most);
    let (gpu, config) = (Rc::new(gpu), &reference.config);
    let mut weights = Weights::new(&gpu).expect("room");
    reference.load_into(&mut weights, WeightDtype::F16);
    let model = block_on(Model::new(&gpu, config.clone(), weights)).expect("a model");
    let mut found = Figures(Vec::new());

    let tokens = ids_of(config, TOKENS);
    let run = block_on(model.run(&Batch::one(config, tokens.clone()).expect("tokens"), None)).expect("a run");
    found.add_run("run", config, &run);
    let layers: Vec<usize> = (0..config.n_layers).collect();
    let cells = |first_row| block_on(run.thumbnails(&layers, first_row)).expect("thumbnails");
    found.0.push(("thumbnails".to_owned(), cells(0).into_iter().map(u32::from).collect()));
    found.add("pattern", &block_on(run.pattern(config.n_layers - 1, 1, 0)).expect("a pattern"));
    let Shapes { d_model, d_head, .. } = Shapes::of(config);
    let direction = vec![0.5; TOKENS * d_model];
    found.add("attribution", &block_on(run.attribution(&direction, 0)).expect("an attribution"));

    // The run goes on from row 36, which is no workgroup's first.
    let mut edited = tokens;
    edited[37] = (edited[37] + 1) % config.d_vocab as u32;
    let batch = Batch::one(config, edited).expect("tokens");
    let next = block_on(model.run(&batch, Some(&run))).expect("a run");
    assert_eq!(next.dims().first_row, 36);
    found.add_run("edited", config, &next);
    let ablation = Ablation::new(config, AblationKind::Mean, &[(0, 1)], &[]).expect("an ablation");
    found.add_run("ablated", config, &block_on(next.ablated(&ablation, None)).expect("a run"));

    let sequences = Batch::new(config, ids_of(config, 3 * 70), 3).expect("tokens");
    let batch = block_on(model.run(&sequences, None)).expect("a run");
    found.add_run("batch", config, &batch);

    let factor: Vec<f32> = (0..d_model * d_head).map(|at| ((at * 7) % 11) as f32 - 5.0).collect();
    let rows = config.d_vocab;
    let copying = block_on(model.copying(rows, d_head, &factor, &factor)).expect("a copying experiment");
    block_on(copying.prepare(0..d_head)).expect("the right factor");
    found.0.push(("copying".to_owned(), block_on(copying.at_least(0, rows)).expect("counts")));
    (found, model.work().dispatches, run.readout().dispatches)
}

#[test]
fn parts_have_the_figures_of_the_whole_to_the_last_bit() {
    for name in ["as GPT-2", "as Qwen3, with windows"] {
        let kind = kinds().into_iter().find(|kind| kind.0 == name);
        let (_, config, biases) = kind.unwrap_or_else(|| panic!("there is no kind `{name}`"));
        // More ids than two workgroups of rows, for the copying experiment.
        let config = ModelConfig { n_ctx: TOKENS, d_vocab: 137, ..config };
        let reference = Reference::new(config, biases, 3);
        for products in [Products::ByInvocations, Products::ByWorkgroups] {
            let [small, some, whole] = MOST.map(|most| figures(&reference, products, most));
            let what = format!("{name}, {products:?}");
            whole.0.assert_same(&small.0, &format!("{what}, one workgroup of rows at a time"));
            whole.0.assert_same(&some.0, &format!("{what}, some rows at a time"));
            // There were parts.
            assert!(small.1 > some.1 && some.1 > whole.1, "{what}: {} {} {}", small.1, some.1, whole.1);
            assert!(small.2 > whole.2, "{what}: {} {}", small.2, whole.2);
        }
    }
}

#[test]
fn ordinary_runs_are_whole() {
    let (_, config, biases) = kinds().remove(0);
    let config = ModelConfig { n_ctx: TOKENS, ..config };
    let reference = Reference::new(config.clone(), biases, 3);
    let dispatches = |gpu: Gpu| {
        let gpu = Rc::new(gpu);
        let mut weights = Weights::new(&gpu).expect("room");
        reference.load_into(&mut weights, WeightDtype::F16);
        let model = block_on(Model::new(&gpu, config.clone(), weights)).expect("a model");
        let batch = Batch::one(&config, ids_of(&config, TOKENS)).expect("tokens");
        block_on(model.run(&batch, None)).expect("a run").readout().dispatches
    };
    let open = || block_on(Gpu::open()).expect("an adapter");
    assert_eq!(dispatches(open()), dispatches(open().with_most_work(f64::MAX)));
}
