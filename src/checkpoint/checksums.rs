//! CRC-32 of a file's bytes, computed while they are read.
//!
//! A backend reads the weights once, in order for nearly every file, so that their checksums need no
//! second reading. Where a view leaves out a part of its run or reads it in another order, the rest is
//! read at the end.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use super::source::{ByteSource, PIECE};
use crate::error::{Error, Result};

/// A run of bytes in the file.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    /// The bytes' place in the file.
    pub range: Range<u64>,
    /// The CRC-32 that the bytes should have.
    pub crc32: u32,
}

/// Compares the checksum of a zip file's entry with the one that its directory gives.
///
/// # Errors
/// [`Error::CheckpointFormat`] when they differ.
pub(super) fn check_crc32(entry: &str, expected: u32, found: u32) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(Error::CheckpointFormat {
        expected: "a torch checkpoint",
        found: format!(
            "the entry `{entry}` is damaged: its CRC-32 should be {expected:08x}, and is {found:08x}; \
             fetch the file again"
        ),
    })
}

/// The checksums of a file's runs of elements.
#[derive(Debug, Default)]
pub(super) struct Checksums {
    /// By the first byte's place in the file.
    runs: RefCell<BTreeMap<u64, Run>>,
}

#[derive(Debug)]
struct Run {
    entry: String,
    range: Range<u64>,
    expected: u32,
    /// End of the bytes that are in the sum.
    done: u64,
    /// Whether some of the run was read.
    begun: bool,
    hasher: crc32fast::Hasher,
}

impl Run {
    /// Adds those of the bytes from `at` on that come next in the sum.
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
    /// Checksums of a zip file's entries, given by name.
    pub fn new(entries: impl Iterator<Item = (String, Stored)>) -> Self {
        let run = |(entry, Stored { range, crc32 }): (String, Stored)| {
            let (done, hasher) = (range.start, crc32fast::Hasher::new());
            (range.start, Run { entry, range, expected: crc32, done, begun: false, hasher })
        };
        Checksums { runs: RefCell::new(entries.map(run).collect()) }
    }

    /// Takes note of bytes that were read from `at` on.
    pub fn see(&self, at: u64, bytes: &[u8]) {
        let mut runs = self.runs.borrow_mut();
        if let Some((_, run)) = runs.range_mut(..=at).next_back() {
            run.see(at, bytes);
        }
    }

    /// Reads the rest of every run that was begun, and compares its sum.
    ///
    /// # Errors
    /// [`Error::CheckpointFormat`] at the first sum that differs.
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

    /// The tests of damaged files found it: where a run began inside another, the rest of the outer run
    /// was read without end.
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
