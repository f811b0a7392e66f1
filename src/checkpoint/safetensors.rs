//! The index of a `.safetensors` file.

use std::collections::BTreeMap;

use safetensors::tensor::Metadata;

use super::{ByteSource, Dtype, Layout, TensorInfo};
use crate::error::{Error, Result};

/// Bytes before the header: its length as a little-endian u64.
const PREFIX: u64 = 8;

/// A header longer than this holds no index of a model of ours; the format's own limit is 100 MB.
const LONGEST_HEADER: u64 = 16 << 20;

/// Reads names, types, shapes and places of all tensors.
pub(super) async fn read_index(source: &impl ByteSource) -> Result<BTreeMap<String, TensorInfo>> {
    if source.len() < PREFIX {
        return Err(malformed(format!("a file of {} bytes", source.len())));
    }
    let prefix = source.read(0..PREFIX).await?;
    let header_length = prefix.iter().rev().fold(0u64, |length, &byte| length << 8 | u64::from(byte));
    if header_length > LONGEST_HEADER {
        return Err(malformed(format!(
            "a header of {header_length} bytes, and at most {LONGEST_HEADER} are read"
        )));
    }
    let data_start = PREFIX + header_length;
    if data_start > source.len() {
        return Err(malformed(format!("a header of {header_length} bytes in a file of {}", source.len())));
    }
    let header = source.read(PREFIX..data_start).await?;
    let metadata: Metadata = serde_json::from_slice(&header).map_err(|error| malformed(error.to_string()))?;
    let needed = data_start + metadata.data_len() as u64;
    if source.len() < needed {
        return Err(malformed(format!("{} bytes, and its header announces {needed}", source.len())));
    }
    let tensors = metadata.tensors().into_iter().map(|(name, info)| {
        let offset = data_start + info.data_offsets.0 as u64;
        let layout = Layout { offset, strides: row_major(&info.shape), big_endian: false };
        (name, TensorInfo { dtype: dtype(info.dtype), shape: info.shape.clone(), layout })
    });
    Ok(tensors.collect())
}

/// Elements from one to the next of each dimension, where nothing lies between them.
fn row_major(shape: &[usize]) -> Vec<usize> {
    let mut stride = 1_usize;
    let mut strides = vec![0; shape.len()];
    for (to, side) in strides.iter_mut().zip(shape).rev() {
        *to = stride;
        // A shape with a 0 in it may have any other sides, and no element that these would lead to.
        stride = stride.wrapping_mul(*side);
    }
    strides
}

fn dtype(found: safetensors::Dtype) -> Dtype {
    match found {
        safetensors::Dtype::F16 => Dtype::F16,
        safetensors::Dtype::BF16 => Dtype::Bf16,
        safetensors::Dtype::F32 => Dtype::F32,
        safetensors::Dtype::F64 => Dtype::F64,
        other => Dtype::Other(format!("{other:?}")),
    }
}

fn malformed(found: String) -> Error {
    Error::CheckpointFormat { expected: "safetensors", found }
}
