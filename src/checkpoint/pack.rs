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
    match first_where(&values, |value| !value.is_finite()) {
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
            let is_finite = |element| u16::from_le_bytes(element) & 0x7c00 != 0x7c00;
            as_they_are(view, bytes, is_finite, |element| f16::from_le_bytes(element).to_f32())
        }
        (WeightDtype::Bf16, Dtype::Bf16) => {
            let is_finite = |element| u16::from_le_bytes(element) & 0x7f80 != 0x7f80;
            as_they_are(view, bytes, is_finite, |element| bf16::from_le_bytes(element).to_f32())
        }
        (WeightDtype::F32, Dtype::F32) => {
            let is_finite = |element| u32::from_le_bytes(element) & 0x7f80_0000 != 0x7f80_0000;
            as_they_are(view, bytes, is_finite, f32::from_le_bytes)
        }
        (WeightDtype::F16, _) => {
            let values = to_f32(view, dtype, &bytes)?;
            let halves: Vec<f16> = values.iter().map(|&value| f16::from_f32(value)).collect();
            match halves.iter().position(|half| !half.is_finite()) {
                None => Ok(halves.iter().flat_map(|half| half.to_le_bytes()).collect()),
                Some(at) => {
                    Err(non_finite(view, at, format!("{}, too large for half precision", values[at])))
                }
            }
        }
        _ => {
            let values = to_f32(view, dtype, &bytes)?;
            Ok(values.iter().flat_map(|value| value.to_le_bytes()).collect())
        }
    }
}

/// The elements without a copy, all of them finite: their bits of the exponent are not all ones.
fn as_they_are<const N: usize>(
    view: &View,
    bytes: Vec<u8>,
    is_finite: impl Fn([u8; N]) -> bool,
    element: impl Fn([u8; N]) -> f32,
) -> Result<Vec<u8>> {
    let (elements, _) = bytes.as_chunks::<N>();
    match first_where(elements, |&bytes| !is_finite(bytes)) {
        None => Ok(bytes),
        Some(at) => Err(non_finite(view, at, element(elements[at]))),
    }
}

/// Place of the first such item. Whole blocks are looked at without a branch: nearly none has one.
fn first_where<T>(items: &[T], is_such: impl Fn(&T) -> bool) -> Option<usize> {
    const BLOCK: usize = 1024;
    let has_one = |block: &[T]| block.iter().fold(false, |found, item| found | is_such(item));
    let block = items.chunks(BLOCK).position(has_one)?;
    items[block * BLOCK..].iter().position(is_such).map(|at| block * BLOCK + at)
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
