//! A matrix whose columns are divided between the engine and its helpers.

use std::ops::Range;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::Matrix;
use super::linear::Positioned;
use super::log_probs::{Part, parts_of};
use super::share::{product, read_columns};
use super::team::{Answer, Order, Question, Team, positioned_of, shares};
use crate::checkpoint::{Block, WeightDtype};
use crate::model::{Dims, NO_TOKEN};

/// The number of the next matrix.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// The engine's columns of a matrix, and where the others are.
#[derive(Debug)]
pub(super) struct Divided {
    matrix: u32,
    columns: usize,
    element_bytes: usize,
    /// Those of the engine, then those of each helper.
    shares: Vec<Range<usize>>,
    own: Matrix,
    team: Rc<dyn Team>,
}

impl Divided {
    /// Makes a matrix of zeros.
    pub fn zeros(rows: usize, columns: usize, dtype: WeightDtype, team: &Rc<dyn Team>) -> Self {
        let matrix = NEXT.fetch_add(1, Ordering::Relaxed);
        let shares = shares(columns, 1 + team.helpers());
        for (helper, share) in shares[1..].iter().enumerate() {
            team.tell(helper, Order::Begin { matrix, rows, columns: share.len(), dtype });
        }
        let own = Matrix::zeros(rows, shares[0].len(), dtype);
        let element_bytes = dtype.size();
        Divided { matrix, columns, element_bytes, shares, own, team: Rc::clone(team) }
    }

    /// Replaces a block by little-endian elements, each in the memory of whoever has its column.
    pub fn write(&mut self, block: &Block, bytes: &[u8]) {
        let Block { rows, columns } = block;
        for (part, share) in self.shares.iter().enumerate() {
            let (start, end) = (columns.start.max(share.start), columns.end.min(share.end));
            if start >= end {
                continue;
            }
            let size = self.element_bytes;
            let of_row = (start - columns.start) * size..(end - columns.start) * size;
            let rows_of_bytes = bytes.chunks_exact(columns.len() * size);
            let bytes: Vec<u8> = rows_of_bytes.flat_map(|row| &row[of_row.clone()]).copied().collect();
            let block = Block { rows: rows.clone(), columns: start - share.start..end - share.start };
            match part.checked_sub(1) {
                None => self.own.write(&block, &bytes),
                Some(helper) => {
                    self.team.tell(helper, Order::Write { matrix: self.matrix, block, bytes });
                }
            }
        }
    }

    /// `K`.
    pub fn rows(&self) -> usize {
        self.own.rows()
    }

    /// `N`, padding included.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Writes the new rows of `out [rows, N]`, as [`linear`](super::linear::linear) does.
    pub async fn linear(
        &self,
        dims: &Dims,
        x: &[f32],
        positioned: Option<Positioned<'_>>,
        bias: Option<&[f32]>,
        residual: Option<&[f32]>,
        out: &mut [f32],
    ) {
        let depth = self.rows();
        let rows = dims.first_row as usize..dims.rows as usize;
        let x = &x[rows.start * depth..rows.end * depth];
        let x_pos = positioned.map_or(&[][..], |it| &it.x_pos[rows.start * depth..rows.end * depth]);
        let counts: Vec<usize> = self.shares.iter().map(|share| positioned_of(positioned, share)).collect();
        let answers = self.ask(|part| {
            let x_pos = if counts[part] > 0 { x_pos.to_vec() } else { Vec::new() };
            Question::Product { matrix: self.matrix, x: x.to_vec(), x_pos, positioned: counts[part] }
        });
        let own = (counts[0] > 0).then_some(Positioned { x_pos, columns: counts[0] });
        let mut made = product(x, own, &self.own);
        place(&made, rows.clone(), (self.columns, &self.shares[0]), bias, residual, out);
        for (share, answer) in self.shares[1..].iter().zip(answers) {
            made = answer.await;
            place(&made, rows.clone(), (self.columns, share), bias, residual, out);
        }
    }

