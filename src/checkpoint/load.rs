//! Streams a checkpoint's parameters into a backend, in the backend's padded layout.

use super::source::PIECE;
use super::{ByteSource, Checkpoint, Keys, TensorInfo, WeightDtype, pack};
use crate::error::{Error, Key, Result};
use crate::model::{MatrixId, ModelConfig, Normalization, PADDING_BIAS, Shapes, VectorId};

/// Bytes of a matrix that are gathered at once where its rows do not lie one after another: every piece
/// of a transposed matrix takes as many reads as it has columns.
const GATHERED_PIECE: usize = 4 * PIECE;

/// A backend that takes weights.
///
/// Matrices come row-major and already padded; padding is zero. A matrix is announced once,
/// then its rows come in order, each exactly once.
pub trait WeightSink {
    /// Announces a matrix of `rows` x `columns`, padding included.
    ///
    /// # Errors
    /// [`Error::GpuLimit`] when the backend has no room for it.
    fn begin_matrix(&mut self, id: MatrixId, rows: usize, columns: usize, dtype: WeightDtype) -> Result<()>;

    /// Takes whole rows from `first_row` on, little-endian.
    ///
    /// # Errors
    /// Whatever the backend's memory gives.
    fn write_rows(&mut self, id: MatrixId, first_row: usize, bytes: &[u8]) -> Result<()>;

    /// Takes a vector, padding included.
    ///
    /// # Errors
    /// Whatever the backend's memory gives.
    fn vector(&mut self, id: VectorId, values: &[f32]) -> Result<()>;
}

/// Loads every parameter of a model, and says that all keys matched.
///
/// # Errors
/// What [`Checkpoint::check`] finds; [`Error::NonFiniteWeight`]; [`Error::CheckpointFormat`] when a checksum is
/// wrong; [`Error::FileRead`]; what the sink refuses.
pub async fn load<S: ByteSource>(
    checkpoint: &Checkpoint<S>,
    config: &ModelConfig,
    sink: &mut impl WeightSink,
) -> Result<Keys> {
    let keys = checkpoint.check(config)?;
    let shapes = Shapes::of(config);
    let mut loader = Loader { checkpoint, config, shapes, sink };
    loader.matrix(MatrixId::Embed, "embed.W_E", config.d_vocab, shapes.d_model).await?;
    loader.matrix(MatrixId::Positions, "pos_embed.W_pos", config.n_ctx, shapes.d_model).await?;
    for layer in 0..config.n_layers {
        let block = format!("blocks.{layer}");
        let ln1 = (VectorId::Ln1Weight(layer), VectorId::Ln1Bias(layer));
        loader.norm(&format!("{block}.ln1"), ln1).await?;
        loader.qkv(layer, &format!("{block}.attn")).await?;
        loader.output(layer, &format!("{block}.attn")).await?;
        let bias = loader.vector(&format!("{block}.attn.b_O")).await?.unwrap_or_default();
        loader.padded_vector(VectorId::OutputBias(layer), bias, shapes.d_model, 0.0)?;
    }
    loader.norm("ln_final", (VectorId::LnFinalWeight, VectorId::LnFinalBias)).await?;
    loader.matrix(MatrixId::Unembed, "unembed.W_U", shapes.d_model, shapes.d_vocab).await?;
    let bias = loader.vector("unembed.b_U").await?.unwrap_or_else(|| vec![0.0; config.d_vocab]);
    loader.padded_vector(VectorId::UnembedBias, bias, shapes.d_vocab, PADDING_BIAS)?;
    checkpoint.verify().await?;
    Ok(keys)
}

struct Loader<'a, S, W> {
    checkpoint: &'a Checkpoint<S>,
    config: &'a ModelConfig,
    shapes: Shapes,
    sink: &'a mut W,
}

impl<'a, S: ByteSource, W: WeightSink> Loader<'a, S, W> {
    /// A two-dimensional tensor, padded to `rows` x `columns`.
    async fn matrix(&mut self, id: MatrixId, name: &str, rows: usize, columns: usize) -> Result<()> {
        let tensor = self.tensor(name)?;
        let (real_rows, real_columns) = (tensor.shape[0], tensor.shape[1]);
        // Positions are few, and are added to f32 activations.
        let kept = if id == MatrixId::Positions { WeightDtype::F32 } else { tensor.dtype.kept_as() };
        self.sink.begin_matrix(id, rows, columns, kept)?;
        let piece = if tensor.rows_lie_apart() { GATHERED_PIECE } else { PIECE };
        let rows_at_once = (piece / (columns * kept.size().max(tensor.dtype.size()))).max(1);
        for first_row in (0..real_rows).step_by(rows_at_once) {
            let count = rows_at_once.min(real_rows - first_row);
            let values = self.read(name, tensor, first_row, count, kept).await?;
            let padded = pad_rows(values, real_columns * kept.size(), columns * kept.size());
            self.sink.write_rows(id, first_row, &padded)?;
        }
        if rows > real_rows {
            let zeros = vec![0; (rows - real_rows) * columns * kept.size()];
            self.sink.write_rows(id, real_rows, &zeros)?;
        }
        Ok(())
    }

