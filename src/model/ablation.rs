//! Which heads and MLPs are ablated, and how.
//!
//! Definition: docs/definitions.md#zero-and-mean-ablation.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ModelConfig;
use crate::error::{Error, Result};

/// The replacement of an ablated head's z, or of an ablated MLP's output, at every position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AblationKind {
    /// 0.
    Zero,
    /// The mean of the same numbers over the batch at that position. In a single sequence nothing changes.
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

/// A set of ablated heads and MLPs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ablation {
    kind: AblationKind,
    heads: BTreeSet<(usize, usize)>,
    mlps: BTreeSet<usize>,
}

impl Ablation {
    /// Ablates heads, each given as layer and head, and the MLPs of layers.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`] for a head or a layer that the model does not have, and
    /// [`Error::NotDefined`] for an MLP of a model without MLPs.
    pub fn new(
        config: &ModelConfig,
        kind: AblationKind,
        heads: &[(usize, usize)],
        mlps: &[usize],
    ) -> Result<Self> {
        for &(layer, head) in heads {
            config.check_head(layer, head)?;
        }
        for &layer in mlps {
            config.check_head(layer, 0)?;
        }
        if config.mlp.is_none() && !mlps.is_empty() {
            let (what, reason) = ("Ablating an MLP".to_owned(), "its layers have no MLP".to_owned());
            return Err(Error::NotDefined { what, reason });
        }
        Ok(Ablation { kind, heads: heads.iter().copied().collect(), mlps: mlps.iter().copied().collect() })
    }

    /// The replacement of what is ablated.
    pub fn kind(&self) -> AblationKind {
        self.kind
    }

    /// The first layer with an ablated head or MLP; `None` when nothing is ablated.
    pub fn first_layer(&self) -> Option<usize> {
        let head = self.heads.first().map(|&(layer, _)| layer);
        let mlp = self.mlps.first().copied();
        head.into_iter().chain(mlp).min()
    }

    /// Whether a head of this layer is ablated.
    pub fn has_heads(&self, layer: usize) -> bool {
        self.heads.range((layer, 0)..=(layer, usize::MAX)).next().is_some()
    }

    /// Whether the MLP of this layer is ablated.
    pub fn has_mlp(&self, layer: usize) -> bool {
        self.mlps.contains(&layer)
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
