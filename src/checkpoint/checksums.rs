//! CRC-32 of what is read, computed on the way.
//!
//! A backend's weights are streamed through once, in order for nearly every file, so their
//! checksums cost no second reading. Where a view leaves out a part of its storage or reads it in
//! another order, the rest is read at the end.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use super::pth::{Stored, check_crc32};
use super::source::{ByteSource, PIECE};
use crate::error::Result;

/// The checksums of a file's runs of elements.
#[derive(Debug, Default)]
pub(super) struct Checksums {
    /// By the place of a run's first byte.
    runs: RefCell<BTreeMap<u64, Run>>,
}

#[derive(Debug)]
struct Run {
    entry: String,
    range: Range<u64>,
    expected: u32,
    /// Up to where the sum is computed.
    done: u64,
    begun: bool,
    hasher: crc32fast::Hasher,
}

impl Run {
    /// Adds what of these bytes, which lie at `at` in the file, comes next.
    fn see(&mut self, at: u64, bytes: &[u8]) {
        self.begun = true;
        let known = self.done.saturating_sub(at);
        if at <= self.done
            && let Some(new) = bytes.get(known as usize..)
        {
            self.hasher.update(new);
            self.done += new.len() as u64;
        }
    }
}

impl Checksums {
    /// Of entries by name.
    pub fn new(entries: impl Iterator<Item = (String, Stored)>) -> Self {
        let run = |(entry, Stored { range, crc32 }): (String, Stored)| {
            let (done, hasher) = (range.start, crc32fast::Hasher::new());
            (range.start, Run { entry, range, expected: crc32, done, begun: false, hasher })
        };
        Checksums { runs: RefCell::new(entries.map(run).collect()) }
    }

    /// Takes note of bytes that lie at `at` in the file.
    pub fn see(&self, at: u64, bytes: &[u8]) {
        let mut runs = self.runs.borrow_mut();
        if let Some((_, run)) = runs.range_mut(..=at).next_back() {
            run.see(at, bytes);
        }
    }

    /// Reads what is left of every run that was begun, and compares its sum.
    ///
    /// # Errors
    /// [`Error::CheckpointFormat`](crate::Error::CheckpointFormat) at the first that differs.
    pub async fn verify(&self, source: &impl ByteSource) -> Result<()> {
        let begun: Vec<u64> =
            self.runs.borrow().iter().filter(|(_, run)| run.begun).map(|(&start, _)| start).collect();
        for start in begun {
            while let Some(rest) = self.rest(start) {
                let bytes = source.read(rest.clone()).await?;
                // Not `see`: in a directory that lies, another run may begin inside this one.
                self.runs.borrow_mut().entry(start).and_modify(|run| run.see(rest.start, &bytes));
            }
            let runs = self.runs.borrow();
            let run = &runs[&start];
            check_crc32(&run.entry, run.expected, run.hasher.clone().finalize())?;
        }
        Ok(())
    }

    /// The next piece of a run whose sum is not complete.
    fn rest(&self, start: u64) -> Option<Range<u64>> {
        let runs = self.runs.borrow();
        let Run { done, range, .. } = &runs[&start];
        (*done < range.end).then(|| *done..range.end.min(*done + PIECE as u64))
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;

    /// Found by the tests of damaged files: the rest of a run in which another one begins was read without end.
    #[test]
    fn runs_that_overlap_are_summed_each_to_its_end() {
        let bytes = *b"a directory can lie";
        let stored = |range: Range<u64>| {
            let crc32 = crc32fast::hash(&bytes[range.start as usize..range.end as usize]);
            Stored { range, crc32 }
        };
        let whole = ("whole".to_owned(), stored(0..19));
        let inner = ("inner".to_owned(), stored(5..12));
        let sums = Checksums::new([whole.clone(), inner].into_iter());
        sums.see(0, &bytes[..3]);
        sums.see(5, &bytes[5..7]);
        block_on(sums.verify(&&bytes[..])).expect("both sums are right");

        let wrong = ("inner".to_owned(), Stored { crc32: 1, ..stored(5..12) });
        let sums = Checksums::new([whole, wrong].into_iter());
        sums.see(5, &bytes[5..7]);
        let error = block_on(sums.verify(&&bytes[..])).expect_err("a wrong sum");
        assert!(error.to_string().contains("`inner`"), "{error}");
    }
}
