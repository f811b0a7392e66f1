//! `cargo bench --bench full_size`: the full-size stand-in on both native backends. It prints the time of
//! loading and of runs of up to 2048 tokens, and compares the heads that are found with the planted ones.

#[path = "../tests/native/support/stand_in.rs"]
mod stand_in;

use std::time::Instant;

use headscope::model::{ModelConfig, Work};
use headscope::session::{Engine, Model, Preference, Run};
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
                edit_last(&model, &run, &stand_in::repeated(count)).await;
            }
        });
    }
}

/// Prints what an edit of the last token costs beside the whole run: in time, and in the multiplications of
/// a CPU or the workgroups of a GPU.
async fn edit_last(model: &Model, whole: &Run, ids: &[u32]) {
    let next = |id: u32| (id + 1) % NOTEBOOK.d_vocab as u32;
    let mut edited = ids.to_vec();
    if let Some(last) = edited.last_mut() {
        *last = next(*last);
    }
    let cost = |work: Work| work.products + work.scores * NOTEBOOK.d_head as u64 + work.workgroups;
    // The whole run once more, so that both are warm. Nothing is kept of a text with another beginning.
    let other: Vec<u32> = ids.iter().map(|&id| next(id)).collect();
    let _other = model.run_ids(other).await.expect("a run");
    let (started, before) = (Instant::now(), model.work());
    let again = model.run_ids(ids.to_vec()).await.expect("a run");
    let (took, between) = (milliseconds(started), model.work());
    assert_eq!((again.reused(), again.ids()), (0, whole.ids()), "the whole run is made again");
    let started = Instant::now();
    let edit = model.run_ids(edited).await.expect("a run");
    let edit_took = milliseconds(started);
    assert_eq!(edit.reused(), ids.len() - 2, "the last token is edited");
    let share = cost(model.work() - between) as f64 / cost(between - before) as f64;
    println!(
        "    last edited {edit_took:>9.1} ms, {:.3} of {took:.1} ms, {share:.3} of the work",
        edit_took / took
    );
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
