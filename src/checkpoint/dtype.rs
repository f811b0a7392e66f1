//! Element types: those of a file's tensors, and the three that backends keep.

/// Element type of a tensor in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dtype {
    /// IEEE half precision.
    F16,
    /// The upper half of an f32.
    Bf16,
    /// Single precision.
    F32,
    /// Double precision.
    F64,
    /// Any other type, by the file's own name for it. Never holds weights.
    Other(String),
}

impl Dtype {
    /// The types that weights may have, as errors list them.
    pub(super) const OF_WEIGHTS: &str = "f16, bf16, f32 or f64";

    /// Bytes of one element; 0 for [`Dtype::Other`], whose elements are never read.
    pub fn size(&self) -> usize {
        match self {
            Dtype::F16 | Dtype::Bf16 => 2,
            Dtype::F32 => 4,
            Dtype::F64 => 8,
            Dtype::Other(_) => 0,
        }
    }

    /// The type that backends keep such weights in: f16 and bf16 stay, every other type becomes f32.
    pub fn kept_as(&self) -> WeightDtype {
        match self {
            Dtype::F16 => WeightDtype::F16,
            Dtype::Bf16 => WeightDtype::Bf16,
            _ => WeightDtype::F32,
        }
    }
}

/// Element type of a weight matrix in a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WeightDtype {
    /// IEEE half precision, two to a `u32`.
    F16,
    /// The upper half of an f32, two to a `u32`.
    Bf16,
    /// Single precision.
    F32,
}

impl WeightDtype {
    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            WeightDtype::F16 | WeightDtype::Bf16 => 2,
            WeightDtype::F32 => 4,
        }
    }
}
