//! Every CPU kernel against plain loops in f64, on random numbers, at sizes that fill no tile.
//!
//! The loops read like the formulas that the kernels' files open with, and share nothing with the
//! kernels but the layout of the buffers.

use headscope::checkpoint::WeightDtype;
use headscope::cpu::Matrix;
use headscope::cpu::attention::attention;
use headscope::cpu::embed::embed;
use headscope::cpu::linear::{Positions, linear};
use headscope::cpu::log_probs::log_probs;
use headscope::cpu::logits::logits;
use headscope::cpu::norm::norm;
use headscope::cpu::pattern::add_pattern;
use headscope::cpu::thumbnails::thumbnails;
use headscope::model::{
    Dims, ModelConfig, Normalization, PADDING_BIAS, PositionalEmbedding, RowStats, Shapes, THUMBNAIL_SIDE,
};

use crate::support::assert_close;

/// Largest errors allowed of a sum of up to 2 * 130 products in f32 with terms below 1, and of
/// what is made of it: about `sqrt(260) * 6e-8` of sums of size 10.
const TOLERANCE: f64 = 1e-5;

/// Tokens, sequences, and the first row to compute.
const SIZES: [(usize, usize, usize); 10] = [
    (1, 1, 0),
    (2, 1, 0),
    (2, 1, 1),
    (63, 1, 0),
    (64, 1, 0),
    (65, 1, 0),
    (130, 1, 0),
    (130, 1, 129),
    (65, 1, 17),
    (33, 3, 0),
];

/// No width is a multiple of its tile: 66 = 8 * 8 + 2, 3 heads of 10 in 12, 1003 ids.
const CONFIG: ModelConfig = ModelConfig {
    n_layers: 1,
    n_heads: 3,
    d_model: 66,
    d_head: 10,
    n_ctx: 130,
    d_vocab: 1003,
    normalization: Some(Normalization::Ln),
    positional_embedding: PositionalEmbedding::Shortformer,
    eps: 1e-5,
};

/// Calls `check` with every size and weight type.
fn at_every_size(check: impl Fn(&mut Bench, &str)) {
    for dtype in [WeightDtype::F16, WeightDtype::F32] {
        for (seq, batch, first_row) in SIZES {
            let dims = Dims::new(seq, batch, first_row);
            let what = format!("{dtype:?}, {batch} x {seq} tokens from row {first_row}: ");
            check(&mut Bench { dims, dtype, state: 0x9e37_79b9 }, &what);
        }
    }
}

/// A source of random buffers.
struct Bench {
    dims: Dims,
    dtype: WeightDtype,
    state: u64,
}

impl Bench {
    /// A number between -1 and 1 (Steele, Lea and Flood 2014, SplitMix64).
    fn number(&mut self) -> f32 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    /// `[rows, width]`, of which columns from `real` on are padding.
    fn rows(&mut self, rows: usize, width: usize, real: usize, padding: f32) -> Vec<f32> {
        (0..rows * width).map(|at| if at % width < real { self.number() } else { padding }).collect()
    }

    /// A matrix with padding, and its numbers as they are stored.
    fn matrix(&mut self, (rows, columns): (usize, usize), real: (usize, usize)) -> (Matrix, Vec<f32>) {
        let mut values = self.rows(rows, columns, real.1, 0.0);
        values[real.0 * columns..].fill(0.0);
        let mut matrix = Matrix::zeros(rows, columns, self.dtype);
        let bytes: Vec<u8> = match self.dtype {
            WeightDtype::F32 => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            WeightDtype::F16 => {
                let halves: Vec<half::f16> = values.iter().map(|&value| half::f16::from_f32(value)).collect();
                values = halves.iter().map(|half| half.to_f32()).collect();
                halves.iter().flat_map(|half| half.to_le_bytes()).collect()
            }
        };
        // In two pieces, as they come from a file.
        let half = rows / 2;
        let (first, second) = bytes.split_at(half * columns * self.dtype.size());
        matrix.write_rows(0, first);
        matrix.write_rows(half, second);
        (matrix, values)
    }

