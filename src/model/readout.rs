//! The figures that every run delivers.

use super::{BufferId, Delivers, ModelConfig, RowStats};

impl Delivers {
    /// Whether the buffer of that name is read.
    pub fn reads(self, id: BufferId) -> bool {
        self == Delivers::Figures || id == BufferId::LogProbs
    }
}

/// The figures that every run delivers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Readout {
    /// `[layer, row, head]`.
    pub stats: Vec<RowStats>,
    /// `[row]`: the log-probability of the token after the row's; 0 in a sequence's last row.
    pub log_probs: Vec<f32>,
    /// `[row]`: the log-probability of the most probable token after the row's; 0 in a sequence's last row.
    /// It is equal to that of the next token where the next token is the most probable one.
    pub top_log_probs: Vec<f32>,
    /// `[layer, head, offset]` of the first sequence, [`OFFSETS`](super::OFFSETS) a head: the mean of
    /// `A[q, q - offset]` over `q >= offset`; 0 where the sequence is too short.
    pub offsets: Vec<f32>,
    /// Bytes that were read back from the GPU for these figures.
    pub bytes_read: usize,
    /// Dispatches of GPU kernels that made these figures.
    pub dispatches: usize,
}

impl Readout {
    /// Collects figures from the bytes of each buffer that is read back. What is not delivered stays empty.
    pub fn of<'a>(config: &ModelConfig, delivers: Delivers, bytes_of: impl Fn(BufferId) -> &'a [u8]) -> Self {
        let pairs: Vec<[f32; 2]> = bytemuck::pod_collect_to_vec(bytes_of(BufferId::LogProbs));
        let (log_probs, top_log_probs) = pairs.iter().map(|&[next, top]| (next, top)).unzip();
        let mut readout = Readout { log_probs, top_log_probs, ..Readout::default() };
        let layers = if delivers == Delivers::Figures { config.n_layers } else { 0 };
        for layer in 0..layers {
            let stats = bytes_of(BufferId::Stats(layer));
            readout.stats.extend_from_slice(&bytemuck::pod_collect_to_vec::<u8, RowStats>(stats));
            let offsets = bytes_of(BufferId::Offsets(layer));
            readout.offsets.extend_from_slice(&bytemuck::pod_collect_to_vec::<u8, f32>(offsets));
        }
        readout
    }

    /// Takes the offsets of the layers before `layer` from another run of the same tokens: no run keeps them.
    pub fn take_offsets_before(&mut self, layer: usize, n_layers: usize, from: &Readout) {
        let known = self.offsets.len() / n_layers * layer;
        self.offsets[..known].copy_from_slice(&from.offsets[..known]);
    }
}
