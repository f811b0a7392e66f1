//! The forward pass as a list of operations. Both backends play the list.
//!
//! ```text
//! Embed
//! each layer:  [Norm]  [Position]  Qkv  [QkNorm]  [Rotate]  Attention  Offsets  Output
//!              [[Norm]  MlpIn  Activate  MlpOut]
//! [Norm]  LogProbs
//! ```
//!
//! `Norm` exists in a model with a normalization, `Position` in one with shortformer positions, `QkNorm` in
//! one that normalizes queries and keys, `Rotate` in one with rotary positions. The second line of a layer
//! exists in a model with MLPs. In parallel blocks its `Norm` reads the stream before attention.
//! Everything else that a backend computes is a slice of this list:
//!
//! - An edit plays the whole list for the rows from `Dims::first_row` on.
//! - An ablation plays the list after `Attention` of the first ablated layer, whose z is the whole model's,
//!   with `Ablate` before the `Output` of each layer that loses a head, and `AblateMlp` after the `MlpOut` of
//!   each layer whose MLP is ablated. Where 0 replaces an MLP's output, the MLP is not played. Where
//!   log-probabilities alone are wanted, no `Offsets` are.
//! - Position scores play [`POSITION_SCORES`] with [`QkvInput::Positions`].
//!
//! The operations read and write the buffers of [`buffers`](super::buffers).

use super::{Ablation, AblationKind, ModelConfig, PositionalEmbedding, VectorId};

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
    /// Divides each query and key of a layer by its root mean square.
    QkNorm(usize),
    /// Turns the queries and keys of a layer by their positions.
    Rotate(usize),
    /// Mixes the values of each head of a layer, and leaves the rows' statistics.
    Attention(usize),
    /// Replaces the ablated heads' part of a layer's z.
    Ablate(usize),
    /// Averages the first diagonals of the patterns of a layer's heads.
    Offsets(usize),
    /// Multiplies z by `W_O` and adds it to the residual stream.
    Output(usize),
    /// Multiplies the input of a layer's MLP by `W_in`, or by `[W_gate | W_in]`.
    MlpIn(usize),
    /// Makes the hidden layer of a layer's MLP.
    Activate(usize),
    /// Multiplies the hidden layer by `W_out` and adds it to the stream after attention.
    MlpOut(usize),
    /// Replaces what the ablated MLP of a layer has added to the stream.
    AblateMlp(usize),
    /// Makes the log-probability of each next token.
    LogProbs,
}

/// Where a normalization stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NormAt {
    /// `ln1`, before the attention of a layer.
    Layer(usize),
    /// `ln2`, before the MLP of a layer.
    Mlp(usize),
    /// `ln_final`, before the unembedding.
    Final,
}

