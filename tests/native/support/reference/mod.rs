//! The forward pass of docs/definitions.md#the-model in plain loops over f64: slow, and easy to check
//! by eye.

mod pass;
mod weights;

use std::collections::{BTreeSet, HashMap};

use headscope::experiments::Random;
use headscope::model::{AblationKind, ModelConfig};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// A model of random weights.
pub struct Reference {
    pub config: ModelConfig,
    tensors: HashMap<String, (Vec<usize>, Vec<f32>)>,
}

/// The figures of a run of one sequence.
pub struct Figures {
    /// `[n_layers][n_heads]` patterns `[query_pos, key_pos]`.
    pub patterns: Vec<Vec<Vec<f32>>>,
    /// `[seq, d_model]`, after the last layer.
    pub resid_post: Vec<f32>,
    /// `[seq - 1]`.
    pub log_probs: Vec<f32>,
}

/// What a run ablates.
pub struct Ablated {
    pub kind: AblationKind,
    pub heads: BTreeSet<(usize, usize)>,
    pub mlps: BTreeSet<usize>,
}

impl Reference {
    /// Weights about as large as a trained model's; `biases` says whether there are any. Every weight is a
    /// number that f16 and bf16 hold exactly.
    pub fn new(config: ModelConfig, biases: bool, seed: u32) -> Self {
        let mut random = Random::new(seed);
        let tensors = weights::shapes(&config, biases).into_iter().map(|(name, shape)| {
            let around = if name.ends_with(".w") { 1.0 } else { 0.0 };
            let count = shape.iter().product();
            let number = |_| half::bf16::from_f32(around + 0.3 * random.symmetric()).to_f32();
            let values = (0..count).map(number).collect();
            (name, (shape, values))
        });
        let tensors = tensors.collect();
        Reference { config, tensors }
    }

    /// The weights as a safetensors file.
    pub fn file(&self) -> Vec<u8> {
        let bytes: Vec<(&String, &Vec<usize>, Vec<u8>)> = self
            .tensors
            .iter()
            .map(|(name, (shape, values))| {
                (name, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect())
            })
            .collect();
        let views = bytes.iter().map(|(name, shape, bytes)| {
            (name.as_str(), TensorView::new(Dtype::F32, shape.to_vec(), bytes).expect("a tensor"))
        });
        safetensors::serialize(views, None).expect("a file")
    }

    /// The figures of one sequence.
    pub fn run(&self, tokens: &[u32]) -> Figures {
        let nothing = Ablated { kind: AblationKind::Zero, heads: BTreeSet::new(), mlps: BTreeSet::new() };
        self.run_ablated(&[tokens], &nothing).remove(0)
    }

    /// A tensor by name. Without such a tensor every number is 0.
    fn tensor(&self, name: &str) -> Tensor<'_> {
        Tensor(self.tensors.get(name).map(|(shape, values)| (&shape[..], &values[..])))
    }
}

/// A tensor of the model, or of zeros.
#[derive(Clone, Copy)]
struct Tensor<'a>(Option<(&'a [usize], &'a [f32])>);

impl Tensor<'_> {
    fn at<const N: usize>(&self, coordinates: [usize; N]) -> f64 {
        let Some((shape, values)) = self.0 else { return 0.0 };
        values[coordinates.iter().zip(shape).fold(0, |index, (at, side)| index * side + at)].into()
    }
}
