//! An attention-only shortformer with circuits planted by hand.
//!
//! The residual stream has four subspaces of `p` dimensions, then noise, then two dimensions for the
//! positions: `[position | token | copy of the previous token | output | ... | constant, BOS]`.
//!
//! - Previous-token and current-token heads match rotated positions.
//! - A first-token head's queries match a mark on position 0.
//! - The previous-token head copies the token before into the third subspace.
//! - An induction head of layer 1 matches its token with that copy.
//!
//! All other weights are noise.

use std::io::{self, Write};

use half::f16;
use serde_json::json;

use crate::checkpoint::{Storage, Tensor, begin, end, row_major, state_dict};
use crate::noise::Noise;
use crate::pickle::Pickle;
use crate::safetensors;

/// Sizes of a model, by TransformerLens' names.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "the fields are TransformerLens' own")]
pub struct Sizes {
    pub n_layers: usize,
    pub n_heads: usize,
    pub d_model: usize,
    pub d_head: usize,
    pub n_ctx: usize,
    pub d_vocab: usize,
}

/// Sizes of the model of ARENA's notebook, `attn_only_2L_half`.
pub const NOTEBOOK: Sizes =
    Sizes { n_layers: 2, n_heads: 12, d_model: 768, d_head: 64, n_ctx: 2048, d_vocab: 50278 };

/// The heads of each kind. A head is a layer and a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The previous-token head.
    pub previous: Vec<(usize, usize)>,
    /// Current-token heads.
    pub current: Vec<(usize, usize)>,
    /// First-token heads.
    pub first: Vec<(usize, usize)>,
    /// Induction heads.
    pub induction: Vec<(usize, usize)>,
}

/// A model with planted circuits.
#[derive(Debug)]
pub struct Planted {
    /// The model's sizes.
    pub sizes: Sizes,
    /// The heads of each kind.
    pub plan: Plan,
    seed: u64,
}

/// The archive's folder. torch names it after the file.
const FOLDER: &str = "attn_only_2L_half";

impl Planted {
    /// A model of at least 2 layers of 4 heads.
    pub fn new(sizes: Sizes, seed: u64) -> Self {
        let mut noise = Noise::new(seed, 0);
        let (layer0, layer1) = (noise.permutation(sizes.n_heads), noise.permutation(sizes.n_heads));
        let several = (sizes.n_heads / 6).max(1);
        let of = |layer: usize, heads: &[usize]| heads.iter().map(|&head| (layer, head)).collect::<Vec<_>>();
        let plan = Plan {
            previous: of(0, &layer0[..1]),
            current: [of(0, &layer0[1..1 + several]), of(1, &layer1[2..3])].concat(),
            first: [of(0, &layer0[1 + several..1 + 2 * several]), of(1, &layer1[3..3 + several])].concat(),
            induction: of(1, &layer1[..2]),
        };
        Planted { sizes, plan, seed }
    }

    /// The model's `config.json`, in TransformerLens' form.
    pub fn config(&self) -> serde_json::Value {
        let Sizes { n_layers, n_heads, d_model, d_head, n_ctx, d_vocab } = self.sizes;
        json!({
            "n_layers": n_layers, "n_heads": n_heads, "d_model": d_model, "d_head": d_head, "n_ctx": n_ctx,
            "d_vocab": d_vocab, "attn_only": true, "attention_dir": "causal", "normalization_type": null,
            "positional_embedding_type": "shortformer", "eps": 1e-5
        })
    }

