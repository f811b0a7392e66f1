//! An opened checkpoint: its tensors, and the model that they are of.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::checksums::Checksums;
use super::families::{self, Family};
use super::format::{self, Format};
use super::gather;
use super::index::Index;
use super::parts::{self, Tensors};
use super::source::ByteSource;
use super::tensor::TensorInfo;
use super::{pth, safetensors};
use crate::error::{Error, Result};
use crate::model::ModelConfig;

/// An opened checkpoint, of one file or several.
#[derive(Debug)]
pub struct Checkpoint<S> {
    parts: Vec<Part<S>>,
    tensors: Tensors,
    pub(super) family: &'static Family,
    /// Sentences about what was around the state dict and its names.
    taken_off: Vec<String>,
    /// Notes of [`config`](Self::config) on the fields of the last `config.json` that it ignored.
    notes: RefCell<Vec<String>>,
    /// Whether matrices in f32 are kept in f16.
    pub(super) half: bool,
}

/// A file of the checkpoint.
#[derive(Debug)]
struct Part<S> {
    source: S,
    checksums: Checksums,
}

impl<S: ByteSource> Checkpoint<S> {
    /// Reads the index of a `.safetensors` file or a torch checkpoint, whichever it is.
    ///
    /// # Errors
    /// [`Error::CheckpointFormat`] when the file has another format, is cut short or contradicts itself;
    /// [`Error::UnsafePickle`] when a torch checkpoint names anything but tensors; [`Error::FileRead`] when
    /// the source fails.
    pub async fn open(source: S) -> Result<Self> {
        Self::open_parts([(String::new(), source)], None).await
    }

    /// Reads the indices of files that hold a checkpoint together, given with their names.
    ///
    /// `index_json` is the hub's index of them, `model.safetensors.index.json` or
    /// `pytorch_model.bin.index.json`. Without it, files whose tensors do not overlap are joined.
    ///
    /// # Errors
    /// Those of [`open`](Self::open); [`Error::PartsMissing`] when files are missing by the index or by the
    /// numbers in their names; [`Error::CheckpointFormat`] when the index cannot be used or says something
    /// else than the files do.
    pub async fn open_parts(
        files: impl IntoIterator<Item = (String, S)>,
        index_json: Option<&str>,
    ) -> Result<Self> {
        let (names, sources): (Vec<String>, Vec<S>) = files.into_iter().unzip();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        parts::check_names(&names, index_json)?;
        let (mut parts, mut tensors, mut taken_off) = (Vec::new(), Vec::new(), Vec::new());
        for (source, name) in sources.into_iter().zip(&names) {
            let index = read_index(&source).await.map_err(|error| in_file(name, error))?;
            parts.push(Part { source, checksums: index.checksums });
            tensors.push((*name, index.tensors));
            taken_off.extend(index.nested.map(|keys| format!("The state dict is in {keys}")));
        }
        taken_off.dedup();
        let tensors = parts::join(tensors, index_json)?;
        let (family, prefix, tensors) = known_by_family(tensors)?;
        taken_off
            .extend(prefix.map(|prefix| format!("All names begin with `{prefix}`, which was taken off")));
        Ok(Checkpoint { parts, tensors, family, taken_off, notes: RefCell::default(), half: false })
    }

    /// Keeps matrices in f32 or f64 as f16, each number rounded to the nearest half: half the memory, and
    /// other figures. Matrices in f16 or bf16 take no more already, and stay as they are.
    pub fn in_half_precision(self) -> Self {
        Checkpoint { half: true, ..self }
    }

    /// The tensor of that name, if there is one. A name has no wrapper, such as `transformer.` or `module.`.
    pub fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.tensors.get(name)
    }

    /// All tensors by name, without wrappers.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &TensorInfo)> {
        self.tensors.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// The model's configuration: sizes by the tensors' names and shapes, the rest by `config_json`,
    /// which wins where it gives a field. What is ignored in it is noted, and told by
    /// [`check`](Self::check).
    ///
    /// # Errors
    /// Those of [`ModelConfig::infer`].
    pub fn config(&self, config_json: Option<&str>) -> Result<ModelConfig> {
        let tensors = self.tensors().map(|(name, tensor)| (name, &tensor.shape[..])).collect();
        let told = families::tell(self.family, &tensors, config_json)?;
        self.notes.replace(told.notes);
        Ok(told.config)
    }

    /// Notes on the names, on the last `config.json`, of which fields were ignored, and on halved precision.
    pub(super) fn notes(&self) -> Vec<String> {
        let half = self.half.then(|| "f32 is kept in half precision".to_owned());
        self.taken_off.iter().chain(&*self.notes.borrow()).cloned().chain(half).collect()
    }

    /// Reads a tensor that [`check`](Self::check) has accepted, or a view of it: row-major,
    /// little-endian, in the file's element type.
    pub(super) async fn read(&self, tensor: &TensorInfo) -> Result<Vec<u8>> {
        let Part { source, checksums } = &self.parts[tensor.part];
        gather::read(source, checksums, tensor).await
    }

    /// Compares the checksums of everything that was read.
    pub(super) async fn verify(&self) -> Result<()> {
        for Part { source, checksums } in &self.parts {
            checksums.verify(source).await?;
        }
        Ok(())
    }
}

async fn read_index(source: &impl ByteSource) -> Result<Index> {
    match format::recognise(source).await? {
        Format::Safetensors => {
            Ok(Index { tensors: safetensors::read_index(source).await?, ..Index::default() })
        }
        Format::Torch => pth::read_index(source).await,
    }
}

/// The tensors under the names that their family knows, and what was taken off the beginning of every name.
fn known_by_family(tensors: Tensors) -> Result<(&'static Family, Option<String>, Tensors)> {
    let names: Vec<&str> = tensors.keys().map(String::as_str).collect();
    let (family, known) = families::identify(&names);
    let mut of: BTreeMap<String, &str> = BTreeMap::new();
    for (known, &name) in known.iter().zip(&names) {
        if let Some(before) = of.insert(known.clone(), name) {
            let found = format!("the tensors `{before}` and `{name}`, which are both `{known}`");
            return Err(Error::CheckpointFormat { expected: "the weights of one model", found });
        }
    }
    let prefix = families::prefix(family, &names, &known);
    Ok((family, prefix, known.into_iter().zip(tensors.into_values()).collect()))
}

/// An error of one file among several, with its name.
fn in_file(name: &str, error: Error) -> Error {
    match error {
        Error::CheckpointFormat { expected, found } if !name.is_empty() => {
            Error::CheckpointFormat { expected, found: format!("in `{name}`, {found}") }
        }
        other => other,
    }
}
