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

/// The error that asks for the fields still open.
pub fn config_needed(
    learned_norm: bool,
    normalization: Option<Option<Normalization>>,
    positions: Option<PositionalEmbedding>,
    inferred: impl IntoIterator<Item = (Size, usize)>,
) -> Error {
    let mut unknown = Vec::new();
    if normalization.is_none() {
        unknown.push("normalization_type");
    }
    if positions.is_none() {
        unknown.push("positional_embedding_type");
    }
    let kinds: &[Kind] = if learned_norm { &WITH_NORM_WEIGHTS } else { &WITHOUT_NORM_WEIGHTS };
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
    Error::ConfigNeeded { unknown, inferred, choices }
}

fn named((normalization, positions): Kind) -> KindOfModel {
    KindOfModel {
        normalization_type: normalization.map(Normalization::name),
        positional_embedding_type: positions.name(),
    }
}
