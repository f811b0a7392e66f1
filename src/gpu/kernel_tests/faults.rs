//! A mistake in WGSL, a buffer over the limit, and a freed run.

use super::*;
use crate::gpu::device::BufferLimits;
use crate::gpu::kernel::Source;
use crate::gpu::matrix::Matrix;
use crate::gpu::model::Model;
use crate::gpu::tensor::Usage;
use crate::model::{Batch, SHARE_TILES};

#[test]
fn a_wgsl_mistake_is_an_error_and_not_a_zero() {
    let gpu = Rc::new(pollster::block_on(Gpu::open()).expect("an adapter"));
    let kernels = Kernels::new(&gpu);
    let wrong = Source::new("wrong", "fn wrong( {", "wrong");
    let refused = pollster::block_on(gpu.checked("a kernel", async || Ok(kernels.get(wrong, &[]))));
    assert_eq!(refused.err().map(|error| error.code()), Some("GpuValidation"));
}

#[test]
fn a_buffer_over_the_limit_says_which_limit_and_by_how_much() {
    let gpu = Rc::new(pollster::block_on(Gpu::open()).expect("an adapter"));
    let error = Tensor::new(&gpu, "huge", 1 << 60, Usage::Storage).expect_err("too large");
    let text = error.to_string();
    assert_eq!(error.code(), "GpuLimit");
    assert!(text.contains("huge") && text.contains("maxStorageBufferBindingSize"), "{text}");
}

#[test]
fn a_matrix_larger_than_every_devices_binding_is_two_shards() {
    let gpu = Rc::new(pollster::block_on(Gpu::open_with(BufferLimits::Default)).expect("an adapter"));
    assert_eq!(gpu.limits().max_storage_buffer_binding_size, 128 << 20);
    // W_U of GPT-2 in f32: 154 MB. A shard is whole shares of the vocabulary.
    let unembed = [768, 50_264];
    let matrix = Matrix::new(&gpu, "W_U", unembed, WeightDtype::F32, SHARE_TILES).expect("room");
    let places: Vec<_> = matrix.shards.iter().map(|it| (it.first_tile, it.tiles)).collect();
    assert_eq!(places, [(0, 85 * SHARE_TILES), (85 * SHARE_TILES, 843)]);
}

#[test]
fn what_is_freed_is_used_again() {
    let gpu = Rc::new(pollster::block_on(Gpu::open()).expect("an adapter"));
    let kernels = Rc::new(Kernels::new(&gpu));
    let bench = Bench::new(&gpu, &kernels, &CONFIG, WeightDtype::F16, Dims::new(65, 1, 0));
    let Bench { config, weights, tokens, .. } = bench;
    let model = pollster::block_on(Model::new(&gpu, config, weights)).expect("a model");
    let batch = Batch::one(&CONFIG, tokens).expect("a batch");
    let run = || pollster::block_on(model.run(&batch, None)).expect("a run");
    drop((run(), run()));
    let settled = gpu.allocated_bytes();
    for _ in 0..5 {
        drop((run(), run()));
        assert_eq!(gpu.allocated_bytes(), settled);
    }
}
