//! The index of a torch checkpoint (`.pth`, `.pt`), read without running any of it.
//!
//! torch's format since version 1.6 is a zip file of stored entries. `NAME/data.pkl` is a pickle that
//! describes the state dict. Each `NAME/data/KEY` is one run of elements. A tensor is a view of a run:
//! a shape, a stride for each dimension, an offset.
//!
//! The zip reader and the pickle reader are our own. Libraries for zip files read from a file or from
//! memory; we read a few ranges of a `Blob` and never hold the file. Libraries for pickles build any
//! object; ours accepts a whitelist of names and opcodes, calls nothing, and stops at the first other
//! name. Both readers are fuzzed (`fuzz/`), and every size that a file announces is checked before
//! memory is taken for it.

mod construct;
mod elements;
mod fields;
mod pickle;
mod refusal;
mod state_dict;
mod value;
mod zip;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use self::refusal::malformed;
use self::state_dict::StateDict;
use self::value::Tensor;
use self::zip::Archive;
use super::checksums::{Checksums, Stored};
use super::index::Index;
use super::source::ByteSource;
use super::tensor::TensorInfo;
use crate::error::Result;

pub(super) use self::refusal::SAVE_AGAIN;
pub(super) use self::zip::MAGIC;

/// The longest pickle that is read. No model here needs more: a tensor takes about 200 bytes.
const LONGEST_PICKLE: u64 = 16 << 20;

/// Reads name, type, shape and place of every tensor, and the checksums of their bytes.
///
/// # Errors
/// [`Error::UnsafePickle`](crate::Error::UnsafePickle) when the pickle names anything but tensors;
/// [`Error::CheckpointFormat`](crate::Error::CheckpointFormat) when the file is no torch checkpoint, is cut
/// short or contradicts itself.
pub(super) async fn read_index(source: &impl ByteSource) -> Result<Index> {
    let archive = Archive::open(source).await?;
    let folder = folder(&archive)?;
    let big_endian = match archive.read(source, &format!("{folder}/byteorder"), 16).await?.as_deref() {
        None | Some(b"little") => false,
        Some(b"big") => true,
        Some(other) => {
            let found = String::from_utf8_lossy(other);
            return Err(malformed(format!("its byte order should be little or big, and is `{found}`")));
        }
    };
    let pickle =
        archive.read(source, &format!("{folder}/data.pkl"), LONGEST_PICKLE).await?.unwrap_or_default();
    let unpickled = pickle::unpickle(&pickle)?;
    let mut storages = BTreeMap::new();
    let mut tensors = BTreeMap::new();
    let StateDict { named, nested } = state_dict::find(&unpickled)?;
    for (name, tensor) in named {
        let key = tensor.storage.key;
        let stored = match storages.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let entry = format!("{folder}/data/{key}");
                let missing = || {
                    malformed(format!("tensor `{name}` should lie in the entry `{entry}`, which is missing"))
                };
                let stored = archive.find(source, &entry).await?.ok_or_else(missing)?;
                new.insert((entry, stored))
            }
        };
        tensors.insert(name.to_owned(), place(name, tensor, &stored.1, big_endian)?);
    }
    Ok(Index { tensors, checksums: Checksums::new(storages.into_values()), nested })
}

/// The one folder of torch's entries. Its name is that of the file when it was saved.
fn folder(archive: &Archive) -> Result<String> {
    let mut folders = archive.names().filter_map(|name| name.strip_suffix("/data.pkl"));
    let (first, second) = (folders.next(), folders.next());
    let Some(folder) = first else {
        let names: Vec<&str> = archive.names().take(3).collect();
        let held = if names.is_empty() { "nothing".to_owned() } else { format!("`{}`", names.join("`, `")) };
        return Err(malformed(format!("a zip file without a data.pkl, which holds {held}")));
    };
    if second.is_some() {
        return Err(malformed("a zip file with more than one data.pkl".to_owned()));
    }
    if archive.names().any(|name| name.starts_with(&format!("{folder}/code/"))) {
        return Err(malformed(format!("a TorchScript program; {SAVE_AGAIN}")));
    }
    Ok(folder.to_owned())
}

/// A tensor's place in the file, after a check that it lies inside its entry.
fn place(name: &str, tensor: &Tensor, stored: &Stored, big_endian: bool) -> Result<TensorInfo> {
    let entry_size = stored.range.end - stored.range.start;
    let storage_size = tensor.storage.len.checked_mul(tensor.storage.element.size);
    let size = tensor.element.size;
    let last = tensor.shape.iter().zip(&tensor.strides).try_fold(tensor.offset, |last, (&side, &stride)| {
        (side.saturating_sub(1) as u64).checked_mul(stride as u64)?.checked_add(last)
    });
    let empty = tensor.shape.contains(&0);
    let end = if empty { Some(0) } else { last.and_then(|last| last.checked_add(1)?.checked_mul(size)) };
    let needed = storage_size.zip(end).map(|(storage, view)| storage.max(view));
    if needed.is_none_or(|needed| needed > entry_size) {
        let needed =
            needed.map_or("more bytes than can be counted".to_owned(), |needed| format!("{needed} bytes"));
        return Err(malformed(format!("tensor `{name}` needs {needed}, and its entry has {entry_size}")));
    }
    let offset = if empty { 0 } else { tensor.offset * size };
    Ok(TensorInfo {
        dtype: tensor.element.dtype(),
        shape: tensor.shape.clone(),
        part: 0,
        offset: stored.range.start + offset,
        strides: tensor.strides.clone(),
        big_endian,
    })
}
