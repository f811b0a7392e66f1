//! Every parameter of a model: its name, its shape, and the part of a matrix or vector that it fills.
//!
//! Loading, inferring a configuration and checking keys all walk the rows of this file. No other
//! file of the engine spells a parameter's name.

use super::config::{ModelConfig, Size};
use super::matrices::{MatrixId, VectorId};
use super::parameter::{Filling, Parameter, ParameterId};
use super::parameter_row::{LAYER_MARK, Part, Row, matrix, vector};

use MatrixId as M;
use ParameterId as P;
use Size::{Head, Heads, KeyValueHeads, Mlp, Model, Positions, Vocab};
use VectorId as V;

/// Parameters before the first layer.
const FIRST: [Row; 2] = [
    matrix(|_| P::Embed, "embed.W_E", &[Vocab, Model], |_| M::Embed).of_part(Part::Untied),
    matrix(|_| P::Positions, "pos_embed.W_pos", &[Positions, Model], |_| M::Positions)
        .of_part(Part::Positions),
];

/// Parameters of each layer's attention.
const ATTENTION: [Row; 12] = [
    vector(P::Ln1Weight, "blocks.{layer}.ln1.w", &[Model], V::Ln1Weight).of_part(Part::Norm).norm_weight(),
    vector(P::Ln1Bias, "blocks.{layer}.ln1.b", &[Model], V::Ln1Bias).of_part(Part::Norm).norm_bias(),
    matrix(P::AttnQ, "blocks.{layer}.attn.W_Q", &[Heads, Model, Head], M::Qkv).across(|_| 0),
    vector(P::AttnQBias, "blocks.{layer}.attn.b_Q", &[Heads, Head], V::QkvBias).across(|_| 0).optional(),
    matrix(P::AttnK, "blocks.{layer}.attn.W_K", &[KeyValueHeads, Model, Head], M::Qkv).across(|it| it.z),
    vector(P::AttnKBias, "blocks.{layer}.attn.b_K", &[KeyValueHeads, Head], V::QkvBias)
        .across(|it| it.z)
        .optional(),
    matrix(P::AttnV, "blocks.{layer}.attn.W_V", &[KeyValueHeads, Model, Head], M::Qkv)
        .across(|it| it.z + it.kv),
    vector(P::AttnVBias, "blocks.{layer}.attn.b_V", &[KeyValueHeads, Head], V::QkvBias)
        .across(|it| it.z + it.kv)
        .optional(),
    vector(P::AttnQNorm, "blocks.{layer}.attn.q_norm.w", &[Head], V::QkNormWeight).of_part(Part::QkNorm),
    vector(P::AttnKNorm, "blocks.{layer}.attn.k_norm.w", &[Head], V::QkNormWeight)
        .from(|it| it.d_head)
        .of_part(Part::QkNorm),
    matrix(P::AttnO, "blocks.{layer}.attn.W_O", &[Heads, Head, Model], M::Output).down(),
    vector(P::AttnOBias, "blocks.{layer}.attn.b_O", &[Model], V::OutputBias).optional(),
];

/// Parameters of each layer's MLP.
const MLP: [Row; 10] = [
    vector(P::Ln2Weight, "blocks.{layer}.ln2.w", &[Model], V::Ln2Weight).of_part(Part::MlpNorm).norm_weight(),
    vector(P::Ln2Bias, "blocks.{layer}.ln2.b", &[Model], V::Ln2Bias).of_part(Part::MlpNorm).norm_bias(),
    matrix(P::MlpGate, "blocks.{layer}.mlp.W_gate", &[Model, Mlp], M::MlpIn).of_part(Part::Gate),
    vector(P::MlpGateBias, "blocks.{layer}.mlp.b_gate", &[Mlp], V::MlpInBias).of_part(Part::Gate).optional(),
    matrix(P::MlpIn, "blocks.{layer}.mlp.W_in", &[Model, Mlp], M::MlpIn)
        .from(|it| it.mlp_in - it.d_mlp)
        .of_part(Part::Mlp),
    vector(P::MlpInBias, "blocks.{layer}.mlp.b_in", &[Mlp], V::MlpInBias)
        .from(|it| it.mlp_in - it.d_mlp)
        .of_part(Part::Mlp)
        .optional(),
    vector(P::MlpLnWeight, "blocks.{layer}.mlp.ln.w", &[Mlp], V::MlpLnWeight)
        .of_part(Part::InnerNorm)
        .norm_weight(),
    vector(P::MlpLnBias, "blocks.{layer}.mlp.ln.b", &[Mlp], V::MlpLnBias)
        .of_part(Part::InnerNorm)
        .norm_bias(),
    matrix(P::MlpOut, "blocks.{layer}.mlp.W_out", &[Mlp, Model], M::MlpOut).of_part(Part::Mlp),
    vector(P::MlpOutBias, "blocks.{layer}.mlp.b_out", &[Model], V::MlpOutBias).of_part(Part::Mlp).optional(),
];

