//! The components of the residual stream, and the logits that they add up to.
//!
//! Definition: docs/definitions.md#direct-logit-attribution.

use super::{Batch, ModelConfig};
use crate::error::{Error, Result};

/// Stands for no token in a row's [`targets`](LogitTarget::rows).
pub const NO_TOKEN: u32 = u32::MAX;

/// The logit that components are attributed to, at each position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogitTarget {
    /// That of the token that follows. The last token of a sequence has none.
    Next,
    /// That of one token.
    Token(u32),
    /// That of the first token minus that of the second.
    Difference(u32, u32),
}

impl LogitTarget {
    /// Refuses ids that the model does not have.
    ///
    /// # Errors
    /// [`Error::TokenOutOfRange`].
    pub fn checked(self, config: &ModelConfig) -> Result<Self> {
        let ids = match self {
            LogitTarget::Next => [0, 0],
            LogitTarget::Token(id) => [id, 0],
            LogitTarget::Difference(one, other) => [one, other],
        };
        let expected = config.d_vocab;
        match ids.iter().position(|&id| id as usize >= expected) {
            None => Ok(self),
            Some(position) => Err(Error::TokenOutOfRange { position, found: ids[position], expected }),
        }
    }

    /// For each row of a batch, the token whose logit counts and the token whose logit is subtracted;
    /// [`NO_TOKEN`] where there is none.
    pub fn rows(self, batch: &Batch) -> Vec<[u32; 2]> {
        let dims = batch.dims(0);
        let of_row = |row: usize| match self {
            LogitTarget::Next => [dims.next_token(batch.tokens(), row).unwrap_or(NO_TOKEN), NO_TOKEN],
            LogitTarget::Token(id) => [id, NO_TOKEN],
            LogitTarget::Difference(one, other) => [one, other],
        };
        (0..dims.rows as usize).map(of_row).collect()
    }
}

impl ModelConfig {
    /// Components of a layer: its heads, and its MLP if it has one.
    pub fn layer_components(&self) -> usize {
        self.n_heads + usize::from(self.mlp.is_some())
    }

    /// The columns of a backend's attribution: the embedding, the components of each layer, the biases, and
    /// the sum of all of them.
    pub fn attribution_columns(&self) -> usize {
        1 + self.n_layers * self.layer_components() + 2
    }

    /// The names of all columns but the last: `embed`, then of each layer its heads, such as `0.1`, and its
    /// MLP, such as `0.mlp`; last `bias`.
    pub fn component_names(&self) -> Vec<String> {
        let mut names = vec!["embed".to_owned()];
        for layer in 0..self.n_layers {
            names.extend((0..self.n_heads).map(|head| format!("{layer}.{head}")));
            names.extend(self.mlp.map(|_| format!("{layer}.mlp")));
        }
        names.push("bias".to_owned());
        names
    }
}
