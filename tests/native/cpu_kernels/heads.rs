//! The kernels that work on heads: attention, offsets, patterns, thumbnails.

use headscope::cpu::attention::attention;
use headscope::cpu::offsets::offsets;
use headscope::cpu::pattern::add_pattern;
use headscope::cpu::thumbnails::thumbnails;
use headscope::model::{
    Dims, Heads, LARGE_WEIGHT, ModelConfig, OFFSET_BLOCK, OFFSETS, RowStats, Shapes, THUMBNAIL_SIDE,
    first_cell, unpadded,
};

use super::{Bench, CONFIG, UNTOUCHED, at_every_size, check_rows, untouched};
use crate::support::assert_close;

/// The layer of the models below that is looked at.
const LAYER: usize = 1;

/// Models whose heads differ: each has its own keys; two share keys, of which a query sees the last 21.
fn kinds_of_heads() -> [ModelConfig; 2] {
    let heads = Heads {
        n_key_value_heads: Some(2),
        scale: Some(0.5),
        scale_by_inverse_layer: true,
        windows: vec![None, Some(21)],
        ..Heads::PLAIN
    };
    [CONFIG, ModelConfig { n_heads: 4, heads, ..CONFIG }]
}

/// Calls `check` with every kind of heads at every size.
fn with_every_kind(check: impl Fn(&ModelConfig, &mut Bench, &str)) {
    for config in kinds_of_heads() {
        at_every_size(|bench, what| check(&config, bench, &format!("{} heads, {what}", config.n_heads)));
    }
}

/// Patterns of random q and k by the definition: `[sequence, head, query_pos, key_pos]`, and scores.
struct Naive {
    scores: Vec<f64>,
    weights: Vec<f64>,
    seq: usize,
    n_heads: usize,
}

impl Naive {
    fn of(dims: &Dims, config: &ModelConfig, qkv: &[f32]) -> Self {
        let Shapes { d_head, z, qkv: width, .. } = Shapes::of(config);
        let n_heads = config.n_heads;
        let group = n_heads / config.n_key_value_heads();
        let window = config.heads.window(LAYER).unwrap_or(usize::MAX);
        let (seq, batch) = (dims.seq as usize, dims.batch as usize);
        let mut scores = vec![f64::NEG_INFINITY; batch * n_heads * seq * seq];
        let mut weights = vec![0.0; scores.len()];
        for (index, (scores, weights)) in
            scores.chunks_exact_mut(seq).zip(weights.chunks_exact_mut(seq)).enumerate()
        {
            let (query_pos, head) = (index % seq, index / seq % n_heads);
            let first_row = index / seq / n_heads * seq;
            for key_pos in (0..=query_pos).filter(|key_pos| query_pos - key_pos < window) {
                let query = &qkv[(first_row + query_pos) * width + head * d_head..][..d_head];
                let key = z + head / group * d_head;
                let key = &qkv[(first_row + key_pos) * width + key..][..d_head];
                let dot: f64 = query.iter().zip(key).map(|(&q, &k)| f64::from(q) * f64::from(k)).sum();
                scores[key_pos] = dot * config.score_scale(LAYER);
            }
            let sum: f64 = scores.iter().map(|score| score.exp()).sum();
            weights.iter_mut().zip(&*scores).for_each(|(weight, score)| *weight = score.exp() / sum);
        }
        Naive { scores, weights, seq, n_heads }
    }

    fn at(&self, row: usize, head: usize) -> usize {
        let (sequence, query_pos) = (row / self.seq, row % self.seq);
        ((sequence * self.n_heads + head) * self.seq + query_pos) * self.seq
    }

    fn weight(&self, row: usize, head: usize, key_pos: usize) -> f64 {
        self.weights[self.at(row, head) + key_pos]
    }
}

/// q, k and v whose scores spread over some ten, so that weights are neither even nor all or nothing.
fn random_qkv(bench: &mut Bench, config: &ModelConfig) -> Vec<f32> {
    let Shapes { d_head, z, kv, qkv: width, .. } = Shapes::of(config);
    let rows = bench.dims.rows as usize;
    let mut qkv = bench.rows(rows, width, z + 2 * kv, 0.0);
    for (at, value) in qkv.iter_mut().enumerate() {
        let padding = at % width % d_head >= config.d_head;
        *value *= if padding { 0.0 } else { 2.5 };
    }
    qkv
}

#[test]
fn attention_mixes_values_and_tells_the_detectors() {
    with_every_kind(|config, bench, what| {
        let shapes = Shapes::of(config);
        let tokens = bench.tokens();
        let qkv = random_qkv(bench, config);
        let (rows, seq, heads) = (tokens.len(), bench.dims.seq as usize, config.n_heads);
        let group = heads / config.n_key_value_heads();
        let mut z = untouched(rows * shapes.z);
        let mut stats = vec![RowStats { top: UNTOUCHED, ..RowStats::default() }; rows * heads];
        attention(&bench.dims, (config, LAYER), &tokens, &qkv, &mut z, &mut stats);

        let naive = Naive::of(&bench.dims, config, &qkv);
        check_rows(&format!("{what}z"), bench, shapes.z, &z, |row, column| {
            let head = column / shapes.d_head;
            let of_value = shapes.z + shapes.kv + head / group * shapes.d_head + column % shapes.d_head;
            let value = |key_pos| qkv[(row / seq * seq + key_pos) * shapes.qkv + of_value];
            (0..=row % seq).map(|key| naive.weight(row, head, key) * f64::from(value(key))).sum()
        });

        let at_least = |least: f64, row: usize, head: usize, offset: usize| -> f64 {
            let first = row / seq * seq;
            (first..row)
                .filter(|&earlier| tokens[earlier] == tokens[row])
                .map(|earlier| naive.weight(row, head, earlier - first + offset))
                .filter(|&weight| weight >= least)
                .sum()
        };
        let matching = |row, head, offset| at_least(0.0, row, head, offset);
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
        check("induction_large", |row| row.induction_large, &|row, head| {
            at_least(LARGE_WEIGHT.into(), row, head, 1)
        });
        check("max_score", |row| row.max_score, &|row, head| largest(row, head, &naive.scores));
        check("sum_exp", |row| row.sum_exp, &|row, head| 1.0 / largest(row, head, &naive.weights));
        let known = &stats[..bench.dims.first_row as usize * heads];
        assert!(known.iter().all(|row| row.top == UNTOUCHED), "{what}known rows are left alone");
    });
}

