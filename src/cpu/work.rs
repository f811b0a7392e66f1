//! Counts what the CPU computes, on each thread by itself.

use std::cell::Cell;

use crate::model::Work;

thread_local! {
    static WORK: Cell<Work> = Cell::default();
}

/// What this thread has computed so far.
pub(crate) fn work() -> Work {
    WORK.get()
}

/// Counts the product of `rows` rows and a matrix of `elements`.
pub(super) fn count_product(rows: usize, elements: usize) {
    let work = WORK.get();
    WORK.set(Work { products: work.products + (rows * elements) as u64, ..work });
}

/// Counts scores of queries and keys.
pub(super) fn count_scores(scores: usize) {
    let work = WORK.get();
    WORK.set(Work { scores: work.scores + scores as u64, ..work });
}
