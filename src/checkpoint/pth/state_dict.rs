//! The state dict in an unpickled checkpoint.

use super::pickle::Unpickled;
use super::refusal::malformed;
use super::value::{Object, Tensor, Value};
use crate::error::Result;

/// Keys under which training scripts save the state dict, beside an optimizer's state.
const NESTED_UNDER: [&str; 3] = ["state_dict", "model_state_dict", "model"];

/// Most dicts inside one another that are looked into.
const DEEPEST: usize = 3;

/// Most names that an error lists.
const LISTED: usize = 6;

/// Names and tensors of the state dict. Other items of the dict are skipped.
///
/// # Errors
/// [`Error::CheckpointFormat`](crate::Error::CheckpointFormat) when the pickle has no dict of tensors in
/// one of these places.
pub(super) fn find<'p, 'a>(unpickled: &'p Unpickled<'a>) -> Result<Vec<(&'a str, &'p Tensor<'a>)>> {
    let mut root = unpickled.root;
    for _ in 0..DEEPEST {
        let items = dict(unpickled, root)?;
        let tensors: Vec<_> = items.iter().filter_map(|&item| named_tensor(unpickled, item)).collect();
        let under = |name: &str| items.iter().find(|(key, _)| *key == Value::Text(name));
        match NESTED_UNDER.iter().find_map(|name| under(name)) {
            // The dict may lie beside tensors: a training script may save its last loss there.
            Some(&(_, value)) if tensors.is_empty() || is_dict(unpickled, value) => root = value,
            _ if tensors.is_empty() => break,
            _ => return Ok(tensors),
        }
    }
    let names: Vec<&str> = dict(unpickled, root)?
        .iter()
        .filter_map(|(key, _)| if let Value::Text(name) = *key { Some(name) } else { None })
        .take(LISTED)
        .collect();
    let held = if names.is_empty() { "nothing".to_owned() } else { format!("`{}`", names.join("`, `")) };
    Err(malformed(format!(
        "it should hold a dict of tensors, as `model.state_dict()` gives, and its dict holds {held}"
    )))
}

fn dict<'p, 'a>(unpickled: &'p Unpickled<'a>, value: Value<'a>) -> Result<&'p [(Value<'a>, Value<'a>)]> {
    let found = match value {
        Value::Object(id) => match &unpickled.objects[id] {
            Object::Dict(items) => return Ok(items),
            Object::Tensor(_) => "a single tensor",
            Object::List(_) | Object::Tuple(_) => "a list",
            Object::Storage(_) => "a storage",
        },
        _ => "a single value",
    };
    Err(malformed(format!(
        "it should hold a dict of tensors, as `model.state_dict()` gives, and holds {found}"
    )))
}

fn is_dict(unpickled: &Unpickled, value: Value) -> bool {
    matches!(value, Value::Object(id) if matches!(unpickled.objects[id], Object::Dict(_)))
}

fn named_tensor<'p, 'a>(
    unpickled: &'p Unpickled<'a>,
    (key, value): (Value<'a>, Value<'a>),
) -> Option<(&'a str, &'p Tensor<'a>)> {
    let (Value::Text(name), Value::Object(id)) = (key, value) else { return None };
    match &unpickled.objects[id] {
        Object::Tensor(tensor) => Some((name, tensor)),
        _ => None,
    }
}
