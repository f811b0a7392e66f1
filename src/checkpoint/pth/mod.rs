//! The index of a torch checkpoint (`.pth`, `.pt`), read without running anything of it.
//!
//! torch's format since version 1.6 is a zip file of stored entries: `NAME/data.pkl`, a pickle that
//! describes the state dict, and `NAME/data/KEY`, one run of elements each. Tensors are views of
//! those: a shape, a stride for each dimension, an offset.

mod construct;
mod elements;
mod fields;
mod pickle;
mod state_dict;
mod value;
mod zip;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use self::value::Tensor;
use self::zip::Archive;
use super::checksums::Checksums;
use super::{ByteSource, Layout, TensorInfo};
use crate::error::{Error, Result};

pub(super) use self::zip::{MAGIC, Stored, check_crc32};

/// A pickle longer than this describes no model of ours: a tensor takes about 200 bytes.
const LONGEST_PICKLE: u64 = 16 << 20;

/// Reads names, types, shapes and places of all tensors, and the checksums that their bytes should have.
///
/// # Errors
/// [`Error::UnsafePickle`] when the checkpoint wants more than tensors made; [`Error::CheckpointFormat`]
/// when it is something else, cut short or inconsistent.
pub(super) async fn read_index(
    source: &impl ByteSource,
) -> Result<(BTreeMap<String, TensorInfo>, Checksums)> {
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
    for (name, tensor) in state_dict::find(&unpickled)? {
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
    Ok((tensors, Checksums::new(storages.into_values())))
}

/// The one folder that all of torch's entries lie in, named after the file as it was saved.
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

/// A tensor's place in the file, held against the entry it is said to lie in.
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
    let layout = Layout { offset: stored.range.start + offset, strides: tensor.strides.clone(), big_endian };
    Ok(TensorInfo { dtype: tensor.element.dtype(), shape: tensor.shape.clone(), layout })
}

/// What to do about a file of torch's that is no such checkpoint.
pub(super) const SAVE_AGAIN: &str =
    "load it in Python and write its state dict with torch.save(model.state_dict(), \"model.pth\")";

pub(super) fn malformed(found: String) -> Error {
    Error::CheckpointFormat { expected: "a torch checkpoint", found }
}
