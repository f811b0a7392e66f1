//! Elements of a view brought into row-major order, read by pieces.
//!
//! A view's elements lie in its storage in another order, or with gaps. They are visited in the
//! order of the storage, so that what lies close together is read at once, and put where they belong.

use super::source::{ByteSource, PIECE};
use super::{Checksums, TensorInfo};
use crate::error::Result;

/// A gap that is cheaper to read than to skip, in bytes: about what a read of its own costs.
const GAP: usize = 64 << 10;

/// A dimension of a view.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Axis {
    len: usize,
    /// Elements from one to the next in the storage.
    stride: usize,
    /// Elements from one to the next in row-major order.
    step: usize,
}

/// Reads the rows `first_row..first_row + rows` of a tensor, a row being what the first dimension counts, in
/// row-major order and little-endian.
pub(super) async fn read_rows(
    source: &impl ByteSource,
    checksums: &Checksums,
    tensor: &TensorInfo,
    first_row: usize,
    rows: usize,
) -> Result<Vec<u8>> {
    let size = tensor.dtype.size();
    let layout = &tensor.layout;
    let first = first_row * layout.strides.first().copied().unwrap_or(0);
    let start = layout.offset + (first * size) as u64;
    let axes = axes(&tensor.shape, &layout.strides, rows);
    let count = axes.iter().map(|axis| axis.len).product::<usize>();
    let read = async |from: usize, to: usize| {
        let range = start + (from * size) as u64..start + (to * size) as u64;
        let bytes = source.read(range.clone()).await?;
        checksums.see(range.start, &bytes);
        Ok(bytes)
    };
    let mut bytes = match axes[..] {
        [Axis { stride: 1, step: 1, len }] => read(0, len).await?,
        _ => gather(read, Runs::new(axes, PIECE / size, GAP / size), count, size).await?,
    };
    if layout.big_endian {
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

/// The dimensions of a part of a tensor, those that make the largest steps in the storage first, and those
/// that go on from one another joined. At least one.
fn axes(shape: &[usize], strides: &[usize], rows: usize) -> Vec<Axis> {
    let mut step = 1;
    let mut axes = Vec::new();
    for (dimension, (&side, &stride)) in shape.iter().zip(strides).enumerate().rev() {
        let len = if dimension == 0 { rows } else { side };
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

/// Elements a stride apart in the storage and a step apart in the result.
#[derive(Debug, Clone, Copy)]
struct Run {
    from: usize,
    to: usize,
    axis: Axis,
}

impl Run {
    /// One past the last element in the storage.
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
        for _ in 0..len {
            gathered[to..to + size].copy_from_slice(&window[from..from + size]);
            (from, to) = (from + stride * size, to + step * size);
        }
    }
}

/// All runs of a view, in the order of the storage, none longer than a piece.
#[derive(Debug, Clone)]
struct Runs {
    outer: Vec<Axis>,
    inner: Axis,
    /// Elements of the inner dimension in a run.
    at_once: usize,
    /// The next run: a place on each outer axis, and on the inner one.
    place: Vec<usize>,
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
        Runs { place: vec![0; axes.len()], outer: axes, inner, at_once, done: 0, finished, piece, gap }
    }

    /// The part of the storage to read next, and how many runs lie in it; nothing at the end.
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
        for (axis, place) in self.outer.iter().zip(&self.place) {
            run.from += place * axis.stride;
            run.to += place * axis.step;
        }
        self.done += inner.len;
        if self.done == self.inner.len {
            self.done = 0;
            self.finished = true;
            for (axis, place) in self.outer.iter().zip(&mut self.place).rev() {
                *place += 1;
                if *place < axis.len {
                    self.finished = false;
                    break;
                }
                *place = 0;
            }
        }
        Some(run)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Element `index` of a part of a view, found the slow way.
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
        fn any_view_comes_out_row_major(
            dimensions in prop::collection::vec((1usize..6, 0usize..40), 1..5),
            piece in 1usize..200,
            gap in 0usize..50,
        ) {
            let (shape, strides): (Vec<usize>, Vec<usize>) = dimensions.into_iter().unzip();
            let count = shape.iter().product();
            let expected: Vec<u16> =
                (0..count).map(|index| element(index, &shape, &strides) as u16).collect();
            let runs = Runs::new(axes(&shape, &strides, shape[0]), piece, gap);
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
    fn dimensions_that_go_on_from_one_another_are_one() {
        let whole = axes(&[5, 3, 4], &[12, 4, 1], 2);
        assert_eq!(whole, [Axis { len: 24, stride: 1, step: 1 }]);
        let transposed = axes(&[5, 3], &[1, 5], 2);
        assert_eq!(transposed, [Axis { len: 3, stride: 5, step: 1 }, Axis { len: 2, stride: 1, step: 3 }]);
    }
}
