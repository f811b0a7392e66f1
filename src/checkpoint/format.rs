//! Recognises a file's format by its first bytes, not by its name.

use super::pth::{MAGIC, SAVE_AGAIN};
use super::source::ByteSource;
use crate::error::{Error, Result};

/// A format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Safetensors,
    Torch,
}

/// Bytes that are looked at. A tar file's mark lies farthest from the beginning.
const HEAD: u64 = 512;

/// Place of the mark in a tar file.
const TAR_MARK: std::ops::Range<usize> = 257..262;

/// torch's magic number, 0x1950a86a20f9469cfc6c, as a pickle has it after the protocol.
const LEGACY_TORCH: &[u8] = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

/// Recognises a file's format.
///
/// # Errors
/// [`Error::CheckpointFormat`] when the file has neither format. Where its format is known, the error names
/// it and tells what to do.
pub(super) async fn recognise(source: &impl ByteSource) -> Result<Format> {
    let head = source.read(0..source.len().min(HEAD)).await?;
    if head.starts_with(MAGIC) {
        return Ok(Format::Torch);
    }
    // A safetensors file has eight bytes of length, then JSON.
    if head.get(8) == Some(&b'{') {
        return Ok(Format::Safetensors);
    }
    Err(Error::CheckpointFormat { expected: "safetensors or a torch checkpoint", found: describe(&head) })
}

/// Describes a file of another format, with advice where there is any.
fn describe(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head).trim_start().to_lowercase();
    let pickle = head.first() == Some(&0x80) && head.get(1).is_some_and(|protocol| *protocol <= 5);
    if head.is_empty() {
        "an empty file".to_owned()
    } else if pickle && head[2..].starts_with(LEGACY_TORCH) {
        format!("a file in torch's format from before version 1.6; {SAVE_AGAIN}")
    } else if head.get(TAR_MARK) == Some(b"ustar") {
        format!("a tar file, as torch's first format was; {SAVE_AGAIN}")
    } else if pickle {
        format!("a plain pickle, which is not read, since it may run anything; {SAVE_AGAIN}")
    } else if text.starts_with("version https://git-lfs") {
        "a Git LFS pointer, a few lines of text that stand for the file; fetch the file itself".to_owned()
    } else if text.starts_with('<') {
        "an HTML or XML page; fetch the file itself".to_owned()
    } else {
        let first: Vec<String> = head.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("a file that starts with the bytes {}", first.join(" "))
    }
}
