//! Weights as they are stored, and their widening to f32.

use crate::checkpoint::{Block, WeightDtype};
use crate::model::COLUMN_TILE;

/// A weight matrix `[rows, columns]`, row-major, of finite numbers; columns are padded to a
/// multiple of [`COLUMN_TILE`].
#[derive(Debug, Clone)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    elements: Elements,
}

/// Row after row, eight columns at a time.
#[derive(Debug, Clone)]
enum Elements {
    /// Bits of IEEE half precision.
    F16(Vec<[u16; COLUMN_TILE]>),
    /// Upper halves of f32.
    Bf16(Vec<[u16; COLUMN_TILE]>),
    F32(Vec<[f32; COLUMN_TILE]>),
}

/// Rows that are widened together. They fill whole cache lines of a panel. More rows that lie a power of
/// two apart would drive each other out of the cache.
const ROWS_AT_ONCE: usize = 4;

impl Matrix {
    /// Makes a matrix of zeros.
    pub fn zeros(rows: usize, columns: usize, dtype: WeightDtype) -> Self {
        debug_assert!(columns.is_multiple_of(COLUMN_TILE));
        let tiles = rows * columns / COLUMN_TILE;
        let elements = match dtype {
            WeightDtype::F16 => Elements::F16(vec![[0; COLUMN_TILE]; tiles]),
            WeightDtype::Bf16 => Elements::Bf16(vec![[0; COLUMN_TILE]; tiles]),
            WeightDtype::F32 => Elements::F32(vec![[0.0; COLUMN_TILE]; tiles]),
        };
        Matrix { rows, columns, elements }
    }

    /// Makes a matrix of these numbers, row after row.
    pub fn of_f32(columns: usize, values: &[f32]) -> Self {
        let mut matrix = Matrix::zeros(values.len() / columns, columns, WeightDtype::F32);
        matrix.write(&Block::of_rows(0..matrix.rows, columns), bytemuck::cast_slice(values));
        matrix
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns, padding included.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Replaces a block by little-endian elements of this matrix's type, row-major.
    ///
    /// # Panics
    /// When the bytes are not those of the block, or the block goes past the matrix.
    pub fn write(&mut self, block: &Block, bytes: &[u8]) {
        match &mut self.elements {
            Elements::F16(tiles) | Elements::Bf16(tiles) => {
                write(tiles.as_flattened_mut(), self.columns, block, bytes, u16::from_le_bytes);
            }
            Elements::F32(tiles) => {
                write(tiles.as_flattened_mut(), self.columns, block, bytes, f32::from_le_bytes);
            }
        }
    }

    /// Copies a whole row, widened.
    pub fn read_row(&self, row: usize, into: &mut [f32]) {
        let tiles = self.columns / COLUMN_TILE;
        let (into, _) = into.as_chunks_mut();
        match &self.elements {
            Elements::F16(elements) => {
                let row = &elements[row * tiles..][..tiles];
                into.iter_mut().zip(row).for_each(|(to, from)| *to = widen(from));
            }
            Elements::Bf16(elements) => {
                let row = &elements[row * tiles..][..tiles];
                into.iter_mut().zip(row).for_each(|(to, from)| *to = widen_bf16(from));
            }
            Elements::F32(elements) => into.copy_from_slice(&elements[row * tiles..][..tiles]),
        }
    }

    /// Copies one number of each row, widened: a whole column.
    pub fn read_column(&self, column: usize, into: &mut [f32]) {
        let (tiles, at, lane) = (self.columns / COLUMN_TILE, column / COLUMN_TILE, column % COLUMN_TILE);
        let rows = into.iter_mut().enumerate();
        match &self.elements {
            Elements::F16(elements) => {
                rows.for_each(|(row, to)| *to = widen(&elements[row * tiles + at])[lane]);
            }
            Elements::Bf16(elements) => {
                rows.for_each(|(row, to)| *to = widen_bf16(&elements[row * tiles + at])[lane]);
            }
            Elements::F32(elements) => rows.for_each(|(row, to)| *to = elements[row * tiles + at][lane]),
        }
    }

    /// All numbers, widened, `[rows, columns]` with the padding.
    pub fn to_f32(&self) -> Vec<f32> {
        let mut values = vec![0.0; self.rows * self.columns];
        for (row, to) in values.chunks_exact_mut(self.columns).enumerate() {
            self.read_row(row, to);
        }
        values
    }

    /// Copies columns from `first_column` on, widened, to panels `[panel][row]` of eight columns.
    pub fn read_columns(&self, first_column: usize, panels: &mut [[f32; COLUMN_TILE]]) {
        let (tiles, first) = (self.columns / COLUMN_TILE, first_column / COLUMN_TILE);
        match &self.elements {
            Elements::F16(elements) => read_columns(elements, self.rows, tiles, first, panels, widen),
            Elements::Bf16(elements) => read_columns(elements, self.rows, tiles, first, panels, widen_bf16),
            Elements::F32(elements) => read_columns(elements, self.rows, tiles, first, panels, |tile| *tile),
        }
    }
}

fn write<const N: usize, T>(
    to: &mut [T],
    columns: usize,
    block: &Block,
    bytes: &[u8],
    element: impl Fn([u8; N]) -> T,
) {
    let (elements, rest) = bytes.as_chunks::<N>();
    let width = block.columns.len();
    assert!(rest.is_empty() && elements.len() == block.rows.len() * width, "a block comes whole");
    for (row, elements) in block.rows.clone().zip(elements.chunks_exact(width)) {
        let to = &mut to[row * columns..][block.columns.clone()];
        to.iter_mut().zip(elements).for_each(|(to, &bytes)| *to = element(bytes));
    }
}

fn read_columns<T>(
    elements: &[T],
    rows: usize,
    tiles_of_row: usize,
    first_tile: usize,
    panels: &mut [[f32; COLUMN_TILE]],
    widen: impl Fn(&T) -> [f32; COLUMN_TILE],
) {
    for first_row in (0..rows).step_by(ROWS_AT_ONCE) {
        let end = rows.min(first_row + ROWS_AT_ONCE);
        for (index, panel) in panels.chunks_exact_mut(rows).enumerate() {
            for (row, to) in (first_row..end).zip(&mut panel[first_row..end]) {
                *to = widen(&elements[row * tiles_of_row + first_tile + index]);
            }
        }
    }
}

/// Widens finite halves to f32, exactly and without a branch, subnormal ones too. The 15 bits of exponent
/// and fraction go where f32 has them; the product corrects the exponent's different zero point.
#[inline(always)]
fn widen(halves: &[u16; COLUMN_TILE]) -> [f32; COLUMN_TILE] {
    let rescale = f32::from_bits((127 + 127 - 15) << 23);
    let mut floats = [0.0; COLUMN_TILE];
    for lane in 0..COLUMN_TILE {
        let bits = u32::from(halves[lane]);
        let magnitude = f32::from_bits((bits & 0x7fff) << 13) * rescale;
        floats[lane] = f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16);
    }
    floats
}

