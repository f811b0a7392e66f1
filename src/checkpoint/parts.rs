//! A checkpoint in several files: which files an index names, and the tensors of all of them together.
//!
//! The hub's index, `model.safetensors.index.json` or `pytorch_model.bin.index.json`, has a `weight_map` from
//! tensors to files. Without it, the files' tensors are joined if no two of them share a name.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::tensor::TensorInfo;
use crate::error::{Error, Result};

/// The tensors of a file, by name.
pub(super) type Tensors = BTreeMap<String, TensorInfo>;

/// An index as the hub has it. Its `metadata` is not needed.
#[derive(Debug, Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// Names of the files that an index names, sorted, each once.
///
/// # Errors
/// [`Error::CheckpointFormat`] when the text is no such index, or names a file outside the index's folder.
pub fn files_of_index(index_json: &str) -> Result<Vec<String>> {
    let index = Index::read(index_json)?;
    let names: BTreeSet<String> = index.weight_map.into_values().collect();
    Ok(names.into_iter().collect())
}

/// Refuses a set of files that is not complete: by the index, else by names such as
/// `model-00001-of-00003.safetensors`.
///
/// # Errors
/// [`Error::PartsMissing`]; [`Error::CheckpointFormat`] for an index that cannot be used, for a file that the
/// index does not name, and for no file at all.
pub(super) fn check_names(names: &[&str], index_json: Option<&str>) -> Result<()> {
    if names.is_empty() {
        return Err(malformed("no file at all".to_owned()));
    }
    let expected = match index_json {
        Some(json) => {
            let expected = files_of_index(json)?;
            if let Some(other) = names.iter().find(|name| !expected.iter().any(|known| known == *name)) {
                return Err(malformed(format!("the index does not name the file `{other}`")));
            }
            expected
        }
        None => names.iter().flat_map(|name| numbered_like(name)).collect(),
    };
    let missing: BTreeSet<String> = expected.into_iter().filter(|name| !names.contains(&&**name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::PartsMissing { missing: missing.into_iter().collect() })
}

/// Joins the tensors of several files.
///
/// # Errors
/// [`Error::CheckpointFormat`] for a tensor that is in two files, or not in the file that the index says.
pub(super) fn join(parts: Vec<(&str, Tensors)>, index_json: Option<&str>) -> Result<Tensors> {
    let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
    let mut joined = Tensors::new();
    for (part, (name, tensors)) in parts.into_iter().enumerate() {
        for (tensor, info) in tensors {
            let info = TensorInfo { part, ..info };
            if let Some(before) = joined.insert(tensor.clone(), info) {
                let first = names[before.part];
                return Err(malformed(format!("tensor `{tensor}` is in two files, `{first}` and `{name}`")));
            }
        }
    }
    for (tensor, file) in index_json.map(Index::read).transpose()?.into_iter().flat_map(|it| it.weight_map) {
        let found = joined.get(&tensor).map(|info| names[info.part]);
        if found != Some(&*file) {
            let found = found.map_or("is in none".to_owned(), |found| format!("is in `{found}`"));
            return Err(malformed(format!(
                "tensor `{tensor}` should be in `{file}` by the index, and {found}"
            )));
        }
    }
    Ok(joined)
}

impl Index {
    fn read(json: &str) -> Result<Self> {
        let wrong =
            |error| malformed(format!("an index that is no JSON object with a `weight_map`: {error}"));
        let index: Index = serde_json::from_str(json).map_err(wrong)?;
        if index.weight_map.is_empty() {
            return Err(malformed("an index that names no tensor".to_owned()));
        }
        let outside = |name: &&String| {
            name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', ':', '%', '?', '#'])
        };
        match index.weight_map.values().find(outside) {
            Some(name) => Err(malformed(format!("an index that names `{name}`, which is no file beside it"))),
            None => Ok(index),
        }
    }
}

/// Most files that names may announce.
const MOST_FILES: usize = 1000;

/// All names of a set like `model-00001-of-00003.safetensors`; none for another name.
fn numbered_like(name: &str) -> Vec<String> {
    let numbers = || {
        let (stem, ending) = name.rsplit_once('.')?;
        let (before, count) = stem.rsplit_once("-of-")?;
        let (start, number) = before.rsplit_once('-')?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (width, files) = (number.len(), count.parse::<usize>().ok()?);
        (digits(number) && files <= MOST_FILES)
            .then(|| (1..=files).map(|at| format!("{start}-{at:0width$}-of-{count}.{ending}")).collect())
    };
    numbers().unwrap_or_default()
}

fn malformed(found: String) -> Error {
    Error::CheckpointFormat { expected: "the parts of one checkpoint", found }
}
