//! Thumbnails of a run: every head's pattern, pooled. They are made for the layers that somebody looks at.
//!
//! A cell holds the largest weight that it covers, and 255 is a weight of 1. A thumbnail has `side * side`
//! cells; `side` is `min(seq, THUMBNAIL_SIDE)`, and cell `c` covers the positions
//! `c * seq / side .. (c + 1) * seq / side`.
//!
//! Definition: docs/definitions.md#thumbnails.

use super::{Dims, THUMBNAIL_SIDE};

/// Cells of a thumbnail's side.
pub fn thumbnail_side(seq: usize) -> usize {
    seq.min(THUMBNAIL_SIDE)
}

/// The first row of cells that new rows of a run change: that of the cell that covers the first of them.
pub fn first_cell(dims: &Dims) -> usize {
    let seq = dims.seq as usize;
    ((dims.first_row as usize + 1) * thumbnail_side(seq) - 1) / seq
}

/// Bytes of a layer's thumbnails as a backend writes them: `[H, side, side rounded up to 4]`.
pub fn padded_cells(n_heads: usize, seq: usize) -> usize {
    let side = thumbnail_side(seq);
    n_heads * side * side.next_multiple_of(4)
}

/// Drops the padding of each row of cells, which is rounded up to whole words.
pub fn unpadded(cells: &[u8], dims: &Dims) -> Vec<u8> {
    let side = thumbnail_side(dims.seq as usize);
    let mut dense = Vec::with_capacity(cells.len());
    for row in cells.chunks_exact(side.next_multiple_of(4)) {
        dense.extend_from_slice(&row[..side]);
    }
    dense
}

/// The thumbnails of a run that have been made.
#[derive(Debug, Clone)]
pub struct Thumbnails {
    seq: usize,
    layers: Vec<Option<Layer>>,
}

#[derive(Debug, Clone)]
struct Layer {
    /// `[H, side, side]`.
    cells: Vec<u8>,
    /// The run's first rows that the cells are right for.
    rows: usize,
}

impl Thumbnails {
    /// None yet, of a run of `seq` tokens.
    pub fn new(n_layers: usize, seq: usize) -> Self {
        Thumbnails { seq, layers: vec![None; n_layers] }
    }

    /// Those of a run of `seq` tokens that shares its first `rows` rows with this one. A run of another
    /// length has other cells.
    pub fn shared(&self, seq: usize, rows: usize) -> Self {
        let mut shared = Thumbnails::new(self.layers.len(), seq);
        if seq == self.seq && rows > 0 {
            let of = |layer: &Layer| Layer { rows: rows.min(layer.rows), ..layer.clone() };
            shared.layers = self.layers.iter().map(|layer| layer.as_ref().map(of)).collect();
        }
        shared
    }

    /// The layers before `layer`, of a run that has the same patterns there.
    pub fn before(&self, layer: usize) -> Self {
        let mut before = self.clone();
        before.layers[layer..].fill(None);
        before
    }

    /// Those of `layers` that are to be made, and from which row on.
    pub fn missing(&self, layers: &[usize]) -> (Vec<usize>, usize) {
        let rows = |layer: usize| self.layers[layer].as_ref().map_or(0, |layer| layer.rows);
        let missing: Vec<usize> = layers.iter().copied().filter(|&layer| rows(layer) < self.seq).collect();
        let first_row = missing.iter().map(|&layer| rows(layer)).min().unwrap_or(0);
        (missing, first_row)
    }

    /// Takes a layer's padded cells, of which those from [`first_cell`] on were made.
    pub fn put(&mut self, layer: usize, dims: &Dims, padded: &[u8]) {
        let (side, rows) = (thumbnail_side(self.seq), self.seq);
        let made = unpadded(padded, dims);
        let known = self.layers[layer].take();
        let mut cells = known.map_or_else(|| vec![0; made.len()], |known| known.cells);
        let first = first_cell(dims) * side;
        for (to, from) in cells.chunks_exact_mut(side * side).zip(made.chunks_exact(side * side)) {
            to[first..].copy_from_slice(&from[first..]);
        }
        self.layers[layer] = Some(Layer { cells, rows });
    }

    /// `[layer, H, side, side]` of layers that are made.
    ///
    /// # Panics
    /// When one is not.
    pub fn of(&self, layers: &[usize]) -> Vec<u8> {
        let cells = |&layer: &usize| match &self.layers[layer] {
            Some(Layer { cells, rows }) if *rows == self.seq => cells,
            _ => panic!("the thumbnails of layer {layer} are not made"),
        };
        layers.iter().flat_map(cells).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_rows_change_the_cells_from_the_one_that_covers_the_first() {
        for seq in [1, 5, 63, 64, 65, 100, 130, 512] {
            let side = thumbnail_side(seq);
            for first_row in 0..seq {
                let expected = (0..side).rev().find(|cell| cell * seq / side <= first_row);
                assert_eq!(Some(first_cell(&Dims::new(seq, 1, first_row))), expected, "{first_row} of {seq}");
            }
        }
    }

    #[test]
    fn what_was_made_is_kept_and_only_the_rest_is_missing() {
        let dims = |first_row| Dims::new(3, 1, first_row);
        let mut first = Thumbnails::new(2, 3);
        assert_eq!(first.missing(&[0, 1]), (vec![0, 1], 0));
        // One head: rows of 3 cells, padded to 4.
        first.put(1, &dims(0), &[1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0]);
        assert_eq!(first.missing(&[0, 1]), (vec![0], 0));
        assert_eq!(first.of(&[1]), [1, 2, 3, 4, 5, 6, 7, 8, 9]);

        let mut edited = first.shared(3, 2);
        assert_eq!((edited.missing(&[1]), edited.missing(&[0, 1])), ((vec![1], 2), (vec![0, 1], 0)));
        edited.put(1, &dims(2), &[0, 0, 0, 0, 0, 0, 0, 0, 70, 80, 90, 0]);
        assert_eq!(edited.of(&[1]), [1, 2, 3, 4, 5, 6, 70, 80, 90]);
        assert_eq!(edited.before(1).missing(&[1]), (vec![1], 0));
        assert_eq!(first.shared(4, 2).missing(&[1]), (vec![1], 0));
        assert_eq!(first.shared(3, 0).missing(&[1]), (vec![1], 0));
    }
}
