//! A backend that keeps all weights, so that two files can be compared.

use std::collections::BTreeMap;

use half::{bf16, f16};
use headscope::checkpoint::{Block, ByteSource, Checkpoint, Keys, WeightDtype, WeightSink, load};
use headscope::model::{MatrixId, ModelConfig, VectorId};

/// The weights that were loaded.
#[derive(Debug, Default, PartialEq)]
pub struct Captured {
    matrices: BTreeMap<MatrixId, (usize, WeightDtype, Vec<u8>)>,
    vectors: BTreeMap<VectorId, Vec<f32>>,
}

/// Loads a model's weights.
pub fn capture(file: impl ByteSource, config: &ModelConfig) -> headscope::Result<(Captured, Keys)> {
    capture_from(&pollster::block_on(Checkpoint::open(file))?, config)
}

/// Loads the weights of an opened checkpoint.
pub fn capture_from(
    checkpoint: &Checkpoint<impl ByteSource>,
    config: &ModelConfig,
) -> headscope::Result<(Captured, Keys)> {
    let mut captured = Captured::default();
    let keys = pollster::block_on(load(checkpoint, config, &mut captured))?;
    Ok((captured, keys))
}

impl Captured {
    /// Columns and elements of a matrix, as f32.
    pub fn matrix(&self, id: MatrixId) -> (usize, Vec<f32>) {
        (self.matrices[&id].0, self.values()[&format!("{id:?}")].clone())
    }

    /// The type that a matrix is kept in.
    pub fn dtype(&self, id: MatrixId) -> WeightDtype {
        self.matrices[&id].1
    }

    /// A vector.
    pub fn vector(&self, id: VectorId) -> &[f32] {
        &self.vectors[&id]
    }

    /// Whether there is such a matrix.
    pub fn has(&self, id: MatrixId) -> bool {
        self.matrices.contains_key(&id)
    }

    /// All weights as f32, whatever their type in the file.
    pub fn values(&self) -> BTreeMap<String, Vec<f32>> {
        let matrices = self.matrices.iter().map(|(id, (_, dtype, bytes))| {
            let values = match dtype {
                WeightDtype::F16 => bytes
                    .as_chunks::<2>()
                    .0
                    .iter()
                    .map(|&element| f16::from_le_bytes(element).to_f32())
                    .collect(),
                WeightDtype::Bf16 => bytes
                    .as_chunks::<2>()
                    .0
                    .iter()
                    .map(|&element| bf16::from_le_bytes(element).to_f32())
                    .collect(),
                WeightDtype::F32 => {
                    bytes.as_chunks::<4>().0.iter().map(|&element| f32::from_le_bytes(element)).collect()
                }
            };
            (format!("{id:?}"), values)
        });
        matrices.chain(self.vectors.iter().map(|(id, values)| (format!("{id:?}"), values.clone()))).collect()
    }
}

impl WeightSink for Captured {
    fn begin_matrix(
        &mut self,
        id: MatrixId,
        rows: usize,
        columns: usize,
        dtype: WeightDtype,
    ) -> headscope::Result<()> {
        let before = self.matrices.insert(id, (columns, dtype, vec![0; rows * columns * dtype.size()]));
        assert!(before.is_none(), "{id:?} was announced twice");
        Ok(())
    }

    fn write(&mut self, id: MatrixId, block: Block, bytes: &[u8]) -> headscope::Result<()> {
        let (columns, dtype, elements) = self.matrices.get_mut(&id).expect("announced");
        let width = block.columns.len() * dtype.size();
        assert_eq!(bytes.len(), block.rows.len() * width, "{id:?}: a block comes whole");
        for (row, part) in block.rows.zip(bytes.chunks_exact(width)) {
            let first = (row * *columns + block.columns.start) * dtype.size();
            elements[first..first + width].copy_from_slice(part);
        }
        Ok(())
    }

    fn vector(&mut self, id: VectorId, values: &[f32]) -> headscope::Result<()> {
        self.vectors.insert(id, values.to_vec());
        Ok(())
    }
}
