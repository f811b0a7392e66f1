//! Which heads are switched off, and how.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ModelConfig;
use crate::error::Result;

/// What a head's z is replaced by, at every position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AblationKind {
    /// 0.
    Zero,
    /// Its mean over the batch at that position; of a single sequence, itself.
    Mean,
}

/// A head's number in `shaders/ablate.wgsl`.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadFate {
    /// z stays as it is.
    Kept = 0,
    /// [`AblationKind::Zero`].
    Zero = 1,
    /// [`AblationKind::Mean`].
    Mean = 2,
}

/// Heads that are switched off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ablation {
    kind: AblationKind,
    heads: BTreeSet<(usize, usize)>,
}

impl Ablation {
    /// Switches heads off, each given as layer and head.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`](crate::Error::HeadOutOfRange).
    pub fn new(config: &ModelConfig, kind: AblationKind, heads: &[(usize, usize)]) -> Result<Self> {
        for &(layer, head) in heads {
            config.check_head(layer, head)?;
        }
        Ok(Ablation { kind, heads: heads.iter().copied().collect() })
    }

    /// The first layer that loses a head; none when no head is off.
    pub fn first_layer(&self) -> Option<usize> {
        self.heads.first().map(|&(layer, _)| layer)
    }

    /// What becomes of each head of a layer.
    pub fn fates(&self, layer: usize, n_heads: usize) -> Vec<HeadFate> {
        let off = match self.kind {
            AblationKind::Zero => HeadFate::Zero,
            AblationKind::Mean => HeadFate::Mean,
        };
        let fate = |head| if self.heads.contains(&(layer, head)) { off } else { HeadFate::Kept };
        (0..n_heads).map(fate).collect()
    }
}
