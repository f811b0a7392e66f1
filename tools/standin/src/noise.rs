//! Seeded random numbers.

/// A generator of random numbers: SplitMix64 (Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub struct Noise(u64);

impl Noise {
    /// The generator of a seed and of one of its streams.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut noise = Noise(seed ^ stream.wrapping_mul(0xd134_2543_de82_ef95));
        noise.bits();
        noise
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number of mean 0 and variance 1: the sum of four uniform numbers, which is nearly normal.
    pub fn normal(&mut self) -> f32 {
        let bits = self.bits();
        let sum: u32 = (0..4).map(|part| (bits >> (16 * part)) as u32 & 0xffff).sum();
        // Each has mean 65535 / 2 and variance 65536^2 / 12.
        (sum as f32 - 2.0 * 65535.0) * (3f32.sqrt() / 65536.0)
    }

    /// The numbers below `count` in random order.
    pub fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            order.swap(last, (self.bits() % (last as u64 + 1)) as usize);
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_mean_0_and_variance_1() {
        let mut noise = Noise::new(7, 0);
        let values: Vec<f64> = (0..100_000).map(|_| f64::from(noise.normal())).collect();
        let mean = values.iter().sum::<f64>() / 1e5;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02, "mean {mean}, variance {variance}");
    }

    #[test]
    fn a_permutation_has_every_number_once() {
        let mut order = Noise::new(7, 1).permutation(12);
        assert_ne!(order, (0..12).collect::<Vec<_>>());
        order.sort();
        assert_eq!(order, (0..12).collect::<Vec<_>>());
    }
}