    /// `[W_Q | W_K | W_V]` and its bias, from three tensors of `[n_heads, d_model, d_head]` and `[n_heads, d_head]`.
    async fn qkv(&mut self, layer: usize, attn: &str) -> Result<()> {
        let ModelConfig { n_heads, d_head, .. } = *self.config;
        let Shapes { d_head: padded_head, z, qkv, .. } = self.shapes;
        let weights = ["W_Q", "W_K", "W_V"].map(|part| format!("{attn}.{part}"));
        let mut kept = WeightDtype::F16;
        for name in &weights {
            if self.tensor(name)?.dtype.kept_as() == WeightDtype::F32 {
                kept = WeightDtype::F32;
            }
        }
        let size = kept.size();
        let mut fused = vec![0; self.shapes.d_model * qkv * size];
        let mut bias = vec![0.0; qkv];
        for (part, name) in weights.iter().enumerate() {
            let tensor = self.tensor(name)?;
            for head in 0..n_heads {
                let values = self.read(name, tensor, head, 1, kept).await?;
                for (k, from) in values.chunks_exact(d_head * size).enumerate() {
                    let to = (k * qkv + part * z + head * padded_head) * size;
                    fused[to..to + from.len()].copy_from_slice(from);
                }
            }
            if let Some(values) = self.vector(&name.replace(".W_", ".b_")).await? {
                for (head, from) in values.chunks_exact(d_head).enumerate() {
                    let to = part * z + head * padded_head;
                    bias[to..to + d_head].copy_from_slice(from);
                }
            }
        }
        self.sink.begin_matrix(MatrixId::Qkv(layer), self.shapes.d_model, qkv, kept)?;
        self.sink.write_rows(MatrixId::Qkv(layer), 0, &fused)?;
        self.sink.vector(VectorId::QkvBias(layer), &bias)
    }

    /// `W_O [n_heads, d_head, d_model]` as `[H * C, D]`.
    async fn output(&mut self, layer: usize, attn: &str) -> Result<()> {
        let name = format!("{attn}.W_O");
        let tensor = self.tensor(&name)?;
        let kept = tensor.dtype.kept_as();
        let ModelConfig { d_model, d_head, .. } = *self.config;
        let row = self.shapes.d_model * kept.size();
        let values = self.read(&name, tensor, 0, tensor.shape[0], kept).await?;
        let rows = pad_rows(values, d_model * kept.size(), row);
        let heads = pad_rows(rows, d_head * row, self.shapes.d_head * row);
        self.sink.begin_matrix(MatrixId::Output(layer), self.shapes.z, self.shapes.d_model, kept)?;
        self.sink.write_rows(MatrixId::Output(layer), 0, &heads)
    }

    /// A LayerNorm's weight and bias: ones and zeros where it has none, nothing where there is no norm.
    async fn norm(&mut self, stem: &str, (weight, bias): (VectorId, VectorId)) -> Result<()> {
        let (w, b) = match self.config.normalization {
            None => return Ok(()),
            Some(Normalization::LnPre) => (None, None),
            Some(Normalization::Ln) => {
                (self.vector(&format!("{stem}.w")).await?, self.vector(&format!("{stem}.b")).await?)
            }
        };
        let width = self.shapes.d_model;
        self.padded_vector(weight, w.unwrap_or_else(|| vec![1.0; self.config.d_model]), width, 0.0)?;
        self.padded_vector(bias, b.unwrap_or_default(), width, 0.0)
    }

    fn padded_vector(
        &mut self,
        id: VectorId,
        mut values: Vec<f32>,
        width: usize,
        padding: f32,
    ) -> Result<()> {
        values.resize(width, padding);
        self.sink.vector(id, &values)
    }

    /// All values of a tensor, or nothing where there is none.
    async fn vector(&self, name: &str) -> Result<Option<Vec<f32>>> {
        let Some(tensor) = self.checkpoint.tensor(name) else { return Ok(None) };
        let bytes = self.checkpoint.read_rows(tensor, 0, tensor.shape[0]).await?;
        pack::to_f32(name, tensor, 0, &bytes).map(Some)
    }

    async fn read(
        &self,
        name: &str,
        tensor: &TensorInfo,
        first_row: usize,
        rows: usize,
        kept: WeightDtype,
    ) -> Result<Vec<u8>> {
        let bytes = self.checkpoint.read_rows(tensor, first_row, rows).await?;
        pack::to_kept(name, tensor, first_row * tensor.row_elements(), bytes, kept)
    }

    fn tensor(&self, name: &str) -> Result<&'a TensorInfo> {
        self.checkpoint.tensor(name).ok_or_else(|| Error::KeysMismatch {
            missing: vec![Key { tensor: name.to_owned(), expected: None, found: None }],
            unexpected: Vec::new(),
            misshaped: Vec::new(),
        })
    }
}

/// Copies rows of `from` bytes to rows of `to` bytes, the rest zero.
fn pad_rows(bytes: Vec<u8>, from: usize, to: usize) -> Vec<u8> {
    if from == to {
        return bytes;
    }
    let mut padded = vec![0; bytes.len() / from * to];
    for (row, values) in padded.chunks_exact_mut(to).zip(bytes.chunks_exact(from)) {
        row[..from].copy_from_slice(values);
    }
    padded
}
