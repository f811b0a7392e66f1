//! Composition scores: how much of one head's output a later head reads.
//!
//! ```text
//! score = |A B| / (|A| |B|)      |.| the Frobenius norm
//! Q: A = OV_a, B = QK_b          K: A = OV_a, B = QK_b^T          V: A = OV_a, B = OV_b
//! with OV = W_V W_O, QK = W_Q W_K^T
//! ```
//!
//! Every such product is `L M R` with `L [d_model, d_head]`, `R [d_head, d_model]` and a small `M`
//! between them. Its norm follows from small matrices, too:
//!
//! ```text
//! |L M R|^2 = sum over all entries of (L^T L  M) * (M  R R^T)
//! ```
//!
//! Definition: docs/definitions.md#composition.

use serde::Serialize;

use super::factors::HeadFactors;
use super::random::Random;
use crate::model::ModelConfig;

/// Random heads of the baseline: so many earlier heads, each scored with as many later heads.
const BASELINE_HEADS: usize = 10;

/// A score of every head of one layer with every head of a later layer, `[earlier head][later head]`.
pub type PairScores = Vec<Vec<f64>>;

/// A figure for each way in which a later head reads an earlier head.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Ways<T> {
    /// In its queries.
    #[serde(rename = "Q")]
    pub q: T,
    /// In its keys.
    #[serde(rename = "K")]
    pub k: T,
    /// In its values.
    #[serde(rename = "V")]
    pub v: T,
}

/// The scores of two heads that are not both in the first two layers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeeperPair {
    /// Name of the earlier head, such as `0.3`.
    pub from: String,
    /// Name of the later head.
    pub to: String,
    /// Their scores.
    #[serde(flatten)]
    pub scores: Ways<f64>,
}

/// Scores of pairs of heads, from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Composition {
    /// Heads of the earlier layer with heads of the later one: of layers 0 and 1 where every pair is asked
    /// for. Empty in a model of one layer.
    #[serde(flatten)]
    pub first: Ways<PairScores>,
    /// Heads of all other layers; empty where two layers are asked for.
    pub deeper: Vec<DeeperPair>,
    /// The mean score of random heads of these shapes.
    pub baseline: f64,
}

impl Composition {
    /// The scores of all pairs of a model's heads, given layer by layer.
    pub fn of(config: &ModelConfig, layers: Vec<Vec<HeadFactors>>, seed: u32) -> Self {
        let layers: Vec<Vec<Circuits>> =
            layers.into_iter().map(|heads| Circuits::of_layer(heads, config.d_model)).collect();
        let mut first = Ways::default();
        let mut deeper = Vec::new();
        for (from, earlier) in layers.iter().enumerate() {
            for (to, later) in layers.iter().enumerate().skip(from + 1) {
                if (from, to) == (0, 1) {
                    first = scores_of(earlier, later);
                    continue;
                }
                deeper.extend(earlier.iter().enumerate().flat_map(|(head, earlier)| {
                    later.iter().enumerate().map(move |(other, later)| DeeperPair {
                        from: format!("{from}.{head}"),
                        to: format!("{to}.{other}"),
                        scores: earlier.feeds(later),
                    })
                }));
            }
        }
        Composition { first, deeper, baseline: baseline(config, seed) }
    }

    /// The scores of one layer's heads with a later layer's.
    pub fn between(
        config: &ModelConfig,
        earlier: Vec<HeadFactors>,
        later: Vec<HeadFactors>,
        seed: u32,
    ) -> Self {
        let [earlier, later] = [earlier, later].map(|heads| Circuits::of_layer(heads, config.d_model));
        let first = scores_of(&earlier, &later);
        Composition { first, deeper: Vec::new(), baseline: baseline(config, seed) }
    }
}

/// The scores of every head of a layer with every head of a later layer.
fn scores_of(earlier: &[Circuits], later: &[Circuits]) -> Ways<PairScores> {
    let mut scores: Ways<PairScores> = Ways::default();
    for earlier in earlier {
        let row: Vec<Ways<f64>> = later.iter().map(|later| earlier.feeds(later)).collect();
        scores.q.push(row.iter().map(|scores| scores.q).collect());
        scores.k.push(row.iter().map(|scores| scores.k).collect());
        scores.v.push(row.iter().map(|scores| scores.v).collect());
    }
    scores
}

/// The mean score of heads whose four factors are Kaiming-uniform (a = sqrt 5). Such weights are
/// uniform from `-b` to `b`. The score does not depend on `b`.
fn baseline(config: &ModelConfig, seed: u32) -> f64 {
    let mut random = Random::new(seed);
    let mut draw =
        || -> Vec<f32> { (0..config.d_head * config.d_model).map(|_| random.symmetric()).collect() };
    let mut heads = || -> Vec<Circuits> {
        (0..BASELINE_HEADS)
            .map(|_| Circuits::of(HeadFactors { q: draw(), k: draw(), v: draw(), o: draw() }, config.d_model))
            .collect()
    };
    let (earlier, later) = (heads(), heads());
    let scores = earlier.iter().flat_map(|earlier| later.iter().map(|later| earlier.feeds(later).v));
    scores.sum::<f64>() / (BASELINE_HEADS * BASELINE_HEADS) as f64
}

