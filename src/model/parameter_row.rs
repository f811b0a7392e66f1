//! A row of the table of parameters: one parameter of every model that has it.

use super::architecture::Activation;
use super::config::{ModelConfig, Size};
use super::matrices::{MatrixId, VectorId};
use super::parameter::{Parameter, ParameterId, Slot, Target};
use super::shapes::Shapes;

/// Stands for the layer in a row's name.
pub(super) const LAYER_MARK: &str = "{layer}";

/// A row of the table. Functions take the layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub id: fn(usize) -> ParameterId,
    /// The name, with [`LAYER_MARK`] in place of the layer.
    pub name: &'static str,
    /// The shape, in sizes of the model.
    pub shape: &'static [Size],
    of: RowTarget,
    layout: Layout,
    /// Place of the first element in a row of the matrix, or in the vector.
    start: fn(&Shapes) -> usize,
    part: Part,
    presence: Presence,
}

/// A [`Target`] of any layer.
#[derive(Debug, Clone, Copy)]
enum RowTarget {
    Matrix(fn(usize) -> MatrixId),
    Vector(fn(usize) -> VectorId),
}

/// How a parameter lies in its matrix or vector.
#[derive(Debug, Clone, Copy)]
enum Layout {
    /// `[row, column]` or `[element]`, as it is.
    Whole,
    /// `[head, row, column]` or `[head, element]`: the heads side by side.
    HeadsAcross,
    /// `[head, row, column]`: the heads under one another.
    HeadsDown,
}

/// The part of a model that a row belongs to. A model without it has no such matrix or vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Every model has it.
    Core,
    /// An embedding of its own, not the transpose of the unembedding.
    Untied,
    /// `W_pos`.
    Positions,
    /// Normalization.
    Norm,
    /// Norms of queries and keys.
    QkNorm,
    /// An MLP in each layer.
    Mlp,
    /// Normalization before an MLP.
    MlpNorm,
    /// The second matrix of a gated MLP.
    Gate,
    /// The LayerNorm inside an MLP.
    InnerNorm,
}

/// Which checkpoints of a model that has the part hold the parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Always,
    /// Any checkpoint may lack it.
    Optional,
    /// Those whose normalization has a learned weight.
    NormWeight,
    /// Those whose normalization has a learned bias.
    NormBias,
}

/// A row of a matrix that every model has and that this parameter fills alone.
pub(super) const fn matrix(
    id: fn(usize) -> ParameterId,
    name: &'static str,
    shape: &'static [Size],
    of: fn(usize) -> MatrixId,
) -> Row {
    row(id, name, shape, RowTarget::Matrix(of))
}

/// A row of a vector that every model has and that this parameter fills alone.
pub(super) const fn vector(
    id: fn(usize) -> ParameterId,
    name: &'static str,
    shape: &'static [Size],
    of: fn(usize) -> VectorId,
) -> Row {
    row(id, name, shape, RowTarget::Vector(of))
}

const fn row(id: fn(usize) -> ParameterId, name: &'static str, shape: &'static [Size], of: RowTarget) -> Row {
    let (layout, part, presence) = (Layout::Whole, Part::Core, Presence::Always);
    Row { id, name, shape, of, layout, start: |_| 0, part, presence }
}

impl Row {
    /// The heads side by side, from this place of each row on.
    pub const fn across(self, start: fn(&Shapes) -> usize) -> Self {
        Row { layout: Layout::HeadsAcross, start, ..self }
    }

    /// The heads under one another.
    pub const fn down(self) -> Self {
        Row { layout: Layout::HeadsDown, ..self }
    }

    /// From this place of each row on.
    pub const fn from(self, start: fn(&Shapes) -> usize) -> Self {
        Row { start, ..self }
    }

    /// A parameter of models that have this part.
    pub const fn of_part(self, part: Part) -> Self {
        Row { part, ..self }
    }

    /// A parameter that any checkpoint may lack.
    pub const fn optional(self) -> Self {
        Row { presence: Presence::Optional, ..self }
    }

    /// The learned weight of a norm.
    pub const fn norm_weight(self) -> Self {
        Row { presence: Presence::NormWeight, ..self }
    }

    /// The learned bias of a norm.
    pub const fn norm_bias(self) -> Self {
        Row { presence: Presence::NormBias, ..self }
    }

    /// The name in this layer.
    pub fn name(&self, layer: usize) -> String {
        self.name.replace(LAYER_MARK, &layer.to_string())
    }

    /// Whether `name` starts with the same word.
    pub fn starts_like(&self, name: &str) -> bool {
        let first_word = |name: &str| name.find('.').unwrap_or(name.len());
        self.name[..first_word(self.name)] == name[..first_word(name)] && name.contains('.')
    }

    /// Whether the model has the matrix or vector.
    pub fn has_target(&self, config: &ModelConfig) -> bool {
        let normalized = config.normalization.is_some();
        match self.part {
            Part::Core => true,
            Part::Untied => !config.tied_unembedding,
            Part::Positions => config.positional_embedding.has_matrix(),
            Part::Norm => normalized,
            Part::QkNorm => config.heads.qk_norm,
            Part::Mlp => config.mlp.is_some(),
            Part::MlpNorm => normalized && config.mlp.is_some(),
            Part::Gate => config.mlp.is_some_and(|mlp| mlp.gated),
            Part::InnerNorm => config.mlp.is_some_and(|mlp| mlp.activation == Activation::SoluLn),
        }
    }

    /// Whether a checkpoint of this configuration holds the parameter, or may hold it.
    pub fn is_of(&self, config: &ModelConfig) -> bool {
        self.has_target(config)
            && match self.presence {
                Presence::Always | Presence::Optional => true,
                Presence::NormWeight => config.normalization.is_some_and(|norm| norm.has_weight()),
                Presence::NormBias => config.normalization.is_some_and(|norm| norm.has_bias()),
            }
    }

    /// The matrix or vector in this layer.
    pub fn target(&self, layer: usize) -> Target {
        match self.of {
            RowTarget::Matrix(id) => Target::Matrix(id(layer)),
            RowTarget::Vector(id) => Target::Vector(id(layer)),
        }
    }

    /// The parameter of a model in this layer.
    pub fn parameter(&self, config: &ModelConfig, layer: usize) -> Parameter {
        Parameter {
            id: (self.id)(layer),
            layer,
            name: self.name(layer),
            shape: self.shape.iter().map(|size| config.size(*size)).collect(),
            optional: self.presence == Presence::Optional,
            slot: self.slot(config, layer),
        }
    }

    fn slot(&self, config: &ModelConfig, layer: usize) -> Slot {
        let shapes = Shapes::of(config);
        let (of, offset) = (self.target(layer), (self.start)(&shapes));
        // From one dimension to the next before it, inside a head or where there are no heads.
        let inner = match of {
            Target::Matrix(id) => vec![id.shape(config)[1], 1],
            Target::Vector(_) => vec![1],
        };
        let head = match self.layout {
            Layout::Whole => return Slot { of, offset, strides: inner },
            Layout::HeadsAcross => shapes.d_head,
            Layout::HeadsDown => shapes.d_head * inner[0],
        };
        Slot { of, offset, strides: [vec![head], inner].concat() }
    }
}
