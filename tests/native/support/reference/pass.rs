//! The reference's forward pass.

use headscope::model::{AblationKind, Activation, Mlp, ModelConfig, Pairing, PositionalEmbedding, Rotary};

use super::{Ablated, Figures, Reference, Tensor};

type Rows = Vec<Vec<f64>>;

impl Reference {
    /// The figures of sequences of equal length, with heads and MLPs ablated.
    pub fn run_ablated(&self, sequences: &[&[u32]], ablated: &Ablated) -> Vec<Figures> {
        let ModelConfig { n_layers, .. } = self.config;
        let mut resid: Vec<Rows> = sequences.iter().map(|tokens| self.embedded(tokens)).collect();
        let mut patterns = vec![Vec::new(); sequences.len()];
        for layer in 0..n_layers {
            // z[sequence][head][position].
            let mut z = Vec::new();
            for (resid, patterns) in resid.iter().zip(&mut patterns) {
                let (of_layer, of_heads) = self.attention(layer, resid);
                patterns.push(of_layer);
                z.push(of_heads);
            }
            for &(_, head) in ablated.heads.iter().filter(|(of, _)| *of == layer) {
                let parts: Vec<&mut Rows> =
                    z.iter_mut().map(|heads: &mut Vec<Rows>| &mut heads[head]).collect();
                replace(parts, ablated.kind);
            }
            let mid: Vec<Rows> =
                resid.iter().zip(&z).map(|(resid, z)| self.after_attention(layer, resid, z)).collect();
            resid = match self.config.mlp {
                None => mid,
                Some(mlp) => {
                    let input = if mlp.parallel { &resid } else { &mid };
                    let mut output: Vec<Rows> = input.iter().map(|rows| self.mlp(layer, mlp, rows)).collect();
                    if ablated.mlps.contains(&layer) {
                        replace(output.iter_mut().collect(), ablated.kind);
                    }
                    mid.iter().zip(&output).map(|(mid, output)| sum(mid, output)).collect()
                }
            };
        }
        let figures = sequences.iter().zip(patterns).zip(&resid);
        figures
            .map(|((tokens, patterns), resid)| Figures {
                patterns,
                resid_post: resid.iter().flatten().map(|&x| x as f32).collect(),
                log_probs: self.log_probs(tokens, resid),
            })
            .collect()
    }

    fn embedded(&self, tokens: &[u32]) -> Rows {
        let (table, positions) = (self.tensor("embed.W_E"), self.tensor("pos_embed.W_pos"));
        let standard = self.config.positional_embedding == PositionalEmbedding::Standard;
        let number = |pos: usize, token: u32, d: usize| {
            table.at([token as usize, d]) + if standard { positions.at([pos, d]) } else { 0.0 }
        };
        let row =
            |(pos, &token): (usize, &u32)| (0..self.config.d_model).map(|d| number(pos, token, d)).collect();
        tokens.iter().enumerate().map(row).collect()
    }

    /// Each head's pattern and z.
    fn attention(&self, layer: usize, resid: &Rows) -> (Vec<Vec<f32>>, Vec<Rows>) {
        let ModelConfig { n_heads, d_head, ref heads, positional_embedding, .. } = self.config;
        let n = resid.len();
        let x: Rows = resid.iter().map(|row| self.norm(&format!("blocks.{layer}.ln1"), row)).collect();
        let mut placed = x.clone();
        if positional_embedding == PositionalEmbedding::Shortformer {
            let positions = self.tensor("pos_embed.W_pos");
            for (pos, row) in placed.iter_mut().enumerate() {
                row.iter_mut().enumerate().for_each(|(d, x)| *x += positions.at([pos, d]));
            }
        }
        let default_scale = 1.0 / (d_head as f64).sqrt();
        let mut scale = heads.scale.unwrap_or(default_scale);
        if heads.scale_by_inverse_layer {
            scale /= (layer + 1) as f64;
        }
        let window = heads.windows.get(layer).copied().flatten().unwrap_or(n);
        let (mut patterns, mut all_z) = (Vec::new(), Vec::new());
        for head in 0..n_heads {
            let shared = head * self.config.n_key_value_heads() / n_heads;
            let q = self.turned(layer, "q_norm", self.project(layer, head, 'Q', &placed));
            let k = self.turned(layer, "k_norm", self.project(layer, shared, 'K', &placed));
            let v = self.project(layer, shared, 'V', &x);
            let (mut pattern, mut z) = (vec![0.0; n * n], Vec::new());
            for (query_pos, query) in q.iter().enumerate() {
                let first = (query_pos + 1).saturating_sub(window);
                let scores = k[first..=query_pos].iter().map(|key| dot(query, key) * scale).collect();
                let weights = softmax(scores);
                for (key_pos, weight) in (first..).zip(&weights) {
                    pattern[query_pos * n + key_pos] = *weight as f32;
                }
                let mixed = |c: usize| weights.iter().zip(&v[first..]).map(|(weight, v)| weight * v[c]).sum();
                z.push((0..d_head).map(mixed).collect());
            }
            patterns.push(pattern);
            all_z.push(z);
        }
        (patterns, all_z)
    }