/// A head's factors, and for each factor the products of its rows with one another,
/// `[d_head, d_head]`.
struct Circuits {
    factors: HeadFactors,
    q: Vec<f64>,
    k: Vec<f64>,
    v: Vec<f64>,
    o: Vec<f64>,
    d_model: usize,
}

impl Circuits {
    fn of_layer(heads: Vec<HeadFactors>, d_model: usize) -> Vec<Self> {
        heads.into_iter().map(|factors| Circuits::of(factors, d_model)).collect()
    }

    fn of(factors: HeadFactors, d_model: usize) -> Self {
        let gram = |factor: &[f32]| products(factor, factor, d_model);
        let (q, k, v, o) = (gram(&factors.q), gram(&factors.k), gram(&factors.v), gram(&factors.o));
        Circuits { factors, q, k, v, o, d_model }
    }

    /// How much of this head's output the later head reads.
    fn feeds(&self, later: &Circuits) -> Ways<f64> {
        let ov = norm(&self.v, &self.o);
        let through = |read: &[f32], gram: &[f64], rest: &[f64]| {
            let between = products(&self.factors.o, read, self.d_model);
            let product = norm_through(&self.v, &between, rest);
            let scale = ov * norm(gram, rest);
            // A head of zeros writes nothing and reads nothing.
            if scale > 0.0 { product / scale } else { 0.0 }
        };
        Ways {
            q: through(&later.factors.q, &later.q, &later.k),
            k: through(&later.factors.k, &later.k, &later.q),
            v: through(&later.factors.v, &later.v, &later.o),
        }
    }
}

/// `|L R|`, from `L^T L` and `R R^T`.
fn norm(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum::<f64>().max(0.0).sqrt()
}

/// `|L M R|`, from `L^T L`, `M` and `R R^T`, all square.
fn norm_through(left: &[f64], between: &[f64], right: &[f64]) -> f64 {
    let side = left.len().isqrt();
    norm(&square_product(left, between, side), &square_product(between, right, side))
}

fn square_product(left: &[f64], right: &[f64], side: usize) -> Vec<f64> {
    let mut product = vec![0.0; side * side];
    for (to, row) in product.chunks_exact_mut(side).zip(left.chunks_exact(side)) {
        for (factor, row) in row.iter().zip(right.chunks_exact(side)) {
            to.iter_mut().zip(row).for_each(|(to, value)| *to += factor * value);
        }
    }
    product
}

/// The products of every row of `left` with every row of `right`, rows of `width`.
fn products(left: &[f32], right: &[f32], width: usize) -> Vec<f64> {
    let rows = left.chunks_exact(width);
    rows.flat_map(|row| right.chunks_exact(width).map(|other| f64::from(dot(row, other)))).collect()
}

/// A sum of products, in eight lanes that the compiler turns into SIMD.
fn dot(left: &[f32], right: &[f32]) -> f32 {
    let (left, left_rest) = left.as_chunks::<8>();
    let (right, right_rest) = right.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for (left, right) in left.iter().zip(right) {
        for lane in 0..8 {
            lanes[lane] += left[lane] * right[lane];
        }
    }
    let rest: f32 = left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum();
    lanes.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_matrices_give_the_norm_of_large_ones() {
        let (width, depth) = (11, 3);
        let mut random = Random::new(1);
        let mut draw = || -> Vec<f32> { (0..depth * width).map(|_| random.symmetric()).collect() };
        let mut head = || Circuits::of(HeadFactors { q: draw(), k: draw(), v: draw(), o: draw() }, width);
        let (earlier, later) = (head(), head());
        // Whole matrices, [d_model, d_model], of factors [d_head, d_model].
        let whole = |left: &[f32], right: &[f32]| -> Vec<f64> {
            let entry = |row: usize, column: usize| {
                (0..depth)
                    .map(|c| f64::from(left[c * width + row]) * f64::from(right[c * width + column]))
                    .sum::<f64>()
            };
            (0..width * width).map(|at| entry(at / width, at % width)).collect()
        };
        let size = |matrix: &[f64]| matrix.iter().map(|entry| entry * entry).sum::<f64>().sqrt();
        let score = |a: &[f64], b: &[f64]| size(&square_product(a, b, width)) / (size(a) * size(b));
        let ov = whole(&earlier.factors.v, &earlier.factors.o);
        let expected = [
            score(&ov, &whole(&later.factors.q, &later.factors.k)),
            score(&ov, &whole(&later.factors.k, &later.factors.q)),
            score(&ov, &whole(&later.factors.v, &later.factors.o)),
        ];
        let Ways { q, k, v } = earlier.feeds(&later);
        for (found, expected) in [q, k, v].iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
        }
    }
}
