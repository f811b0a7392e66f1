//! Weights files: reading, refusals, and the configuration that tensors and `config.json` tell.

mod bad_input;
mod captured;
mod catalogue;
mod config;
mod damaged;
mod fixtures;
mod full_size;
mod keys;
mod torch;
mod views;
