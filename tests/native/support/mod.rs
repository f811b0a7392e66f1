//! Shared by the test files: fixtures, tolerances, a GPU, and comparisons that say where two tensors differ.

pub mod cases;
mod close;
pub mod figures;
pub mod reference;
pub mod stand_in;
pub mod team;
#[allow(dead_code, reason = "the tests inside the crate use the rest")]
pub mod tolerance;

use std::io::Write;
use std::path::PathBuf;
use std::rc::Rc;

use headscope::checkpoint::{Checkpoint, WeightSink, load};
use headscope::cpu;
use headscope::gpu::{self, Gpu};
use headscope::model::{Batch, ModelConfig};
use headscope::session::{Engine, Model, Preference};
use safetensors::SafeTensors;

pub use close::assert_close;

/// A reference model, and the figures that TransformerLens computes on it.
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

/// Endings of the two files that hold each fixture's weights.
pub const WEIGHTS: [&str; 2] = ["weights.safetensors", "pth"];

impl Fixture {
    pub fn open(name: &'static str) -> Self {
        Fixture::open_with(name, WEIGHTS[0])
    }

    pub fn open_with(name: &'static str, weights: &str) -> Self {
        let file = |ending: &str| {
            let path =
                PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{name}.{ending}"));
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let config = String::from_utf8(file("config.json")).expect("UTF-8");
        Fixture {
            name,
            config: ModelConfig::from_json(&config).expect("a valid config"),
            weights: file(weights),
            figures: file("safetensors"),
        }
    }

    pub fn load_into(&self, sink: &mut impl WeightSink) {
        pollster::block_on(async {
            let checkpoint = Checkpoint::open(&self.weights[..]).await.expect("an index");
            load(&checkpoint, &self.config, sink).await.expect("weights");
        });
    }

    /// The model on a backend, without a tokenizer.
    pub fn session_model(&self, preference: Preference) -> Model {
        pollster::block_on(async {
            let engine = Engine::open(preference).await.expect("a backend");
            assert_eq!(engine.gpu().is_some(), preference == Preference::WebGpu);
            engine.load_model(&self.weights[..], self.config.clone(), None).await.expect("a model")
        })
    }

    /// TransformerLens' figures that are no tensors, by key.
    pub fn expected(&self, key: &str) -> serde_json::Value {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join(format!("tests/fixtures/{}.expected.json", self.name));
        let json = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_slice::<serde_json::Value>(&json).expect("JSON")[key].clone()
    }

    /// A tensor of the checkpoint, in f32.
    pub fn weight(&self, name: &str) -> Vec<f32> {
        let weights = SafeTensors::deserialize(&self.weights).expect("safetensors");
        let tensor = weights.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (values, _) = tensor.data().as_chunks::<4>();
        assert_eq!(tensor.dtype(), safetensors::Dtype::F32, "{name}");
        values.iter().map(|&value| f32::from_le_bytes(value)).collect()
    }

    pub fn tokens(&self) -> Vec<u32> {
        let figures = SafeTensors::deserialize(&self.figures).expect("safetensors");
        let tokens = figures.tensor("tokens").expect("tokens");
        let (tokens, _) = tokens.data().as_chunks::<8>();
        tokens.iter().map(|&token| i64::from_le_bytes(token) as u32).collect()
    }

    /// A single sequence for this model.
    pub fn batch(&self, tokens: Vec<u32>) -> Batch {
        Batch::one(&self.config, tokens).expect("a batch")
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

/// Says on the terminal that a test is skipped because the file that it reads is missing. The test runner
/// hides the output of `println!` when a test passes, so this writes to stderr.
pub fn skipped(missing: &str) {
    let said = writeln!(
        std::io::stderr(),
        "skipped {}: {missing} is not here",
        std::thread::current().name().unwrap_or("a test")
    );
    said.expect("a terminal");
}
