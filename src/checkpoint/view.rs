//! Views of a file's tensors: a slice, a transpose, one of several interleaved matrices.
//!
//! A family names, for each parameter, a tensor of the file and the dimensions of it that the
//! parameter's dimensions run along. Fused, interleaved and transposed weights need no other code.

use std::ops::Range;

use super::tensor::TensorInfo;

/// A view of one tensor of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The tensor's name in the file.
    pub tensor: String,
    /// The tensor's shape in the file.
    pub shape: Vec<usize>,
    /// The view's first element, as an index of the tensor.
    pub start: Vec<usize>,
    /// The view's dimensions.
    pub along: Vec<Along>,
}

/// A dimension of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Along {
    /// The dimension of the tensor that it runs along.
    pub dimension: usize,
    /// Number of indices.
    pub len: usize,
    /// Indices of the tensor from one index of the view to the next.
    pub step: usize,
}

impl View {
    /// The whole of a tensor, as it is.
    pub fn whole(tensor: &str, shape: &[usize]) -> Self {
        let along = |(dimension, &len)| Along { dimension, len, step: 1 };
        View {
            tensor: tensor.to_owned(),
            shape: shape.to_vec(),
            start: vec![0; shape.len()],
            along: shape.iter().enumerate().map(along).collect(),
        }
    }

    /// The part of the view with these indices of one dimension.
    pub fn narrow(&self, dimension: usize, range: Range<usize>) -> Self {
        let mut part = self.clone();
        let along = &mut part.along[dimension];
        along.len = range.len();
        part.start[along.dimension] += range.start * along.step;
        part
    }

    /// Place in the tensor, counted row-major, of the view's element `index`, counted row-major too.
    pub fn index_in_tensor(&self, mut index: usize) -> usize {
        let mut at = self.start.clone();
        for along in self.along.iter().rev() {
            at[along.dimension] += index % along.len * along.step;
            index /= along.len;
        }
        at.iter().zip(&self.shape).fold(0, |index, (at, side)| index * side + at)
    }

    /// The view's elements in the file, where `tensor` is the tensor of that name and shape.
    pub fn of(&self, tensor: &TensorInfo) -> TensorInfo {
        debug_assert_eq!(self.shape, tensor.shape, "`{}` was checked", self.tensor);
        let first: usize = self.start.iter().zip(&tensor.strides).map(|(at, stride)| at * stride).sum();
        TensorInfo {
            shape: self.along.iter().map(|along| along.len).collect(),
            offset: tensor.offset + (first * tensor.dtype.size()) as u64,
            strides: self.along.iter().map(|along| along.step * tensor.strides[along.dimension]).collect(),
            ..tensor.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;
    use crate::checkpoint::checksums::Checksums;
    use crate::checkpoint::dtype::Dtype;
    use crate::checkpoint::gather;

    /// Heads, the width of the stream, the width of a head.
    const H: usize = 3;
    const D: usize = 5;
    const C: usize = 4;

    /// A file of one f32 tensor, each element its own row-major index.
    fn file(shape: &[usize]) -> (Vec<u8>, TensorInfo) {
        let count = shape.iter().product::<usize>();
        let bytes = (0..count).flat_map(|index| (index as f32).to_le_bytes()).collect();
        (bytes, TensorInfo::row_major(Dtype::F32, shape.to_vec(), 0))
    }

    fn read(file: &[u8], tensor: &TensorInfo) -> Vec<usize> {
        let bytes = block_on(gather::read(&file, &Checksums::default(), tensor)).expect("elements");
        bytes.as_chunks::<4>().0.iter().map(|&element| f32::from_le_bytes(element) as usize).collect()
    }

    /// `W_Q`, `W_K` or `W_V` `[H, D, C]` of GPT-2's `attn.c_attn.weight` `[D, 3D]`.
    fn gpt2(part: usize) -> View {
        View {
            tensor: "h.0.attn.c_attn.weight".to_owned(),
            shape: vec![D, 3 * H * C],
            start: vec![0, part * H * C],
            along: vec![
                Along { dimension: 1, len: H, step: C },
                Along { dimension: 0, len: D, step: 1 },
                Along { dimension: 1, len: C, step: 1 },
            ],
        }
    }

    /// `W_Q`, `W_K` or `W_V` `[H, D, C]` of GPT-NeoX' `attention.query_key_value.weight` `[3D, D]`,
    /// which has q, k and v of a head after one another.
    fn neox(part: usize) -> View {
        View {
            tensor: "layers.0.attention.query_key_value.weight".to_owned(),
            shape: vec![3 * H * C, D],
            start: vec![part * C, 0],
            along: vec![
                Along { dimension: 0, len: H, step: 3 * C },
                Along { dimension: 1, len: D, step: 1 },
                Along { dimension: 0, len: C, step: 1 },
            ],
        }
    }

    /// The elements `[H, D, C]` of a parameter, in row-major order.
    fn expected(element: impl Fn(usize, usize, usize) -> usize) -> Vec<usize> {
        (0..H * D * C).map(|at| element(at / (D * C), at / C % D, at % C)).collect()
    }

    #[test]
    fn a_fused_matrix_of_gpt2_is_read_through_three_views() {
        let (file, tensor) = file(&[D, 3 * H * C]);
        for part in 0..3 {
            let view = gpt2(part).of(&tensor);
            assert_eq!(
                (view.strides.as_slice(), view.offset as usize),
                (&[C, 3 * H * C, 1][..], 4 * part * H * C)
            );
            let expected = expected(|h, d, c| d * 3 * H * C + part * H * C + h * C + c);
            assert_eq!(read(&file, &view), expected, "part {part}");
        }
    }

    #[test]
    fn an_interleaved_transposed_matrix_of_neox_is_read_through_three_views() {
        let (file, tensor) = file(&[3 * H * C, D]);
        for part in 0..3 {
            let view = neox(part).of(&tensor);
            assert_eq!(
                (view.strides.as_slice(), view.offset as usize),
                (&[3 * C * D, 1, D][..], 4 * part * C * D)
            );
            let expected = expected(|h, d, c| (h * 3 * C + part * C + c) * D + d);
            assert_eq!(read(&file, &view), expected, "part {part}");
        }
    }

    #[test]
    fn a_view_of_a_tensor_that_is_itself_transposed_in_the_file_is_the_same() {
        // The file holds [3D, D], and torch gives it the strides of its transpose.
        let (file, tensor) = file(&[3 * H * C, D]);
        let transposed = TensorInfo { shape: vec![D, 3 * H * C], strides: vec![1, D], ..tensor };
        let expected = expected(|h, d, c| (2 * H * C + h * C + c) * D + d);
        assert_eq!(read(&file, &gpt2(2).of(&transposed)), expected);
    }

    #[test]
    fn a_part_of_a_view_has_its_elements_and_their_indices_in_the_tensor() {
        for (view, shape) in [(gpt2(1), [D, 3 * H * C]), (neox(1), [3 * H * C, D])] {
            let (file, tensor) = file(&shape);
            let whole = read(&file, &view.of(&tensor));
            let part = view.narrow(1, 1..4);
            let rows = whole.chunks_exact(D * C).flat_map(|head| &head[C..4 * C]);
            let expected: Vec<usize> = rows.copied().collect();
            assert_eq!(read(&file, &part.of(&tensor)), expected);
            // Each element of the file is its own index.
            let indices: Vec<usize> = (0..expected.len()).map(|at| part.index_in_tensor(at)).collect();
            assert_eq!(indices, expected);
        }
    }
}
