//! The model family of DEFINITIONS.md: configuration, tensor names, sizes.
//!
//! The only place where they are spelled.

mod ablation;
mod config;
mod dims;
mod given;
mod infer;
mod parameters;
mod readout;
mod row_stats;
mod shapes;

pub use ablation::{Ablation, AblationKind, HeadFate};
pub use config::{ModelConfig, Normalization, PositionalEmbedding};
pub use dims::Dims;
pub use parameters::{MatrixId, Parameter, VectorId, parameters};
pub use readout::{Readout, THUMBNAIL_SIDE};
pub use row_stats::RowStats;
pub use shapes::{COLUMN_TILE, PADDING_BIAS, Shapes};