#[test]
fn offsets_are_the_means_of_diagonals() {
    with_every_kind(|config, bench, what| {
        let dims = Dims { first_row: 0, ..bench.dims };
        let (rows, seq, heads) = (dims.rows as usize, dims.seq as usize, config.n_heads);
        let qkv = random_qkv(bench, config);
        let mut stats = vec![RowStats::default(); rows * heads];
        let mut z = vec![0.0; rows * Shapes::of(config).z];
        attention(&dims, (config, LAYER), &vec![0; rows], &qkv, &mut z, &mut stats);
        let naive = Naive::of(&dims, config, &qkv);
        let mut found = untouched(heads * OFFSETS);
        // An edit goes on from the sums that an earlier run has left.
        let mut sums = vec![f32::NAN; 2 * (bench.dims.seq as usize).div_ceil(OFFSET_BLOCK) * found.len()];
        let before = Dims { first_row: 0, ..bench.dims };
        offsets(&before, (config, LAYER), &qkv, &stats, &mut sums, &mut found);
        let whole = found.clone();
        offsets(&bench.dims, (config, LAYER), &qkv, &stats, &mut sums, &mut found);
        assert_eq!(found, whole, "{what}");
        let mean = |head: usize, offset: usize| {
            let weights = (offset..seq).map(|query| naive.weight(query, head, query - offset));
            if offset < seq { (weights.sum::<f64>() / (seq - offset) as f64) as f32 } else { 0.0 }
        };
        let expected: Vec<f32> = (0..heads)
            .flat_map(|head| (0..OFFSETS).map(move |offset| (head, offset)))
            .map(|(h, k)| mean(h, k))
            .collect();
        assert_close(&format!("{what}offsets"), &[heads, OFFSETS], &found, &expected, 1e-6);
    });
}

#[test]
fn equal_scores_tie_exactly() {
    // All keys alike: uniform attention, whose every weight is the row's largest.
    let Shapes { z, qkv: width, .. } = Shapes::of(&CONFIG);
    let dims = Dims::new(65, 1, 0);
    let qkv: Vec<f32> = (0..65 * width).map(|at| (at % width) as f32 * 0.01).collect();
    let mut stats = vec![RowStats::default(); 65 * CONFIG.n_heads];
    attention(&dims, (&CONFIG, 0), &[3; 65], &qkv, &mut vec![0.0; 65 * z], &mut stats);
    for (at, row) in stats.iter().enumerate() {
        let found = [row.current, row.previous, row.first];
        assert_eq!(found, [row.top; 3], "query {}, head {}", at / CONFIG.n_heads, at % CONFIG.n_heads);
    }
}

#[test]
fn pattern_and_thumbnails_follow_from_the_stats() {
    with_every_kind(|config, bench, what| {
        let dims = Dims { first_row: 0, ..bench.dims };
        let (rows, seq, heads) = (dims.rows as usize, dims.seq as usize, config.n_heads);
        let qkv = random_qkv(bench, config);
        let mut stats = vec![RowStats::default(); rows * heads];
        let mut z = vec![0.0; rows * Shapes::of(config).z];
        attention(&dims, (config, LAYER), &vec![0; rows], &qkv, &mut z, &mut stats);
        let naive = Naive::of(&dims, config, &qkv);
        let side = seq.min(THUMBNAIL_SIDE);
        let mut padded = vec![0; heads * side * side.next_multiple_of(4)];
        thumbnails(&bench.dims, (config, LAYER), &qkv, &stats, &mut padded);
        let thumbnails = unpadded(&padded, &bench.dims);
        assert_eq!(thumbnails.len(), heads * side * side);
        let first = first_cell(&bench.dims) * side;
        for (head, cells) in thumbnails.chunks_exact(side * side).enumerate() {
            let expected: Vec<f32> =
                (0..seq * seq).map(|at| naive.weight(at / seq, head, at % seq) as f32).collect();
            let mut found = vec![1.0; bench.dims.new_queries() * seq];
            add_pattern(&bench.dims, config, (LAYER, head), 0.5, &qkv, &stats, &mut found);
            let found: Vec<f32> = found.iter().map(|half| 2.0 * (half - 1.0)).collect();
            let shape = [bench.dims.new_queries(), seq];
            let new = &expected[bench.dims.first_row as usize * seq..];
            assert_close(&format!("{what}pattern of head {head}"), &shape, &found, new, 1e-6);

            assert!(cells[..first].iter().all(|&cell| cell == 0), "{what}cells before the first new row");
            for (at, &cell) in cells.iter().enumerate().skip(first) {
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
