//! The index of a `.safetensors` file.

use std::collections::BTreeMap;

use safetensors::tensor::Metadata;

use super::dtype::Dtype;
use super::source::ByteSource;
use super::tensor::TensorInfo;
use crate::error::{Error, Result};

/// Bytes before the header: its length as a little-endian u64.
const PREFIX: u64 = 8;

/// The longest header that is read. No model here needs more; the format's own limit is 100 MB.
const LONGEST_HEADER: u64 = 16 << 20;

/// Reads name, type, shape and place of every tensor.
///
/// # Errors
/// [`Error::CheckpointFormat`] when the file is cut short or its header is not what the format says;
/// [`Error::FileRead`] when the source fails.
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
        (name, TensorInfo::row_major(dtype(info.dtype), info.shape.clone(), offset))
    });
    Ok(tensors.collect())
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