    /// The parts of the log-sum-exp of rows `x [rows, K]`, joined, with the logits of columns `targets`.
    pub async fn log_sum_exp(&self, x: &[f32], targets: &[u32], bias: &[f32]) -> Vec<Part> {
        let of_share = |share: &Range<usize>| -> Vec<u32> {
            let own = |&target: &u32| share.contains(&(target as usize));
            targets.iter().map(|t| if own(t) { t - share.start as u32 } else { NO_TOKEN }).collect()
        };
        let answers = self.ask(|part| {
            let share = &self.shares[part];
            let (bias, targets) = (bias[share.clone()].to_vec(), of_share(share));
            Question::LogSumExp { matrix: self.matrix, x: x.to_vec(), bias, targets }
        });
        let share = &self.shares[0];
        let mut parts = parts_of(x, &of_share(share), &self.own, &bias[share.clone()]);
        for (share, answer) in self.shares[1..].iter().zip(answers) {
            let others = answer.await;
            let (others, _) = others.as_chunks();
            for ((part, other), &target) in parts.iter_mut().zip(others).zip(targets) {
                part.join(Part::from_f32(*other), share.contains(&(target as usize)));
            }
        }
        parts
    }

    /// The whole matrix in f32.
    pub async fn whole(&self) -> Matrix {
        let answers = self.ask(|_| Question::Whole { matrix: self.matrix });
        let mut whole = Matrix::zeros(self.rows(), self.columns, WeightDtype::F32);
        let mut put = |share: &Range<usize>, values: &[f32]| {
            let block = Block { rows: 0..self.rows(), columns: share.clone() };
            whole.write(&block, bytemuck::cast_slice(values));
        };
        put(&self.shares[0], &self.own.to_f32());
        for (share, answer) in self.shares[1..].iter().zip(answers) {
            put(share, &answer.await);
        }
        whole
    }

    /// Columns, one after the other, widened: `[columns, K]`.
    pub async fn read_columns(&self, columns: &[u32]) -> Vec<f32> {
        let of_share = |share: &Range<usize>| -> Vec<u32> {
            let own = columns.iter().filter(|&&column| share.contains(&(column as usize)));
            own.map(|column| column - share.start as u32).collect()
        };
        let answers = self.ask(|part| {
            let columns = of_share(&self.shares[part]);
            Question::Columns { matrix: self.matrix, columns }
        });
        let mut read = vec![0.0; columns.len() * self.rows()];
        let mut put = |share: &Range<usize>, values: &[f32]| {
            let mut values = values.chunks_exact(self.rows());
            for (column, to) in columns.iter().zip(read.chunks_exact_mut(self.own.rows())) {
                if share.contains(&(*column as usize)) {
                    values.next().into_iter().for_each(|values| to.copy_from_slice(values));
                }
            }
        };
        put(&self.shares[0], &read_columns(&self.own, &of_share(&self.shares[0])));
        for (share, answer) in self.shares[1..].iter().zip(answers) {
            put(share, &answer.await);
        }
        read
    }

    /// Asks every helper. `question` gets the number of the share.
    fn ask(&self, question: impl Fn(usize) -> Question) -> Vec<Answer> {
        (0..self.team.helpers()).map(|helper| self.team.ask(helper, question(helper + 1))).collect()
    }
}

impl Drop for Divided {
    fn drop(&mut self) {
        for helper in 0..self.team.helpers() {
            self.team.tell(helper, Order::Free { matrix: self.matrix });
        }
    }
}

/// Writes one share of the new rows of `out`.
fn place(
    made: &[f32],
    rows: Range<usize>,
    (columns, share): (usize, &Range<usize>),
    bias: Option<&[f32]>,
    residual: Option<&[f32]>,
    out: &mut [f32],
) {
    for (row, made) in rows.zip(made.chunks_exact(share.len())) {
        let range = row * columns + share.start..row * columns + share.end;
        let to = &mut out[range.clone()];
        to.copy_from_slice(made);
        if let Some(bias) = bias {
            to.iter_mut().zip(&bias[share.clone()]).for_each(|(to, bias)| *to += bias);
        }
        if let Some(residual) = residual {
            to.iter_mut().zip(&residual[range]).for_each(|(to, residual)| *to += residual);
        }
    }
}
