//! Which heads are ablated, and how.
//!
//! Definition: docs/definitions.md#zero-and-mean-ablation.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ModelConfig;
use crate::error::Result;

/// The replacement of an ablated head's z, at every position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AblationKind {
    /// 0.
    Zero,
    /// The mean of the head's z over the batch at that position. In a single sequence that is z itself.
    Mean,
}

/// A head's number in `shaders/ablate.wgsl`.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadMode {
    /// z stays as it is.
    Kept = 0,
    /// [`AblationKind::Zero`].
    Zero = 1,
    /// [`AblationKind::Mean`].
    Mean = 2,
}

/// A set of ablated heads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ablation {
    kind: AblationKind,
    heads: BTreeSet<(usize, usize)>,
}

impl Ablation {
    /// Ablates heads, each given as layer and head.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`](crate::Error::HeadOutOfRange).
    pub fn new(config: &ModelConfig, kind: AblationKind, heads: &[(usize, usize)]) -> Result<Self> {
        for &(layer, head) in heads {
            config.check_head(layer, head)?;
        }
        Ok(Ablation { kind, heads: heads.iter().copied().collect() })
    }

    /// The first layer with an ablated head; `None` when no head is ablated.
    pub fn first_layer(&self) -> Option<usize> {
        self.heads.first().map(|&(layer, _)| layer)
    }

    /// Whether a head of this layer is ablated.
    pub fn has_layer(&self, layer: usize) -> bool {
        self.heads.range((layer, 0)..=(layer, usize::MAX)).next().is_some()
    }

    /// The mode of each head of a layer.
    pub fn modes(&self, layer: usize, n_heads: usize) -> Vec<HeadMode> {
        let ablated = match self.kind {
            AblationKind::Zero => HeadMode::Zero,
            AblationKind::Mean => HeadMode::Mean,
        };
        let mode = |head| if self.heads.contains(&(layer, head)) { ablated } else { HeadMode::Kept };
        (0..n_heads).map(mode).collect()
    }
}
