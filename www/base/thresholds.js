/**
 * The detectors' default thresholds, those of ARENA's notebook. The engine's are `impl Default for
 * Thresholds` in src/detectors/thresholds.rs. A test holds that both are equal.
 */
export const DEFAULT_THRESHOLDS = Object.freeze({ active: 0.4, fraction: 0.3, mean: 0.4 });
