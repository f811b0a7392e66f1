//! No circle among modules.
//!
//! Neighbours, the children of one module, must not import from each other in a circle. A child stands for
//! everything inside it, so a folder is one neighbour: no two folders import each other either. A module
//! and what is inside it are one thing, so imports between a `mod.rs` and its own files do not count.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::{Imports, ModulePath};
use super::sources;

/// A module's children, and for each the children that it imports from.
type Neighbours = BTreeMap<String, BTreeSet<String>>;

/// The imports between neighbours, by their common parent.
fn by_parent(pairs: &BTreeSet<(ModulePath, ModulePath)>) -> BTreeMap<ModulePath, Neighbours> {
    let mut parents: BTreeMap<ModulePath, Neighbours> = BTreeMap::new();
    for (from, to) in pairs {
        let shared = from.iter().zip(to).take_while(|(from, to)| from == to).count();
        if let (Some(one), Some(other)) = (from.get(shared), to.get(shared)) {
            let neighbours = parents.entry(from[..shared].to_vec()).or_default();
            neighbours.entry(one.clone()).or_default().insert(other.clone());
        }
    }
    parents
}

/// The first circle that is found: names of which each imports from the next, and the last from the first.
fn circle(neighbours: &Neighbours) -> Option<Vec<String>> {
    fn walk(
        neighbours: &Neighbours,
        way: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        let last = way.last()?.clone();
        for next in neighbours.get(&last).into_iter().flatten() {
            if let Some(start) = way.iter().position(|name| name == next) {
                return Some(way[start..].to_vec());
            }
            if !done.contains(next) {
                way.push(next.clone());
                let found = walk(neighbours, way, done);
                if found.is_some() {
                    return found;
                }
                way.pop();
            }
        }
        done.insert(last);
        None
    }
    let mut done = BTreeSet::new();
    neighbours.keys().find_map(|name| walk(neighbours, &mut vec![name.clone()], &mut done))
}

#[test]
fn a_circle_is_found() {
    let graph = |edges: &[(&str, &str)]| {
        let mut neighbours = Neighbours::new();
        for (from, to) in edges {
            neighbours.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        circle(&neighbours)
    };
    assert_eq!(graph(&[("a", "b"), ("a", "c"), ("b", "c")]), None);
    assert_eq!(graph(&[("a", "b"), ("b", "a")]), Some(vec!["a".to_owned(), "b".to_owned()]));
    let long = graph(&[("a", "b"), ("b", "c"), ("c", "d"), ("d", "b")]);
    assert_eq!(long, Some(["b", "c", "d"].map(str::to_owned).to_vec()));
}

#[test]
fn no_modules_import_from_each_other_in_a_circle() {
    let parents = by_parent(&Imports::of(&sources()).pairs());
    let imports: usize = parents.values().flat_map(|it| it.values().map(BTreeSet::len)).sum();
    assert!(imports > 100, "only {imports} imports were found");
    let circles: Vec<String> = parents
        .iter()
        .filter_map(|(parent, neighbours)| {
            let names = circle(neighbours)?;
            Some(format!("crate::{}: {} in a circle", parent.join("::"), names.join(", ")))
        })
        .collect();
    assert!(circles.is_empty(), "{circles:#?}");
}
