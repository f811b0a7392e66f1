//! The sizes of a run: its tokens, and which of them are new.

/// The run's sizes, as both backends take them.
///
/// `struct Dims` of `shaders/common.wgsl` is the same struct; `tests/native/shaders.rs` compares them.
/// Rows are numbered `sequence * seq + position`. Rows before `first_row` are known from an
/// earlier run with the same beginning; they exist only where `batch` is 1.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
pub struct Dims {
    /// Tokens of each sequence.
    pub seq: u32,
    /// Sequences.
    pub batch: u32,
    /// The first row to compute.
    pub first_row: u32,
    /// The end of the rows: `seq * batch`, or less in a [part](Self::part) of a run.
    pub rows: u32,
}

impl Dims {
    /// Sizes of a run of `batch` sequences of `seq` tokens, computed from `first_row` on.
    pub fn new(seq: usize, batch: usize, first_row: usize) -> Self {
        debug_assert!(first_row == 0 || (batch == 1 && first_row < seq));
        Dims { seq: seq as u32, batch: batch as u32, first_row: first_row as u32, rows: (seq * batch) as u32 }
    }

    /// The token after a row's; none in a sequence's last row.
    pub fn next_token(&self, tokens: &[u32], row: usize) -> Option<u32> {
        if (row + 1).is_multiple_of(self.seq as usize) { None } else { Some(tokens[row + 1]) }
    }

    /// The same run's sizes for a kernel that makes some of the rows. A kernel that counts in queries makes
    /// these queries of every sequence.
    pub fn part(&self, rows: std::ops::Range<usize>) -> Self {
        Dims { first_row: rows.start as u32, rows: rows.end as u32, ..*self }
    }

    /// The end of the positions of a sequence that are computed.
    pub fn end_query(&self) -> usize {
        self.seq.min(self.rows) as usize
    }

    /// Positions of a sequence that are computed.
    pub fn new_queries(&self) -> usize {
        self.end_query() - self.first_row as usize
    }

    /// Rows that are computed.
    pub fn new_rows(&self) -> usize {
        (self.rows - self.first_row) as usize
    }
}