impl NormAt {
    /// The learned weight and bias.
    pub fn vectors(self) -> (VectorId, VectorId) {
        match self {
            NormAt::Layer(layer) => (VectorId::Ln1Weight(layer), VectorId::Ln1Bias(layer)),
            NormAt::Mlp(layer) => (VectorId::Ln2Weight(layer), VectorId::Ln2Bias(layer)),
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

/// What a pass delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivers {
    /// The figures that every run delivers.
    Figures,
    /// The log-probabilities alone: a loss needs no more.
    LogProbs,
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
        let rotary = matches!(config.positional_embedding, PositionalEmbedding::Rotary(_));
        let mut operations = vec![Operation::Embed];
        for layer in 0..config.n_layers {
            operations.extend(normalized.then_some(Operation::Norm(NormAt::Layer(layer))));
            operations.extend(shortformer.then_some(Operation::Position(layer)));
            operations.push(Operation::Qkv(layer));
            operations.extend(config.heads.qk_norm.then_some(Operation::QkNorm(layer)));
            operations.extend(rotary.then_some(Operation::Rotate(layer)));
            operations.extend([
                Operation::Attention(layer),
                Operation::Offsets(layer),
                Operation::Output(layer),
            ]);
            if config.mlp.is_some() {
                operations.extend(normalized.then_some(Operation::Norm(NormAt::Mlp(layer))));
                operations.extend([
                    Operation::MlpIn(layer),
                    Operation::Activate(layer),
                    Operation::MlpOut(layer),
                ]);
            }
        }
        operations.extend(normalized.then_some(Operation::Norm(NormAt::Final)));
        operations.push(Operation::LogProbs);
        Program { operations }
    }

    /// All operations.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operations that an ablated run of the same tokens differs in, from the z of its first ablated
    /// layer on. Empty when nothing is ablated.
    pub fn ablated(&self, ablation: &Ablation, delivers: Delivers) -> Vec<Operation> {
        let Some(first_layer) = ablation.first_layer() else { return Vec::new() };
        // The patterns of the first layer, and so its offsets, are those of the whole model.
        let before = |operation: &&Operation| **operation != Operation::Output(first_layer);
        let is_unneeded = |operation: &Operation| match operation {
            Operation::Offsets(_) => delivers == Delivers::LogProbs,
            _ => operation
                .mlp_layer()
                .is_some_and(|layer| ablation.kind() == AblationKind::Zero && ablation.has_mlp(layer)),
        };
        let mut slice = Vec::new();
        for &operation in self.operations.iter().skip_while(before) {
            if let Operation::Output(layer) = operation
                && ablation.has_heads(layer)
            {
                slice.push(Operation::Ablate(layer));
            }
            slice.extend((!is_unneeded(&operation)).then_some(operation));
            match operation {
                Operation::MlpOut(layer) if ablation.has_mlp(layer) => {
                    slice.push(Operation::AblateMlp(layer));
                }
                _ => {}
            }
        }
        slice
    }
}

impl Operation {
    /// The layer whose MLP the operation is a part of.
    fn mlp_layer(self) -> Option<usize> {
        match self {
            Operation::Norm(NormAt::Mlp(layer))
            | Operation::MlpIn(layer)
            | Operation::Activate(layer)
            | Operation::MlpOut(layer) => Some(layer),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Operation::{
        Ablate, AblateMlp, Activate, Attention, Embed, LogProbs, MlpIn, MlpOut, Norm, Offsets, Output,
        Position, QkNorm, Qkv, Rotate,
    };
    use super::*;
    use crate::model::{Activation, Heads, Mlp, Normalization, Pairing, Rotary};

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
        let layer = |layer| [Qkv(layer), Attention(layer), Offsets(layer), Output(layer)];
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
    fn an_ablation_begins_after_the_attention_of_its_first_layer() {
        let config = config(None, PositionalEmbedding::Shortformer);
        let program = Program::of(&config);
        let ablated = |heads: &[(usize, usize)]| {
            let ablation = Ablation::new(&config, AblationKind::Zero, heads, &[]).expect("heads");
            [Delivers::Figures, Delivers::LogProbs].map(|delivers| program.ablated(&ablation, delivers))
        };
        assert_eq!(ablated(&[]), [[], []]);
        let last = [Ablate(1), Output(1), LogProbs];
        assert_eq!(ablated(&[(1, 2), (1, 0)]), [last, last]);
        let before = [Ablate(0), Output(0), Position(1), Qkv(1), Attention(1)];
        let [figures, log_probs] = ablated(&[(0, 1)]);
        assert_eq!(figures, [&before[..], &[Offsets(1), Output(1), LogProbs]].concat());
        assert_eq!(log_probs, [&before[..], &[Output(1), LogProbs]].concat());
    }

    /// A model with every operation but `Position`.
    fn with_mlps() -> ModelConfig {
        let rotary = Rotary { dims: 4, base: 1e4, pairing: Pairing::Half };
        ModelConfig {
            heads: Heads { qk_norm: true, ..Heads::PLAIN },
            mlp: Some(Mlp { d_mlp: 20, activation: Activation::Silu, gated: true, parallel: false }),
            ..config(Some(Normalization::Rms), PositionalEmbedding::Rotary(rotary))
        }
    }

    #[test]
    fn an_mlp_follows_its_attention_and_rotations_go_before() {
        let layer = |layer| {
            [
                Norm(NormAt::Layer(layer)),
                Qkv(layer),
                QkNorm(layer),
                Rotate(layer),
                Attention(layer),
                Offsets(layer),
                Output(layer),
                Norm(NormAt::Mlp(layer)),
                MlpIn(layer),
                Activate(layer),
                MlpOut(layer),
            ]
        };
        let expected = [&[Embed], &layer(0)[..], &layer(1), &[Norm(NormAt::Final), LogProbs]].concat();
        assert_eq!(Program::of(&with_mlps()).operations(), expected);
    }

    #[test]
    fn an_mlp_is_left_out_where_0_replaces_its_output() {
        let config = with_mlps();
        let program = Program::of(&config);
        let ablated = |kind, heads: &[(usize, usize)]| {
            let ablation = Ablation::new(&config, kind, heads, &[1]).expect("an MLP");
            program.ablated(&ablation, Delivers::Figures)
        };
        let last = [AblateMlp(1), Norm(NormAt::Final), LogProbs];
        let mlp = [Norm(NormAt::Mlp(1)), MlpIn(1), Activate(1), MlpOut(1)];
        assert_eq!(ablated(AblationKind::Zero, &[]), [&[Output(1)][..], &last].concat());
        assert_eq!(ablated(AblationKind::Mean, &[]), [&[Output(1)][..], &mlp, &last].concat());
        // A head of an earlier layer comes first, and that layer keeps its MLP.
        let both = ablated(AblationKind::Zero, &[(0, 2)]);
        assert_eq!(both[..2], [Ablate(0), Output(0)]);
        assert!(both.contains(&MlpOut(0)) && !both.contains(&MlpOut(1)), "{both:?}");
    }

    #[test]
    fn only_a_model_with_mlps_loses_one() {
        let plain = config(None, PositionalEmbedding::Standard);
        let code = |config: &ModelConfig, layer| {
            Ablation::new(config, AblationKind::Zero, &[], &[layer]).err().map(|error| error.code())
        };
        assert_eq!(code(&plain, 0), Some("NotDefined"));
        assert_eq!(code(&with_mlps(), 2), Some("HeadOutOfRange"));
        assert_eq!(code(&with_mlps(), 1), None);
    }
}
