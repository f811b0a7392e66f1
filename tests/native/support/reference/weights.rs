//! The reference's tensors, by TransformerLens' names, and where a backend keeps them.

use headscope::checkpoint::{Block, WeightDtype, WeightSink};
use headscope::model::{Activation, MatrixId, ModelConfig, Shapes, VectorId};

use super::Reference;

/// Names and shapes of a model's tensors.
pub fn shapes(config: &ModelConfig, biases: bool) -> Vec<(String, Vec<usize>)> {
    let ModelConfig { n_layers, n_heads: h, d_model: d, d_head: c, n_ctx, d_vocab: v, .. } = *config;
    let g = config.n_key_value_heads();
    let mut all = vec![("embed.W_E".to_owned(), vec![v, d])];
    let mut add = |wanted: bool, name: String, shape: &[usize]| {
        all.extend(wanted.then(|| (name, shape.to_vec())));
    };
    let norm = config.normalization;
    let (weight, bias) = (norm.is_some_and(|it| it.has_weight()), norm.is_some_and(|it| it.has_bias()));
    add(config.positional_embedding.has_matrix(), "pos_embed.W_pos".into(), &[n_ctx, d]);
    for layer in 0..n_layers {
        let name = |rest: &str| format!("blocks.{layer}.{rest}");
        add(weight, name("ln1.w"), &[d]);
        add(bias, name("ln1.b"), &[d]);
        for (part, heads) in [('Q', h), ('K', g), ('V', g)] {
            add(true, name(&format!("attn.W_{part}")), &[heads, d, c]);
            add(biases, name(&format!("attn.b_{part}")), &[heads, c]);
        }
        add(config.heads.qk_norm, name("attn.q_norm.w"), &[c]);
        add(config.heads.qk_norm, name("attn.k_norm.w"), &[c]);
        add(true, name("attn.W_O"), &[h, c, d]);
        add(biases, name("attn.b_O"), &[d]);
        let Some(mlp) = config.mlp else { continue };
        let (m, solu) = (mlp.d_mlp, mlp.activation == Activation::SoluLn);
        add(weight, name("ln2.w"), &[d]);
        add(bias, name("ln2.b"), &[d]);
        add(mlp.gated, name("mlp.W_gate"), &[d, m]);
        add(true, name("mlp.W_in"), &[d, m]);
        add(biases, name("mlp.b_in"), &[m]);
        add(solu, name("mlp.ln.w"), &[m]);
        add(solu, name("mlp.ln.b"), &[m]);
        add(true, name("mlp.W_out"), &[m, d]);
        add(biases, name("mlp.b_out"), &[d]);
    }
    add(weight, "ln_final.w".into(), &[d]);
    add(bias, "ln_final.b".into(), &[d]);
    add(!config.tied_unembedding, "unembed.W_U".into(), &[d, v]);
    add(biases, "unembed.b_U".into(), &[v]);
    all
}

/// A tensor's name, and the place of an element with these coordinates.
type Part<'a, P> = (&'a str, &'a dyn Fn(&[usize]) -> P);

