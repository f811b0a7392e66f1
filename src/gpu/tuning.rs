//! The choice between the ways to multiply, by times measured on the adapter with the model's own shapes.
//!
//! It is made once for a device, with the first model that is loaded. Without it the rule of
//! [`Candidate::of_rule`] holds, so it is never needed.

use super::buffers::Buffers;
use super::clock::{self, Clock, Stopwatch, median};
use super::cut::{Candidate, Cuts};
use super::kernel::Step;
use super::plan::Parts;
use super::play;
use super::shared::Shared;
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

/// A candidate takes the place of the rule's where it takes less than this share of its time: less than that is
/// the scatter of measurements.
const CLEARLY: f64 = 0.95;

/// What is asked of the tuner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tune {
    /// The rule, without a measurement.
    ByRule,
    /// A measurement. Adapters of software are not measured.
    Measure,
    /// This candidate.
    Given(Candidate),
    /// An earlier measurement on this adapter.
    Remembered {
        /// Its choice.
        chosen: Candidate,
        /// Multiply-adds a second of that.
        rate: f64,
    },
}

/// Who has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenBy {
    /// The adapter's kind.
    Rule,
    /// The caller.
    Given,
    /// An earlier measurement.
    Remembered,
    /// A measurement on this device.
    Measured,
}

/// The time of a candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateTime {
    /// The candidate.
    pub candidate: Candidate,
    /// Seconds of one product with a matrix of layer 0; none where the time was up or there is a fault.
    pub product: Option<f64>,
    /// Seconds of the unembedding; none also where it would have taken too long.
    pub unembedding: Option<f64>,
    /// Why the device refused the candidate.
    pub fault: Option<String>,
}

/// The choice for a device.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuning {
    /// The candidate that multiplies.
    pub chosen: Candidate,
    /// Who has chosen it.
    pub by: ChosenBy,
    /// Multiply-adds a second that were measured of it.
    pub rate: Option<f64>,
    /// The times of the candidates; empty where none was measured.
    pub times: Vec<CandidateTime>,
}

/// What a device's tuner is told when the device is opened.
#[derive(Debug, Clone, Copy)]
pub struct TuningOptions {
    /// What is asked of it.
    pub tune: Tune,
    /// A clock; without one nothing is measured.
    pub clock: Option<Clock>,
    /// Whether adapters of software are measured too. For tests.
    pub on_software: bool,
}

impl Default for TuningOptions {
    fn default() -> Self {
        TuningOptions { tune: Tune::Measure, clock: clock::of_platform(), on_software: false }
    }
}

impl Tuning {
    /// The choice before any measurement.
    pub(super) fn before(tune: Tune, software: bool) -> Self {
        let (chosen, by, rate) = match tune {
            Tune::Given(candidate) => (candidate, ChosenBy::Given, None),
            Tune::Remembered { chosen, rate } => (chosen, ChosenBy::Remembered, Some(rate)),
            Tune::ByRule | Tune::Measure => (Candidate::of_rule(software), ChosenBy::Rule, None),
        };
        Tuning { chosen, by, rate, times: Vec::new() }
    }
}

/// The fastest of the candidates that were timed: the sum of the unembedding and of `layers` products. Only times
/// of what the rule's candidate was timed with count. The rule's stays where none is clearly faster, or where it
/// has no time.
pub fn fastest(rule: Candidate, layers: usize, times: &[CandidateTime]) -> Candidate {
    let of_rule = times.iter().find(|time| time.candidate == rule);
    let Some(&CandidateTime { product: Some(product), unembedding, .. }) = of_rule else { return rule };
    let sum = |product: f64, unembedding: Option<f64>| layers as f64 * product + unembedding.unwrap_or(0.0);
    let mut best = (rule, CLEARLY * sum(product, unembedding));
    for time in times.iter().filter(|time| time.unembedding.is_some() || unembedding.is_none()) {
        let Some(product) = time.product else { continue };
        let whole = sum(product, unembedding.and(time.unembedding));
        if whole < best.1 {
            best = (time.candidate, whole);
        }
    }
    best.0
}

/// Measures the candidates with a model's own matrices, and chooses. Does nothing where the choice is made, or
/// where the adapter is not measured.
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
    /// The times of all candidates, the rule's first: its kernels are the likeliest to be compiled in any case.
    async fn all(&self, rule: Candidate, deadline: f64) -> Result<Vec<CandidateTime>> {
        let config = &self.parts.config;
        let others = Candidate::ALL.into_iter().filter(|&candidate| candidate != rule);
        let untimed = |candidate| CandidateTime { candidate, product: None, unembedding: None, fault: None };
        let mut times: Vec<CandidateTime> = [rule].into_iter().chain(others).map(untimed).collect();
        let product = product_of(config);
        for time in &mut times {
            match self.one(time.candidate, product, product_rows(config), deadline).await {
                Err(fault) => time.fault = Some(fault_of(fault)?),
                Ok(seconds) => time.product = seconds,
            }
        }
        for at in 0..times.len() {
            let Some(product_seconds) = times[at].product else { continue };
            // Calibration and samples are four runs at least.
            let ratio = work(config, Operation::LogProbs, ROWS) / work(config, product, product_rows(config));
            if self.stopwatch.now() + 4.0 * ratio * product_seconds > deadline {
                continue;
            }
            match self.one(times[at].candidate, Operation::LogProbs, ROWS, deadline).await {
                Err(fault) => {
                    times[at] =
                        CandidateTime { fault: Some(fault_of(fault)?), ..untimed(times[at].candidate) }
                }
                Ok(seconds) => times[at].unembedding = seconds,
            }
        }
        Ok(times)
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
        let before = gpu.cuts();
        gpu.set_cuts(Cuts::of(candidate, gpu.is_software()));
        let measure = async || {
            let steps = play::steps(self.parts.context(self.buffers), operation, QkvInput::Stream);
            let dims = Dims::new(rows, 1, 0);
            self.buffers.scratch().dims.write(0, bytemuck::bytes_of(&dims));
            self.repeated(&steps.iter().collect::<Vec<_>>(), &dims, deadline).await
        };
        let measured = gpu.checked("a candidate of the tuner", measure).await;
        gpu.set_cuts(before);
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
