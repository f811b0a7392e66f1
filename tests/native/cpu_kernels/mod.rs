//! Every CPU kernel against plain loops in f64, on random numbers, at sizes that fill no tile.
//!
//! The loops read like the formulas that the kernels' files open with, and share nothing with the
//! kernels but the layout of the buffers.

mod heads;
mod mlp;
mod positions;
mod stream;
mod vocabulary;

use headscope::checkpoint::{Block, WeightDtype};
use headscope::cpu::Matrix;
use headscope::model::{Dims, Heads, ModelConfig, Normalization, PositionalEmbedding};

use crate::support::assert_close;

/// Largest errors allowed of a sum of up to 2 * 130 products in f32 with terms below 1, and of
/// what is made of it: about `sqrt(260) * 6e-8` of sums of size 10.
const TOLERANCE: f64 = 1e-5;

/// Tokens, sequences, and the first row to compute.
const SIZES: [(usize, usize, usize); 10] = [
    (1, 1, 0),
    (2, 1, 0),
    (2, 1, 1),
    (63, 1, 0),
    (64, 1, 0),
    (65, 1, 0),
    (130, 1, 0),
    (130, 1, 129),
    (65, 1, 17),
    (33, 3, 0),
];

/// No width is a multiple of its tile: 66 = 8 * 8 + 2, 3 heads of 10 in 12, 1003 ids.
const CONFIG: ModelConfig = ModelConfig {
    n_layers: 1,
    n_heads: 3,
    d_model: 66,
    d_head: 10,
    n_ctx: 130,
    d_vocab: 1003,
    normalization: Some(Normalization::Ln),
    positional_embedding: PositionalEmbedding::Shortformer,
    eps: 1e-5,
    heads: Heads::PLAIN,
    mlp: None,
    tied_unembedding: false,
};

/// Calls `check` with every size and weight type.
fn at_every_size(check: impl Fn(&mut Bench, &str)) {
    for dtype in [WeightDtype::F16, WeightDtype::Bf16, WeightDtype::F32] {
        for (seq, batch, first_row) in SIZES {
            let dims = Dims::new(seq, batch, first_row);
            let what = format!("{dtype:?}, {batch} x {seq} tokens from row {first_row}: ");
            check(&mut Bench { dims, dtype, state: 0x9e37_79b9 }, &what);
        }
    }
}

/// A source of random buffers.
struct Bench {
    dims: Dims,
    dtype: WeightDtype,
    state: u64,
}

impl Bench {
    /// A number between -1 and 1 (Steele, Lea and Flood 2014, SplitMix64).
    fn number(&mut self) -> f32 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    /// `[rows, width]`, of which columns from `real` on are padding.
    fn rows(&mut self, rows: usize, width: usize, real: usize, padding: f32) -> Vec<f32> {
        (0..rows * width).map(|at| if at % width < real { self.number() } else { padding }).collect()
    }

    /// A matrix with padding, and its numbers as they are stored.
    fn matrix(&mut self, (rows, columns): (usize, usize), real: (usize, usize)) -> (Matrix, Vec<f32>) {
        let mut values = self.rows(rows, columns, real.1, 0.0);
        values[real.0 * columns..].fill(0.0);
        let mut matrix = Matrix::zeros(rows, columns, self.dtype);
        let bytes: Vec<u8> = match self.dtype {
            WeightDtype::F32 => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            WeightDtype::Bf16 => {
                let halves: Vec<half::bf16> =
                    values.iter().map(|&value| half::bf16::from_f32(value)).collect();
                values = halves.iter().map(|half| half.to_f32()).collect();
                halves.iter().flat_map(|half| half.to_le_bytes()).collect()
            }
            WeightDtype::F16 => {
                let halves: Vec<half::f16> = values.iter().map(|&value| half::f16::from_f32(value)).collect();
                values = halves.iter().map(|half| half.to_f32()).collect();
                halves.iter().flat_map(|half| half.to_le_bytes()).collect()
            }
        };
        // In two pieces, as they come from a file.
        let half = rows / 2;
        let (first, second) = bytes.split_at(half * columns * self.dtype.size());
        matrix.write(&Block::of_rows(0..half, columns), first);
        matrix.write(&Block::of_rows(half..rows, columns), second);
        (matrix, values)
    }

    /// Token ids of which many repeat.
    fn tokens(&mut self) -> Vec<u32> {
        (0..self.dims.rows).map(|_| (self.number().abs() * 7.0) as u32).collect()
    }

    fn new_rows(&self) -> std::ops::Range<usize> {
        self.dims.first_row as usize..self.dims.rows as usize
    }
}

/// A buffer whose every number must be written, and one that shows which were.
const UNTOUCHED: f32 = 12345.0;

fn untouched(len: usize) -> Vec<f32> {
    vec![UNTOUCHED; len]
}

/// Compares the new rows, and sees that those before are as they were.
fn check_rows(
    what: &str,
    bench: &Bench,
    width: usize,
    found: &[f32],
    expected: impl Fn(usize, usize) -> f64,
) {
    let rows = bench.dims.rows as usize;
    let first_row = bench.dims.first_row as usize;
    let mut all = untouched(rows * width);
    for row in bench.new_rows() {
        for column in 0..width {
            all[row * width + column] = expected(row, column) as f32;
        }
    }
    let largest = all[first_row * width..].iter().fold(1.0, |largest: f32, value| largest.max(value.abs()));
    assert_close(what, &[rows, width], found, &all, TOLERANCE as f32 * largest);
}
