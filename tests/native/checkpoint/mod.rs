//! Weights files: reading, refusals, and the configuration that tensors and `config.json` tell.

mod bad_input;
mod captured;
mod catalogue;
mod config;
mod damaged;
mod families;
mod fixtures;
mod full_size;
mod hub_config;
mod hub_file;
mod hub_refused;
mod keys;
mod parts;
mod torch;
mod views;
mod wrapped;
