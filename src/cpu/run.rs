//! A finished forward pass, and the figures that are made from it on demand.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use super::buffers::Buffers;
use super::norm::norm;
use super::pattern::add_pattern;
use super::shared::Shared;
use super::thumbnails::thumbnails;
use crate::error::{Error, Result};
use crate::model::{
    Batch, BufferId, Dims, MatrixId, NormAt, Readout, Shapes, VectorId, padded_cells, residual_stream,
};

/// A finished forward pass.
#[derive(Debug)]
pub struct Run {
    pub(super) shared: Rc<Shared>,
    batch: Batch,
    dims: Dims,
    buffers: Buffers,
    readout: Readout,
    /// z of the layer whose heads were ablated last.
    pub(super) z: RefCell<Option<Rc<LayerZ>>>,
}

/// The mixed values of a layer, from a row on. All ablations of the layer's heads begin with them.
#[derive(Debug)]
pub(super) struct LayerZ {
    pub layer: usize,
    pub first_row: usize,
    /// `[rows, H * C]`.
    pub z: Vec<f32>,
}

impl Run {
    /// Keeps the buffers that live as long as the run.
    pub(super) fn new(
        shared: &Rc<Shared>,
        batch: Batch,
        dims: Dims,
        mut buffers: Buffers,
        readout: Readout,
    ) -> Self {
        buffers.drop_scratch(&shared.config);
        Run { shared: Rc::clone(shared), batch, dims, buffers, readout, z: RefCell::default() }
    }

    /// The tokens that were run.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The run's sizes.
    pub fn dims(&self) -> &Dims {
        &self.dims
    }

    /// The figures that every run delivers.
    pub fn readout(&self) -> &Readout {
        &self.readout
    }

    pub(super) fn buffers(&self) -> &Buffers {
        &self.buffers
    }

    /// The attention pattern of one head, `[query_pos, key_pos]`, of the queries from `first_row` on.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`].
    pub fn pattern(&self, layer: usize, head: usize, first_row: usize) -> Result<Vec<f32>> {
        self.shared.config.check_head(layer, head)?;
        let dims = self.dims_from(first_row);
        let mut pattern = vec![0.0; dims.new_queries() * dims.seq as usize];
        self.add_pattern(&dims, layer, head, 1.0, &mut pattern);
        Ok(pattern)
    }

    /// The mean of all heads' patterns, `[query_pos, key_pos]`, of the queries from `first_row` on.
    pub fn mean_pattern(&self, first_row: usize) -> Vec<f32> {
        let config = &self.shared.config;
        let share = 1.0 / config.total_heads() as f32;
        let dims = self.dims_from(first_row);
        let mut pattern = vec![0.0; dims.new_queries() * dims.seq as usize];
        for layer in 0..config.n_layers {
            for head in 0..config.n_heads {
                self.add_pattern(&dims, layer, head, share, &mut pattern);
            }
        }
        pattern
    }

    /// Pooled patterns of layers in the first sequence, `[layer, H, side, side rounded up to 4]`. Cells that
    /// cover rows before `first_row` alone are 0.
    pub fn thumbnails(&self, layers: &[usize], first_row: usize) -> Vec<u8> {
        let config = &self.shared.config;
        let dims = self.dims_from(first_row);
        let of_layer = |&layer: &usize| {
            let (qkv, stats) = (self.buffers.get(BufferId::Qkv(layer)), self.buffers.stats(layer));
            let mut cells = vec![0; padded_cells(config.n_heads, dims.seq as usize)];
            thumbnails(&dims, (config, layer), qkv, stats, &mut cells);
            cells
        };
        layers.iter().flat_map(of_layer).collect()
    }

    /// The run's sizes, for what is made from a row on.
    fn dims_from(&self, first_row: usize) -> Dims {
        Dims { first_row: first_row as u32, ..self.dims }
    }

    fn add_pattern(&self, dims: &Dims, layer: usize, head: usize, share: f32, pattern: &mut [f32]) {
        let (qkv, stats) = (self.buffers.get(BufferId::Qkv(layer)), self.buffers.stats(layer));
        add_pattern(dims, &self.shared.config, (layer, head), share, qkv, stats, pattern);
    }

    /// The logits of one position, `[d_vocab]`.
    ///
    /// # Errors
    /// [`Error::PositionOutOfRange`].
    pub async fn logits(&self, row: usize) -> Result<Vec<f32>> {
        let Shared { config, weights, .. } = &*self.shared;
        let expected = self.dims.rows as usize;
        if row >= expected {
            return Err(Error::PositionOutOfRange { found: row, expected });
        }
        let width = Shapes::of(config).d_model;
        let resid = &self.buffers.get(residual_stream(config, NormAt::Final))[row * width..][..width];
        let (unembed, bias) = (MatrixId::Unembed, weights.vector(VectorId::UnembedBias));
        let mut logits = vec![0.0; weights.size(unembed).1];
        let (x, one) = (self.normalized(resid), Dims::new(1, 1, 0));
        weights.linear(unembed, &one, (&x, None), Some(bias), None, &mut logits).await;
        logits.truncate(config.d_vocab);
        Ok(logits)
    }

    /// `ln_final` of one row; the row itself in a model without a normalization.
    fn normalized<'a>(&self, resid: &'a [f32]) -> Cow<'a, [f32]> {
        let Shared { config, weights, .. } = &*self.shared;
        if config.normalization.is_none() {
            return Cow::Borrowed(resid);
        }
        let (weight, bias) = NormAt::Final.vectors();
        let mut x = vec![0.0; resid.len()];
        norm(&Dims::new(1, 1, 0), config, resid, weights.vector(weight), weights.vector(bias), &mut x);
        Cow::Owned(x)
    }

    /// The residual stream before layer `index`, or after the last, `[rows, d_model]`.
    ///
    /// # Errors
    /// [`Error::HeadOutOfRange`] when `index` is more than `n_layers`.
    pub fn residual(&self, index: usize) -> Result<Vec<f32>> {
        let config = &self.shared.config;
        if index > config.n_layers {
            config.check_head(index, 0)?;
        }
        let rows = self.buffers.get(BufferId::Resid(index)).chunks_exact(Shapes::of(config).d_model);
        Ok(rows.flat_map(|row| &row[..config.d_model]).copied().collect())
    }
}
