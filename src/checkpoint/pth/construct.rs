//! The known constructors, and the values that they make of their arguments.

use super::elements::Element;
use super::refusal::malformed;
use super::value::{Global, Object, Tensor, Value};
use crate::error::Result;

/// Most elements of one tensor. The file's length is no bound where a stride is 0.
const MOST_ELEMENTS: u64 = 1 << 31;

/// Most dimensions of a tensor: torch's own limit.
const MOST_DIMENSIONS: usize = 64;

/// Makes the value of a call of `global` with these arguments.
///
/// # Errors
/// [`Error::CheckpointFormat`](crate::Error::CheckpointFormat) when the arguments are not what torch writes.
pub(super) fn construct<'a>(
    global: Global,
    args: Value<'a>,
    objects: &mut Vec<Object<'a>>,
) -> Result<Value<'a>> {
    match made_of(global, tuple(args, objects).unwrap_or(&[Value::Other]), objects) {
        Some(Made::Known(value)) => Ok(value),
        Some(Made::New(object)) => {
            objects.push(object);
            Ok(Value::Object(objects.len() - 1))
        }
        None => {
            let name = name(global);
            Err(malformed(format!("its pickle gives {name} arguments that torch never writes")))
        }
    }
}

enum Made<'a> {
    Known(Value<'a>),
    New(Object<'a>),
}

fn made_of<'a>(global: Global, args: &[Value<'a>], objects: &[Object<'a>]) -> Option<Made<'a>> {
    Some(match (global, args) {
        (Global::OrderedDict, []) => Made::New(Object::Dict(Vec::new())),
        (Global::RebuildTensor, &[storage, offset, shape, strides, ..]) => {
            Made::New(Object::Tensor(tensor([storage, offset, shape, strides], None, objects)?))
        }
        (Global::RebuildTensorOfDtype, &[storage, offset, shape, strides, _grad, _hooks, dtype, ..]) => {
            let Value::Global(Global::Dtype(element)) = dtype else { return None };
            Made::New(Object::Tensor(tensor([storage, offset, shape, strides], Some(element), objects)?))
        }
        (Global::RebuildParameter, &[data, ..]) => Made::Known(data),
        (Global::Size, &[sizes]) => Made::Known(sizes),
        (Global::Device, _) => Made::Known(Value::Other),
        _ => return None,
    })
}

fn name(global: Global) -> &'static str {
    match global {
        Global::OrderedDict => "an OrderedDict",
        Global::RebuildTensor | Global::RebuildTensorOfDtype => "a tensor",
        Global::RebuildParameter => "a parameter",
        Global::Size => "a Size",
        Global::Device => "a device",
        Global::Storage(_) => "a storage",
        Global::Dtype(_) => "a dtype",
    }
}

fn tuple<'a, 'o>(value: Value<'a>, objects: &'o [Object<'a>]) -> Option<&'o [Value<'a>]> {
    match value {
        Value::Object(id) => match &objects[id] {
            Object::Tuple(items) => Some(items),
            _ => None,
        },
        _ => None,
    }
}

/// A tensor of the storage's own element type, or of the one given.
fn tensor<'a>(
    [storage, offset, shape, strides]: [Value<'a>; 4],
    element: Option<&'static Element>,
    objects: &[Object<'a>],
) -> Option<Tensor<'a>> {
    let Value::Object(id) = storage else { return None };
    let Object::Storage(storage) = objects[id] else { return None };
    let Value::Int(offset) = offset else { return None };
    let (shape, strides) = (sizes(shape, objects)?, sizes(strides, objects)?);
    let elements = shape.iter().try_fold(1u64, |product, &side| product.checked_mul(side as u64))?;
    if shape.len() != strides.len() || elements > MOST_ELEMENTS {
        return None;
    }
    let element = element.unwrap_or(storage.element);
    Some(Tensor { storage, element, offset: u64::try_from(offset).ok()?, shape, strides })
}

fn sizes(value: Value<'_>, objects: &[Object<'_>]) -> Option<Vec<usize>> {
    let size = |item: &Value| match *item {
        Value::Int(size) => usize::try_from(size).ok(),
        _ => None,
    };
    tuple(value, objects).filter(|items| items.len() <= MOST_DIMENSIONS)?.iter().map(size).collect()
}
