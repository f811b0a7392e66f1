//! A model's weights in memory, as they were stored.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::Matrix;
use super::divided::Divided;
use super::linear::{Positioned, linear};
use super::log_probs::{Part, parts_of};
use super::share::read_columns;
use super::team::{Team, is_divided};
use super::work::count_product;
use crate::checkpoint::{Block, WeightDtype, WeightSink};
use crate::error::Result;
use crate::model::{Dims, MatrixId, VectorId};

/// Every matrix and vector of a model.
#[derive(Debug, Default)]
pub struct Weights {
    matrices: BTreeMap<MatrixId, Held>,
    vectors: BTreeMap<VectorId, Vec<f32>>,
    team: Option<Rc<dyn Team>>,
}

#[derive(Debug)]
enum Held {
    Whole(Matrix),
    Divided(Divided),
}

impl Weights {
    /// Weights whose large matrices are divided between the engine and its helpers.
    pub fn divided_between(team: Option<Rc<dyn Team>>) -> Self {
        Weights { team: team.filter(|team| team.helpers() > 0), ..Weights::default() }
    }

    fn held(&self, id: MatrixId) -> &Held {
        self.matrices.get(&id).unwrap_or_else(|| panic!("{id:?} was not loaded"))
    }

    /// A matrix that was loaded and is not divided.
    pub(crate) fn matrix(&self, id: MatrixId) -> &Matrix {
        match self.held(id) {
            Held::Whole(matrix) => matrix,
            Held::Divided(_) => panic!("{id:?} is divided"),
        }
    }

    /// A matrix that was loaded, collected if it is divided.
    pub(super) async fn whole(&self, id: MatrixId) -> Cow<'_, Matrix> {
        match self.held(id) {
            Held::Whole(matrix) => Cow::Borrowed(matrix),
            Held::Divided(divided) => Cow::Owned(divided.whole().await),
        }
    }

    /// Columns of a matrix, one after the other, widened.
    pub(super) async fn columns(&self, id: MatrixId, columns: &[u32]) -> Vec<f32> {
        match self.held(id) {
            Held::Whole(matrix) => read_columns(matrix, columns),
            Held::Divided(divided) => divided.read_columns(columns).await,
        }
    }

    /// Rows and columns of a matrix, padding included.
    pub(super) fn size(&self, id: MatrixId) -> (usize, usize) {
        match self.held(id) {
            Held::Whole(matrix) => (matrix.rows(), matrix.columns()),
            Held::Divided(divided) => (divided.rows(), divided.columns()),
        }
    }

    /// A product as [`linear`] makes it.
    pub(super) async fn linear(
        &self,
        id: MatrixId,
        dims: &Dims,
        (x, positioned): (&[f32], Option<Positioned<'_>>),
        bias: Option<&[f32]>,
        residual: Option<&[f32]>,
        out: &mut [f32],
    ) {
        let (depth, width) = self.size(id);
        count_product(dims.new_rows(), depth * width);
        match self.held(id) {
            Held::Whole(matrix) => linear(dims, x, positioned, matrix, bias, residual, out),
            Held::Divided(divided) => divided.linear(dims, x, positioned, bias, residual, out).await,
        }
    }

    /// Of rows `x [rows, D]`, the log-sum-exp of their logits, and the logit of each row's target.
    pub(super) async fn log_sum_exp(&self, x: &[f32], targets: &[u32]) -> Vec<Part> {
        let bias = self.vector(VectorId::UnembedBias);
        let (depth, width) = self.size(MatrixId::Unembed);
        count_product(targets.len(), depth * width);
        match self.held(MatrixId::Unembed) {
            Held::Whole(unembed) => parts_of(x, targets, unembed, bias),
            Held::Divided(unembed) => unembed.log_sum_exp(x, targets, bias).await,
        }
    }

    /// A vector that was loaded.
    pub(crate) fn vector(&self, id: VectorId) -> &[f32] {
        self.vectors.get(&id).unwrap_or_else(|| panic!("{id:?} was not loaded"))
    }
}

impl WeightSink for Weights {
    fn begin_matrix(&mut self, id: MatrixId, rows: usize, columns: usize, dtype: WeightDtype) -> Result<()> {
        let team = self.team.as_ref().filter(|team| is_divided(&***team, id, rows, columns));
        let held = match team {
            Some(team) => Held::Divided(Divided::zeros(rows, columns, dtype, team)),
            None => Held::Whole(Matrix::zeros(rows, columns, dtype)),
        };
        self.matrices.insert(id, held);
        Ok(())
    }

    fn write(&mut self, id: MatrixId, block: Block, bytes: &[u8]) -> Result<()> {
        match self.matrices.get_mut(&id).unwrap_or_else(|| panic!("{id:?} was not announced")) {
            Held::Whole(matrix) => matrix.write(&block, bytes),
            Held::Divided(divided) => divided.write(&block, bytes),
        }
        Ok(())
    }

    fn vector(&mut self, id: VectorId, values: &[f32]) -> Result<()> {
        self.vectors.insert(id, values.to_vec());
        Ok(())
    }
}