/// Widens bf16 to f32: a bf16 is the upper half of an f32.
#[inline(always)]
fn widen_bf16(halves: &[u16; COLUMN_TILE]) -> [f32; COLUMN_TILE] {
    halves.map(|half| f32::from_bits(u32::from(half) << 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widens_every_bf16_exactly_and_reads_rows_and_columns_alike() {
        let halves: Vec<half::bf16> = (0..=u16::MAX).map(half::bf16::from_bits).collect();
        let finite: Vec<half::bf16> = halves.into_iter().filter(|half| half.is_finite()).collect();
        let bytes: Vec<u8> = finite.iter().flat_map(|half| half.to_le_bytes()).collect();
        let columns = 256;
        let rows = finite.len() / columns;
        let mut matrix = Matrix::zeros(rows, columns, WeightDtype::Bf16);
        matrix.write(&Block::of_rows(0..rows, columns), &bytes);
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        let expected: Vec<f32> = finite.iter().map(|half| half.to_f32()).collect();
        assert_eq!(finite.len(), rows * columns);
        assert_eq!(bits(&matrix.to_f32()), bits(&expected));
        for column in [0, 7, 8, 255] {
            let of_column: Vec<f32> = expected.iter().skip(column).step_by(columns).copied().collect();
            let mut found = vec![0.0; rows];
            matrix.read_column(column, &mut found);
            assert_eq!(bits(&found), bits(&of_column));
            let mut panel = vec![[0.0; COLUMN_TILE]; rows];
            matrix.read_columns(column - column % COLUMN_TILE, &mut panel);
            let of_panel: Vec<f32> = panel.iter().map(|row| row[column % COLUMN_TILE]).collect();
            assert_eq!(bits(&of_panel), bits(&of_column));
        }
    }

    #[test]
    fn widens_every_finite_half_exactly() {
        for bits in 0..=u16::MAX {
            let half = half::f16::from_bits(bits);
            if half.is_finite() {
                let (found, expected) = (widen(&[bits; COLUMN_TILE])[7], half.to_f32());
                assert_eq!(found.to_bits(), expected.to_bits(), "half {bits:#06x}: {found}, not {expected}");
            }
        }
    }

    #[test]
    fn blocks_come_back_as_they_went_in() {
        let halves: Vec<half::f16> = (0..24).map(|n| half::f16::from_f32(n as f32 / 4.0)).collect();
        let bytes: Vec<u8> = halves.iter().flat_map(|half| half.to_le_bytes()).collect();
        let mut matrix = Matrix::zeros(4, 8, WeightDtype::F16);
        matrix.write(&Block::of_rows(1..4, 8), &bytes);
        let mut row = [1.0; 8];
        matrix.read_row(0, &mut row);
        assert_eq!(row, [0.0; 8]);
        matrix.read_row(1, &mut row);
        assert_eq!(row, [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75]);
        matrix.read_row(3, &mut row);
        assert_eq!(row[7], 5.75);

        let mut wide = Matrix::zeros(3, 24, WeightDtype::F16);
        wide.write(&Block { rows: 0..3, columns: 8..16 }, &bytes);
        for (row, values) in wide.to_f32().chunks_exact(24).enumerate() {
            let expected: Vec<f32> = (0..8).map(|column| (8 * row + column) as f32 / 4.0).collect();
            assert_eq!(values[8..16], expected, "row {row}");
            assert!(values[..8].iter().chain(&values[16..]).all(|&value| value == 0.0), "row {row}");
        }
    }
}
