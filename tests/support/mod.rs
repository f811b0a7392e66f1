//! What several test files need: fixtures, tolerances, a GPU, and failures that say where.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::PathBuf;
use std::rc::Rc;

use headscope::checkpoint::{Checkpoint, WeightSink, load};
use headscope::cpu;
use headscope::gpu::{self, Gpu};
use headscope::model::ModelConfig;
use safetensors::SafeTensors;

/// Largest differences allowed, and why.
pub mod tolerance {
    /// Any figure of a forward pass against TransformerLens in float64. A sum of K products in f32 is off by
    /// about `sqrt(K) * 6e-8` of its terms' size: 5e-6 here, for logits of size 10 and K = 66; the rest is the room
    /// that Vulkan grants `exp` (3 + 2 |x| units in the last place).
    pub const FORWARD: f32 = 1e-4;
    /// A kernel against its CPU twin, relative to the largest magnitude of the tensor.
    pub const KERNEL: f32 = 2e-5;
    /// A thumbnail's cell, in steps of 1/255: both sides round, a weight on the edge either way.
    pub const THUMBNAIL: u8 = 1;
}

/// A reference model and what TransformerLens computes on it.
pub struct Fixture {
    pub name: &'static str,
    pub config: ModelConfig,
    weights: Vec<u8>,
    figures: Vec<u8>,
}

/// Every reference model.
pub const FIXTURES: [&str; 6] = [
    "planted_f32",
    "planted_f16",
    "planted_f16_12heads",
    "random_1layer",
    "random_2layer_lnpre_shortformer",
    "random_3layer_ln_standard",
];

impl Fixture {
    pub fn open(name: &'static str) -> Self {
        let file = |ending: &str| {
            let path =
                PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{name}.{ending}"));
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let config = String::from_utf8(file("config.json")).expect("UTF-8");
        Fixture {
            name,
            config: ModelConfig::from_json(&config).expect("a valid config"),
            weights: file("weights.safetensors"),
            figures: file("safetensors"),
        }
    }

    pub fn load_into(&self, sink: &mut impl WeightSink) {
        pollster::block_on(async {
            let checkpoint = Checkpoint::open(&self.weights[..]).await.expect("an index");
            load(&checkpoint, &self.config, sink).await.expect("weights");
        });
    }

    pub fn tokens(&self) -> Vec<u32> {
        let figures = SafeTensors::deserialize(&self.figures).expect("safetensors");
        let tokens = figures.tensor("tokens").expect("tokens");
        let (tokens, _) = tokens.data().as_chunks::<8>();
        tokens.iter().map(|&token| i64::from_le_bytes(token) as u32).collect()
    }

    pub fn figure(&self, name: &str) -> (Vec<usize>, Vec<f32>) {
        let figures = SafeTensors::deserialize(&self.figures).expect("safetensors");
        let tensor = figures.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (values, _) = tensor.data().as_chunks::<4>();
        (tensor.shape().to_vec(), values.iter().map(|&value| f32::from_le_bytes(value)).collect())
    }
}

/// A GPU, or a failure: a machine without an adapter can't test this project.
pub fn open_gpu() -> Rc<Gpu> {
    Rc::new(
        pollster::block_on(Gpu::open())
            .expect("a Vulkan, Metal or DX12 adapter (mesa-vulkan-drivers has a software one)"),
    )
}

/// A fixture's model on the GPU.
pub fn gpu_model(gpu: &Rc<Gpu>, fixture: &Fixture) -> gpu::Model {
    let mut weights = gpu::Weights::new(gpu).expect("room");
    fixture.load_into(&mut weights);
    pollster::block_on(gpu::Model::new(gpu, fixture.config.clone(), weights)).expect("a model")
}

/// A fixture's model on the CPU.
pub fn cpu_model(fixture: &Fixture) -> cpu::Model {
    let mut weights = cpu::Weights::default();
    fixture.load_into(&mut weights);
    cpu::Model::new(fixture.config.clone(), weights)
}

/// Compares two tensors; a failure says where, what, and how far off at worst.
pub fn assert_close(what: &str, shape: &[usize], found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), shape.iter().product::<usize>(), "{what}: length of the figures found");
    assert_eq!(expected.len(), found.len(), "{what}: length of the figures expected");
    let error = |at: usize| (found[at] - expected[at]).abs();
    let bad = |at: &usize| error(*at).is_nan() || error(*at) > tolerance;
    let Some(first) = (0..found.len()).find(bad) else { return };
    let worst =
        (0..found.len()).map(error).fold(0.0, |a, b| if b.is_nan() { f32::NAN } else { f32::max(a, b) });
    let (mut rest, mut coordinates) = (first, Vec::new());
    for &side in shape.iter().rev() {
        coordinates.insert(0, rest % side);
        rest /= side;
    }
    panic!(
        "{what}{coordinates:?}: found {}, expected {}; largest error {worst:e}, allowed {tolerance:e}, {} of {} bad",
        found[first],
        expected[first],
        (0..found.len()).filter(bad).count(),
        found.len()
    );
}