/// Parameters after the last layer.
const LAST: [Row; 4] = [
    vector(|_| P::LnFinalWeight, "ln_final.w", &[Model], |_| V::LnFinalWeight)
        .of_part(Part::Norm)
        .norm_weight(),
    vector(|_| P::LnFinalBias, "ln_final.b", &[Model], |_| V::LnFinalBias).of_part(Part::Norm).norm_bias(),
    matrix(|_| P::Unembed, "unembed.W_U", &[Model, Vocab], |_| M::Unembed),
    vector(|_| P::UnembedBias, "unembed.b_U", &[Vocab], |_| V::UnembedBias).optional(),
];

/// All rows; those of a layer once.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    FIRST.iter().chain(&ATTENTION).chain(&MLP).chain(&LAST)
}

/// The layer in the name of any tensor of a layer.
pub(super) fn layer_of(name: &str) -> Option<usize> {
    let (before_layer, _) = ATTENTION[0].name.split_once(LAYER_MARK)?;
    name.strip_prefix(before_layer)?.split_once('.')?.0.parse().ok()
}

/// Every parameter of a model, in the order of the forward pass.
pub fn parameters(config: &ModelConfig) -> Vec<Parameter> {
    rows_of(config)
        .filter(|(row, _)| row.is_of(config))
        .map(|(row, layer)| row.parameter(config, layer))
        .collect()
}

/// Every matrix and vector that a backend keeps of a model, in the order of the forward pass.
pub fn fillings(config: &ModelConfig) -> Vec<Filling> {
    let mut all: Vec<Filling> = Vec::new();
    for (row, layer) in rows_of(config) {
        let of = row.target(layer);
        let known = all.iter().rposition(|filling| filling.of == of);
        let at = known.unwrap_or_else(|| {
            all.push(Filling { of, parameters: Vec::new() });
            all.len() - 1
        });
        if row.is_of(config) {
            all[at].parameters.push(row.parameter(config, layer));
        }
    }
    all
}

