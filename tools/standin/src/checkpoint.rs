//! Writes a state dict as a torch checkpoint.

use std::io::{self, Write};

use crate::pickle::Pickle;
use crate::zip::Archive;

/// A tensor of a state dict: a view of a storage.
#[derive(Debug, Clone)]
pub struct Tensor {
    /// The tensor's key in the state dict.
    pub name: String,
    /// The storage that it is a view of.
    pub storage: usize,
    /// Its first element in the storage.
    pub offset: usize,
    /// Shape, row-major.
    pub shape: Vec<usize>,
    /// Elements from one index to the next of each dimension.
    pub strides: Vec<usize>,
}

/// A run of elements.
#[derive(Debug, Clone)]
pub struct Storage {
    /// torch's class, such as `HalfStorage`.
    pub class: &'static str,
    /// Number of elements.
    pub len: usize,
}

impl Tensor {
    /// A tensor that is all of its storage, row-major.
    pub fn whole(name: &str, storage: usize, shape: &[usize]) -> Self {
        let strides = row_major(shape);
        Tensor { name: name.to_owned(), storage, offset: 0, shape: shape.to_vec(), strides }
    }
}

/// Strides of a tensor without gaps. torch gives 1 where a dimension is empty.
pub fn row_major(shape: &[usize]) -> Vec<usize> {
    (1..=shape.len()).map(|at| shape[at..].iter().product::<usize>().max(1)).collect()
}

/// Writes a state dict to a pickle.
pub fn state_dict(pickle: &mut Pickle, tensors: &[Tensor], storages: &[Storage]) {
    pickle.dict();
    for tensor in tensors {
        pickle.text(&tensor.name);
        push_tensor(pickle, tensor, storages);
    }
    pickle.items();
}

/// Writes a tensor to a pickle, as `torch._utils._rebuild_tensor_v2` of its storage.
pub fn push_tensor(pickle: &mut Pickle, tensor: &Tensor, storages: &[Storage]) {
    let Storage { class, len } = &storages[tensor.storage];
    pickle.global("torch._utils", "_rebuild_tensor_v2").mark();
    pickle.mark().text("storage").global("torch", class).text(&tensor.storage.to_string()).text("cpu");
    pickle.int(*len as i64).tuple().raw(b"Q");
    pickle.int(tensor.offset as i64).ints(&tensor.shape).ints(&tensor.strides);
    pickle.bool(false).ordered_dict().tuple().call();
}

/// Starts a checkpoint with the entries that torch writes before the storages.
///
/// # Errors
/// Those of `out`.
pub fn begin<W: Write>(out: W, folder: &str, pickle: &[u8]) -> io::Result<Archive<W>> {
    let mut archive = Archive::new(out);
    archive.add(&format!("{folder}/data.pkl"), pickle)?;
    archive.add(&format!("{folder}/.format_version"), b"1")?;
    archive.add(&format!("{folder}/.storage_alignment"), b"64")?;
    archive.add(&format!("{folder}/byteorder"), b"little")?;
    Ok(archive)
}

/// Ends a checkpoint with the entries that torch writes after the storages, and the directory.
///
/// # Errors
/// Those of `out`.
pub fn end<W: Write>(mut archive: Archive<W>, folder: &str) -> io::Result<W> {
    archive.add(&format!("{folder}/version"), b"3\n")?;
    archive.add(&format!("{folder}/.data/serialization_id"), b"0000000000000000000000000000000000000000")?;
    archive.finish()
}