    /// Token ids of which many repeat.
    fn tokens(&mut self) -> Vec<u32> {
        (0..self.dims.rows).map(|_| (self.number().abs() * 7.0) as u32).collect()
    }

    fn new_rows(&self) -> std::ops::Range<usize> {
        self.dims.first_row as usize..self.dims.rows as usize
    }
}

/// A buffer whose every number must be written, and one that shows which were.
const UNTOUCHED: f32 = 12345.0;

fn untouched(len: usize) -> Vec<f32> {
    vec![UNTOUCHED; len]
}

/// Compares the new rows, and sees that those before are as they were.
fn check_rows(
    what: &str,
    bench: &Bench,
    width: usize,
    found: &[f32],
    expected: impl Fn(usize, usize) -> f64,
) {
    let rows = bench.dims.rows as usize;
    let first_row = bench.dims.first_row as usize;
    let mut all = untouched(rows * width);
    for row in bench.new_rows() {
        for column in 0..width {
            all[row * width + column] = expected(row, column) as f32;
        }
    }
    let largest = all[first_row * width..].iter().fold(1.0, |largest: f32, value| largest.max(value.abs()));
    assert_close(what, &[rows, width], found, &all, TOLERANCE as f32 * largest);
}

#[test]
fn embed_adds_standard_positions() {
    let shapes = Shapes::of(&CONFIG);
    at_every_size(|bench, what| {
        let width = shapes.d_model;
        let (table, values) = bench.matrix((7, width), (7, CONFIG.d_model));
        let (positions, position_values) = bench.matrix((130, width), (130, CONFIG.d_model));
        let tokens = bench.tokens();
        let seq = bench.dims.seq as usize;
        for positions in [None, Some(&positions)] {
            let mut found = untouched(tokens.len() * width);
            embed(&bench.dims, &tokens, &table, positions, &mut found);
            check_rows(&format!("{what}embed"), bench, width, &found, |row, m| {
                let position = f64::from(position_values[row % seq * width + m]);
                f64::from(values[tokens[row] as usize * width + m]) + positions.map_or(0.0, |_| position)
            });
        }
    });
}

#[test]
fn norm_keeps_padding_zero() {
    let width = Shapes::of(&CONFIG).d_model;
    at_every_size(|bench, what| {
        let rows = bench.dims.rows as usize;
        let resid: Vec<f32> = bench.rows(rows, width, CONFIG.d_model, 0.0);
        // Far from 0, where a variance from the mean of squares would be lost.
        let resid: Vec<f32> =
            resid.iter().map(|&value| if value == 0.0 { 0.0 } else { value + 100.0 }).collect();
        let weight = bench.rows(1, width, CONFIG.d_model, 0.0);
        let bias = bench.rows(1, width, CONFIG.d_model, 0.0);
        let mut found = untouched(rows * width);
        norm(&bench.dims, &CONFIG, &resid, &weight, &bias, &mut found);
        check_rows(&format!("{what}norm"), bench, width, &found, |row, m| {
            let real = &resid[row * width..][..CONFIG.d_model];
            let n = real.len() as f64;
            let mean = real.iter().map(|&value| f64::from(value)).sum::<f64>() / n;
            let variance = real.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>() / n;
            let normalized = (f64::from(resid[row * width + m]) - mean) / (variance + 1e-5).sqrt();
            normalized * f64::from(weight[m]) + f64::from(bias[m])
        });
    });
}

