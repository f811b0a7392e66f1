//! How much a backend has computed, as counts that do not depend on the machine's speed.

use std::ops::Sub;

/// What a backend has computed since it was opened. The difference of two is the work in between.
///
/// A CPU counts `products` and `scores` on the thread that asks, a GPU counts `dispatches` and `workgroups`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Multiplications with elements of the weights' matrices: rows times the matrix' elements. The rows that
    /// fill up the last tile are not counted.
    pub products: u64,
    /// Pairs of a query and a key whose score was made, those that fill up the last tile included.
    pub scores: u64,
    /// Kernels that were started.
    pub dispatches: u64,
    /// Their workgroups.
    pub workgroups: u64,
}

impl Sub for Work {
    type Output = Work;

    fn sub(self, before: Work) -> Work {
        Work {
            products: self.products - before.products,
            scores: self.scores - before.scores,
            dispatches: self.dispatches - before.dispatches,
            workgroups: self.workgroups - before.workgroups,
        }
    }
}