    /// `x W + b` of one head's q, k or v, `[seq, d_head]`.
    fn project(&self, layer: usize, head: usize, part: char, x: &Rows) -> Rows {
        let weight = self.tensor(&format!("blocks.{layer}.attn.W_{part}"));
        let bias = self.tensor(&format!("blocks.{layer}.attn.b_{part}"));
        let number = |row: &[f64], c: usize| {
            row.iter().enumerate().map(|(d, x)| x * weight.at([head, d, c])).sum::<f64>() + bias.at([head, c])
        };
        x.iter().map(|row| (0..self.config.d_head).map(|c| number(row, c)).collect()).collect()
    }

    /// A head's queries or keys, normalized and turned where the model does so.
    fn turned(&self, layer: usize, norm: &str, mut rows: Rows) -> Rows {
        if self.config.heads.qk_norm {
            let weight = self.tensor(&format!("blocks.{layer}.attn.{norm}.w"));
            for row in &mut rows {
                let scale = root_mean_square(row, self.config.eps);
                row.iter_mut().enumerate().for_each(|(c, x)| *x *= weight.at([c]) / scale);
            }
        }
        if let PositionalEmbedding::Rotary(Rotary { dims, base, pairing }) = self.config.positional_embedding
        {
            for (pos, row) in rows.iter_mut().enumerate() {
                for pair in 0..dims / 2 {
                    let angle = pos as f64 * base.powf(-2.0 * pair as f64 / dims as f64);
                    let (a, b) = match pairing {
                        Pairing::Half => (pair, pair + dims / 2),
                        Pairing::Adjacent => (2 * pair, 2 * pair + 1),
                    };
                    (row[a], row[b]) = (
                        row[a] * angle.cos() - row[b] * angle.sin(),
                        row[b] * angle.cos() + row[a] * angle.sin(),
                    );
                }
            }
        }
        rows
    }

    fn after_attention(&self, layer: usize, resid: &Rows, z: &[Rows]) -> Rows {
        let output = self.tensor(&format!("blocks.{layer}.attn.W_O"));
        let bias = self.tensor(&format!("blocks.{layer}.attn.b_O"));
        let number = |pos: usize, d: usize| {
            let of_head = |(head, z): (usize, &Rows)| {
                z[pos].iter().enumerate().map(|(c, z)| z * output.at([head, c, d])).sum::<f64>()
            };
            resid[pos][d] + z.iter().enumerate().map(of_head).sum::<f64>() + bias.at([d])
        };
        let row = |pos| (0..self.config.d_model).map(|d| number(pos, d)).collect();
        (0..resid.len()).map(row).collect()
    }

    fn mlp(&self, layer: usize, mlp: Mlp, input: &Rows) -> Rows {
        let tensor = |name: &str| self.tensor(&format!("blocks.{layer}.mlp.{name}"));
        let (gate, up, up_bias) = (tensor("W_gate"), tensor("W_in"), tensor("b_in"));
        let (down, down_bias) = (tensor("W_out"), tensor("b_out"));
        let row = |row: &Vec<f64>| {
            let x = self.norm(&format!("blocks.{layer}.ln2"), row);
            let times = |weight: Tensor, m: usize| {
                x.iter().enumerate().map(|(d, x)| x * weight.at([d, m])).sum::<f64>()
            };
            let read: Vec<f64> = (0..mlp.d_mlp).map(|m| times(up, m) + up_bias.at([m])).collect();
            let mut hidden = if mlp.gated {
                let gates = (0..mlp.d_mlp).map(|m| times(gate, m)).collect();
                activated(mlp.activation, gates).iter().zip(&read).map(|(gate, read)| gate * read).collect()
            } else {
                activated(mlp.activation, read)
            };
            if mlp.activation == Activation::SoluLn {
                let (weight, bias) = (tensor("ln.w"), tensor("ln.b"));
                centre(&mut hidden);
                let scale = root_mean_square(&hidden, self.config.eps);
                let learned = |(m, x): (usize, &f64)| x / scale * weight.at([m]) + bias.at([m]);
                hidden = hidden.iter().enumerate().map(learned).collect();
            }
            let number = |d: usize| {
                hidden.iter().enumerate().map(|(m, x)| x * down.at([m, d])).sum::<f64>() + down_bias.at([d])
            };
            (0..self.config.d_model).map(number).collect()
        };
        input.iter().map(row).collect()
    }