#[test]
fn linear_adds_positions_bias_and_residual() {
    let shapes = Shapes::of(&CONFIG);
    let (depth, width) = (shapes.d_model, shapes.qkv);
    at_every_size(|bench, what| {
        let (rows, seq) = (bench.dims.rows as usize, bench.dims.seq as usize);
        let x = bench.rows(rows, depth, CONFIG.d_model, 0.0);
        let (weight, w) = bench.matrix((depth, width), (CONFIG.d_model, 3 * shapes.z));
        let (table, pos) = bench.matrix((130, depth), (130, CONFIG.d_model));
        let bias = bench.rows(1, width, 3 * shapes.z, 0.0);
        let residual = bench.rows(rows, width, 3 * shapes.z, 0.0);
        for columns in [0, 2 * shapes.z] {
            let positions = (columns > 0).then_some(Positions { table: &table, columns });
            let residual = (columns == 0).then_some(&residual[..]);
            let mut found = untouched(rows * width);
            linear(&bench.dims, &x, &weight, &bias, positions, residual, &mut found);
            check_rows(&format!("{what}linear"), bench, width, &found, |row, n| {
                let mut sum = f64::from(bias[n]) + residual.map_or(0.0, |it| f64::from(it[row * width + n]));
                for k in 0..depth {
                    let positioned = if n < columns { f64::from(pos[row % seq * depth + k]) } else { 0.0 };
                    sum += (f64::from(x[row * depth + k]) + positioned) * f64::from(w[k * width + n]);
                }
                sum
            });
        }
    });
}

/// Patterns of random q and k by the definition: `[sequence, head, query_pos, key_pos]`, and scores.
struct Naive {
    scores: Vec<f64>,
    weights: Vec<f64>,
    seq: usize,
}

impl Naive {
    fn of(dims: &Dims, qkv: &[f32]) -> Self {
        let Shapes { d_head, z, qkv: width, .. } = Shapes::of(&CONFIG);
        let (seq, batch) = (dims.seq as usize, dims.batch as usize);
        let mut scores = vec![f64::NEG_INFINITY; batch * CONFIG.n_heads * seq * seq];
        let mut weights = vec![0.0; scores.len()];
        for (index, (scores, weights)) in
            scores.chunks_exact_mut(seq).zip(weights.chunks_exact_mut(seq)).enumerate()
        {
            let (query_pos, head) = (index % seq, index / seq % CONFIG.n_heads);
            let first_row = index / seq / CONFIG.n_heads * seq;
            for key_pos in 0..=query_pos {
                let query = &qkv[(first_row + query_pos) * width + head * d_head..][..d_head];
                let key = &qkv[(first_row + key_pos) * width + z + head * d_head..][..d_head];
                let dot: f64 = query.iter().zip(key).map(|(&q, &k)| f64::from(q) * f64::from(k)).sum();
                scores[key_pos] = dot / (CONFIG.d_head as f64).sqrt();
            }
            let sum: f64 = scores.iter().map(|score| score.exp()).sum();
            weights.iter_mut().zip(&*scores).for_each(|(weight, score)| *weight = score.exp() / sum);
        }
        Naive { scores, weights, seq }
    }

    fn at(&self, row: usize, head: usize) -> usize {
        let (sequence, query_pos) = (row / self.seq, row % self.seq);
        ((sequence * CONFIG.n_heads + head) * self.seq + query_pos) * self.seq
    }

    fn weight(&self, row: usize, head: usize, key_pos: usize) -> f64 {
        self.weights[self.at(row, head) + key_pos]
    }
}

/// q, k and v whose scores spread over some ten, so that weights are neither even nor all or nothing.
fn random_qkv(bench: &mut Bench) -> Vec<f32> {
    let Shapes { d_head, z, qkv: width, .. } = Shapes::of(&CONFIG);
    let rows = bench.dims.rows as usize;
    let mut qkv = bench.rows(rows, width, 3 * z, 0.0);
    for (at, value) in qkv.iter_mut().enumerate() {
        let padding = at % width % d_head >= CONFIG.d_head;
        *value *= if padding { 0.0 } else { 2.5 };
    }
    qkv
}

