//! How a GPU multiplies, in the words of JavaScript.

use serde::Serialize;

use super::now;
use crate::session::{Candidate, CandidateTime, ChosenBy, Gpu, Products, Tune, Tuning, TuningOptions};

/// A GPU's tuning, told to JavaScript.
#[derive(Serialize)]
pub(super) struct Told {
    products: &'static str,
    chosen: &'static str,
    source: &'static str,
    rate: Option<f64>,
    times: Vec<Time>,
}

#[derive(Serialize)]
struct Time {
    candidate: &'static str,
    product: Option<f64>,
    unembedding: Option<f64>,
    fault: Option<String>,
}

/// The options that these words stand for.
pub(super) fn options(tuning: Option<&str>, rate: Option<f64>) -> TuningOptions {
    let tune = match (tuning, tuning.and_then(Candidate::named), rate) {
        (_, Some(chosen), Some(rate)) => Tune::Remembered { chosen, rate },
        (_, Some(candidate), None) => Tune::Given(candidate),
        (Some("rule"), ..) => Tune::ByRule,
        _ => Tune::Measure,
    };
    TuningOptions { tune, clock: Some(|| now() / 1000.0), ..TuningOptions::default() }
}

pub(super) fn told(gpu: &Gpu) -> Told {
    let Tuning { chosen, by, rate, times } = gpu.tuning();
    let time = |time: CandidateTime| Time {
        candidate: time.candidate.name(),
        product: time.product,
        unembedding: time.unembedding,
        fault: time.fault,
    };
    Told {
        products: match gpu.products() {
            Products::ByInvocations => "invocations",
            Products::ByWorkgroups => "workgroups",
        },
        chosen: chosen.name(),
        source: match by {
            ChosenBy::Rule => "rule",
            ChosenBy::Given => "given",
            ChosenBy::Remembered => "remembered",
            ChosenBy::Measured => "measured",
        },
        rate,
        times: times.into_iter().map(time).collect(),
    }
}