impl Reference {
    /// Hands all weights to a backend, its matrices in this type.
    pub fn load_into(&self, sink: &mut dyn WeightSink, dtype: WeightDtype) {
        let config = &self.config;
        let Shapes { d_head: c, z, kv, d_mlp: m, .. } = Shapes::of(config);
        let whole = |at: &[usize]| (at[0], at[1]);
        if !config.tied_unembedding {
            self.matrix(sink, dtype, MatrixId::Embed, &[("embed.W_E", &whole)]);
            self.matrix(sink, dtype, MatrixId::Unembed, &[("unembed.W_U", &whole)]);
        } else {
            self.matrix(sink, dtype, MatrixId::Unembed, &[("embed.W_E", &|at| (at[1], at[0]))]);
        }
        if config.positional_embedding.has_matrix() {
            self.matrix(sink, WeightDtype::F32, MatrixId::Positions, &[("pos_embed.W_pos", &whole)]);
        }
        for layer in 0..config.n_layers {
            let name = |rest: &str| format!("blocks.{layer}.{rest}");
            let across = |first: usize| move |at: &[usize]| (at[1], first + at[0] * c + at[2]);
            let (q, k, v) = (across(0), across(z), across(z + kv));
            self.matrix(
                sink,
                dtype,
                MatrixId::Qkv(layer),
                &[(&name("attn.W_Q"), &q), (&name("attn.W_K"), &k), (&name("attn.W_V"), &v)],
            );
            let down = |at: &[usize]| (at[0] * c + at[1], at[2]);
            self.matrix(sink, dtype, MatrixId::Output(layer), &[(&name("attn.W_O"), &down)]);
            let head = |first: usize| move |at: &[usize]| first + at[0] * c + at[1];
            let (q, k, v) = (head(0), head(z), head(z + kv));
            self.vector(
                sink,
                VectorId::QkvBias(layer),
                &[(&name("attn.b_Q"), &q), (&name("attn.b_K"), &k), (&name("attn.b_V"), &v)],
            );
            self.vector(sink, VectorId::OutputBias(layer), &[(&name("attn.b_O"), &|at| at[0])]);
            self.vector(
                sink,
                VectorId::QkNormWeight(layer),
                &[(&name("attn.q_norm.w"), &|at| at[0]), (&name("attn.k_norm.w"), &|at| c + at[0])],
            );
            self.vector(sink, VectorId::Ln1Weight(layer), &[(&name("ln1.w"), &|at| at[0])]);
            self.vector(sink, VectorId::Ln1Bias(layer), &[(&name("ln1.b"), &|at| at[0])]);
            let Some(mlp) = config.mlp else { continue };
            let first = if mlp.gated { m } else { 0 };
            self.matrix(
                sink,
                dtype,
                MatrixId::MlpIn(layer),
                &[(&name("mlp.W_gate"), &whole), (&name("mlp.W_in"), &|at| (at[0], first + at[1]))],
            );
            self.matrix(sink, dtype, MatrixId::MlpOut(layer), &[(&name("mlp.W_out"), &whole)]);
            self.vector(sink, VectorId::MlpInBias(layer), &[(&name("mlp.b_in"), &|at| first + at[0])]);
            for (id, rest) in [
                (VectorId::MlpOutBias(layer), "mlp.b_out"),
                (VectorId::MlpLnWeight(layer), "mlp.ln.w"),
                (VectorId::MlpLnBias(layer), "mlp.ln.b"),
                (VectorId::Ln2Weight(layer), "ln2.w"),
                (VectorId::Ln2Bias(layer), "ln2.b"),
            ] {
                self.vector(sink, id, &[(&name(rest), &|at| at[0])]);
            }
        }
        self.vector(sink, VectorId::LnFinalWeight, &[("ln_final.w", &|at| at[0])]);
        self.vector(sink, VectorId::LnFinalBias, &[("ln_final.b", &|at| at[0])]);
        self.vector(sink, VectorId::UnembedBias, &[("unembed.b_U", &|at| at[0])]);
    }

    /// Hands over a matrix that these tensors fill. A function tells an element's row and column.
    fn matrix(
        &self,
        sink: &mut dyn WeightSink,
        dtype: WeightDtype,
        id: MatrixId,
        parts: &[Part<(usize, usize)>],
    ) {
        let [rows, columns] = id.shape(&self.config);
        let mut values = vec![0.0; rows * columns];
        for (name, place) in parts {
            self.each(name, |at, value| {
                let (row, column) = place(at);
                values[row * columns + column] = value;
            });
        }
        let bytes: Vec<u8> = match dtype {
            WeightDtype::F32 => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            WeightDtype::F16 => {
                values.iter().flat_map(|&value| half::f16::from_f32(value).to_le_bytes()).collect()
            }
            WeightDtype::Bf16 => {
                values.iter().flat_map(|&value| half::bf16::from_f32(value).to_le_bytes()).collect()
            }
        };
        sink.begin_matrix(id, rows, columns, dtype).expect("room");
        // In two pieces, as weights come from a file.
        let (first, second) = bytes.split_at(rows / 2 * columns * dtype.size());
        sink.write(id, Block::of_rows(0..rows / 2, columns), first).expect("room");
        sink.write(id, Block::of_rows(rows / 2..rows, columns), second).expect("room");
    }

    fn vector(&self, sink: &mut dyn WeightSink, id: VectorId, parts: &[Part<usize>]) {
        let mut values = id.blank(&self.config);
        for (name, place) in parts {
            self.each(name, |at, value| values[place(at)] = value);
        }
        sink.vector(id, &values).expect("room");
    }

    /// Calls `with` for each element of a tensor, if the model has it.
    fn each(&self, name: &str, mut with: impl FnMut(&[usize], f32)) {
        let Some((shape, values)) = self.tensors.get(name) else { return };
        for (index, &value) in values.iter().enumerate() {
            let (mut rest, mut at) = (index, vec![0; shape.len()]);
            for (at, side) in at.iter_mut().zip(shape).rev() {
                *at = rest % side;
                rest /= side;
            }
            with(&at, value);
        }
    }
}
