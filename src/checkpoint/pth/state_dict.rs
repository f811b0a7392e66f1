//! The state dict in an unpickled checkpoint.
//!
//! Training scripts save the state dict under a key of their own, beside an optimizer's state. A state dict
//! is told by its names: they have dots, as `blocks.0.attn.W_Q` has. An optimizer's tensors are called
//! `exp_avg` and the like, or lie under numbers.

use std::collections::BTreeSet;

use super::pickle::Unpickled;
use super::refusal::malformed;
use super::value::{Object, Tensor, Value};
use crate::error::Result;

/// Most names that an error lists.
const LISTED: usize = 6;

/// Most characters of a key that an error shows.
const LONGEST_KEY: usize = 40;

/// Names and tensors of a dict.
type Named<'p, 'a> = Vec<(&'a str, &'p Tensor<'a>)>;

/// A dict that texts lead to from the outermost one.
#[derive(Debug, Clone, Copy)]
struct Reached<'a> {
    dict: usize,
    /// The dict that holds it, by its place among those reached, and the key there.
    under: Option<(usize, &'a str)>,
}

/// A state dict, and where it lies.
#[derive(Debug)]
pub(super) struct StateDict<'p, 'a> {
    pub named: Named<'p, 'a>,
    /// The keys that lead to it; none where it is the outermost dict.
    pub nested: Option<String>,
}

/// The state dict, wherever it lies. Items that are no tensors are skipped.
///
/// # Errors
/// [`Error::CheckpointFormat`](crate::Error::CheckpointFormat) when the pickle has no dict of tensors, or
/// several state dicts.
pub(super) fn find<'p, 'a>(unpickled: &'p Unpickled<'a>) -> Result<StateDict<'p, 'a>> {
    let root = dict(unpickled, unpickled.root)?;
    let reached = reached(unpickled);
    let tensors = |at: usize| -> Named<'p, 'a> {
        let items = dict_items(unpickled, reached[at].dict).unwrap_or_default();
        items.iter().filter_map(|&item| named_tensor(unpickled, item)).collect()
    };
    let is_state_dict = |at: &usize| tensors(*at).iter().any(|(name, _)| name.contains('.'));
    let found: Vec<usize> = (0..reached.len()).filter(is_state_dict).take(2).collect();
    match found[..] {
        [only] => Ok(StateDict { named: tensors(only), nested: path(&reached, only) }),
        [first, second, ..] => Err(malformed(format!(
            "it should hold one dict of weights, and holds several: {} and {}; write the one to load with \
             torch.save",
            or_outermost(path(&reached, first)),
            or_outermost(path(&reached, second))
        ))),
        [] => {
            let at_root: Named = root.iter().filter_map(|&item| named_tensor(unpickled, item)).collect();
            let empty = || {
                malformed(format!(
                    "it should hold a dict of tensors, as `model.state_dict()` gives, and its dict holds {}",
                    listed(root)
                ))
            };
            if at_root.is_empty() { Err(empty()) } else { Ok(StateDict { named: at_root, nested: None }) }
        }
    }
}

/// Every dict that texts lead to, the outermost first, each once.
fn reached<'a>(unpickled: &Unpickled<'a>) -> Vec<Reached<'a>> {
    let mut all: Vec<Reached> = Vec::new();
    let mut known = BTreeSet::new();
    if let Value::Object(dict) = unpickled.root {
        known.insert(dict);
        all.push(Reached { dict, under: None });
    }
    let mut next = 0;
    while let Some(&Reached { dict, .. }) = all.get(next) {
        for &(key, value) in dict_items(unpickled, dict).unwrap_or_default() {
            if let (Value::Text(key), Value::Object(inner)) = (key, value)
                && dict_items(unpickled, inner).is_some()
                && known.insert(inner)
            {
                all.push(Reached { dict: inner, under: Some((next, key)) });
            }
        }
        next += 1;
    }
    all
}

/// The last keys that lead to a dict; none to the outermost one.
fn path(reached: &[Reached], at: usize) -> Option<String> {
    let mut keys: Vec<String> = Vec::new();
    let mut under = reached[at].under;
    while let Some((outer, key)) = under.filter(|_| keys.len() < LISTED) {
        keys.push(key.chars().take(LONGEST_KEY).collect());
        under = reached[outer].under;
    }
    keys.reverse();
    (!keys.is_empty()).then(|| format!("`{}`", keys.join(".")))
}

fn or_outermost(path: Option<String>) -> String {
    path.unwrap_or_else(|| "the outermost dict".to_owned())
}

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

fn dict_items<'p, 'a>(unpickled: &'p Unpickled<'a>, id: usize) -> Option<&'p [(Value<'a>, Value<'a>)]> {
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
