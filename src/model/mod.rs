//! The models of docs/definitions.md#the-model: configuration, parameters, and the forward pass as data.
//!
//! Everything that both backends and the checkpoint reader must agree on stands here: names, sizes,
//! the list of operations and the table of buffers.

mod ablation;
mod architecture;
mod batch;
mod buffers;
mod components;
mod config;
mod config_fields;
mod dims;
mod infer;
mod matrices;
mod not_finite;
mod parameter;
mod parameter_row;
mod parameters;
mod program;
mod readout;
mod rotations;
mod row_stats;
mod shapes;
mod thumbnails;
mod work;

pub use ablation::{Ablation, AblationKind, HeadMode};
pub use architecture::{Activation, Heads, Mlp, Normalization, Pairing, PositionalEmbedding, Rotary};
pub use batch::Batch;
pub use buffers::{
    Buffer, BufferId, Element, Extent, LARGEST_BUFFER, LARGEST_RUN, Lifetime, SHARE_TILES, attention_output,
    buffer_table, normalized_stream, residual_stream, run_bytes, shares,
};
pub use components::{LogitTarget, NO_TOKEN};
pub use config::{ModelConfig, Size};
pub use dims::Dims;
pub use infer::{TensorShapes, has_tensor, infer_sizes, is_known_name, sizes_missing};
pub use matrices::{MatrixId, VectorId};
pub use not_finite::NotFinite;
pub use parameter::{Filling, Parameter, ParameterId, Slot, Target};
pub use parameters::{fillings, parameters};
pub use program::{Delivers, NormAt, Operation, POSITION_SCORES, Program, QkvInput};
pub use readout::Readout;
pub use rotations::rotations;
pub use row_stats::{LARGE_WEIGHT, RowStats};
pub use shapes::{COLUMN_TILE, OFFSET_BLOCK, OFFSETS, PADDING_BIAS, Shapes, THUMBNAIL_SIDE};
pub use thumbnails::{Thumbnails, first_cell, padded_cells, thumbnail_side, unpadded};
pub use work::Work;
