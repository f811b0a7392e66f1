//! Weights files: what is read, what is refused, and what a model's configuration is told from.

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
