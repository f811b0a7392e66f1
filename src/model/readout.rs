//! What a run reads back for the views.

use super::RowStats;

/// Largest side of a thumbnail, in cells.
pub const THUMBNAIL_SIDE: usize = 64;

/// The figures that every run delivers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Readout {
    /// `[layer, row, head]`.
    pub stats: Vec<RowStats>,
    /// `[row]`: the log-probability of the token after the row's; 0 in a sequence's last row.
    pub log_probs: Vec<f32>,
    /// `[layer, head, side, side]` of the first sequence: each cell the largest weight it covers, 255 is 1.
    /// `side` is `min(seq, THUMBNAIL_SIDE)`; cell `c` covers positions `c * seq / side .. (c + 1) * seq / side`.
    pub thumbnails: Vec<u8>,
    /// Bytes that crossed from the GPU for them.
    pub bytes_read: usize,
    /// Kernels that ran for them.
    pub dispatches: usize,
}
