//! The model family of DEFINITIONS.md: configuration, tensor names, sizes.
//!
//! The only place where they are spelled.

mod ablation;
mod config;
mod dims;
mod infer;
mod matrices;
mod parameter;
mod parameters;
mod readout;
mod row_stats;
mod shapes;

pub use ablation::{Ablation, AblationKind, HeadFate};
pub use config::{ModelConfig, Normalization, PositionalEmbedding, Size};
pub use dims::Dims;
pub use infer::{TensorShapes, has_learned_norm, infer_sizes, is_known_name, sizes_missing};
pub use matrices::{MatrixId, VectorId};
pub use parameter::{Filling, Parameter, ParameterId, Slot, Target};
pub use parameters::{fillings, parameters};
pub use readout::{Readout, THUMBNAIL_SIDE};
pub use row_stats::RowStats;
pub use shapes::{COLUMN_TILE, PADDING_BIAS, Shapes};
