//! `exp`, in a form that the compiler turns into SIMD.
//!
//! ```text
//! exp(x) = 2^n * exp(r)      n = round(x / ln 2),  r = x - n ln 2,  |r| <= ln 2 / 2
//! exp(r) ~ 1 + r + r^2 q(r)  q of degree 4, least largest relative error (3e-9)
//! ```

/// Numbers that are summed in parallel: two 128-bit registers.
pub const LANES: usize = 8;

/// Below this the result is 0. It is just above the logarithm of the smallest normal f32.
const SMALLEST: f32 = -87.3;

/// `1.5 * 2^23`. Adding it to a number rounds the number, and puts it in the low bits.
const ROUND: f32 = 12_582_912.0;

/// `ln 2` in two parts. The first has so few bits that its products with `n` are exact.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// `exp` of a number up to 88, with a relative error of at most 1.2e-7. It is exactly 1 at 0, so that
/// equal scores get equal weights. It is exactly 0 below -87.3 and at `-inf`.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let q = 0.041_668_39 + r * (0.008_368_745 + r * 0.001_381_454);
    let q = 0.499_999_94 + r * (0.166_665_21 + r * q);
    // The low bits of `shifted` are n. The shift drops the others.
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23));
    let result = (1.0 + (r + r * r * q)) * power;
    if x < SMALLEST { 0.0 } else { result }
}

/// Replaces each score by `exp(score - max)` and returns their sum. The length is a multiple of
/// [`LANES`]. A score of `-inf` stands for no key and gives 0.
pub fn exp_minus(scores: &mut [f32], max: f32) -> f32 {
    // Two loops: the compiler turns each into SIMD, but not one loop that does both.
    for score in scores.iter_mut() {
        *score = exp(*score - max);
    }
    let mut sums = [0.0; LANES];
    let (groups, rest) = scores.as_chunks::<LANES>();
    debug_assert!(rest.is_empty());
    for group in groups {
        for lane in 0..LANES {
            sums[lane] += group[lane];
        }
    }
    sums.iter().sum()
}

/// The largest of the numbers, `-inf` of none.
pub fn largest(values: &[f32]) -> f32 {
    // A comparison is one instruction. `f32::max` takes more, since it handles NaN.
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let (groups, rest) = values.as_chunks::<LANES>();
    let mut best = [f32::NEG_INFINITY; LANES];
    for group in groups {
        for lane in 0..LANES {
            best[lane] = larger(best[lane], group[lane]);
        }
    }
    best.iter().chain(rest).copied().fold(f32::NEG_INFINITY, larger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_within_its_stated_error() {
        let mut worst = (0.0, 0.0);
        for step in 0..2_000_000 {
            let x = -87.3 + step as f32 * (175.3 / 2_000_000.0);
            let exact = f64::from(x).exp();
            let error = (f64::from(exp(x)) / exact - 1.0).abs();
            if error > worst.0 {
                worst = (error, x);
            }
        }
        assert!(worst.0 <= 1.2e-7, "largest relative error {:e}, at {}", worst.0, worst.1);
    }

    #[test]
    fn is_exact_where_ties_and_padding_need_it() {
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(-0.0), 1.0);
        for x in [-87.4, -1e4, crate::model::PADDING_BIAS, f32::MIN, f32::NEG_INFINITY] {
            assert_eq!(exp(x), 0.0, "exp({x})");
        }
    }

    #[test]
    fn never_decreases_near_zero() {
        // Near the top of a row a reversal would put the wrong key first.
        let mut last = 0.0;
        for step in (0..100_000).rev() {
            let value = exp(-(step as f32) * 1e-5);
            assert!(value >= last, "exp(-{step}e-5)");
            last = value;
        }
    }
}
