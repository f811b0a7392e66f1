//! The forward pass as a list of operations. Both backends play the list.
//!
//! ```text
//! Embed
//! each layer:  [Norm]  [Position]  Qkv  Attention  Thumbnails  Output
//! [Norm]  LogProbs
//! ```
//!
//! `Norm` exists in a model with a normalization, `Position` in one with shortformer positions.
//! Everything else that a backend computes is a slice of this list:
//!
//! - An edit plays the whole list for the rows from `Dims::first_row` on.
//! - An ablation plays the list from `Attention` of the first ablated layer on, with `Ablate` after
//!   the `Attention` of each layer that loses a head.
//! - Position scores play [`POSITION_SCORES`] with [`QkvInput::Positions`].
//!
//! The operations read and write the buffers of [`buffers`](super::buffers).

use super::{Ablation, ModelConfig, PositionalEmbedding, VectorId};

/// One step of a forward pass. Each has a kernel on the GPU and its twin on the CPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// Writes the residual stream before layer 0: `W_E` of each token, and `W_pos` with standard positions.
    Embed,
    /// Normalizes the residual stream.
    Norm(NormAt),
    /// Adds `W_pos` to the input of a layer's queries and keys.
    Position(usize),
    /// Multiplies the input of a layer by `[W_Q | W_K | W_V]`.
    Qkv(usize),
    /// Mixes the values of each head of a layer, and leaves the rows' statistics.
    Attention(usize),
    /// Replaces the ablated heads' part of a layer's z.
    Ablate(usize),
    /// Pools the patterns of a layer's heads.
    Thumbnails(usize),
    /// Multiplies z by `W_O` and adds it to the residual stream.
    Output(usize),
    /// Makes the log-probability of each next token.
    LogProbs,
}

/// Where a normalization stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NormAt {
    /// `ln1`, before the attention of a layer.
    Layer(usize),
    /// `ln_final`, before the unembedding.
    Final,
}

impl NormAt {
    /// The learned weight and bias.
    pub fn vectors(self) -> (VectorId, VectorId) {
        match self {
            NormAt::Layer(layer) => (VectorId::Ln1Weight(layer), VectorId::Ln1Bias(layer)),
            NormAt::Final => (VectorId::LnFinalWeight, VectorId::LnFinalBias),
        }
    }
}

/// The input of queries, keys and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QkvInput {
    /// The residual stream, with the normalization, positions and biases of the model.
    #[default]
    Stream,
    /// `W_pos` alone, without biases.
    Positions,
}

/// The operations that make layer 0's statistics of position scores.
pub const POSITION_SCORES: [Operation; 2] = [Operation::Qkv(0), Operation::Attention(0)];

/// The operations of a model's forward pass, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    operations: Vec<Operation>,
}

impl Program {
    /// The forward pass of a model.
    pub fn of(config: &ModelConfig) -> Self {
        let normalized = config.normalization.is_some();
        let shortformer = config.positional_embedding == PositionalEmbedding::Shortformer;
        let mut operations = vec![Operation::Embed];
        for layer in 0..config.n_layers {
            operations.extend(normalized.then_some(Operation::Norm(NormAt::Layer(layer))));
            operations.extend(shortformer.then_some(Operation::Position(layer)));
            operations.extend([
                Operation::Qkv(layer),
                Operation::Attention(layer),
                Operation::Thumbnails(layer),
                Operation::Output(layer),
            ]);
        }
        operations.extend(normalized.then_some(Operation::Norm(NormAt::Final)));
        operations.push(Operation::LogProbs);
        Program { operations }
    }

    /// All operations.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operations that an ablated run of the same tokens differs in. Empty when no head is ablated.
    pub fn ablated(&self, ablation: &Ablation) -> Vec<Operation> {
        let Some(first_layer) = ablation.first_layer() else { return Vec::new() };
        let before = |operation: &&Operation| **operation != Operation::Attention(first_layer);
        let mut slice = Vec::new();
        for &operation in self.operations.iter().skip_while(before) {
            slice.push(operation);
            if let Operation::Attention(layer) = operation
                && ablation.has_layer(layer)
            {
                slice.push(Operation::Ablate(layer));
            }
        }
        slice
    }
}

#[cfg(test)]
mod tests {
    use super::Operation::{Ablate, Attention, Embed, LogProbs, Norm, Output, Position, Qkv, Thumbnails};
    use super::*;
    use crate::model::{AblationKind, Heads, Normalization};

    fn config(normalization: Option<Normalization>, positions: PositionalEmbedding) -> ModelConfig {
        ModelConfig {
            n_layers: 2,
            n_heads: 3,
            d_model: 18,
            d_head: 6,
            n_ctx: 8,
            d_vocab: 10,
            normalization,
            positional_embedding: positions,
            eps: 1e-5,
            heads: Heads::PLAIN,
            mlp: None,
            tied_unembedding: false,
        }
    }

    #[test]
    fn an_attention_only_model_has_this_very_list() {
        use PositionalEmbedding::{Shortformer, Standard};
        let layer = |layer| [Qkv(layer), Attention(layer), Thumbnails(layer), Output(layer)];
        let ln1 = |layer| Norm(NormAt::Layer(layer));
        let list = |parts: &[&[Operation]]| parts.concat();
        let expected = [
            (
                config(None, Shortformer),
                list(&[&[Embed, Position(0)], &layer(0), &[Position(1)], &layer(1), &[LogProbs]]),
                12,
            ),
            (config(None, Standard), list(&[&[Embed], &layer(0), &layer(1), &[LogProbs]]), 10),
            (
                config(Some(Normalization::Ln), Standard),
                list(&[&[Embed, ln1(0)], &layer(0), &[ln1(1)], &layer(1), &[Norm(NormAt::Final), LogProbs]]),
                13,
            ),
            (
                config(Some(Normalization::LnPre), Shortformer),
                list(&[
                    &[Embed, ln1(0), Position(0)],
                    &layer(0),
                    &[ln1(1), Position(1)],
                    &layer(1),
                    &[Norm(NormAt::Final), LogProbs],
                ]),
                15,
            ),
        ];
        for (config, expected, length) in expected {
            let program = Program::of(&config);
            assert_eq!(program.operations(), expected);
            assert_eq!(program.operations().len(), length);
        }
    }

    #[test]
    fn an_ablation_begins_at_the_attention_of_its_first_layer() {
        let config = config(None, PositionalEmbedding::Shortformer);
        let program = Program::of(&config);
        let ablated = |heads: &[(usize, usize)]| {
            program.ablated(&Ablation::new(&config, AblationKind::Zero, heads).expect("heads"))
        };
        assert_eq!(ablated(&[]), []);
        assert_eq!(ablated(&[(1, 2), (1, 0)]), [Attention(1), Ablate(1), Thumbnails(1), Output(1), LogProbs]);
        let first = [Attention(0), Ablate(0), Thumbnails(0), Output(0), Position(1), Qkv(1), Attention(1)];
        assert_eq!(ablated(&[(0, 1)]), [&first[..], &[Thumbnails(1), Output(1), LogProbs]].concat());
    }
}
