//! The figures that every run delivers.

use super::{BufferId, Dims, ModelConfig, RowStats, THUMBNAIL_SIDE};

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
    /// `[layer, head, side, side]` of the first sequence. A cell holds the largest weight that it covers,
    /// and 255 is a weight of 1. `side` is `min(seq, THUMBNAIL_SIDE)`; cell `c` covers the positions
    /// `c * seq / side .. (c + 1) * seq / side`.
    pub thumbnails: Vec<u8>,
    /// Bytes that were read back from the GPU for these figures.
    pub bytes_read: usize,
    /// Dispatches of GPU kernels that made these figures.
    pub dispatches: usize,
}

impl Readout {
    /// Collects the figures from the bytes of each buffer that is read back.
    pub fn of<'a>(config: &ModelConfig, dims: &Dims, bytes_of: impl Fn(BufferId) -> &'a [u8]) -> Self {
        let pairs: Vec<[f32; 2]> = bytemuck::pod_collect_to_vec(bytes_of(BufferId::LogProbs));
        let (log_probs, top_log_probs) = pairs.iter().map(|&[next, top]| (next, top)).unzip();
        let mut readout = Readout { log_probs, top_log_probs, ..Readout::default() };
        for layer in 0..config.n_layers {
            let stats = bytes_of(BufferId::Stats(layer));
            readout.stats.extend_from_slice(&bytemuck::pod_collect_to_vec::<u8, RowStats>(stats));
            let offsets = bytes_of(BufferId::Offsets(layer));
            readout.offsets.extend_from_slice(&bytemuck::pod_collect_to_vec::<u8, f32>(offsets));
            readout.thumbnails.extend_from_slice(&unpadded(bytes_of(BufferId::Thumbnails(layer)), dims));
        }
        readout
    }

    /// Takes the figures that no run keeps of the layers before `layer`, offsets and thumbnails, from another
    /// run of the same tokens.
    pub fn take_layers_before(&mut self, layer: usize, n_layers: usize, from: &Readout) {
        let known = self.offsets.len() / n_layers * layer;
        self.offsets[..known].copy_from_slice(&from.offsets[..known]);
        let known = self.thumbnails.len() / n_layers * layer;
        self.thumbnails[..known].copy_from_slice(&from.thumbnails[..known]);
    }
}

/// Drops the padding of each row of cells, which is rounded up to whole words.
pub fn unpadded(cells: &[u8], dims: &Dims) -> Vec<u8> {
    let side = (dims.seq as usize).min(THUMBNAIL_SIDE);
    let mut dense = Vec::with_capacity(cells.len());
    for row in cells.chunks_exact(side.next_multiple_of(4)) {
        dense.extend_from_slice(&row[..side]);
    }
    dense
}
