//! A parameter: its identity, its shape, and the place of its elements in a matrix or vector.

use super::matrices::{MatrixId, VectorId};

/// Which parameter it is. A number is the layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ParameterId {
    /// `W_E`.
    Embed,
    /// `W_pos`.
    Positions,
    /// Weight of the norm before attention.
    Ln1Weight(usize),
    /// Bias of the norm before attention.
    Ln1Bias(usize),
    /// `W_Q`.
    AttnQ(usize),
    /// `b_Q`.
    AttnQBias(usize),
    /// `W_K`.
    AttnK(usize),
    /// `b_K`.
    AttnKBias(usize),
    /// `W_V`.
    AttnV(usize),
    /// `b_V`.
    AttnVBias(usize),
    /// `W_O`.
    AttnO(usize),
    /// `b_O`.
    AttnOBias(usize),
    /// Weight of the norm of each query.
    AttnQNorm(usize),
    /// Weight of the norm of each key.
    AttnKNorm(usize),
    /// Weight of the norm before the MLP.
    Ln2Weight(usize),
    /// Bias of the norm before the MLP.
    Ln2Bias(usize),
    /// `W_gate` of a gated MLP.
    MlpGate(usize),
    /// `b_gate` of a gated MLP.
    MlpGateBias(usize),
    /// `W_in` of the MLP.
    MlpIn(usize),
    /// `b_in` of the MLP.
    MlpInBias(usize),
    /// Weight of the LayerNorm inside the MLP.
    MlpLnWeight(usize),
    /// Bias of the LayerNorm inside the MLP.
    MlpLnBias(usize),
    /// `W_out` of the MLP.
    MlpOut(usize),
    /// `b_out` of the MLP.
    MlpOutBias(usize),
    /// Weight of the norm before the unembedding.
    LnFinalWeight,
    /// Bias of the norm before the unembedding.
    LnFinalBias,
    /// `W_U`.
    Unembed,
    /// `b_U`.
    UnembedBias,
}

/// A parameter of a model of some configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Which parameter it is.
    pub id: ParameterId,
    /// The layer; 0 where the parameter is of no layer.
    pub layer: usize,
    /// TransformerLens' name, such as `blocks.0.attn.W_Q`.
    pub name: String,
    /// TransformerLens' shape.
    pub shape: Vec<usize>,
    /// Whether a checkpoint may lack it, which means zero. True of biases.
    pub optional: bool,
    /// Where its elements go.
    pub slot: Slot,
}

/// The part of a matrix or vector that a parameter fills.
///
/// Element `[i, j, ..]` of the parameter is element `offset + i * strides[0] + j * strides[1] + ..` of
/// the matrix (row-major, padding included) or of the vector. The last stride is 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The matrix or vector.
    pub of: Target,
    /// Place of the parameter's first element.
    pub offset: usize,
    /// Elements from one index to the next of each dimension.
    pub strides: Vec<usize>,
}

impl Slot {
    /// Whether a parameter of this shape lies row-major and without gaps from the first element on.
    pub fn is_row_major(&self, shape: &[usize]) -> bool {
        let mut step = 1;
        let mut dimensions = self.strides.iter().zip(shape).rev();
        self.offset == 0
            && dimensions.all(|(&stride, &side)| {
                let continues = stride == step;
                step *= side;
                continues
            })
    }

    /// The dimension of the parameter whose indices lie farthest apart: in a matrix, rows apart.
    pub fn row_dimension(&self) -> usize {
        (0..self.strides.len()).max_by_key(|&dimension| self.strides[dimension]).unwrap_or(0)
    }

    /// Rows of a matrix of so many columns from one index of [`row_dimension`](Self::row_dimension)
    /// to the next.
    pub fn rows_of_index(&self, columns: usize) -> usize {
        self.strides[self.row_dimension()] / columns
    }
}

/// A matrix or a vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// A matrix.
    Matrix(MatrixId),
    /// A vector.
    Vector(VectorId),
}

/// A matrix or vector that a backend keeps, with the parameters that fill it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filling {
    /// The matrix or vector.
    pub of: Target,
    /// The parameters; none where the model has the vector's [`blank`](VectorId::blank) values.
    pub parameters: Vec<Parameter>,
}
