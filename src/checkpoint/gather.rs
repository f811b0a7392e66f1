//! Elements of a tensor brought into row-major order, read by pieces.
//!
//! In the file, elements may lie in another order, or with gaps. They are visited in the order of the
//! file, so that neighbours there are read at once, and each is put where it belongs.

use super::checksums::Checksums;
use super::source::{ByteSource, PIECE};
use super::tensor::TensorInfo;
use crate::error::Result;

/// A gap that is cheaper to read than to skip, in bytes: about the cost of another read.
const GAP: usize = 64 << 10;

/// A dimension of a tensor.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Axis {
    len: usize,
    /// Elements from one index to the next in the file.
    stride: usize,
    /// Elements from one index to the next in row-major order.
    step: usize,
}

/// Reads a whole tensor in row-major order, little-endian, in the file's element type.
pub(super) async fn read(
    source: &impl ByteSource,
    checksums: &Checksums,
    tensor: &TensorInfo,
) -> Result<Vec<u8>> {
    let size = tensor.dtype.size();
    let axes = axes(&tensor.shape, &tensor.strides);
    let count = tensor.elements();
    let read = async |from: usize, to: usize| {
        let range = tensor.offset + (from * size) as u64..tensor.offset + (to * size) as u64;
        let bytes = source.read(range.clone()).await?;
        checksums.see(range.start, &bytes);
        Ok(bytes)
    };
    let mut bytes = match axes[..] {
        [Axis { stride: 1, step: 1, len }] if len * size <= PIECE => read(0, len).await?,
        _ => gather(read, Runs::new(axes, PIECE / size, GAP / size), count, size).await?,
    };
    if tensor.big_endian {
        bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    }
    Ok(bytes)
}

/// Brings `count` elements into row-major order, window by window.
async fn gather(
    read: impl AsyncFn(usize, usize) -> Result<Vec<u8>>,
    mut runs: Runs,
    count: usize,
    size: usize,
) -> Result<Vec<u8>> {
    let mut gathered = vec![0; count * size];
    while let Some((from, to, number)) = runs.window() {
        let window = read(from, to).await?;
        for run in runs.by_ref().take(number) {
            run.copy(&window, from, size, &mut gathered);
        }
    }
    Ok(gathered)
}

/// The dimensions of a tensor, at least one: those of the largest strides first, and neighbours that
/// continue one another joined.
fn axes(shape: &[usize], strides: &[usize]) -> Vec<Axis> {
    let mut step = 1;
    let mut axes = Vec::new();
    for (&len, &stride) in shape.iter().zip(strides).rev() {
        if len != 1 {
            axes.push(Axis { len, stride, step });
        }
        step *= len;
    }
    axes.sort_by_key(|axis| std::cmp::Reverse(axis.stride));
    let mut joined: Vec<Axis> = Vec::new();
    for inner in axes {
        match joined.last_mut() {
            Some(outer)
                if outer.stride == inner.len * inner.stride && outer.step == inner.len * inner.step =>
            {
                *outer = Axis { len: outer.len * inner.len, ..inner };
            }
            _ => joined.push(inner),
        }
    }
    if joined.is_empty() {
        joined.push(Axis { len: 1, stride: 1, step: 1 });
    }
    joined
}

/// Elements a stride apart in the file and a step apart in the result.
#[derive(Debug, Clone, Copy)]
struct Run {
    from: usize,
    to: usize,
    axis: Axis,
}

impl Run {
    /// One past the last element in the file.
    fn end(&self) -> usize {
        self.from + (self.axis.len - 1) * self.axis.stride + 1
    }

    fn copy(&self, window: &[u8], window_from: usize, size: usize, gathered: &mut [u8]) {
        let Axis { len, stride, step } = self.axis;
        let mut from = (self.from - window_from) * size;
        let mut to = self.to * size;
        if (stride, step) == (1, 1) {
            gathered[to..to + len * size].copy_from_slice(&window[from..from + len * size]);
            return;
        }
        let strides = [stride * size, step * size];
        match size {
            2 => copy_strided::<2>(window, from, gathered, to, strides, len),
            4 => copy_strided::<4>(window, from, gathered, to, strides, len),
            _ => {
                for _ in 0..len {
                    gathered[to..to + size].copy_from_slice(&window[from..from + size]);
                    (from, to) = (from + strides[0], to + strides[1]);
                }
            }
        }
    }
}

