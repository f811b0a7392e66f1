//! What a helper holds and does: some columns of matrices, and products with them.

use std::collections::HashMap;

use super::Matrix;
use super::linear::{Positioned, linear};
use super::log_probs::parts_of;
use super::team::{Order, Question};
use crate::checkpoint::Block;
use crate::model::Dims;

/// A helper's columns.
#[derive(Debug, Default)]
pub struct Share {
    matrices: HashMap<u32, Matrix>,
}

impl Share {
    /// How many matrices it has columns of.
    pub fn len(&self) -> usize {
        self.matrices.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.matrices.is_empty()
    }

    /// Does what it is told.
    ///
    /// # Panics
    /// When a matrix was not begun, or a block does not fit it.
    pub fn follow(&mut self, order: Order) {
        match order {
            Order::Begin { matrix, rows, columns, dtype } => {
                self.matrices.insert(matrix, Matrix::zeros(rows, columns, dtype));
            }
            Order::Write { matrix, block, bytes } => self.write(matrix, &block, &bytes),
            Order::Free { matrix } => {
                self.matrices.remove(&matrix);
            }
        }
    }

    /// Answers a question.
    ///
    /// # Panics
    /// When a matrix was not begun, or rows do not fit it.
    pub fn answer(&self, question: &Question) -> Vec<f32> {
        match question {
            Question::Product { matrix, x, x_pos, positioned } => {
                self.product(*matrix, x, x_pos, *positioned)
            }
            Question::LogSumExp { matrix, x, bias, targets } => {
                let parts = parts_of(x, targets, self.matrix(*matrix), bias);
                parts.iter().flat_map(|part| part.to_f32()).collect()
            }
            Question::Whole { matrix } => self.matrix(*matrix).to_f32(),
            Question::Columns { matrix, columns } => read_columns(self.matrix(*matrix), columns),
        }
    }

    fn write(&mut self, matrix: u32, block: &Block, bytes: &[u8]) {
        let held = self.matrices.get_mut(&matrix);
        held.unwrap_or_else(|| panic!("matrix {matrix} was not begun")).write(block, bytes);
    }

    fn matrix(&self, matrix: u32) -> &Matrix {
        self.matrices.get(&matrix).unwrap_or_else(|| panic!("matrix {matrix} was not begun"))
    }

    fn product(&self, matrix: u32, x: &[f32], x_pos: &[f32], columns: usize) -> Vec<f32> {
        let positioned = (columns > 0).then_some(Positioned { x_pos, columns });
        product(x, positioned, self.matrix(matrix))
    }
}

/// `x [rows, K]`, and `x_pos` in the first columns, times `weight [K, N]`.
pub(super) fn product(x: &[f32], positioned: Option<Positioned>, weight: &Matrix) -> Vec<f32> {
    let rows = x.len() / weight.rows();
    let mut out = vec![0.0; rows * weight.columns()];
    linear(&Dims::new(rows, 1, 0), x, positioned, weight, None, None, &mut out);
    out
}

/// Columns of a matrix, one after the other, widened.
pub(super) fn read_columns(matrix: &Matrix, columns: &[u32]) -> Vec<f32> {
    let mut values = vec![0.0; columns.len() * matrix.rows()];
    for (&column, to) in columns.iter().zip(values.chunks_exact_mut(matrix.rows())) {
        matrix.read_column(column as usize, to);
    }
    values
}
