//! `cargo bench --bench kernels`: each operation of the full-size model and of GPT-2's shapes on the GPU,
//! alone: its time, arithmetic and memory traffic a second, and the larger of its shares of the adapter's
//! peaks.

#[path = "../tests/native/support/stand_in.rs"]
#[allow(dead_code, reason = "the tests and the other bench use the rest")]
mod stand_in;

use std::rc::Rc;

use headscope::checkpoint::{Checkpoint, load};
use headscope::gpu::{Candidate, Gpu, Model, OperationTime, Peaks, Tune, TuningOptions, Weights};
use headscope::model::{Batch, ModelConfig, Operation, Shapes};
use standin::gpt2;
use standin::planted::{NOTEBOOK, Planted};

const TOKENS: [usize; 3] = [62, 256, 2048];
/// Of a software adapter, which takes a thousand times as long.
const FEW_TOKENS: [usize; 1] = [62];

fn main() {
    pollster::block_on(async {
        let planted = Planted::new(NOTEBOOK, 0);
        let notebook = planted.write(Vec::with_capacity(190 << 20)).expect("memory");
        let gpt2 = gpt2::write(gpt2::SMALL, 0, Vec::with_capacity(550 << 20)).expect("memory");
        let given: [Given; 2] = [
            ("the notebook's model", &notebook, planted.config().to_string(), 2),
            ("GPT-2 small", &gpt2, gpt2::config(gpt2::SMALL).to_string(), 4),
        ];
        for candidate in Candidate::ALL {
            let tuning = TuningOptions { tune: Tune::Given(candidate), ..TuningOptions::default() };
            let gpu = Rc::new(Gpu::open().await.expect("an adapter").with_tuning(tuning));
            if candidate.reads_half() && !gpu.has_half() {
                println!(
                    "{}: {} is skipped, because it has no shader-f16",
                    gpu.adapter_name(),
                    candidate.name()
                );
                continue;
            }
            let peaks = Peaks::of(&gpu).await.expect("peaks");
            println!("{}, {}", gpu.adapter_name(), candidate.name());
            println!("  at most {:.0} GFLOP/s, {:.0} GB/s", peaks.flops / 1e9, peaks.bytes / 1e9);
            for given in &given {
                report(&gpu, peaks, given).await;
            }
        }
    });
}

/// A model: its name, its file and configuration, and bytes of a weight.
type Given<'a> = (&'a str, &'a [u8], String, usize);

async fn report(gpu: &Rc<Gpu>, peaks: Peaks, (name, file, config, weight): &Given<'_>) {
    let checkpoint = Checkpoint::open(*file).await.expect("a checkpoint");
    let config = checkpoint.config(Some(config)).expect("a config");
    let mut weights = Weights::new(gpu).expect("room");
    load(&checkpoint, &config, &mut weights).await.expect("weights");
    let model = Model::new(gpu, config.clone(), weights).await.expect("a model");
    for count in if gpu.is_software() { &FEW_TOKENS[..] } else { &TOKENS } {
        let count = (*count).min(config.n_ctx);
        let tokens = stand_in::repeated(count).into_iter().map(|id| id % config.d_vocab as u32).collect();
        let batch = Batch::one(&config, tokens).expect("tokens");
        let times = model.operation_times(&batch).await.expect("times");
        let total: f64 = times.iter().map(|time| time.seconds).sum();
        println!("{name}, {count} tokens: {:.3} ms in all kernels", 1e3 * total);
        println!("  {:<12} {:>2} {:>9} {:>9} {:>8} {:>6}", "", "", "ms", "GFLOP/s", "GB/s", "share");
        let mut kinds: Vec<(String, Vec<OperationTime>)> = Vec::new();
        for time in times {
            let kind: String = format!("{:?}", time.operation).chars().take_while(|&it| it != '(').collect();
            match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, of_kind)) => of_kind.push(time),
                None => kinds.push((kind, vec![time])),
            }
        }
        for (kind, times) in &kinds {
            line(peaks, kind, times, |operation| work(&config, operation, count, *weight));
        }
    }
}

/// A kind of operation: all of the run's together.
fn line(peaks: Peaks, kind: &str, times: &[OperationTime], work: impl Fn(Operation) -> (f64, f64)) {
    let seconds: f64 = times.iter().map(|time| time.seconds).sum();
    let works: Vec<(f64, f64)> = times.iter().map(|time| work(time.operation)).collect();
    let flops = works.iter().map(|work| work.0).sum::<f64>() / seconds;
    let bytes = works.iter().map(|work| work.1).sum::<f64>() / seconds;
    let share = (flops / peaks.flops).max(bytes / peaks.bytes);
    println!(
        "  {kind:<12} {:>2} {:>9.3} {:>9.0} {:>8.0} {:>5.0}%",
        times.len(),
        1e3 * seconds,
        flops / 1e9,
        bytes / 1e9,
        100.0 * share
    );
}

/// Arithmetic operations of one of the program, and the bytes that it must read and write at least.
fn work(config: &ModelConfig, operation: Operation, rows: usize, weight: usize) -> (f64, f64) {
    let Shapes { d_model, d_head, z, kv, qkv, d_mlp, mlp_in, d_vocab } = Shapes::of(config);
    let product = |k: usize, n: usize, extra: usize| {
        let (rows, k, n) = (rows as f64, k as f64, n as f64);
        (2.0 * rows * k * n, weight as f64 * k * n + 4.0 * rows * (k + n + extra as f64))
    };
    // Weights of the causal half of all patterns.
    let pairs = config.n_heads as f64 * rows as f64 * (rows as f64 + 1.0) / 2.0;
    let heads = 4.0 * rows as f64 * (z + 2 * kv) as f64;
    match operation {
        Operation::Qkv(_) => product(d_model, qkv, 0),
        Operation::Output(_) => product(z, d_model, d_model),
        Operation::MlpIn(_) => product(d_model, mlp_in, 0),
        Operation::MlpOut(_) => product(d_mlp, d_model, d_model),
        Operation::LogProbs => {
            let (flops, bytes) = product(d_model, d_vocab, 0);
            (flops, bytes - 4.0 * (rows * d_vocab) as f64)
        }
        Operation::Attention(_) => (4.0 * pairs * d_head as f64, heads + 4.0 * (rows * z) as f64),
        Operation::Offsets(_) => (2.0 * pairs * d_head as f64, heads),
        Operation::Activate(_) => (0.0, 4.0 * (rows * (mlp_in + d_mlp)) as f64),
        Operation::Rotate(_) | Operation::QkNorm(_) => (0.0, 8.0 * (rows * (z + kv)) as f64),
        Operation::Ablate(_) => (0.0, 8.0 * (rows * z) as f64),
        Operation::Embed | Operation::Norm(_) | Operation::Position(_) | Operation::AblateMlp(_) => {
            (0.0, 8.0 * (rows * d_model) as f64)
        }
    }
}
