//! A tensor of a file: its type, and how its elements lie there.

use super::dtype::Dtype;

/// A tensor of a weights file, or a view of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// Element type.
    pub dtype: Dtype,
    /// Shape.
    pub shape: Vec<usize>,
    /// The file, counted from 0, of a checkpoint in several files.
    pub(super) part: usize,
    /// The first byte of the first element, counted from the file's beginning.
    pub(super) offset: u64,
    /// Elements in the file from one index to the next of each dimension.
    pub(super) strides: Vec<usize>,
    /// Whether each element starts with its highest byte.
    pub(super) big_endian: bool,
}

impl TensorInfo {
    /// A little-endian tensor whose elements lie row-major from byte `offset` on, without gaps.
    pub(super) fn row_major(dtype: Dtype, shape: Vec<usize>, offset: u64) -> Self {
        let mut stride = 1_usize;
        let mut strides = vec![0; shape.len()];
        for (to, side) in strides.iter_mut().zip(&shape).rev() {
            *to = stride;
            // A shape with a 0 in it may have any other sides, and no element that these would lead to.
            stride = stride.wrapping_mul(*side);
        }
        TensorInfo { dtype, shape, part: 0, offset, strides, big_endian: false }
    }

    /// Number of elements.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether a few indices of this dimension lie in many places of the file, as rows of a
    /// transposed matrix do.
    pub(super) fn is_scattered_along(&self, dimension: usize) -> bool {
        let stride = self.strides[dimension];
        let others = self.shape.iter().zip(&self.strides).enumerate();
        others.filter(|(other, _)| *other != dimension).any(|(_, (&side, &outer))| side > 1 && outer > stride)
    }
}
