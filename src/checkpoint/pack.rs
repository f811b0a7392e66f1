//! Elements of a file turned into elements of a backend, checked on the way.

use half::{bf16, f16};

use super::{Dtype, TensorInfo, WeightDtype};
use crate::error::{Error, Result};

/// Decodes the raw elements `first..` of a tensor to f32.
///
/// # Errors
/// [`Error::NonFiniteWeight`] at the first NaN or infinity, also one made by narrowing an f64.
pub(super) fn to_f32(name: &str, tensor: &TensorInfo, first: usize, bytes: &[u8]) -> Result<Vec<f32>> {
    let values: Vec<f32> = match &tensor.dtype {
        Dtype::F16 => decode(bytes, |element| f16::from_le_bytes(element).to_f32()),
        Dtype::Bf16 => decode(bytes, |element| bf16::from_le_bytes(element).to_f32()),
        Dtype::F32 => decode(bytes, f32::from_le_bytes),
        Dtype::F64 => decode(bytes, |element| f64::from_le_bytes(element) as f32),
        Dtype::Other(found) => {
            return Err(Error::TensorDtype {
                tensor: name.to_owned(),
                expected: "f16, bf16, f32 or f64",
                found: found.clone(),
            });
        }
    };
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(values),
        Some(at) => Err(Error::NonFiniteWeight {
            tensor: name.to_owned(),
            index: first + at,
            found: values[at].to_string(),
        }),
    }
}

/// Brings the raw elements `first..` of a tensor to the type they are kept in, little-endian.
///
/// # Errors
/// [`Error::NonFiniteWeight`] at the first NaN or infinity.
pub(super) fn to_kept(
    name: &str,
    tensor: &TensorInfo,
    first: usize,
    bytes: Vec<u8>,
    kept: WeightDtype,
) -> Result<Vec<u8>> {
    if kept == WeightDtype::F16 && tensor.dtype == Dtype::F16 {
        let infinite = |element: &[u8]| element[1] & 0x7c == 0x7c;
        if let Some(at) = bytes.chunks_exact(2).position(infinite) {
            let found = f16::from_le_bytes([bytes[2 * at], bytes[2 * at + 1]]);
            return Err(Error::NonFiniteWeight {
                tensor: name.to_owned(),
                index: first + at,
                found: found.to_string(),
            });
        }
        return Ok(bytes);
    }
    let values = to_f32(name, tensor, first, &bytes)?;
    Ok(values.iter().flat_map(|value| value.to_le_bytes()).collect())
}

fn decode<const N: usize>(bytes: &[u8], element: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    let (elements, _) = bytes.as_chunks::<N>();
    elements.iter().map(|&bytes| element(bytes)).collect()
}
