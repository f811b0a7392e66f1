//! Weights as they are stored, and their widening to f32.

use crate::checkpoint::WeightDtype;

/// A weight matrix `[rows, columns]`, row-major, of finite numbers; columns are padded to a
/// multiple of [`COLUMN_TILE`](crate::model::COLUMN_TILE).
#[derive(Debug, Clone)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    elements: Elements,
}

#[derive(Debug, Clone)]
enum Elements {
    /// Bits of IEEE half precision.
    F16(Vec<u16>),
    F32(Vec<f32>),
}

impl Matrix {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, columns: usize, dtype: WeightDtype) -> Self {
        let elements = match dtype {
            WeightDtype::F16 => Elements::F16(vec![0; rows * columns]),
            WeightDtype::F32 => Elements::F32(vec![0.0; rows * columns]),
        };
        Matrix { rows, columns, elements }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns, padding included.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Replaces whole rows from `first_row` on by little-endian elements of this matrix's type.
    ///
    /// # Panics
    /// When the bytes are no whole rows, or go past the last one.
    pub fn write_rows(&mut self, first_row: usize, bytes: &[u8]) {
        let first = first_row * self.columns;
        match &mut self.elements {
            Elements::F16(halves) => write(&mut halves[first..], self.columns, bytes, u16::from_le_bytes),
            Elements::F32(floats) => write(&mut floats[first..], self.columns, bytes, f32::from_le_bytes),
        }
    }

    /// Copies `into.len()` elements of a row, from a column on, widened. The length is a multiple
    /// of 8.
    #[inline]
    pub fn read(&self, row: usize, first_column: usize, into: &mut [f32]) {
        let first = row * self.columns + first_column;
        match &self.elements {
            Elements::F16(halves) => widen(&halves[first..][..into.len()], into),
            Elements::F32(floats) => into.copy_from_slice(&floats[first..][..into.len()]),
        }
    }

    /// Eight elements of a row from a column on, widened.
    #[inline(always)]
    pub fn read_tile(&self, row: usize, first_column: usize) -> [f32; 8] {
        let mut tile = [0.0; 8];
        self.read(row, first_column, &mut tile);
        tile
    }
}

fn write<const N: usize, T>(to: &mut [T], columns: usize, bytes: &[u8], element: impl Fn([u8; N]) -> T) {
    let (elements, rest) = bytes.as_chunks::<N>();
    assert!(rest.is_empty() && elements.len() % columns == 0, "weights come in whole rows");
    for (to, &bytes) in to[..elements.len()].iter_mut().zip(elements) {
        *to = element(bytes);
    }
}

/// Widens a run of halves, eight at a time.
#[inline]
fn widen(halves: &[u16], into: &mut [f32]) {
    let (from, _) = halves.as_chunks::<8>();
    let (to, rest) = into.as_chunks_mut::<8>();
    debug_assert!(rest.is_empty());
    for (to, from) in to.iter_mut().zip(from) {
        for lane in 0..8 {
            to[lane] = widen_one(from[lane]);
        }
    }
}

/// A finite half as f32, exactly, subnormal ones too, without a branch: the 15 bits of exponent and
/// fraction are put where f32 has them, and the product makes up for the exponents' other zero.
#[inline(always)]
fn widen_one(half: u16) -> f32 {
    let bits = u32::from(half);
    let magnitude = f32::from_bits((bits & 0x7fff) << 13) * f32::from_bits((127 + 127 - 15) << 23);
    f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widens_every_finite_half_exactly() {
        for bits in 0..=u16::MAX {
            let half = half::f16::from_bits(bits);
            if half.is_finite() {
                let (found, expected) = (widen_one(bits), half.to_f32());
                assert_eq!(found.to_bits(), expected.to_bits(), "half {bits:#06x}: {found}, not {expected}");
            }
        }
    }

    #[test]
    fn rows_come_back_as_they_went_in() {
        let halves: Vec<half::f16> = (0..24).map(|n| half::f16::from_f32(n as f32 / 4.0)).collect();
        let bytes: Vec<u8> = halves.iter().flat_map(|half| half.to_le_bytes()).collect();
        let mut matrix = Matrix::zeros(4, 8, WeightDtype::F16);
        matrix.write_rows(1, &bytes);
        assert_eq!(matrix.read_tile(0, 0), [0.0; 8]);
        assert_eq!(matrix.read_tile(1, 0), [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75]);
        assert_eq!(matrix.read_tile(3, 0)[7], 5.75);
    }
}