#[test]
fn attention_mixes_values_and_tells_the_detectors() {
    let shapes = Shapes::of(&CONFIG);
    at_every_size(|bench, what| {
        let tokens = bench.tokens();
        let qkv = random_qkv(bench);
        let (rows, seq, heads) = (tokens.len(), bench.dims.seq as usize, CONFIG.n_heads);
        let mut z = untouched(rows * shapes.z);
        let mut stats = vec![RowStats { top: UNTOUCHED, ..RowStats::default() }; rows * heads];
        attention(&bench.dims, &CONFIG, &tokens, &qkv, &mut z, &mut stats);

        let naive = Naive::of(&bench.dims, &qkv);
        check_rows(&format!("{what}z"), bench, shapes.z, &z, |row, column| {
            let head = column / shapes.d_head;
            let value = |key_pos| qkv[(row / seq * seq + key_pos) * shapes.qkv + 2 * shapes.z + column];
            (0..=row % seq).map(|key| naive.weight(row, head, key) * f64::from(value(key))).sum()
        });

        let matching = |row: usize, head: usize, offset: usize| -> f64 {
            let first = row / seq * seq;
            (first..row)
                .filter(|&earlier| tokens[earlier] == tokens[row])
                .map(|earlier| naive.weight(row, head, earlier - first + offset))
                .sum()
        };
        let largest = |row: usize, head: usize, of: &[f64]| {
            of[naive.at(row, head)..][..seq].iter().copied().fold(f64::NEG_INFINITY, f64::max)
        };
        let check = |figure: &str, found: fn(&RowStats) -> f32, expected: &dyn Fn(usize, usize) -> f64| {
            let new = bench.dims.first_row as usize * heads;
            let mut all: Vec<f32> = stats.iter().map(found).collect();
            all[..new].fill(UNTOUCHED);
            check_rows(&format!("{what}{figure}"), bench, heads, &all, expected);
        };
        check("top", |row| row.top, &|row, head| largest(row, head, &naive.weights));
        check("current", |row| row.current, &|row, head| naive.weight(row, head, row % seq));
        check("previous", |row| row.previous, &|row, head| {
            naive.weight(row, head, (row % seq).saturating_sub(1))
        });
        check("first", |row| row.first, &|row, head| naive.weight(row, head, 0));
        check("induction", |row| row.induction, &|row, head| matching(row, head, 1));
        check("duplicate", |row| row.duplicate, &|row, head| matching(row, head, 0));
        check("max_score", |row| row.max_score, &|row, head| largest(row, head, &naive.scores));
        check("sum_exp", |row| row.sum_exp, &|row, head| 1.0 / largest(row, head, &naive.weights));
        let known = &stats[..bench.dims.first_row as usize * heads];
        assert!(known.iter().all(|row| row.top == UNTOUCHED), "{what}known rows are left alone");
    });
}

#[test]
fn equal_scores_tie_exactly() {
    // All keys alike: uniform attention, whose every weight is the row's largest.
    let Shapes { z, qkv: width, .. } = Shapes::of(&CONFIG);
    let dims = Dims::new(65, 1, 0);
    let qkv: Vec<f32> = (0..65 * width).map(|at| (at % width) as f32 * 0.01).collect();
    let mut stats = vec![RowStats::default(); 65 * CONFIG.n_heads];
    attention(&dims, &CONFIG, &[3; 65], &qkv, &mut vec![0.0; 65 * z], &mut stats);
    for (at, row) in stats.iter().enumerate() {
        let found = [row.current, row.previous, row.first];
        assert_eq!(found, [row.top; 3], "query {}, head {}", at / CONFIG.n_heads, at % CONFIG.n_heads);
    }
}

