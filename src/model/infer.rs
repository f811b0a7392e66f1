//! Sizes of a model, told from names and shapes of its parameters.

use std::collections::{BTreeMap, BTreeSet};

use super::config::Size;
use super::parameter::ParameterId;
use super::parameter_row::Row;
use super::parameters::{layer_of, rows};
use crate::error::{Error, Key};

/// Shapes of tensors by their names.
pub type TensorShapes<'a> = BTreeMap<&'a str, &'a [usize]>;

/// The sizes that tensors in TransformerLens' names tell. A size is left out where its tensor is missing or
/// of another rank.
pub fn infer_sizes(tensors: &TensorShapes) -> BTreeMap<Size, usize> {
    let mut sizes = BTreeMap::new();
    for row in rows() {
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

/// Whether tensors in TransformerLens' names hold this parameter; of a layer, the first one's.
pub fn has_tensor(tensors: &TensorShapes, id: ParameterId) -> bool {
    rows().any(|row| (row.id)(0) == id && tensors.contains_key(&*row.name(0)))
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

/// The rows that tell a size of [`Size::ALL`] that no row before them tells.
fn telling() -> impl Iterator<Item = &'static Row> {
    let mut told: BTreeSet<Size> = BTreeSet::new();
    rows().filter(move |row| {
        let before = told.len();
        told.extend(row.shape.iter().filter(|size| Size::ALL.contains(size)));
        told.len() > before
    })
}
