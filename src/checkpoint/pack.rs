//! Elements of a file turned into elements of a backend, checked on the way.

use half::{bf16, f16};

use super::dtype::{Dtype, WeightDtype};
use super::view::View;
use crate::error::{Error, Result};

/// Decodes the raw elements of a view to f32.
///
/// # Errors
/// [`Error::NonFiniteWeight`] at the first NaN or infinity, also one made by narrowing an f64.
pub(super) fn to_f32(view: &View, dtype: &Dtype, bytes: &[u8]) -> Result<Vec<f32>> {
    let values: Vec<f32> = match dtype {
        Dtype::F16 => decode(bytes, |element| f16::from_le_bytes(element).to_f32()),
        Dtype::Bf16 => decode(bytes, |element| bf16::from_le_bytes(element).to_f32()),
        Dtype::F32 => decode(bytes, f32::from_le_bytes),
        Dtype::F64 => decode(bytes, |element| f64::from_le_bytes(element) as f32),
        Dtype::Other(found) => {
            return Err(Error::TensorDtype {
                tensor: view.tensor.clone(),
                expected: Dtype::OF_WEIGHTS,
                found: found.clone(),
            });
        }
    };
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(values),
        Some(at) => Err(non_finite(view, at, values[at])),
    }
}

/// Brings the raw elements of a view to the type that the backend keeps, little-endian.
///
/// # Errors
/// [`Error::NonFiniteWeight`] at the first NaN or infinity.
pub(super) fn to_kept(view: &View, dtype: &Dtype, bytes: Vec<u8>, kept: WeightDtype) -> Result<Vec<u8>> {
    match (kept, dtype) {
        (WeightDtype::F16, Dtype::F16) => {
            as_they_are(view, bytes, |element| f16::from_le_bytes(element).to_f32())
        }
        (WeightDtype::Bf16, Dtype::Bf16) => {
            as_they_are(view, bytes, |element| bf16::from_le_bytes(element).to_f32())
        }
        (WeightDtype::F32, Dtype::F32) => as_they_are(view, bytes, f32::from_le_bytes),
        _ => {
            let values = to_f32(view, dtype, &bytes)?;
            Ok(values.iter().flat_map(|value| value.to_le_bytes()).collect())
        }
    }
}

/// The elements without a copy, all of them finite.
fn as_they_are<const N: usize>(
    view: &View,
    bytes: Vec<u8>,
    element: impl Fn([u8; N]) -> f32,
) -> Result<Vec<u8>> {
    let (elements, _) = bytes.as_chunks::<N>();
    let found =
        elements.iter().map(|&bytes| element(bytes)).enumerate().find(|(_, value)| !value.is_finite());
    match found {
        None => Ok(bytes),
        Some((at, value)) => Err(non_finite(view, at, value)),
    }
}

/// The error for element `at` of a view.
fn non_finite(view: &View, at: usize, found: impl ToString) -> Error {
    Error::NonFiniteWeight {
        tensor: view.tensor.clone(),
        index: view.index_in_tensor(at),
        found: found.to_string(),
    }
}

fn decode<const N: usize>(bytes: &[u8], element: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    let (elements, _) = bytes.as_chunks::<N>();
    elements.iter().map(|&bytes| element(bytes)).collect()
}
