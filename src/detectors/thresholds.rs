//! Thresholds of the detectors that name heads.

use serde::Serialize;

/// Figures above which a row counts and a head is named. Every comparison is strict.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Thresholds {
    /// A row counts for the dominant-weight detector when its largest weight is above this.
    pub active: f64,
    /// The dominant-weight detector names a head when more than this fraction of its rows counts.
    pub fraction: f64,
    /// The mean-score detector names a head whose score is above this.
    pub mean: f64,
}

impl Default for Thresholds {
    /// `active` and `fraction` are those of ARENA's notebook, and `mean` is that of ARENA's detectors.
    fn default() -> Self {
        Thresholds { active: 0.4, fraction: 0.3, mean: 0.4 }
    }
}
