//! The index of a file of weights. It is read before the weights.

use super::checksums::Checksums;
use super::parts::Tensors;

/// The index of one file.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub tensors: Tensors,
    pub checksums: Checksums,
    /// The keys that lead to the state dict, where it lies inside another dict.
    pub nested: Option<String>,
}
