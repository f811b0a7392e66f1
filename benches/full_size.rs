//! `cargo bench --bench full_size`: the full-size stand-in on both native backends. It prints the time of
//! loading and of runs of up to 2048 tokens, and compares the heads that are found with the planted ones.

#[path = "../tests/native/support/stand_in.rs"]
mod stand_in;

use std::time::Instant;

use headscope::model::ModelConfig;
use headscope::session::{Engine, Preference};
use standin::planted::{NOTEBOOK, Planted};

const TOKENS: [usize; 3] = [62, 256, 2048];

fn main() {
    let planted = Planted::new(NOTEBOOK, 0);
    let file = planted.write(Vec::with_capacity(190 << 20)).expect("memory");
    let config = ModelConfig::from_json(&planted.config().to_string()).expect("a config");
    // The weights in f16, without the file's two masks of n_ctx x n_ctx, and a share for the runs.
    let most = (file.len() as u64 - 4 * (NOTEBOOK.n_ctx * NOTEBOOK.n_ctx) as u64) * 115 / 100 + (64 << 20);
    for preference in [Preference::Cpu, Preference::WebGpu] {
        pollster::block_on(async {
            let engine = Engine::open(preference).await.expect("a backend");
            println!("{}", engine.gpu().map_or("CPU", |gpu| gpu.adapter_name()));
            let started = Instant::now();
            let model = engine.load_model(&file[..], config.clone(), None).await.expect("a model");
            println!("  load          {:>9.1} ms", milliseconds(started));
            if let Some(gpu) = engine.gpu() {
                println!("  GPU memory    {:>9.1} MB", gpu.allocated_bytes() as f64 / 1e6);
            }
            for count in TOKENS {
                let started = Instant::now();
                let run = model.run_ids(stand_in::repeated(count)).await.expect("a run");
                println!("  {count:>4} tokens   {:>9.1} ms", milliseconds(started));
                stand_in::assert_finds(&run, &planted.plan);
                if let Some(gpu) = engine.gpu() {
                    let bytes = gpu.allocated_bytes();
                    println!("  GPU memory    {:>9.1} MB", bytes as f64 / 1e6);
                    assert!(bytes <= most, "{bytes} bytes, and should be at most {most}");
                }
            }
        });
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
