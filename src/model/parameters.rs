//! Every parameter of a model: its name, its shape, and the part of a matrix or vector that it fills.
//!
//! Loading, inferring a configuration and checking keys all walk the rows of this file. No other
//! file of the engine spells a parameter's name.

use super::architecture::Normalization;
use super::config::{ModelConfig, Size};
use super::matrices::{MatrixId, VectorId};
use super::parameter::{Filling, Parameter, ParameterId, Slot, Target};
use super::shapes::Shapes;

use MatrixId as M;
use ParameterId as P;
use Size::{Head, Heads, Model, Positions, Vocab};
use VectorId as V;

/// How a parameter lies in its matrix or vector.
#[derive(Debug, Clone, Copy)]
enum Layout {
    /// `[row, column]` or `[element]`, as it is.
    Whole,
    /// `[head, row, column]` or `[head, element]`: the heads side by side, in one part of each row.
    HeadsAcross(Part),
    /// `[head, row, column]`: the heads under one another.
    HeadsDown,
}

/// A part of a row of `[q | k | v]`.
#[derive(Debug, Clone, Copy)]
enum Part {
    Q,
    K,
    V,
}

/// Which models have a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Always,
    /// Every model may have it.
    Optional,
    /// Models whose LayerNorm is learned. Another LayerNorm has the vector's blank values.
    LearnedNorm,
}

/// A row of the table. Functions take the layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    id: fn(usize) -> ParameterId,
    /// The name, with `{layer}` in place of the layer.
    name: &'static str,
    /// The shape, in sizes of the model.
    pub shape: &'static [Size],
    of: RowTarget,
    layout: Layout,
    presence: Presence,
}

/// A [`Target`] of any layer.
#[derive(Debug, Clone, Copy)]
enum RowTarget {
    Matrix(fn(usize) -> MatrixId),
    Vector(fn(usize) -> VectorId),
}

/// Parameters before the first layer.
const FIRST: [Row; 2] = [
    matrix(|_| P::Embed, "embed.W_E", &[Vocab, Model], |_| M::Embed),
    matrix(|_| P::Positions, "pos_embed.W_pos", &[Positions, Model], |_| M::Positions),
];

/// Parameters of each layer.
const LAYER: [Row; 10] = [
    vector(P::Ln1Weight, "blocks.{layer}.ln1.w", &[Model], V::Ln1Weight).of_learned_norm(),
    vector(P::Ln1Bias, "blocks.{layer}.ln1.b", &[Model], V::Ln1Bias).of_learned_norm(),
    matrix(P::AttnQ, "blocks.{layer}.attn.W_Q", &[Heads, Model, Head], M::Qkv).across(Part::Q),
    vector(P::AttnQBias, "blocks.{layer}.attn.b_Q", &[Heads, Head], V::QkvBias).across(Part::Q).optional(),
    matrix(P::AttnK, "blocks.{layer}.attn.W_K", &[Heads, Model, Head], M::Qkv).across(Part::K),
    vector(P::AttnKBias, "blocks.{layer}.attn.b_K", &[Heads, Head], V::QkvBias).across(Part::K).optional(),
    matrix(P::AttnV, "blocks.{layer}.attn.W_V", &[Heads, Model, Head], M::Qkv).across(Part::V),
    vector(P::AttnVBias, "blocks.{layer}.attn.b_V", &[Heads, Head], V::QkvBias).across(Part::V).optional(),
    matrix(P::AttnO, "blocks.{layer}.attn.W_O", &[Heads, Head, Model], M::Output).down(),
    vector(P::AttnOBias, "blocks.{layer}.attn.b_O", &[Model], V::OutputBias).optional(),
];

/// Parameters after the last layer.
const LAST: [Row; 4] = [
    vector(|_| P::LnFinalWeight, "ln_final.w", &[Model], |_| V::LnFinalWeight).of_learned_norm(),
    vector(|_| P::LnFinalBias, "ln_final.b", &[Model], |_| V::LnFinalBias).of_learned_norm(),
    matrix(|_| P::Unembed, "unembed.W_U", &[Model, Vocab], |_| M::Unembed),
    vector(|_| P::UnembedBias, "unembed.b_U", &[Vocab], |_| V::UnembedBias).optional(),
];

/// All rows; those of a layer once.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    FIRST.iter().chain(&LAYER).chain(&LAST)
}

