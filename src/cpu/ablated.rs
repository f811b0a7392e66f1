//! Runs of the same tokens with heads and MLPs ablated.

use std::rc::Rc;

use super::attention::attention;
use super::buffers::Buffers;
use super::run::{LayerZ, Run};
use super::shared::{Pass, Shared};
use crate::model::{Ablation, BufferId, Delivers, Dims, Readout, RowStats, Shapes};

impl Run {
    /// Runs the same tokens with heads and MLPs ablated. The pass begins after the attention of the first
    /// ablated layer; everything before it is copied from this run. The rows that the tokens share with the
    /// beginning of `previous`, a run with the same ablation, are copied from that run. Log-probabilities are
    /// made from `first_pos` of each sequence on; those before it are 0.
    pub async fn ablated(&self, ablation: &Ablation, first_pos: usize, previous: Option<&Run>) -> Run {
        let config = &self.shared.config;
        let first_row = previous.map_or(0, |previous| self.batch().rows_shared_with(previous.batch()));
        let mut buffers = self.buffers().clone();
        if let Some(previous) = previous {
            buffers.copy_rows(config, previous.buffers(), first_row);
        }
        let dims = self.batch().dims(first_row);
        let delivers = Delivers::Figures;
        let mut readout = self.play_ablated(ablation, first_pos, delivers, &dims, &mut buffers).await;
        // No buffer keeps the offsets of the layers before. The first ablated layer has the same patterns.
        let same = ablation.first_layer().map_or(config.n_layers, |layer| layer + 1);
        readout.take_offsets_before(same, config.n_layers, self.readout());
        Run::new(&self.shared, self.batch().clone(), dims, buffers, readout)
    }

    /// The log-probabilities `[rows]` of such a run, and no more.
    pub async fn ablated_log_probs(&self, ablation: &Ablation, first_pos: usize) -> Vec<f32> {
        let (mut buffers, dims) = (self.buffers().clone(), self.batch().dims(0));
        self.play_ablated(ablation, first_pos, Delivers::LogProbs, &dims, &mut buffers).await.log_probs
    }

    async fn play_ablated(
        &self,
        ablation: &Ablation,
        first_pos: usize,
        delivers: Delivers,
        dims: &Dims,
        buffers: &mut Buffers,
    ) -> Readout {
        let Shared { config, program, .. } = &*self.shared;
        buffers.allocate_scratch(config, dims);
        if let Some(layer) = ablation.first_layer() {
            buffers.put(BufferId::Z, self.layer_z(layer, dims).z.clone());
        }
        let operations = &program.ablated(ablation, delivers)[..];
        let whole = Pass::new(self.batch(), dims, operations);
        let pass = Pass { ablation: Some(ablation), first_pos, delivers, ..whole };
        self.shared.play(pass, buffers).await
    }

    /// z of a layer for the new rows, the one that is kept or a new one.
    fn layer_z(&self, layer: usize, dims: &Dims) -> Rc<LayerZ> {
        let first_row = dims.first_row as usize;
        let kept = self.z.borrow().clone();
        if let Some(kept) = kept.filter(|kept| kept.layer == layer && kept.first_row <= first_row) {
            return kept;
        }
        let config = &self.shared.config;
        let rows = dims.rows as usize;
        let mut z = vec![0.0; rows * Shapes::of(config).z];
        let mut stats = vec![RowStats::default(); rows * config.n_heads];
        let qkv = self.buffers().get(BufferId::Qkv(layer));
        attention(dims, (config, layer), self.batch().tokens(), qkv, &mut z, &mut stats);
        let made = Rc::new(LayerZ { layer, first_row, z });
        *self.z.borrow_mut() = Some(Rc::clone(&made));
        made
    }
}
