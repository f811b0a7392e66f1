//! The forward pass of docs/definitions.md#the-model in plain loops over f64: slow, and easy to check
//! by eye.

use std::collections::HashMap;

use headscope::experiments::Random;
use headscope::model::{ModelConfig, Normalization, PositionalEmbedding, parameters};
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

type Rows = Vec<Vec<f64>>;

impl Reference {
    /// Weights about as large as a trained model's; `biases` says whether there are any.
    pub fn new(config: ModelConfig, biases: bool, seed: u32) -> Self {
        let mut random = Random::new(seed);
        let wanted = parameters(&config).into_iter().filter(|parameter| biases || !parameter.optional);
        let tensors = wanted.map(|parameter| {
            let around =
                if parameter.name.ends_with("ln1.w") || parameter.name == "ln_final.w" { 1.0 } else { 0.0 };
            let count = parameter.shape.iter().product();
            let values = (0..count).map(|_| around + 0.3 * random.symmetric()).collect();
            (parameter.name, (parameter.shape, values))
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

    /// Element of a tensor at these coordinates; 0 where the model has no such bias.
    fn at(&self, name: &str, coordinates: &[usize]) -> f64 {
        let Some((shape, values)) = self.tensors.get(name) else { return 0.0 };
        values[coordinates.iter().zip(shape).fold(0, |index, (at, side)| index * side + at)].into()
    }

    fn norm(&self, name: &str, row: &[f64]) -> Vec<f64> {
        let Some(kind) = self.config.normalization else { return row.to_vec() };
        let d = row.len() as f64;
        let mean = row.iter().sum::<f64>() / d;
        let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / d;
        let scaled = row.iter().map(|x| (x - mean) / (variance + self.config.eps).sqrt());
        match kind {
            Normalization::LnPre => scaled.collect(),
            Normalization::Rms | Normalization::RmsPre => unreachable!("the reference has no RMS norm"),
            Normalization::Ln => {
                let learned = |(d, x): (usize, f64)| {
                    x * self.at(&format!("{name}.w"), &[d]) + self.at(&format!("{name}.b"), &[d])
                };
                scaled.enumerate().map(learned).collect()
            }
        }
    }

    /// `x W + b` of one head's q, k or v, `[seq, d_head]`.
    fn project(&self, layer: usize, head: usize, part: char, x: &Rows) -> Rows {
        let (weight, bias) =
            (format!("blocks.{layer}.attn.W_{part}"), format!("blocks.{layer}.attn.b_{part}"));
        let number = |row: &[f64], c: usize| {
            row.iter().enumerate().map(|(d, x)| x * self.at(&weight, &[head, d, c])).sum::<f64>()
                + self.at(&bias, &[head, c])
        };
        x.iter().map(|row| (0..self.config.d_head).map(|c| number(row, c)).collect()).collect()
    }

    pub fn run(&self, tokens: &[u32]) -> Figures {
        let ModelConfig { n_layers, n_heads, d_model, d_head, d_vocab, positional_embedding, .. } =
            self.config;
        let standard = positional_embedding == PositionalEmbedding::Standard;
        let position = |pos: usize, d: usize| self.at("pos_embed.W_pos", &[pos, d]);
        let embedded = |(pos, &token): (usize, &u32)| {
            let sum = |d| {
                self.at("embed.W_E", &[token as usize, d]) + if standard { position(pos, d) } else { 0.0 }
            };
            (0..d_model).map(sum).collect()
        };
        let mut resid: Rows = tokens.iter().enumerate().map(embedded).collect();
        let mut patterns = Vec::new();
        for layer in 0..n_layers {
            let x: Rows = resid.iter().map(|row| self.norm(&format!("blocks.{layer}.ln1"), row)).collect();
            let mut placed = x.clone();
            if !standard {
                for (pos, row) in placed.iter_mut().enumerate() {
                    row.iter_mut().enumerate().for_each(|(d, x)| *x += position(pos, d));
                }
            }
            let mut of_layer = Vec::new();
            for head in 0..n_heads {
                let (q, k) =
                    (self.project(layer, head, 'Q', &placed), self.project(layer, head, 'K', &placed));
                let v = self.project(layer, head, 'V', &x);
                let mut pattern = vec![0.0; tokens.len().pow(2)];
                for (query_pos, query) in q.iter().enumerate() {
                    let weights = softmax(
                        k[..=query_pos].iter().map(|key| dot(query, key) / (d_head as f64).sqrt()).collect(),
                    );
                    for (key_pos, weight) in weights.iter().enumerate() {
                        pattern[query_pos * tokens.len() + key_pos] = *weight as f32;
                    }
                    let z = |c: usize| weights.iter().zip(&v).map(|(weight, v)| weight * v[c]).sum::<f64>();
                    for (c, z) in (0..d_head).map(z).enumerate() {
                        for (d, stream) in resid[query_pos].iter_mut().enumerate() {
                            *stream += z * self.at(&format!("blocks.{layer}.attn.W_O"), &[head, c, d]);
                        }
                    }
                }
                of_layer.push(pattern);
            }
            for row in &mut resid {
                row.iter_mut()
                    .enumerate()
                    .for_each(|(d, x)| *x += self.at(&format!("blocks.{layer}.attn.b_O"), &[d]));
            }
            patterns.push(of_layer);
        }
        let log_prob = |(row, &next): (&Vec<f64>, &u32)| {
            let x = self.norm("ln_final", row);
            let logit = |id: usize| {
                x.iter().enumerate().map(|(d, x)| x * self.at("unembed.W_U", &[d, id])).sum::<f64>()
                    + self.at("unembed.b_U", &[id])
            };
            softmax((0..d_vocab).map(logit).collect())[next as usize].ln() as f32
        };
        let log_probs = resid.iter().zip(&tokens[1..]).map(log_prob).collect();
        Figures { patterns, resid_post: resid.iter().flatten().map(|&x| x as f32).collect(), log_probs }
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

fn softmax(scores: Vec<f64>) -> Vec<f64> {
    let top = scores.iter().copied().fold(f64::MIN, f64::max);
    let sum: f64 = scores.iter().map(|score| (score - top).exp()).sum();
    scores.iter().map(|score| (score - top).exp() / sum).collect()
}