    /// Writes the model in f16 as torch would, with mask buffers and `IGNORE` constants.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write<W: Write>(&self, out: W) -> io::Result<W> {
        let names = self.tensors();
        let tensors: Vec<Tensor> =
            names.iter().enumerate().map(|(key, (name, shape))| Tensor::whole(name, key, shape)).collect();
        let storages: Vec<Storage> = names
            .iter()
            .map(|(_, shape)| Storage { class: "HalfStorage", len: shape.iter().product() })
            .collect();
        let mut pickle = Pickle::new(2);
        state_dict(&mut pickle, &tensors, &storages);
        let mut archive = begin(out, FOLDER, &pickle.finish())?;
        let embed = self.embed();
        for (key, (name, shape)) in names.iter().enumerate() {
            let values = if name == "embed.W_E" { None } else { Some(self.values(name, shape, &embed)) };
            let values = values.as_deref().unwrap_or(&embed);
            archive.add(&format!("{FOLDER}/data/{key}"), bytemuck::cast_slice(values))?;
        }
        end(archive, FOLDER)
    }

    /// Writes the model in f16 as a safetensors file, without masks and constants.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_safetensors<W: Write>(&self, mut out: W) -> io::Result<W> {
        let mut tensors = self.tensors();
        tensors.retain(|(name, _)| !name.ends_with("mask") && !name.ends_with("IGNORE"));
        let shapes = tensors.iter().map(|(name, shape)| (name.as_str(), shape.as_slice()));
        safetensors::header(&mut out, "F16", size_of::<f16>(), shapes)?;
        let embed = self.embed();
        for (name, shape) in &tensors {
            let values = if name == "embed.W_E" { embed.clone() } else { self.values(name, shape, &embed) };
            out.write_all(bytemuck::cast_slice(&values))?;
        }
        Ok(out)
    }

    /// Names and shapes, in the order of TransformerLens' state dict.
    fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let Sizes { n_layers, n_heads, d_model, d_head, n_ctx, d_vocab } = self.sizes;
        let mut all = vec![
            ("embed.W_E".to_owned(), vec![d_vocab, d_model]),
            ("pos_embed.W_pos".to_owned(), vec![n_ctx, d_model]),
        ];
        for layer in 0..n_layers {
            let mut add = |name: &str, shape: &[usize]| {
                all.push((format!("blocks.{layer}.attn.{name}"), shape.to_vec()));
            };
            for name in ["W_Q", "W_K", "W_V"] {
                add(name, &[n_heads, d_model, d_head]);
            }
            add("W_O", &[n_heads, d_head, d_model]);
            for name in ["b_Q", "b_K", "b_V"] {
                add(name, &[n_heads, d_head]);
            }
            add("b_O", &[d_model]);
            add("mask", &[n_ctx, n_ctx]);
            add("IGNORE", &[]);
        }
        all.push(("unembed.W_U".to_owned(), vec![d_model, d_vocab]));
        all.push(("unembed.b_U".to_owned(), vec![d_vocab]));
        all
    }

    /// Dimensions of each of the four subspaces.
    fn part(&self) -> usize {
        self.sizes.d_head.min((self.sizes.d_model - 2) / 4) / 2 * 2
    }

    fn embed(&self) -> Vec<f16> {
        let (part, width) = (self.part(), self.sizes.d_model);
        let mut noise = Noise::new(self.seed, 1);
        let token_scale = 2.0 / (part as f32).sqrt();
        let scale = |column: usize| match column / part {
            1 => token_scale,
            2 | 3 => 0.0,
            _ => 0.02,
        };
        let scales: Vec<f32> = (0..width).map(scale).collect();
        let row = |_| scales.iter().map(|scale| f16::from_f32(scale * noise.normal())).collect::<Vec<_>>();
        (0..self.sizes.d_vocab).flat_map(row).collect()
    }

    fn values(&self, name: &str, shape: &[usize], embed: &[f16]) -> Vec<f16> {
        match name.split('.').collect::<Vec<_>>()[..] {
            ["pos_embed", _] => self.positions(),
            ["unembed", "W_U"] => self.unembed(embed),
            ["blocks", layer, "attn", part] if part.starts_with("W_") => {
                self.attention(layer.parse().unwrap_or_default(), part, shape)
            }
            [.., "mask"] => {
                let side = shape[0];
                (0..side * side).map(|at| if at % side <= at / side { f16::ONE } else { f16::ZERO }).collect()
            }
            [.., "IGNORE"] => vec![f16::NEG_INFINITY],
            _ => vec![f16::ZERO; shape.iter().product()],
        }
    }

    /// Angle per position of a pair of position dimensions.
    fn frequency(&self, pair: usize) -> f32 {
        let pairs = self.part() as f32 / 2.0;
        (-(pair as f32) * 400f32.ln() / pairs).exp()
    }

    fn positions(&self) -> Vec<f16> {
        let (part, width) = (self.part(), self.sizes.d_model);
        let mut noise = Noise::new(self.seed, 2);
        let mut values = Vec::with_capacity(self.sizes.n_ctx * width);
        for position in 0..self.sizes.n_ctx {
            values.extend((0..width).map(|column| {
                let random = 0.02 * noise.normal();
                let angle = position as f32 * self.frequency(column / 2);
                f16::from_f32(match column {
                    _ if column < part && column % 2 == 0 => angle.cos(),
                    _ if column < part => angle.sin(),
                    _ if column == width - 2 => 1.0,
                    _ if column == width - 1 => f32::from(u8::from(position == 0)),
                    _ => random,
                })
            }));
        }
        values
    }

    /// The unembedding: noise, and the directions of the tokens in the output subspace.
    fn unembed(&self, embed: &[f16]) -> Vec<f16> {
        let (part, Sizes { d_model, d_vocab, .. }) = (self.part(), self.sizes);
        let mut noise = Noise::new(self.seed, 3);
        let mut values: Vec<f16> =
            (0..d_model * d_vocab).map(|_| f16::from_f32(0.01 * noise.normal())).collect();
        for (token, row) in embed.chunks_exact(d_model).enumerate() {
            for dimension in 0..part {
                let value = &mut values[(3 * part + dimension) * d_vocab + token];
                *value = f16::from_f32(value.to_f32() + 1.5 * row[part + dimension].to_f32());
            }
        }
        values
    }

    fn attention(&self, layer: usize, name: &str, shape: &[usize]) -> Vec<f16> {
        let Sizes { n_heads, d_model, d_head, .. } = self.sizes;
        let kind = ["W_Q", "W_K", "W_V", "W_O"].iter().position(|it| *it == name).unwrap_or_default();
        let mut noise = Noise::new(self.seed, (4 + 4 * layer + kind) as u64);
        let strides = row_major(shape);
        let written = 4 * self.part();
        let random: Vec<f32> = (0..n_heads * d_model * d_head)
            .map(|at| match name {
                "W_O" => {
                    // Little noise reaches the four subspaces.
                    let reach = if at % d_model < written { 0.1 } else { 1.0 };
                    reach * 0.3 / ((d_head * n_heads) as f32).sqrt() * noise.normal()
                }
                _ => 0.6 / (d_model as f32).sqrt() * noise.normal(),
            })
            .collect();
        let mut weights = Weights { values: random, strides };
        for head in 0..n_heads {
            self.plant(layer, head, name, &mut weights);
        }
        weights.values.into_iter().map(f16::from_f32).collect()
    }

    /// Replaces a head's noise by its circuit, if the head has a circuit.
    fn plant(&self, layer: usize, head: usize, name: &str, weights: &mut Weights) {
        let (part, Sizes { d_model, d_head, .. }) = (self.part(), self.sizes);
        let [token, copy, output] = [part, 2 * part, 3 * part];
        let root = (d_head as f32).sqrt();
        let rank = |heads: &[(usize, usize)]| heads.iter().position(|it| *it == (layer, head));
        if rank(&self.plan.previous).is_some() {
            self.match_positions(head, name, -1.0, 6.0 * root * 0.35, weights);
            match name {
                "W_V" => weights.diagonal(head, part, |i| (token + i, i), 1.0),
                "W_O" => weights.diagonal(head, part, |i| (i, copy + i), 1.0),
                _ => {}
            }
        }
        if let Some(nth) = rank(&self.plan.current) {
            self.match_positions(head, name, 0.0, root * (1.2 + 0.5 * nth as f32), weights);
        }
        if let Some(nth) = rank(&self.plan.first) {
            match name {
                "W_Q" => weights.diagonal(head, 1, |_| (d_model - 2, 0), 1.0),
                "W_K" => weights.diagonal(head, 1, |_| (d_model - 1, 0), root * (10.0 + 2.0 * nth as f32)),
                _ => {}
            }
        }
        if let Some(nth) = rank(&self.plan.induction) {
            match name {
                "W_Q" | "W_V" => weights.diagonal(head, part, |i| (token + i, i), 1.0),
                "W_K" => weights.diagonal(head, part, |i| (copy + i, i), root * (3.5 - nth as f32)),
                _ => weights.diagonal(head, part, |i| (i, output + i), 2.0),
            }
        }
    }

    /// Plants queries and keys whose product is largest where the key is `offset` from the query.
    fn match_positions(&self, head: usize, name: &str, offset: f32, gain: f32, weights: &mut Weights) {
        match name {
            "W_K" => weights.diagonal(head, self.part(), |i| (i, i), gain),
            "W_Q" => {
                weights.clear(head);
                for pair in 0..self.part() / 2 {
                    let (sin, cos) = (offset * self.frequency(pair)).sin_cos();
                    let (even, odd) = (2 * pair, 2 * pair + 1);
                    weights.set(head, (even, even), cos);
                    weights.set(head, (odd, even), -sin);
                    weights.set(head, (even, odd), sin);
                    weights.set(head, (odd, odd), cos);
                }
            }
            _ => {}
        }
    }
}

/// A weight of all heads, `[n_heads, rows, columns]`.
struct Weights {
    values: Vec<f32>,
    strides: Vec<usize>,
}

impl Weights {
    fn clear(&mut self, head: usize) {
        self.values[head * self.strides[0]..][..self.strides[0]].fill(0.0);
    }

    fn set(&mut self, head: usize, (row, column): (usize, usize), value: f32) {
        self.values[head * self.strides[0] + row * self.strides[1] + column] = value;
    }

    /// Clears a head and sets `count` entries to one value.
    fn diagonal(&mut self, head: usize, count: usize, at: impl Fn(usize) -> (usize, usize), value: f32) {
        self.clear(head);
        for i in 0..count {
            self.set(head, at(i), value);
        }
    }
}
