//! The engine natively, in one program: each file is a test of its own, and what they share is compiled once.

mod support;

mod checkpoint;
mod checkpoint_cases;
mod cpu_kernels;
mod detectors;
mod experiments;
mod experiments_circuits;
mod experiments_full_size;
mod families;
mod forward_cpu;
mod forward_gpu;
mod gestures;
mod gpt2_full_size;
mod layering;
mod model_family;
mod model_kinds;
mod parts;
mod real;
mod session;
mod shaders;
mod split;
mod team;
mod tokenizer;
mod tokenizer_cases;
mod tuning;
