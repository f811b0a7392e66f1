//! A stand-in for GPT-2 small in f32, 548 MB: on the GPU within the buffers that every device has, and on the
//! CPU.

use std::rc::Rc;

use headscope::checkpoint::{Checkpoint, WeightSink, load};
use headscope::gpu::{self, BufferLimits, Gpu};
use headscope::model::{Batch, ModelConfig};
use headscope::{cpu, model::run_bytes};
use pollster::block_on;
use standin::gpt2::{self, SMALL};

use crate::support::assert_close;

/// Log-probabilities of random weights on the GPU against those on the CPU: twelve layers of f32.
const LOG_PROBS: f32 = 1e-3;

const BINDING: usize = 128 << 20;

fn load_into(file: &[u8], sink: &mut impl WeightSink) -> ModelConfig {
    block_on(async {
        let checkpoint = Checkpoint::open(file).await.expect("an index");
        let config = checkpoint.config(Some(&gpt2::config(SMALL).to_string())).expect("a config");
        let keys = load(&checkpoint, &config, sink).await.expect("weights");
        assert_eq!(keys.to_string(), "All keys matched: 148 tensors, and 12 buffers that are not needed");
        config
    })
}

#[test]
fn sixty_two_tokens_within_the_buffers_of_every_device_are_those_of_the_cpu() {
    let file = gpt2::write(SMALL, 0, Vec::with_capacity(549 << 20)).expect("memory");
    assert!((548_000_000..548_200_000).contains(&file.len()), "{} bytes", file.len());
    let mut weights = cpu::Weights::default();
    let config = load_into(&file, &mut weights);
    let tokens: Vec<u32> = (0..62).map(|at| (at * 811) % 50_257).collect();
    let batch = Batch::one(&config, tokens).expect("a batch");
    let expected = block_on(cpu::Model::new(config.clone(), weights).run(&batch, None));

    let gpu = Rc::new(block_on(Gpu::open_with(BufferLimits::Default)).expect("an adapter"));
    let mut weights = gpu::Weights::new(&gpu).expect("room");
    load_into(&file, &mut weights);
    let kept = gpu.allocated_bytes() as usize;
    drop(file);
    // The tied matrix is kept once, in two shards.
    assert!(config.tied_unembedding && 4 * config.d_vocab * config.d_model > BINDING);
    assert!((497_000_000..505_000_000).contains(&kept), "{kept} bytes of weights");
    let model = block_on(gpu::Model::new(&gpu, config.clone(), weights)).expect("a model");
    let run = block_on(model.run(&batch, None)).expect("a run");
    let (found, known) = (&run.readout().log_probs[..61], &expected.readout().log_probs[..61]);
    assert_close("log_probs", &[61], found, known, LOG_PROBS);
    let layer = config.n_layers;
    let found = block_on(run.residual(layer)).expect("a stream");
    let known = expected.residual(layer).expect("a stream");
    assert_close("resid_post", &[62, config.d_model], &found, &known, 5e-3);
    let used = gpu.allocated_bytes() as usize - kept;
    let least = run_bytes(&config, 62);
    assert!(least < used && used < 8 * least, "a run of {used} bytes, its rows have {least}");
}
