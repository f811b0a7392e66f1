//! The choice between the ways to multiply: what is asked, what is answered, and which of some times is best.

use super::cut::Candidate;

/// A candidate takes the place of the rule's where it takes less than this share of its time: less than
/// that is the scatter of measurements.
const CLEARLY: f64 = 0.95;

/// Seconds since some moment.
pub type Clock = fn() -> f64;

/// The clock of this platform. A browser's is known to `web` alone.
pub(super) fn clock_of_platform() -> Option<Clock> {
    #[cfg(target_arch = "wasm32")]
    return None;
    #[cfg(not(target_arch = "wasm32"))]
    Some(|| {
        static START: std::sync::LazyLock<std::time::Instant> =
            std::sync::LazyLock::new(std::time::Instant::now);
        START.elapsed().as_secs_f64()
    })
}

/// How the tuner chooses.
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

/// The options of the tuner of a device.
#[derive(Debug, Clone, Copy)]
pub struct TuningOptions {
    /// How it chooses.
    pub tune: Tune,
    /// A clock; without one nothing is measured.
    pub clock: Option<Clock>,
    /// Whether adapters of software are measured too. For tests.
    pub on_software: bool,
}

impl Default for TuningOptions {
    fn default() -> Self {
        TuningOptions { tune: Tune::Measure, clock: clock_of_platform(), on_software: false }
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

/// The fastest of the candidates that were timed: the sum of the unembedding and of `layers` products.
/// Only times of what the rule's candidate was timed with count. The rule's stays where none is clearly
/// faster, or where it has no time.
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
