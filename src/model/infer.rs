//! Sizes of a model, told from names and shapes of its parameters.

use std::collections::{BTreeMap, BTreeSet};

use super::config::Size;
use super::parameters::{Row, layer_of, rows};
use crate::error::{Error, Key};

/// Shapes of tensors by their names, which are TransformerLens'.
pub type TensorShapes<'a> = BTreeMap<&'a str, &'a [usize]>;

/// The sizes that the tensors tell. A size is left out where its tensor is missing or of another rank.
pub fn infer_sizes(tensors: &TensorShapes) -> BTreeMap<Size, usize> {
    let mut sizes = BTreeMap::new();
    for row in telling() {
        let found = tensors.get(&*row.name(0)).filter(|found| found.len() == row.shape.len());
        for (&size, &found) in found.into_iter().flat_map(|found| row.shape.iter().zip(*found)) {
            sizes.entry(size).or_insert(found);
        }
    }
    if let Some(last) = tensors.keys().filter_map(|name| layer_of(name)).max() {
        sizes.insert(Size::Layers, last.saturating_add(1));
    }
    sizes
}

/// Whether some LayerNorm among the tensors has a learned weight or bias.
pub fn has_learned_norm(tensors: &TensorShapes) -> bool {
    rows().filter(|row| row.is_of_learned_norm()).any(|row| tensors.contains_key(&*row.name(0)))
}

/// Whether a tensor's name starts like a parameter's.
pub fn is_known_name(name: &str) -> bool {
    rows().any(|row| row.starts_like(name))
}

/// The error for tensors that do not tell every size.
pub fn sizes_missing(tensors: &TensorShapes) -> Error {
    let key = |name: &str, found| Key { tensor: name.to_owned(), expected: None, found };
    let (mut missing, mut misshaped) = (Vec::new(), Vec::new());
    for row in telling() {
        let name = row.name(0);
        match tensors.get(&*name) {
            None => missing.push(key(&name, None)),
            Some(found) if found.len() != row.shape.len() => misshaped.push(key(&name, Some(found.to_vec()))),
            Some(_) => {}
        }
    }
    let others = tensors.iter().filter(|(name, _)| !is_known_name(name));
    let unexpected = others.map(|(name, found)| key(name, Some(found.to_vec()))).collect();
    Error::KeysMismatch { missing, unexpected, misshaped }
}

/// The rows that tell a size that no row before them tells, of those that every model has.
fn telling() -> impl Iterator<Item = &'static Row> {
    let mut told: BTreeSet<Size> = BTreeSet::new();
    rows().filter(|row| row.is_always_present()).filter(move |row| {
        let before = told.len();
        told.extend(row.shape);
        told.len() > before
    })
}