/// Rows whose matrix or vector the model has, with their layer.
fn rows_of(config: &ModelConfig) -> impl Iterator<Item = (&'static Row, usize)> {
    let of_layer = |layer| ATTENTION.iter().chain(&MLP).map(move |row| (row, layer));
    let layers = (0..config.n_layers).flat_map(of_layer);
    let all = FIRST.iter().map(|row| (row, 0)).chain(layers).chain(LAST.iter().map(|row| (row, 0)));
    all.filter(|(row, _)| row.has_target(config))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{Activation, Heads, Normalization, PositionalEmbedding, Target};

    fn config(normalization: Option<Normalization>) -> ModelConfig {
        ModelConfig {
            n_layers: 2,
            n_heads: 3,
            d_model: 10,
            d_head: 5,
            n_ctx: 7,
            d_vocab: 11,
            normalization,
            positional_embedding: PositionalEmbedding::Standard,
            eps: 1e-5,
            heads: Heads::PLAIN,
            mlp: None,
            tied_unembedding: false,
        }
    }

    /// The same with key-value heads that are shared, norms of queries and keys, a gated MLP with a LayerNorm
    /// inside, and an unembedding that is the transposed embedding.
    fn full(normalization: Option<Normalization>) -> ModelConfig {
        let heads = Heads { n_key_value_heads: Some(1), qk_norm: true, ..Heads::PLAIN };
        let mlp =
            crate::model::Mlp { d_mlp: 13, activation: Activation::SoluLn, gated: true, parallel: false };
        ModelConfig { heads, mlp: Some(mlp), tied_unembedding: true, ..config(normalization) }
    }

    /// Elements that a parameter fills.
    fn filled(Parameter { shape, slot, .. }: &Parameter) -> Vec<usize> {
        let mut all = vec![slot.offset];
        for (&side, &stride) in shape.iter().zip(&slot.strides) {
            all = all.iter().flat_map(|at| (0..side).map(move |index| at + index * stride)).collect();
        }
        all
    }

    #[test]
    fn no_element_of_a_matrix_is_filled_twice_or_lies_outside() {
        let kinds = || std::iter::once(None).chain(Normalization::ALL.map(Some));
        for config in kinds().map(config).chain(kinds().map(full)) {
            let all = fillings(&config);
            let mut parameters_filled = 0;
            for Filling { of, parameters } in &all {
                let size = match of {
                    Target::Matrix(id) => id.shape(&config).iter().product(),
                    Target::Vector(id) => id.blank(&config).len(),
                };
                let mut times = vec![0; size];
                parameters.iter().flat_map(filled).for_each(|at| times[at] += 1);
                assert!(times.iter().all(|&times| times <= 1), "{of:?}");
                parameters_filled += parameters.len();
            }
            assert_eq!(parameters_filled, parameters(&config).len());
            let targets: BTreeMap<Target, usize> =
                all.iter().map(|it| (it.of, it.parameters.len())).collect();
            assert_eq!(targets.len(), all.len(), "a matrix or vector is there twice");
            assert_eq!(targets[&Target::Matrix(MatrixId::Qkv(1))], 3);
        }
    }

    #[test]
    fn heads_start_at_whole_vectors() {
        let all = parameters(&config(None));
        let slot = |id| &all.iter().find(|parameter| parameter.id == id).expect("a parameter").slot;
        // d_head is padded from 5 to 8, and a row of [q | k | v] is 3 x 24.
        let key = slot(ParameterId::AttnK(1));
        assert_eq!((key.offset, &key.strides[..]), (24, &[8, 72, 1][..]));
        assert_eq!((key.row_dimension(), key.rows_of_index(72)), (1, 1));
        assert!(!key.is_row_major(&[3, 10, 5]));
        let output = slot(ParameterId::AttnO(0));
        assert_eq!((output.offset, &output.strides[..]), (0, &[8 * 16, 16, 1][..]));
        assert_eq!((output.row_dimension(), output.rows_of_index(16)), (0, 8));
        // A head of eight and a stream of sixteen need no padding.
        assert!(output.is_row_major(&[3, 8, 16]) && !output.is_row_major(&[3, 5, 10]));
    }

    #[test]
    fn a_parameter_lies_after_those_that_share_its_matrix() {
        let config = full(Some(Normalization::Rms));
        let all = parameters(&config);
        let find = |id| all.iter().find(|parameter| parameter.id == id).expect("a parameter");
        // d_head is padded from 5 to 8 and d_mlp from 13 to 16: [q | k | v] is 3 x 8, 8 and 8 wide.
        let value = find(ParameterId::AttnV(1));
        assert_eq!((&value.shape[..], value.slot.offset), (&[1, 10, 5][..], 32));
        assert_eq!(value.slot.strides, [8, 40, 1]);
        assert_eq!(find(ParameterId::AttnVBias(0)).slot.offset, 32);
        assert_eq!(find(ParameterId::AttnKNorm(0)).slot.offset, 8);
        let (gate, input) = (find(ParameterId::MlpGate(0)), find(ParameterId::MlpIn(0)));
        assert_eq!((gate.slot.offset, input.slot.offset), (0, 16));
        assert_eq!((&input.shape[..], &input.slot.strides[..]), (&[10, 13][..], &[32, 1][..]));
        assert_eq!(find(ParameterId::MlpInBias(0)).slot.offset, 16);
        assert!(
            all.iter().all(|parameter| parameter.id != ParameterId::Embed),
            "a tied model keeps W_U alone"
        );
        assert!(all.iter().all(|parameter| parameter.id != ParameterId::Ln2Bias(0)), "RMS has no bias");
        let of = Target::Vector(VectorId::Ln2Bias(0));
        assert!(fillings(&config).contains(&Filling { of, parameters: Vec::new() }));
    }

    #[test]
    fn a_layer_norm_without_weights_has_vectors_and_no_parameters() {
        let folded = config(Some(Normalization::LnPre));
        assert_eq!(parameters(&folded), parameters(&config(None)));
        let of = Target::Vector(VectorId::LnFinalWeight);
        assert!(fillings(&folded).contains(&Filling { of, parameters: Vec::new() }));
        assert!(fillings(&config(None)).iter().all(|filling| filling.of != of));
        let ones = VectorId::LnFinalWeight.blank(&folded);
        assert_eq!((ones.iter().sum::<f32>(), ones.len()), (10.0, 16));
    }
}
