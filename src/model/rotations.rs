//! The table of rotations: what turns the queries and keys of each position.
//!
//! Definition: docs/definitions.md#positions.

use std::ops::Range;

use super::architecture::Rotary;

/// Cosines and sines `[positions, dims]` of these positions: in a row the cosines of all pairs, then their
/// sines. The angles are made in f64, since a late position times a frequency is large.
pub fn rotations(rotary: Rotary, positions: Range<usize>) -> Vec<f32> {
    let pairs = rotary.dims / 2;
    let exponent = |pair: usize| -2.0 * pair as f64 / rotary.dims as f64;
    let frequencies: Vec<f64> = (0..pairs).map(|pair| rotary.base.powf(exponent(pair))).collect();
    let mut table = Vec::with_capacity(positions.len() * rotary.dims);
    for position in positions {
        let angles = frequencies.iter().map(|frequency| position as f64 * frequency);
        table.extend(angles.clone().map(|angle| angle.cos() as f32));
        table.extend(angles.map(|angle| angle.sin() as f32));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Pairing;

    #[test]
    fn a_position_turns_each_pair_by_its_own_frequency() {
        let rotary = Rotary { dims: 4, base: 100.0, pairing: Pairing::Half };
        assert_eq!(rotations(rotary, 0..1), [1.0, 1.0, 0.0, 0.0]);
        // Frequencies 1 and 1/10.
        let expected = [3.0_f64.cos(), 0.3_f64.cos(), 3.0_f64.sin(), 0.3_f64.sin()];
        assert_eq!(rotations(rotary, 3..4), expected.map(|number| number as f32));
        assert_eq!(rotations(rotary, 0..5)[12..16], rotations(rotary, 3..4));
    }
}
