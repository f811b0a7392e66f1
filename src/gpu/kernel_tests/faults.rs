//! A mistake in WGSL, a buffer over the limit, and a freed run.

use super::*;
use crate::gpu::kernel::Source;
use crate::gpu::model::Model;
use crate::gpu::tensor::Usage;
use crate::model::Batch;

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
fn what_is_freed_is_used_again() {
    let gpu = Rc::new(pollster::block_on(Gpu::open()).expect("an adapter"));
    let bench = Bench::new(&gpu, &CONFIG, WeightDtype::F16, Dims::new(65, 1, 0));
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
