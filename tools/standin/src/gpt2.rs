//! A stand-in for GPT-2 small: random weights under the names and in the shapes of `openai-community/gpt2`'s
//! `model.safetensors`, in f32, with its causal masks. 548 MB.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::noise::Noise;
use crate::safetensors;

/// Sizes of a model of the family.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Layers.
    pub n_layer: usize,
    /// Heads of each layer.
    pub n_head: usize,
    /// Width of the residual stream.
    pub n_embd: usize,
    /// Positions.
    pub n_ctx: usize,
    /// Token ids.
    pub vocab_size: usize,
}

/// GPT-2 small.
pub const SMALL: Sizes = Sizes { n_layer: 12, n_head: 12, n_embd: 768, n_ctx: 1024, vocab_size: 50_257 };

/// What a tensor holds.
#[derive(Debug, Clone, Copy)]
enum Contents {
    /// Random numbers with this standard deviation, around this mean.
    Noise { mean: f32, deviation: f32 },
    /// Ones on and below the diagonal.
    Mask,
}

/// The configuration, as the hub has it.
pub fn config(sizes: Sizes) -> Value {
    let Sizes { n_layer, n_head, n_embd, n_ctx, vocab_size } = sizes;
    json!({
        "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "bos_token_id": 50256,
        "eos_token_id": 50256, "layer_norm_epsilon": 1e-5, "model_type": "gpt2", "n_ctx": n_ctx,
        "n_embd": n_embd, "n_head": n_head, "n_layer": n_layer, "n_positions": n_ctx, "vocab_size": vocab_size
    })
}

/// Writes the weights.
///
/// # Errors
/// Those of `out`.
pub fn write<W: Write>(sizes: Sizes, seed: u64, mut out: W) -> io::Result<W> {
    let tensors = tensors(sizes);
    let shapes = tensors.iter().map(|(name, shape, _)| (name.as_str(), shape.as_slice()));
    safetensors::header(&mut out, "F32", size_of::<f32>(), shapes)?;
    for (stream, (_, shape, contents)) in tensors.iter().enumerate() {
        let values = values(shape, *contents, Noise::new(seed, stream as u64));
        out.write_all(bytemuck::cast_slice(&values))?;
    }
    Ok(out)
}

fn values(shape: &[usize], contents: Contents, mut noise: Noise) -> Vec<f32> {
    let count = shape.iter().product();
    match contents {
        Contents::Noise { mean, deviation } => {
            (0..count).map(|_| mean + deviation * noise.normal()).collect()
        }
        Contents::Mask => {
            let side = shape[shape.len() - 1];
            (0..count).map(|at| f32::from(u8::from(at % side <= at / side))).collect()
        }
    }
}

/// Names, shapes and contents, with the standard deviations of GPT-2's own initialization.
fn tensors(sizes: Sizes) -> Vec<(String, Vec<usize>, Contents)> {
    let Sizes { n_layer, n_embd, n_ctx, vocab_size, .. } = sizes;
    let weight = Contents::Noise { mean: 0.0, deviation: 0.02 };
    let into_stream = Contents::Noise { mean: 0.0, deviation: 0.02 / (2.0 * n_layer as f32).sqrt() };
    let scale = Contents::Noise { mean: 1.0, deviation: 0.02 };
    let mut all = Vec::new();
    for layer in 0..n_layer {
        let mut add = |name: &str, shape: &[usize], contents| {
            all.push((format!("h.{layer}.{name}"), shape.to_vec(), contents));
        };
        add("attn.bias", &[1, 1, n_ctx, n_ctx], Contents::Mask);
        add("attn.c_attn.bias", &[3 * n_embd], weight);
        add("attn.c_attn.weight", &[n_embd, 3 * n_embd], weight);
        add("attn.c_proj.bias", &[n_embd], weight);
        add("attn.c_proj.weight", &[n_embd, n_embd], into_stream);
        for norm in ["ln_1", "ln_2"] {
            add(&format!("{norm}.bias"), &[n_embd], weight);
            add(&format!("{norm}.weight"), &[n_embd], scale);
        }
        add("mlp.c_fc.bias", &[4 * n_embd], weight);
        add("mlp.c_fc.weight", &[n_embd, 4 * n_embd], weight);
        add("mlp.c_proj.bias", &[n_embd], weight);
        add("mlp.c_proj.weight", &[4 * n_embd, n_embd], into_stream);
    }
    all.push(("ln_f.bias".to_owned(), vec![n_embd], weight));
    all.push(("ln_f.weight".to_owned(), vec![n_embd], scale));
    all.push(("wpe.weight".to_owned(), vec![n_ctx, n_embd], weight));
    all.push(("wte.weight".to_owned(), vec![vocab_size, n_embd], weight));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_as_many_bytes_as_the_hubs_file() {
        let bytes: usize =
            tensors(SMALL).iter().map(|(_, shape, _)| 4 * shape.iter().product::<usize>()).sum();
        // openai-community/gpt2: 124,439,808 parameters and twelve masks; the header makes up the rest of
        // its 548,105,171 bytes.
        assert_eq!(bytes, 4 * (124_439_808 + 12 * 1024 * 1024));
    }

    #[test]
    fn a_small_file_holds_what_its_header_says() {
        let sizes = Sizes { n_layer: 1, n_head: 2, n_embd: 4, n_ctx: 3, vocab_size: 5 };
        let file = write(sizes, 0, Vec::new()).expect("memory");
        let header = u64::from_le_bytes(file[..8].try_into().expect("eight bytes")) as usize;
        let fields: Value = serde_json::from_slice(&file[8..8 + header]).expect("JSON");
        let ends = fields.as_object().expect("an object").values();
        let last = ends.map(|tensor| tensor["data_offsets"][1].as_u64().expect("an offset")).max();
        assert_eq!(file.len() as u64, 8 + header as u64 + last.expect("tensors"));
        let (mask, _) = file[8 + header..].as_chunks::<4>();
        let mask: Vec<f32> = mask[..9].iter().map(|&element| f32::from_le_bytes(element)).collect();
        assert_eq!(mask, [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
    }
}
