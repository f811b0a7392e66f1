//! Streams a checkpoint's parameters into a backend, in the backend's padded layout.

use super::dtype::WeightDtype;
use super::file::Checkpoint;
use super::keys::Keys;
use super::pack;
use super::sink::{Block, WeightSink};
use super::source::{ByteSource, PIECE};
use super::tensor::TensorInfo;
use super::view::View;
use crate::error::Result;
use crate::model::{COLUMN_TILE, MatrixId, ModelConfig, Parameter, Slot, Target, VectorId, fillings};

/// Bytes of a matrix that are gathered at once where its rows are scattered over the file.
const GATHERED_PIECE: usize = 4 * PIECE;

/// Loads every parameter of a model, and tells how the tensors match its configuration.
///
/// # Errors
/// Those of [`Checkpoint::check`]; [`Error::NonFiniteWeight`](crate::Error::NonFiniteWeight);
/// [`Error::CheckpointFormat`](crate::Error::CheckpointFormat) when a checksum is wrong;
/// [`Error::FileRead`](crate::Error::FileRead); those of the sink.
pub async fn load<S: ByteSource>(
    checkpoint: &Checkpoint<S>,
    config: &ModelConfig,
    sink: &mut impl WeightSink,
) -> Result<Keys> {
    let keys = checkpoint.check(config)?;
    for filling in fillings(config) {
        let sources: Vec<Source> = filling
            .parameters
            .into_iter()
            .filter_map(|parameter| Source::find(checkpoint, config, parameter))
            .collect();
        match filling.of {
            Target::Matrix(id) => load_matrix(checkpoint, id, id.shape(config), &sources, sink).await?,
            Target::Vector(id) => load_vector(checkpoint, id, id.blank(config), &sources, sink).await?,
        }
    }
    checkpoint.verify().await?;
    Ok(keys)
}

/// A parameter that the checkpoint holds: where its elements come from, and where they go.
struct Source<'a> {
    tensor: &'a TensorInfo,
    view: View,
    slot: Slot,
}

