//! The choice between the ways to multiply, by times measured on the adapter with the model's own shapes.
//!
//! It is made once for a device, with the first model that is loaded. Without it the rule of
//! [`Candidate::of_rule`] holds, so it is never needed.

use super::buffers::Buffers;
use super::choice::{CandidateTime, ChosenBy, Tuning, fastest};
use super::clock::{Stopwatch, median};
use super::cut::Candidate;
use super::kernel::Step;
use super::plan::Parts;
use super::play;
use super::shared::Shared;
use crate::checkpoint::WeightDtype;
use crate::error::{Error, Result};
use crate::model::{Dims, MatrixId, ModelConfig, Operation, QkvInput};

/// Seconds that all measurements may take, together with the kernels that they compile.
const BUDGET: f64 = 0.3;

/// A sample takes at least so many seconds, by repetition: browsers round a GPU's clock to 0.1 ms.
const SAMPLE: f64 = 0.004;

/// Repetitions of a sample at most.
const MOST_TIMES: u32 = 64;

/// Rows that are multiplied: a text of a few lines.
const ROWS: usize = 64;

/// Multiply-adds of the product at most. Slow GPUs make 5e9 a second.
const MOST_WORK: f64 = 0.25e9;

/// Measures the candidates with a model's own matrices, and chooses. Does nothing where the choice is
/// made, or where the adapter is not measured.
///
/// # Errors
/// [`Error::GpuLost`]. A candidate that the device refuses is left out.
pub(super) async fn tune(shared: &Shared) -> Result<()> {
    let Parts { gpu, config, .. } = &shared.parts;
    let Some(clock) = gpu.wants_tuning() else { return Ok(()) };
    let make = async || Ok((Stopwatch::new(gpu, clock)?, shared.buffers(ROWS)?));
    let (stopwatch, buffers) = gpu.checked("the tuner", make).await?;
    let measuring = Measuring { parts: &shared.parts, buffers: &buffers, stopwatch: &stopwatch };
    let (rule, layers) = (gpu.tuning().chosen, config.n_layers);
    let times = measuring.all(rule, stopwatch.now() + BUDGET).await?;
    let chosen = fastest(rule, layers, &times);
    let rate = times.iter().find(|time| time.candidate == chosen).and_then(|time| rate(config, time));
    // With a single time there is nothing to choose.
    let timed = times.iter().filter(|time| time.product.is_some()).count();
    let by = if timed > 1 { ChosenBy::Measured } else { ChosenBy::Rule };
    gpu.set_tuning(Tuning { chosen, by, rate, times });
    Ok(())
}

/// Multiply-adds a second.
fn rate(config: &ModelConfig, time: &CandidateTime) -> Option<f64> {
    match (time.unembedding, time.product) {
        (Some(seconds), _) => Some(work(config, Operation::LogProbs, ROWS) / seconds),
        (None, Some(seconds)) => Some(work(config, product_of(config), product_rows(config)) / seconds),
        (None, None) => None,
    }
}

/// The largest product of a layer that reads the stream.
fn product_of(config: &ModelConfig) -> Operation {
    if config.mlp.is_some() { Operation::MlpIn(0) } else { Operation::Qkv(0) }
}

/// Rows of that product: fewer of very wide models.
fn product_rows(config: &ModelConfig) -> usize {
    let fitting = MOST_WORK / work(config, product_of(config), 1);
    (fitting as usize).clamp(1, ROWS)
}

/// Multiply-adds of a product of so many rows.
fn work(config: &ModelConfig, product: Operation, rows: usize) -> f64 {
    let matrix = match product {
        Operation::MlpIn(layer) => MatrixId::MlpIn(layer),
        Operation::Qkv(layer) => MatrixId::Qkv(layer),
        _ => MatrixId::Unembed,
    };
    let [k, n] = matrix.shape(config);
    rows as f64 * k as f64 * n as f64
}