    fn norm(&self, name: &str, row: &[f64]) -> Vec<f64> {
        let mut row = row.to_vec();
        let Some(kind) = self.config.normalization else { return row };
        if kind.centres() {
            centre(&mut row);
        }
        let scale = root_mean_square(&row, self.config.eps);
        let (weight, bias) = (self.tensor(&format!("{name}.w")), self.tensor(&format!("{name}.b")));
        let learned = |d: usize| if kind.has_weight() { weight.at([d]) } else { 1.0 };
        row.iter().enumerate().map(|(d, x)| x / scale * learned(d) + bias.at([d])).collect()
    }

    fn log_probs(&self, tokens: &[u32], resid: &Rows) -> Vec<f32> {
        let (embed, unembed) = (self.tensor("embed.W_E"), self.tensor("unembed.W_U"));
        let bias = self.tensor("unembed.b_U");
        let log_prob = |(row, &next): (&Vec<f64>, &u32)| {
            let x = self.norm("ln_final", row);
            let weight = |d: usize, id: usize| {
                if self.config.tied_unembedding { embed.at([id, d]) } else { unembed.at([d, id]) }
            };
            let logit =
                |id: usize| x.iter().enumerate().map(|(d, x)| x * weight(d, id)).sum::<f64>() + bias.at([id]);
            softmax((0..self.config.d_vocab).map(logit).collect())[next as usize].ln() as f32
        };
        resid.iter().zip(&tokens[1..]).map(log_prob).collect()
    }
}

/// Replaces the same rows of every sequence by 0, or by their mean over the sequences.
fn replace(mut parts: Vec<&mut Rows>, kind: AblationKind) {
    for pos in 0..parts[0].len() {
        for number in 0..parts[0][pos].len() {
            let mean = parts.iter().map(|rows| rows[pos][number]).sum::<f64>() / parts.len() as f64;
            let replacement = if kind == AblationKind::Zero { 0.0 } else { mean };
            parts.iter_mut().for_each(|rows| rows[pos][number] = replacement);
        }
    }
}

fn activated(activation: Activation, x: Vec<f64>) -> Vec<f64> {
    let each = |f: fn(f64) -> f64| x.iter().map(|&x| f(x)).collect();
    match activation {
        Activation::Gelu => each(|x| 0.5 * x * (1.0 + erf(x / std::f64::consts::SQRT_2))),
        Activation::GeluNew => each(|x| {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
            0.5 * x * (1.0 + inner.tanh())
        }),
        Activation::Relu => each(|x| x.max(0.0)),
        Activation::Silu => each(|x| x / (1.0 + (-x).exp())),
        Activation::SoluLn => x.iter().zip(softmax(x.clone())).map(|(x, share)| x * share).collect(),
    }
}

/// The error function by its Taylor series. Above 4 it is 1 up to 2e-8.
fn erf(x: f64) -> f64 {
    if x.abs() > 4.0 {
        return x.signum();
    }
    let (mut term, mut sum) = (x, x);
    for n in 1..400 {
        term *= -x * x / f64::from(n);
        sum += term / f64::from(2 * n + 1);
    }
    sum * std::f64::consts::FRAC_2_SQRT_PI
}

fn centre(row: &mut [f64]) {
    let mean = row.iter().sum::<f64>() / row.len() as f64;
    row.iter_mut().for_each(|x| *x -= mean);
}

fn root_mean_square(row: &[f64], eps: f64) -> f64 {
    (row.iter().map(|x| x * x).sum::<f64>() / row.len() as f64 + eps).sqrt()
}

fn sum(left: &Rows, right: &Rows) -> Rows {
    let row = |(left, right): (&Vec<f64>, &Vec<f64>)| left.iter().zip(right).map(|(a, b)| a + b).collect();
    left.iter().zip(right).map(row).collect()
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

fn softmax(scores: Vec<f64>) -> Vec<f64> {
    let top = scores.iter().copied().fold(f64::MIN, f64::max);
    let sum: f64 = scores.iter().map(|score| (score - top).exp()).sum();
    scores.iter().map(|score| (score - top).exp() / sum).collect()
}
