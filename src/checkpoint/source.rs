//! The source of a file's bytes: memory in tests, a `Blob` in the page.

use std::ops::Range;

use crate::error::{Error, Result};

/// Bytes that are read at once.
pub(super) const PIECE: usize = 4 << 20;

/// A file that is read by ranges.
#[allow(async_fn_in_trait, reason = "one thread: no future needs to be Send")]
pub trait ByteSource {
    /// Its length in bytes.
    fn len(&self) -> u64;

    /// Whether it has no bytes at all.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of a range that lies within the file.
    ///
    /// # Errors
    /// [`Error::FileRead`] when the range cannot be read.
    async fn read(&self, range: Range<u64>) -> Result<Vec<u8>>;
}

impl<S: ByteSource> ByteSource for &S {
    fn len(&self) -> u64 {
        S::len(self)
    }

    async fn read(&self, range: Range<u64>) -> Result<Vec<u8>> {
        S::read(self, range).await
    }
}

impl ByteSource for &[u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    async fn read(&self, range: Range<u64>) -> Result<Vec<u8>> {
        self.get(range.start as usize..range.end as usize).map(<[u8]>::to_vec).ok_or_else(|| {
            Error::FileRead {
                found: format!("bytes {} to {} of {}", range.start, range.end, ByteSource::len(self)),
            }
        })
    }
}
