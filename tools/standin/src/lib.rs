//! torch checkpoints, written without torch.
//!
//! [`planted`] makes a stand-in for the notebook's model: its exact shapes, with circuits planted by
//! hand, so that it is known which head does what. [`zip`] and [`pickle`] write the container and
//! the pickle as torch does, and let tests write them otherwise.

pub mod checkpoint;
pub mod noise;
pub mod pickle;
pub mod planted;
pub mod zip;
