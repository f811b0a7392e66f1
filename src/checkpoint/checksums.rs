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
        let Some((_, run)) = runs.range_mut(..=at).next_back() else { return };
        run.begun = true;
        let known = run.done.saturating_sub(at);
        if at <= run.done
            && let Some(new) = bytes.get(known as usize..)
        {
            run.hasher.update(new);
            run.done += new.len() as u64;
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
                self.see(rest.start, &source.read(rest.clone()).await?);
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