/// The layer in the name of any tensor of a layer.
pub(super) fn layer_of(name: &str) -> Option<usize> {
    let (before_layer, _) = LAYER[0].name.split_once(LAYER_MARK)?;
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
    let layers = (0..config.n_layers).flat_map(|layer| LAYER.iter().map(move |row| (row, layer)));
    let all = FIRST.iter().map(|row| (row, 0)).chain(layers).chain(LAST.iter().map(|row| (row, 0)));
    let normalized = config.normalization.is_some();
    all.filter(move |(row, _)| normalized || !row.is_of_learned_norm())
}

/// Stands for the layer in a row's name.
const LAYER_MARK: &str = "{layer}";

/// A row of a matrix that every model has and that this parameter fills alone.
const fn matrix(
    id: fn(usize) -> P,
    name: &'static str,
    shape: &'static [Size],
    of: fn(usize) -> MatrixId,
) -> Row {
    let of = RowTarget::Matrix(of);
    Row { id, name, shape, of, layout: Layout::Whole, presence: Presence::Always }
}

/// A row of a vector that every model has and that this parameter fills alone.
const fn vector(
    id: fn(usize) -> P,
    name: &'static str,
    shape: &'static [Size],
    of: fn(usize) -> VectorId,
) -> Row {
    let of = RowTarget::Vector(of);
    Row { id, name, shape, of, layout: Layout::Whole, presence: Presence::Always }
}

impl Row {
    const fn across(self, part: Part) -> Self {
        Row { layout: Layout::HeadsAcross(part), ..self }
    }

    const fn down(self) -> Self {
        Row { layout: Layout::HeadsDown, ..self }
    }

    const fn optional(self) -> Self {
        Row { presence: Presence::Optional, ..self }
    }

    const fn of_learned_norm(self) -> Self {
        Row { presence: Presence::LearnedNorm, ..self }
    }

    /// The name in this layer.
    pub fn name(&self, layer: usize) -> String {
        self.name.replace(LAYER_MARK, &layer.to_string())
    }

    /// Whether only a checkpoint with a learned LayerNorm holds the parameter.
    pub fn is_of_learned_norm(&self) -> bool {
        self.presence == Presence::LearnedNorm
    }

    /// Whether every checkpoint holds the parameter.
    pub fn is_always_present(&self) -> bool {
        self.presence == Presence::Always
    }

    /// Whether `name` starts with the same word.
    pub fn starts_like(&self, name: &str) -> bool {
        let first_word = |name: &str| name.find('.').unwrap_or(name.len());
        self.name[..first_word(self.name)] == name[..first_word(name)] && name.contains('.')
    }

    /// Whether a checkpoint of this configuration holds the parameter.
    fn is_of(&self, config: &ModelConfig) -> bool {
        !self.is_of_learned_norm() || config.normalization == Some(Normalization::Ln)
    }

    fn target(&self, layer: usize) -> Target {
        match self.of {
            RowTarget::Matrix(id) => Target::Matrix(id(layer)),
            RowTarget::Vector(id) => Target::Vector(id(layer)),
        }
    }

    fn parameter(&self, config: &ModelConfig, layer: usize) -> Parameter {
        Parameter {
            id: (self.id)(layer),
            name: self.name(layer),
            shape: self.shape.iter().map(|size| config.size(*size)).collect(),
            optional: self.presence == Presence::Optional,
            slot: self.slot(config, layer),
        }
    }

    fn slot(&self, config: &ModelConfig, layer: usize) -> Slot {
        let Shapes { d_head, z, .. } = Shapes::of(config);
        let of = self.target(layer);
        // From one dimension to the next before it, inside a head or where there are no heads.
        let inner = match of {
            Target::Matrix(id) => vec![id.shape(config)[1], 1],
            Target::Vector(_) => vec![1],
        };
        let (offset, head) = match self.layout {
            Layout::Whole => return Slot { of, offset: 0, strides: inner },
            Layout::HeadsAcross(part) => (part as usize * z, d_head),
            Layout::HeadsDown => (0, d_head * inner[0]),
        };
        Slot { of, offset, strides: [vec![head], inner].concat() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{Heads, PositionalEmbedding};

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
        for normalization in [None, Some(Normalization::LnPre), Some(Normalization::Ln)] {
            let config = config(normalization);
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