/// Copies `len` elements of `N` bytes, `strides` bytes apart in the source and in the target.
fn copy_strided<const N: usize>(
    source: &[u8],
    mut from: usize,
    target: &mut [u8],
    mut to: usize,
    strides: [usize; 2],
    len: usize,
) {
    for _ in 0..len {
        target[to..to + N].copy_from_slice(&source[from..from + N]);
        (from, to) = (from + strides[0], to + strides[1]);
    }
}

/// All runs of a tensor, in the order of the file, none longer than a piece.
#[derive(Debug, Clone)]
struct Runs {
    outer: Vec<Axis>,
    inner: Axis,
    /// Elements of the inner dimension in a run.
    at_once: usize,
    /// Index of the next run on each outer axis.
    next: Vec<usize>,
    /// Elements of the inner dimension before the next run.
    done: usize,
    finished: bool,
    piece: usize,
    gap: usize,
}

impl Runs {
    /// `piece` and `gap` in elements.
    fn new(mut axes: Vec<Axis>, piece: usize, gap: usize) -> Self {
        let finished = axes.iter().any(|axis| axis.len == 0);
        let inner = axes.pop().unwrap_or(Axis { len: 1, stride: 1, step: 1 });
        let at_once = (piece / inner.stride.max(1)).max(1);
        Runs { next: vec![0; axes.len()], outer: axes, inner, at_once, done: 0, finished, piece, gap }
    }

    /// The part of the file to read next, and how many runs lie in it; nothing at the end.
    fn window(&self) -> Option<(usize, usize, usize)> {
        let mut ahead = self.clone();
        let first = ahead.next()?;
        let (from, mut to, mut number) = (first.from, first.end(), 1);
        for run in ahead {
            if run.from < from || run.from > to + self.gap || run.end() > from + self.piece {
                break;
            }
            to = to.max(run.end());
            number += 1;
        }
        Some((from, to, number))
    }
}

impl Iterator for Runs {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        if self.finished {
            return None;
        }
        let inner = Axis { len: self.at_once.min(self.inner.len - self.done), ..self.inner };
        let mut run = Run { from: self.done * inner.stride, to: self.done * inner.step, axis: inner };
        for (axis, index) in self.outer.iter().zip(&self.next) {
            run.from += index * axis.stride;
            run.to += index * axis.step;
        }
        self.done += inner.len;
        if self.done == self.inner.len {
            self.done = 0;
            self.finished = true;
            for (axis, index) in self.outer.iter().zip(&mut self.next).rev() {
                *index += 1;
                if *index < axis.len {
                    self.finished = false;
                    break;
                }
                *index = 0;
            }
        }
        Some(run)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Element `index` of a tensor, found the slow way.
    fn element(mut index: usize, shape: &[usize], strides: &[usize]) -> usize {
        let mut at = 0;
        for (side, stride) in shape.iter().zip(strides).rev() {
            at += index % side * stride;
            index /= side;
        }
        at
    }

    proptest! {
        #[test]
        fn any_tensor_comes_out_row_major(
            dimensions in prop::collection::vec((1usize..6, 0usize..40), 1..5),
            piece in 1usize..200,
            gap in 0usize..50,
        ) {
            let (shape, strides): (Vec<usize>, Vec<usize>) = dimensions.into_iter().unzip();
            let count = shape.iter().product();
            let expected: Vec<u16> =
                (0..count).map(|index| element(index, &shape, &strides) as u16).collect();
            let runs = Runs::new(axes(&shape, &strides), piece, gap);
            let largest = piece.max(1);
            let read = async |from: usize, to: usize| {
                assert!(from < to && to - from <= largest, "{from}..{to} is more than {largest}");
                Ok((from..to).flat_map(|at| (at as u16).to_le_bytes()).collect())
            };
            let found = pollster::block_on(gather(read, runs, count, 2)).expect("elements");
            let found: Vec<u16> = found.as_chunks::<2>().0.iter().map(|&it| u16::from_le_bytes(it)).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn dimensions_that_continue_one_another_are_joined() {
        let whole = axes(&[2, 3, 4], &[12, 4, 1]);
        assert_eq!(whole, [Axis { len: 24, stride: 1, step: 1 }]);
        let transposed = axes(&[2, 3], &[1, 5]);
        assert_eq!(transposed, [Axis { len: 3, stride: 5, step: 1 }, Axis { len: 2, stride: 1, step: 3 }]);
    }
}
