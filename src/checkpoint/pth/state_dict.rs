//! The state dict in an unpickled checkpoint.
//!
//! Training scripts save the state dict under a key of their own, beside an optimizer's state. A state dict
//! is told by its names: they have dots, as `blocks.0.attn.W_Q` has. An optimizer's tensors are called
//! `exp_avg` and the like, or lie under numbers.

use super::pickle::Unpickled;
use super::refusal::malformed;
use super::value::{Object, Tensor, Value};
use crate::error::Result;

/// Most dicts inside one another that are looked into.
const DEEPEST: usize = 8;

/// Most dicts that are looked into.
const MOST_DICTS: usize = 10_000;

/// Most names that an error lists.
const LISTED: usize = 6;

/// Names and tensors of a dict.
type Named<'p, 'a> = Vec<(&'a str, &'p Tensor<'a>)>;

/// Names and tensors of the state dict, wherever it lies. Other items are skipped.
///
/// # Errors
/// [`Error::CheckpointFormat`](crate::Error::CheckpointFormat) when the pickle has no dict of tensors, or
/// several state dicts.
pub(super) fn find<'p, 'a>(unpickled: &'p Unpickled<'a>) -> Result<Named<'p, 'a>> {
    let root = dict(unpickled, unpickled.root)?;
    let mut found: Vec<(String, Named)> = Vec::new();
    let mut waiting = vec![(String::new(), unpickled.root)];
    let mut seen = 0;
    while let Some((path, value)) = waiting.pop() {
        seen += 1;
        let Some(items) = dict_items(unpickled, value).filter(|_| seen <= MOST_DICTS) else { continue };
        let tensors: Named = items.iter().filter_map(|&item| named_tensor(unpickled, item)).collect();
        if tensors.iter().any(|(name, _)| name.contains('.')) {
            found.push((path.clone(), tensors));
        }
        if path.matches(SEPARATOR).count() < DEEPEST {
            let inner = items.iter().rev().filter_map(|&(key, value)| match key {
                Value::Text(key) => Some((format!("{path}{SEPARATOR}{key}"), value)),
                _ => None,
            });
            waiting.extend(inner.filter(|(_, value)| dict_items(unpickled, *value).is_some()));
        }
    }
    let at_root: Named = root.iter().filter_map(|&item| named_tensor(unpickled, item)).collect();
    match &mut found[..] {
        [(_, only)] => Ok(std::mem::take(only)),
        [(first, _), (second, _), ..] => {
            let named = |path: &str| match path.strip_prefix(SEPARATOR) {
                Some(path) => format!("`{}`", path.replace(SEPARATOR, ".")),
                None => "the outermost dict".to_owned(),
            };
            Err(malformed(format!(
                "it should hold one dict of weights, and holds several: {} and {}; write the one to load \
                 with torch.save",
                named(first),
                named(second)
            )))
        }
        [] if !at_root.is_empty() => Ok(at_root),
        [] => Err(malformed(format!(
            "it should hold a dict of tensors, as `model.state_dict()` gives, and its dict holds {}",
            listed(root)
        ))),
    }
}

/// Stands between the keys of a path.
const SEPARATOR: char = '\u{1f}';

fn listed(items: &[(Value, Value)]) -> String {
    let names: Vec<&str> = items
        .iter()
        .filter_map(|(key, _)| if let Value::Text(name) = *key { Some(name) } else { None })
        .take(LISTED)
        .collect();
    if names.is_empty() { "nothing".to_owned() } else { format!("`{}`", names.join("`, `")) }
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

fn dict_items<'p, 'a>(
    unpickled: &'p Unpickled<'a>,
    value: Value<'a>,
) -> Option<&'p [(Value<'a>, Value<'a>)]> {
    let Value::Object(id) = value else { return None };
    match &unpickled.objects[id] {
        Object::Dict(items) => Some(items),
        _ => None,
    }
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
