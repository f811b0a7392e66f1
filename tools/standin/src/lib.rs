//! Writes torch checkpoints without torch.
//!
//! [`planted`] makes a stand-in for the model of ARENA's notebook ("Finding induction heads", ARENA 3.0,
//! chapter 1.2). It has the same shapes, and circuits planted by hand, so that the kind of each head is
//! known. [`zip`] and [`pickle`] write the container and the pickle as torch does, and let tests write
//! damaged and unusual ones. [`gpt2`] makes a stand-in for GPT-2 small, as the hub has it.

pub mod checkpoint;
pub mod gpt2;
pub mod noise;
pub mod pickle;
pub mod planted;
pub mod safetensors;
pub mod zip;