#[test]
fn pattern_and_thumbnails_follow_from_the_stats() {
    at_every_size(|bench, what| {
        // Both cover a whole sequence, whatever was known of it.
        let dims = Dims { first_row: 0, ..bench.dims };
        let (rows, seq, heads) = (dims.rows as usize, dims.seq as usize, CONFIG.n_heads);
        let qkv = random_qkv(bench);
        let mut stats = vec![RowStats::default(); rows * heads];
        let mut z = vec![0.0; rows * Shapes::of(&CONFIG).z];
        attention(&dims, &CONFIG, &vec![0; rows], &qkv, &mut z, &mut stats);
        let naive = Naive::of(&dims, &qkv);
        let side = seq.min(THUMBNAIL_SIDE);
        let thumbnails = thumbnails(&bench.dims, &CONFIG, &qkv, &stats);
        assert_eq!(thumbnails.len(), heads * side * side);
        for (head, cells) in thumbnails.chunks_exact(side * side).enumerate() {
            let expected: Vec<f32> =
                (0..seq * seq).map(|at| naive.weight(at / seq, head, at % seq) as f32).collect();
            let mut found = vec![1.0; seq * seq];
            add_pattern(&bench.dims, &CONFIG, head, 0.5, &qkv, &stats, &mut found);
            let found: Vec<f32> = found.iter().map(|half| 2.0 * (half - 1.0)).collect();
            let shape = [seq, seq];
            assert_close(&format!("{what}pattern of head {head}"), &shape, &found, &expected, 1e-6);

            for (at, &cell) in cells.iter().enumerate() {
                let range = |cell: usize| cell * seq / side..(cell + 1) * seq / side;
                let covered =
                    range(at / side).flat_map(|query| range(at % side).map(move |key| (query, key)));
                let largest = covered.map(|(query, key)| expected[query * seq + key]).fold(0.0, f32::max);
                let error = (f32::from(cell) - 255.0 * largest).abs();
                assert!(
                    error <= 0.5001,
                    "{what}thumbnail[{head}, {}, {}]: found {cell}, expected {}",
                    at / side,
                    at % side,
                    255.0 * largest
                );
            }
        }
    });
}

#[test]
fn log_probs_and_logits_follow_the_vocabulary_across_blocks() {
    let Shapes { d_model: depth, d_vocab: width, .. } = Shapes::of(&CONFIG);
    at_every_size(|bench, what| {
        let (rows, seq) = (bench.dims.rows as usize, bench.dims.seq as usize);
        let x = bench.rows(rows, depth, CONFIG.d_model, 0.0);
        let (unembed, w) = bench.matrix((depth, width), (CONFIG.d_model, CONFIG.d_vocab));
        let bias = bench.rows(1, width, CONFIG.d_vocab, PADDING_BIAS);
        let tokens: Vec<u32> = (0..rows).map(|row| (row * 397 % CONFIG.d_vocab) as u32).collect();
        let mut found = untouched(rows);
        log_probs(&bench.dims, 0, &tokens, &x, &unembed, &bias, &mut found);

        let naive = |row: usize| -> Vec<f64> {
            let logit = |n: usize| {
                let products =
                    (0..depth).map(|k| f64::from(x[row * depth + k]) * f64::from(w[k * width + n]));
                products.sum::<f64>() + f64::from(bias[n])
            };
            (0..CONFIG.d_vocab).map(logit).collect()
        };
        check_rows(&format!("{what}log_probs"), bench, 1, &found, |row, _| {
            if (row + 1).is_multiple_of(seq) {
                return 0.0;
            }
            let logits = naive(row);
            logits[tokens[row + 1] as usize] - logits.iter().map(|logit| logit.exp()).sum::<f64>().ln()
        });

        let last = rows - 1;
        let found = logits(&x[last * depth..][..depth], &unembed, &bias);
        let expected: Vec<f32> = naive(last).iter().map(|&logit| logit as f32).collect();
        let real = &found[..CONFIG.d_vocab];
        assert_close(&format!("{what}logits"), &[CONFIG.d_vocab], real, &expected, 1e-5);
        assert!(found[CONFIG.d_vocab..].iter().all(|&padding| padding < -1e29), "{what}padding of logits");
    });
}