/// Loads a matrix of these rows and columns, band by band of its rows, or of its columns where each row is
/// scattered over the whole file.
async fn load_matrix<S: ByteSource>(
    checkpoint: &Checkpoint<S>,
    id: MatrixId,
    [rows, columns]: [usize; 2],
    sources: &[Source<'_>],
    sink: &mut impl WeightSink,
) -> Result<()> {
    let kept = kept_as(id, sources, checkpoint.half);
    sink.begin_matrix(id, rows, columns, kept)?;
    if let [source] = sources
        && source.is_transposed()
        && rows * columns * kept.size() > PIECE
    {
        return load_columns(checkpoint, id, [rows, columns], source, kept, sink).await;
    }
    let band = rows_at_once(columns, kept, sources);
    for first_row in (0..rows).step_by(band) {
        let end_row = rows.min(first_row + band);
        let len = (end_row - first_row) * columns * kept.size();
        let mut bytes = Vec::new();
        for source in sources {
            let Some(part) = source.rows(first_row, end_row, columns) else { continue };
            let tensor = part.view.of(part.tensor);
            let values = pack::to_kept(&part.view, &tensor.dtype, checkpoint.read(&tensor).await?, kept)?;
            if values.len() == len && part.slot.is_row_major(&tensor.shape) {
                bytes = values;
            } else {
                bytes.resize(len, 0);
                scatter(&values, &tensor.shape, &part.slot, kept.size(), &mut bytes);
            }
        }
        bytes.resize(len, 0);
        sink.write(id, Block::of_rows(first_row..end_row, columns), &bytes)?;
    }
    Ok(())
}

/// Loads a matrix that is the transpose of a tensor, such as an unembedding: band by band of its columns,
/// which are rows of the file.
async fn load_columns<S: ByteSource>(
    checkpoint: &Checkpoint<S>,
    id: MatrixId,
    [rows, columns]: [usize; 2],
    source: &Source<'_>,
    kept: WeightDtype,
    sink: &mut impl WeightSink,
) -> Result<()> {
    let element = kept.size().max(source.tensor.dtype.size());
    let band = (PIECE / (rows * element)).next_multiple_of(COLUMN_TILE).max(COLUMN_TILE);
    for first in (0..columns).step_by(band) {
        let end = columns.min(first + band);
        let mut bytes = vec![0; rows * (end - first) * kept.size()];
        let real = first..end.min(source.view.along[1].len);
        if !real.is_empty() {
            let view = source.view.narrow(1, real.clone());
            let tensor = view.of(source.tensor);
            let values = pack::to_kept(&view, &tensor.dtype, checkpoint.read(&tensor).await?, kept)?;
            let slot = Slot { strides: vec![end - first, 1], ..source.slot.clone() };
            scatter(&values, &tensor.shape, &slot, kept.size(), &mut bytes);
        }
        sink.write(id, Block { rows: 0..rows, columns: first..end }, &bytes)?;
    }
    Ok(())
}

/// Loads a vector into its blank values.
async fn load_vector<S: ByteSource>(
    checkpoint: &Checkpoint<S>,
    id: VectorId,
    mut vector: Vec<f32>,
    sources: &[Source<'_>],
    sink: &mut impl WeightSink,
) -> Result<()> {
    for Source { tensor, view, slot } in sources {
        let tensor = view.of(tensor);
        let values = pack::to_f32(view, &tensor.dtype, &checkpoint.read(&tensor).await?)?;
        scatter(&values, &tensor.shape, slot, 1, &mut vector);
    }
    sink.vector(id, &vector)
}

/// The type that a matrix is kept in: that of its parameters where they agree, else f32, which holds all. At
/// half precision f16 takes the place of f32.
fn kept_as(id: MatrixId, sources: &[Source], half: bool) -> WeightDtype {
    if id.is_always_f32() {
        return WeightDtype::F32;
    }
    let types = sources.iter().map(|source| source.tensor.dtype.kept_as());
    let common = types.reduce(|one, other| if one == other { one } else { WeightDtype::F32 });
    match common.unwrap_or(WeightDtype::F32) {
        WeightDtype::F32 if half => WeightDtype::F16,
        kept => kept,
    }
}

/// Rows of a matrix that are loaded at once.
fn rows_at_once(columns: usize, kept: WeightDtype, sources: &[Source]) -> usize {
    let scattered =
        |source: &Source| source.view.of(source.tensor).is_scattered_along(source.slot.row_dimension());
    let piece = if sources.iter().any(scattered) { GATHERED_PIECE } else { PIECE };
    let element = sources.iter().map(|source| source.tensor.dtype.size()).fold(kept.size(), usize::max);
    // Whole heads, where a matrix has its heads under one another.
    let unit = sources.iter().map(|source| source.slot.rows_of_index(columns)).fold(1, usize::max);
    (piece / (columns * element) / unit).max(1) * unit
}

impl<'a> Source<'a> {
    /// The tensor and view of a parameter; nothing where the checkpoint lacks it.
    fn find<S: ByteSource>(
        checkpoint: &'a Checkpoint<S>,
        config: &ModelConfig,
        parameter: Parameter,
    ) -> Option<Self> {
        let view = (checkpoint.family.view)(config, &parameter);
        let tensor = checkpoint.tensor(&view.tensor)?;
        Some(Source { tensor, view, slot: parameter.slot })
    }

    /// Whether it fills a matrix from its first element on, and has the matrix's columns as its rows.
    fn is_transposed(&self) -> bool {
        matches!(self.slot.strides[..], [_, 1])
            && self.slot.offset == 0
            && self.view.of(self.tensor).is_scattered_along(0)
    }

    /// The part that goes to these rows of a matrix, its slot counted from the first of them; nothing
    /// where all of these rows are padding.
    fn rows(&self, first_row: usize, end_row: usize, columns: usize) -> Option<Self> {
        let (dimension, unit) = (self.slot.row_dimension(), self.slot.rows_of_index(columns));
        let len = self.view.along[dimension].len;
        let part = (first_row / unit).min(len)..end_row.div_ceil(unit).min(len);
        (!part.is_empty()).then(|| Source {
            tensor: self.tensor,
            view: self.view.narrow(dimension, part),
            slot: self.slot.clone(),
        })
    }
}

/// Copies elements of `size` items each from row-major order to their slot.
fn scatter<T: Copy>(values: &[T], shape: &[usize], slot: &Slot, size: usize, to: &mut [T]) {
    let (last, outer) = shape.split_last().unwrap_or((&1, &[]));
    for (run, values) in values.chunks_exact(last * size).enumerate() {
        let (mut rest, mut at) = (run, slot.offset);
        for (side, stride) in outer.iter().zip(&slot.strides).rev() {
            at += rest % side * stride;
            rest /= side;
        }
        to[at * size..][..values.len()].copy_from_slice(values);
    }
}
