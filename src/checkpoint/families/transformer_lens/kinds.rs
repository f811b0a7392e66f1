//! Kinds of model that tensors leave open: normalization and positions.

use crate::error::{Error, KindOfModel};
use crate::model::{Normalization, PositionalEmbedding, Size};

use Normalization::{Ln, LnPre};
use PositionalEmbedding::{Shortformer, Standard};

type Kind = (Option<Normalization>, PositionalEmbedding);

/// Kinds without LayerNorm weights, the likeliest first.
///
/// Published models without normalization are shortformers. Folding a LayerNorm into its neighbours
/// also leaves no weights, and TransformerLens refuses to fold for shortformers.
const WITHOUT_NORM_WEIGHTS: [Kind; 4] =
    [(None, Shortformer), (Some(LnPre), Standard), (Some(LnPre), Shortformer), (None, Standard)];

/// Kinds with LayerNorm weights, the likeliest first.
const WITH_NORM_WEIGHTS: [Kind; 2] = [(Some(Ln), Standard), (Some(Ln), Shortformer)];

/// The fields that neither tensors nor a `config.json` tell.
#[derive(Debug, Clone, Copy)]
pub struct Open {
    /// `normalization_type`.
    pub normalization: bool,
    /// `positional_embedding_type`.
    pub positions: bool,
    /// `act_fn`.
    pub activation: bool,
    /// `n_ctx`.
    pub n_ctx: bool,
}

impl Open {
    /// Whether more is open than the kind of model.
    pub fn more_than_kind(self) -> bool {
        self.activation || self.n_ctx
    }

    fn fields(self) -> Vec<&'static str> {
        let all = [
            (self.normalization, "normalization_type"),
            (self.positions, "positional_embedding_type"),
            (self.activation, "act_fn"),
            (self.n_ctx, "n_ctx"),
        ];
        all.into_iter().filter(|(open, _)| *open).map(|(_, field)| field).collect()
    }
}

/// The error that asks for the fields still open: by a choice between the kinds of attention-only models,
/// where it is one of them.
pub fn config_needed(
    open: Open,
    attention_only: bool,
    learned: Option<Normalization>,
    (normalization, positions): (Option<Option<Normalization>>, Option<PositionalEmbedding>),
    inferred: impl IntoIterator<Item = (Size, usize)>,
) -> Error {
    let kinds: &[Kind] = if learned.is_some() { &WITH_NORM_WEIGHTS } else { &WITHOUT_NORM_WEIGHTS };
    let among = |has: fn(&Kind, &Kind) -> bool, kind: Kind| {
        WITH_NORM_WEIGHTS.iter().chain(&WITHOUT_NORM_WEIGHTS).any(|other| has(other, &kind))
    };
    let known = normalization.is_none_or(|given| among(|one, other| one.0 == other.0, (given, Standard)))
        && positions.is_none_or(|given| among(|one, other| one.1 == other.1, (None, given)));
    if !attention_only || open.more_than_kind() || !known {
        return Error::ConfigFileNeeded { needed: open.fields() };
    }
    let possible = |kind: &&Kind| {
        normalization.is_none_or(|given| given == kind.0) && positions.is_none_or(|given| given == kind.1)
    };
    let mut choices: Vec<KindOfModel> = kinds.iter().filter(possible).map(|&kind| named(kind)).collect();
    if choices.is_empty() {
        // The given field contradicts the tensors: loading says so once the other field is chosen.
        let given = normalization.unwrap_or_default();
        choices = [Standard, Shortformer].map(|positions| named((given, positions))).to_vec();
    }
    let inferred = inferred.into_iter().map(|(size, value)| (size.field(), value)).collect();
    Error::ConfigNeeded { unknown: open.fields(), inferred, choices }
}

fn named((normalization, positions): Kind) -> KindOfModel {
    KindOfModel {
        normalization_type: normalization.map(Normalization::name),
        positional_embedding_type: positions.name(),
    }
}
