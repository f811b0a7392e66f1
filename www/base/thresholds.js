/**
 * The detectors' default thresholds: those of ARENA's notebook. The engine's are in src/detectors/thresholds.rs,
 * `impl Default for Thresholds`, and a test holds that both are equal.
 */
export const DEFAULT_THRESHOLDS = Object.freeze({ active: 0.4, fraction: 0.3, mean: 0.4 });