/// A measurement under way.
struct Measuring<'a> {
    parts: &'a Parts,
    buffers: &'a Buffers,
    stopwatch: &'a Stopwatch,
}

impl Measuring<'_> {
    /// The times of all candidates, the rule's first: its kernels are the likeliest to be compiled in any
    /// case.
    async fn all(&self, rule: Candidate, deadline: f64) -> Result<Vec<CandidateTime>> {
        let config = &self.parts.config;
        let others = self.candidates().filter(|&candidate| candidate != rule);
        let untimed = |candidate| CandidateTime { candidate, product: None, unembedding: None, fault: None };
        let mut times: Vec<CandidateTime> = [rule].into_iter().chain(others).map(untimed).collect();
        let product = product_of(config);
        for time in &mut times {
            match self.one(time.candidate, product, product_rows(config), deadline).await {
                Err(fault) => time.fault = Some(fault_of(fault)?),
                Ok(seconds) => time.product = seconds,
            }
        }
        // Calibration and samples are four runs at least.
        let ratio = work(config, Operation::LogProbs, ROWS) / work(config, product, product_rows(config));
        for time in &mut times {
            let Some(seconds) = time.product else { continue };
            if self.stopwatch.now() + 4.0 * ratio * seconds > deadline {
                continue;
            }
            match self.one(time.candidate, Operation::LogProbs, ROWS, deadline).await {
                Err(fault) => {
                    *time = CandidateTime { fault: Some(fault_of(fault)?), ..untimed(time.candidate) };
                }
                Ok(seconds) => time.unembedding = seconds,
            }
        }
        Ok(times)
    }

    /// The candidates that differ for this model on this device.
    fn candidates(&self) -> impl Iterator<Item = Candidate> {
        let Parts { gpu, weights, .. } = self.parts;
        let half = gpu.has_half() && weights.matrix(MatrixId::Unembed).dtype == WeightDtype::F16;
        Candidate::ALL.into_iter().filter(move |candidate| half || !candidate.reads_half())
    }

    /// Seconds of an operation cut by a candidate; none where the time is up before there is a figure.
    async fn one(
        &self,
        candidate: Candidate,
        operation: Operation,
        rows: usize,
        deadline: f64,
    ) -> Result<Option<f64>> {
        let Parts { gpu, .. } = self.parts;
        if self.stopwatch.now() > deadline {
            return Ok(None);
        }
        gpu.set_candidate(candidate);
        let measure = async || {
            let steps = play::steps(self.parts.context(self.buffers), operation, QkvInput::Stream);
            let dims = Dims::new(rows, 1, 0);
            self.buffers.scratch().dims.write(0, bytemuck::bytes_of(&dims));
            self.repeated(&steps.iter().collect::<Vec<_>>(), &dims, deadline).await
        };
        let measured = gpu.checked("a candidate of the tuner", measure).await;
        gpu.set_candidate(gpu.tuning().chosen);
        measured
    }

    async fn repeated(&self, steps: &[&Step], dims: &Dims, deadline: f64) -> Result<Option<f64>> {
        // The first run waits for the compiler.
        self.stopwatch.samples(steps, dims, 1, 1).await?;
        let mut times = 1;
        while self.stopwatch.now() < deadline {
            let sample = median(self.stopwatch.samples(steps, dims, times, 1).await?);
            if sample >= SAMPLE || times >= MOST_TIMES {
                let samples = self.stopwatch.samples(steps, dims, times, 3).await?;
                return Ok(Some(median(samples) / f64::from(times)));
            }
            times = (f64::from(times) * (SAMPLE / sample).clamp(2.0, 8.0)).ceil() as u32;
        }
        Ok(None)
    }
}

/// The words of a fault that leaves a candidate out.
///
/// # Errors
/// Any other fault.
fn fault_of(fault: Error) -> Result<String> {
    match fault {
        Error::GpuValidation { .. } | Error::GpuMemory { .. } | Error::GpuLimit { .. } => {
            Ok(fault.to_string())
        }
        other => Err(other),
    }
}
