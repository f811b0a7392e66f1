//! The inner loop of all matrix products: 4 rows times 8 columns, summed in registers.
//!
//! Both operands are packed, so that the loop reads memory in order. 4 x 8 sums take 8 of the 16 registers
//! of a 128-bit machine, which leaves room for the operands. Larger tiles spill.

use super::matrix::Matrix;

/// Rows of a tile.
pub const ROWS: usize = 4;

/// Columns of a tile.
pub const COLUMNS: usize = crate::model::COLUMN_TILE;

/// `[COLUMNS]` sums for each of `[ROWS]` rows.
pub type Tile = [[f32; COLUMNS]; ROWS];

/// `tile[row][column] = sum over k of rows[k][row] * panel[k][column]`. k ends with the shorter operand.
///
/// It is never inlined: the quick register allocator of a browser makes it a third slower within a larger
/// function.
#[inline(never)]
pub fn multiply(rows: &[[f32; ROWS]], panel: &[[f32; COLUMNS]]) -> Tile {
    let mut tile = [[0.0; COLUMNS]; ROWS];
    for (left, right) in rows.iter().zip(panel) {
        for row in 0..ROWS {
            for column in 0..COLUMNS {
                tile[row][column] += left[row] * right[column];
            }
        }
    }
    tile
}

/// The same for products with weights.
#[cfg(not(target_feature = "relaxed-simd"))]
#[inline]
pub fn multiply_weights(rows: &[[f32; ROWS]], panel: &[[f32; COLUMNS]]) -> Tile {
    multiply(rows, panel)
}

/// The same for products with weights: multiplications and additions are fused, where the processor can.
///
/// The compiler fuses none by itself, since a fused sum is rounded once and not twice. Attention's products
/// are not fused, so that the same queries and keys have the same scores in both builds.
#[cfg(target_feature = "relaxed-simd")]
#[inline(never)]
pub fn multiply_weights(rows: &[[f32; ROWS]], panel: &[[f32; COLUMNS]]) -> Tile {
    use core::arch::wasm32::{f32x4, f32x4_extract_lane as lane, f32x4_relaxed_madd, f32x4_splat};

    let mut tile = [[f32x4_splat(0.0); COLUMNS / 4]; ROWS];
    for (left, &[a, b, c, d, e, f, g, h]) in rows.iter().zip(panel) {
        let right = [f32x4(a, b, c, d), f32x4(e, f, g, h)];
        for (sums, &left) in tile.iter_mut().zip(left) {
            for (sum, &right) in sums.iter_mut().zip(&right) {
                *sum = f32x4_relaxed_madd(f32x4_splat(left), right, *sum);
            }
        }
    }
    let lanes = |of| [lane::<0>(of), lane::<1>(of), lane::<2>(of), lane::<3>(of)];
    tile.map(|[left, right]| {
        let ([a, b, c, d], [e, f, g, h]) = (lanes(left), lanes(right));
        [a, b, c, d, e, f, g, h]
    })
}

/// Rows of a left operand, in tiles of `[depth]` of `[ROWS]`. Zeros fill the last tile.
pub struct RowTiles {
    depth: usize,
    packed: Vec<[f32; ROWS]>,
}

impl RowTiles {
    /// Packs rows of `depth` numbers each.
    pub fn pack<'a>(depth: usize, rows: impl ExactSizeIterator<Item = &'a [f32]>) -> Self {
        let mut packed = vec![[0.0; ROWS]; rows.len().div_ceil(ROWS) * depth];
        for (index, row) in rows.enumerate() {
            let (tile, lane) = (index / ROWS, index % ROWS);
            for (to, &value) in packed[tile * depth..][..depth].iter_mut().zip(row) {
                to[lane] = value;
            }
        }
        RowTiles { depth, packed }
    }

    /// Number of tiles.
    pub fn len(&self) -> usize {
        self.packed.len() / self.depth
    }

    /// One tile, `[depth]` of `[ROWS]`.
    pub fn tile(&self, index: usize) -> &[[f32; ROWS]] {
        &self.packed[index * self.depth..][..self.depth]
    }
}

/// Columns of a right operand that are widened together, in panels of `[depth]` of `[COLUMNS]`.
///
/// While all rows are multiplied, a block stays in the second-level cache, and a panel in the first.
pub struct ColumnBlock {
    panels: Vec<[f32; COLUMNS]>,
    depth: usize,
    first_column: usize,
}

/// Largest size of a block: that of a second-level cache.
const BLOCK_BYTES: usize = 512 << 10;

/// Largest number of columns of a block. From 128 on, rows of f16 fill whole cache lines, and widening is
/// twice as fast as with 64.
const MAX_BLOCK_COLUMNS: usize = 256;

impl ColumnBlock {
    /// Columns of a block of a matrix with that many rows.
    pub fn columns_of(depth: usize) -> usize {
        let panels = BLOCK_BYTES / (depth * size_of::<[f32; COLUMNS]>());
        (panels * COLUMNS).clamp(COLUMNS, MAX_BLOCK_COLUMNS)
    }

    /// Calls `with_block` for each block of a matrix, in order.
    pub fn for_each(matrix: &Matrix, mut with_block: impl FnMut(&ColumnBlock)) {
        let depth = matrix.rows();
        let columns = Self::columns_of(depth);
        let mut block = ColumnBlock { panels: Vec::new(), depth, first_column: 0 };
        for first_column in (0..matrix.columns()).step_by(columns) {
            let panels = columns.min(matrix.columns() - first_column) / COLUMNS;
            block.panels.resize(panels * depth, [0.0; COLUMNS]);
            block.first_column = first_column;
            matrix.read_columns(first_column, &mut block.panels);
            with_block(&block);
        }
    }

    /// Each panel, with the number of its first column in the matrix.
    pub fn panels(&self) -> impl Iterator<Item = (usize, &[[f32; COLUMNS]])> {
        let panels = self.panels.chunks_exact(self.depth).enumerate();
        panels.map(|(index, panel)| (self.first_column + index * COLUMNS, panel))
    }

    /// Number of the block's first column in the matrix.
    pub fn first_column(&self) -> usize {
        self.first_column
    }

    /// Number of its columns.
    pub fn columns(&self) -> usize {
        self.panels.len() / self.depth * COLUMNS
    }
}
