//! Detectors: against TransformerLens, against the heads that ARENA's notebook publishes, on patterns
//! whose answers are known, and on texts of a few tokens.

use crate::support::{FIXTURES, Fixture, assert_close};
use headscope::detectors::{
    Candidates, Detection, Scores, Thresholds, detect, heads_above, offsets_of_patterns,
    row_stats_of_patterns,
};
use safetensors::SafeTensors;
use serde_json::Value;

/// f32 patterns against figures made in f64. A mean of weights is off by at most the rounding of one
/// weight, 6e-8. The rest is room for the sums of `head_detector`.
const TOLERANCE: f32 = 1e-6;

fn detect_patterns(patterns: &[f32], n_heads: usize, tokens: &[u32]) -> Detection {
    let stats = row_stats_of_patterns(patterns, n_heads, tokens);
    let n_layers = patterns.len() / (n_heads * tokens.len() * tokens.len());
    let offsets = offsets_of_patterns(patterns, tokens.len());
    detect(&stats, &offsets, n_layers, n_heads, tokens, &Thresholds::default()).expect("at least one token")
}

// ---- against TransformerLens in f64 --------------------------------------------------------

fn json(path: &str) -> Value {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn compare(fixture: &str, what: &str, found: &Value, expected: &Value) {
    let (found, expected) = (figures(found), figures(expected));
    let shape = [expected.len(), expected[0].len()];
    assert_close(&format!("{fixture} {what}"), &shape, &found.concat(), &expected.concat(), TOLERANCE);
}

fn figures(scores: &Value) -> Vec<Vec<f32>> {
    serde_json::from_value(scores.clone()).expect("[layer][head]")
}

#[test]
fn figures_are_those_of_transformer_lens() {
    for name in FIXTURES {
        let fixture = Fixture::open(name);
        let expected = json(&format!("tests/fixtures/{name}.expected.json"));
        let patterns: Vec<f32> = (0..fixture.config.n_layers)
            .flat_map(|layer| fixture.figure(&format!("pattern.{layer}")).1)
            .collect();
        let found = detect_patterns(&patterns, fixture.config.n_heads, &fixture.tokens());
        let found = serde_json::to_value(found).expect("JSON");

        for candidate in ["current", "previous", "first"] {
            let (ours, theirs) = (&found["dominant"][candidate], &expected["detectors"][candidate]);
            compare(name, &format!("dominant {candidate}"), &ours["fraction"], &theirs["fraction"]);
            assert_eq!(ours["heads"], theirs["heads"], "{name}: dominant {candidate}");
            let (ours, theirs) = (&found["mean"][candidate], &expected["mean_scores"][candidate]);
            compare(name, &format!("mean {candidate}"), ours, theirs);
        }
        for ideal in ["previous_token_head", "duplicate_token_head", "induction_head"] {
            for measure in ["mul", "abs"] {
                let ours = &found["head_detector"][ideal][measure];
                let theirs = &expected["head_detector"][ideal][measure];
                compare(name, &format!("{ideal} {measure}"), ours, theirs);
            }
        }
    }
}

// ---- against ARENA's notebook --------------------------------------------------------------

#[test]
fn heads_are_those_that_the_notebook_publishes() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/golden/attn_only_2L_half");
    if !std::path::Path::new(folder).exists() {
        crate::support::skipped("../shared/golden, the published patterns,");
        return;
    }
    let file = std::fs::read(format!("{folder}/patterns.safetensors")).expect("patterns");
    let file = SafeTensors::deserialize(&file).expect("a safetensors file");
    let patterns = file.tensor("prompt.pattern").expect("a pattern");
    let (patterns, _) = patterns.data().as_chunks::<4>();
    let patterns: Vec<f32> = patterns.iter().map(|&weight| f32::from_le_bytes(weight)).collect();
    let published = json("../shared/golden/attn_only_2L_half/published.json");
    let prompt = &published["prompt"];
    let tokens: Vec<u32> = serde_json::from_value(prompt["ids"].clone()).expect("token ids");
    let found = detect_patterns(&patterns, 12, &tokens);

    let Candidates { current, previous, first } = &found.dominant;
    for (candidate, ours) in [("current", current), ("previous", previous), ("first", first)] {
        let theirs = &prompt["dominant_weight_detectors"][candidate];
        assert_eq!(&serde_json::json!(ours.heads), theirs, "dominant {candidate}");
    }
    let Candidates { current, previous, first } = &found.figures.mean;
    for (candidate, ours) in [("current", current), ("previous", previous), ("first", first)] {
        let theirs = prompt["mean_score_detectors"][candidate].as_object().expect("head: score");
        let named = heads_above(ours, Thresholds::default().mean);
        let mut expected: Vec<&String> = theirs.keys().collect();
        expected.sort_by_key(|name| head_of(name));
        assert_eq!(named.iter().collect::<Vec<_>>(), expected, "mean {candidate}");
        for name in &named {
            let (layer, head) = head_of(name);
            let (score, published) = (ours[layer][head].expect("named"), theirs[name].as_f64());
            // Published to four digits.
            assert!(
                (score - published.expect("a number")).abs() <= 5.1e-5,
                "mean {candidate} {name}: {score}"
            );
        }
    }
}

fn head_of(name: &str) -> (usize, usize) {
    let (layer, head) = name.split_once('.').expect("layer.head");
    (layer.parse().expect("a layer"), head.parse().expect("a head"))
}

// ---- patterns whose answers are known ------------------------------------------------------

/// A pattern `[query_pos, key_pos]` with all of a row's weight on the key that `key_of` names.
fn perfect(seq: usize, key_of: impl Fn(usize) -> usize) -> Vec<f32> {
    let mut pattern = vec![0.0; seq * seq];
    for query_pos in 0..seq {
        pattern[query_pos * seq + key_of(query_pos)] = 1.0;
    }
    pattern
}

fn score(scores: &Scores, head: usize) -> f64 {
    scores[0][head].expect("a defined score")
}

#[test]
fn perfect_heads_get_perfect_scores_and_no_other_name() {
    let seq = 10;
    let tokens: Vec<u32> = (0..seq as u32).collect();
    let mut patterns = perfect(seq, |query_pos| query_pos);
    patterns.extend(perfect(seq, |query_pos| query_pos.saturating_sub(1)));
    patterns.extend(perfect(seq, |_| 0));
    let found = detect_patterns(&patterns, 3, &tokens);

    // Row 0 has one weight, so it counts for every candidate. Row 1's previous token is the first token.
    assert_eq!(found.dominant.current.fraction, [[1.0, 0.1, 0.1]]);
    assert_eq!(found.dominant.previous.fraction, [[0.1, 1.0, 0.2]]);
    assert_eq!(found.dominant.first.fraction, [[0.1, 0.2, 1.0]]);
    assert_eq!(found.dominant.current.heads, ["0.0"]);
    assert_eq!(found.dominant.previous.heads, ["0.1"]);
    assert_eq!(found.dominant.first.heads, ["0.2"]);

    assert_eq!(found.figures.mean.current, [[Some(1.0), Some(0.1), Some(0.1)]]);
    assert_eq!(found.figures.mean.previous, [[Some(0.0), Some(1.0), Some(1.0 / 9.0)]]);
    assert_eq!(found.figures.mean.first, [[Some(0.1), Some(0.2), Some(1.0)]]);

    // Nine of ten rows match a pattern of nine ones.
    assert_eq!(score(&found.figures.head_detector.previous_token_head.mul, 1), 0.9);
    assert_eq!(score(&found.figures.head_detector.previous_token_head.abs, 1), 0.9);
    // No token occurs twice: nothing to match.
    assert_eq!(found.figures.token_matching.induction, [[None; 3]]);
    assert_eq!(found.figures.token_matching.duplicate, [[None; 3]]);
}

#[test]
fn an_induction_head_is_one_row_off_a_duplicate_head() {
    // [BOS, a, b, c, a, b, c]: queries 4, 5 and 6 have seen their token, three places before.
    let tokens = [0, 7, 8, 9, 7, 8, 9];
    let seq = tokens.len();
    let mut patterns = perfect(seq, |query_pos| if query_pos < 4 { 0 } else { query_pos - 2 });
    patterns.extend(perfect(seq, |query_pos| if query_pos < 4 { 0 } else { query_pos - 3 }));
    let found = detect_patterns(&patterns, 2, &tokens);

    assert_eq!(found.figures.token_matching.induction, [[Some(1.0), Some(0.0)]]);
    assert_eq!(found.figures.token_matching.duplicate, [[Some(0.0), Some(1.0)]]);
    let head_detector = &found.figures.head_detector;
    assert_eq!(score(&head_detector.induction_head.mul, 0), 3.0 / 7.0);
    assert_eq!(score(&head_detector.induction_head.abs, 0), 3.0 / 7.0);
    assert_eq!(score(&head_detector.induction_head.mul, 1), 0.0);
    assert_eq!(score(&head_detector.duplicate_token_head.mul, 1), 3.0 / 7.0);
    assert_eq!(score(&head_detector.duplicate_token_head.abs, 0), -3.0 / 7.0);
}

#[test]
fn an_offset_head_looks_as_far_back_as_its_distance() {
    let (seq, tokens) = (40, (0..40).collect::<Vec<u32>>());
    let mut patterns = Vec::new();
    for distance in [0, 1, 2, 32, 33] {
        patterns.extend(perfect(seq, |query_pos| query_pos.saturating_sub(distance)));
    }
    let found = detect_patterns(&patterns, 5, &tokens).figures.offset;
    // A head that looks 33 back is out of reach. Its first 34 rows are on key 0: at each offset one of the
    // rows that have it, of which the offset 32 has the fewest.
    assert_eq!(found.distance, [[Some(0.0), Some(1.0), Some(2.0), Some(32.0), Some(32.0)]]);
    let others = f64::from(1.0_f32 / 8.0);
    assert_eq!(found.mean, [[Some(1.0), Some(1.0), Some(1.0), Some(1.0), Some(others)]]);
    // Distances 0 and 1 have other names, and the last diagonals have fewer than 10 entries.
    assert_eq!(found.score, [[None, None, Some(1.0), None, None]]);
    // In a text that repeats with a period of 3, an induction head looks 2 back, as an offset head does.
    let period: Vec<u32> = tokens.iter().map(|token| token % 3).collect();
    let two_back = perfect(seq, |query_pos| query_pos.saturating_sub(2));
    let repeating = detect_patterns(&two_back, 1, &period).figures.offset;
    assert_eq!((repeating.distance, repeating.score), (vec![vec![Some(2.0)]], vec![vec![None]]));
    // Of equal means the smallest offset.
    let even = detect_patterns(&[1.0, 0.0, 0.0, 1.0], 1, &[3, 4]).figures.offset;
    assert_eq!((even.distance, even.mean), (vec![vec![Some(0.0)]], vec![vec![Some(1.0)]]));
    let two = detect_patterns(&[1.0, 0.0, 0.5, 0.5], 1, &[3, 4]).figures.offset;
    assert_eq!((two.distance, two.mean), (vec![vec![Some(0.0)]], vec![vec![Some(0.75)]]));
}

#[test]
fn neuronpedias_score_drops_weights_below_one_hundredth() {
    // Query 4 has seen its token at 0, 1 and 2. The keys after them are 1, 2 and 3.
    let tokens = [5, 5, 5, 6, 5];
    let row = [0.0, 0.25, 0.0099, 0.0101, 0.73];
    let mut pattern = perfect(5, |query_pos| query_pos);
    pattern[20..].copy_from_slice(&row);
    let found = detect_patterns(&pattern, 1, &tokens);
    // Queries 1, 2 and 4 have seen their token. Queries 1 and 2 are the key after an occurrence.
    let expected = |last: f32| (2.0 + f64::from(last)) / 3.0;
    let close =
        |score: f64, expected: f64| assert!((score - expected).abs() < 1e-7, "{score}, not {expected}");
    close(score(&found.figures.neuronpedia_induction, 0), expected(0.2601));
    close(score(&found.figures.token_matching.induction, 0), expected(0.27));
    // The threshold itself counts.
    let row = [0.99, 0.01];
    let found = detect_patterns(&[1.0, 0.0, row[0], row[1]], 1, &[5, 5]);
    assert_eq!(found.figures.neuronpedia_induction, [[Some(f64::from(0.01_f32))]]);
    assert_eq!(detect_patterns(&[1.0], 1, &[5]).figures.neuronpedia_induction, [[None]]);
    // Uniform attention gives each of more than 100 keys less than one hundredth.
    let of = |count: u32| {
        let tokens: Vec<u32> = (0..count).map(|id| id.min(count - 2)).collect();
        detect_patterns(&uniform(tokens.len()), 1, &tokens).uniform.figures.neuronpedia_induction
    };
    assert_eq!((of(100), of(101)), (Some(f64::from(0.01_f32)), Some(0.0)));
}

#[test]
fn several_earlier_occurrences_are_summed() {
    // Query 3 has seen its token at 0, 1 and 2; the tokens after those are at 1, 2 and 3.
    let row = [0.125_f32, 0.25, 0.25, 0.375];
    let mut pattern = perfect(4, |query_pos| query_pos);
    pattern[12..].copy_from_slice(&row);
    let stats = row_stats_of_patterns(&pattern, 1, &[5, 5, 5, 5]);
    assert_eq!((stats[3].duplicate, stats[3].induction), (0.625, 0.875));
    assert_eq!(
        (stats[3].top, stats[3].current, stats[3].previous, stats[3].first),
        (0.375, 0.375, 0.25, 0.125)
    );
    assert_eq!((stats[0].previous, stats[0].induction, stats[0].duplicate), (1.0, 0.0, 0.0));
}

#[test]
fn thresholds_are_strict() {
    // Half of the rows are current, with a weight of exactly one half.
    let mut pattern = vec![0.0; 16];
    for (query_pos, row) in pattern.chunks_exact_mut(4).enumerate() {
        row[query_pos] = if query_pos == 0 { 1.0 } else { 0.5 };
        row[0] = if query_pos == 0 { 1.0 } else { 0.5 };
    }
    let tokens = [1, 2, 3, 4];
    let stats = row_stats_of_patterns(&pattern, 1, &tokens);
    let offsets = offsets_of_patterns(&pattern, 4);
    let at = |active, fraction| {
        let thresholds = Thresholds { active, fraction, ..Thresholds::default() };
        detect(&stats, &offsets, 1, 1, &tokens, &thresholds).expect("four tokens").dominant.current
    };
    assert_eq!(at(0.5, 0.3).fraction, [[0.25]], "0.5 is not above 0.5; row 0 is");
    assert_eq!(at(0.49, 0.3).fraction, [[1.0]], "ties count");
    assert!(at(0.5, 0.25).heads.is_empty(), "0.25 is not above 0.25");
    assert_eq!(at(0.5, 0.24).heads, ["0.0"]);
}

// ---- the uniform baseline, and texts of a few tokens ---------------------------------------

/// Uniform causal attention, as a pattern.
fn uniform(seq: usize) -> Vec<f32> {
    let mut pattern = vec![0.0; seq * seq];
    for (query_pos, row) in pattern.chunks_exact_mut(seq).enumerate() {
        row[..=query_pos].fill(1.0 / (query_pos + 1) as f32);
    }
    pattern
}

#[test]
fn the_uniform_baseline_is_the_score_of_uniform_attention() {
    for tokens in [vec![3], vec![3, 3], vec![0, 1, 2, 1, 2, 2, 4], (0..40).map(|id| id % 7).collect()] {
        let found = detect_patterns(&uniform(tokens.len()), 1, &tokens);
        let json = serde_json::to_value(&found).expect("JSON");
        let null = &json["null"];
        for candidate in ["current", "previous", "first"] {
            assert_eq!(json["dominant"][candidate]["fraction"][0][0], null["dominant"][candidate]);
            assert_eq!(
                json["dominant"][candidate]["heads"] == serde_json::json!(["0.0"]),
                null["passes"]["dominant"][candidate] == Value::Bool(true),
            );
            assert_eq!(json["mean"][candidate][0][0], null["mean"][candidate]);
        }
        let pairs = [
            (&json["token_matching"]["induction"], &null["token_matching"]["induction"]),
            (&json["token_matching"]["duplicate"], &null["token_matching"]["duplicate"]),
            (&json["neuronpedia_induction"], &null["neuronpedia_induction"]),
            (&json["offset"]["distance"], &null["offset"]["distance"]),
            (&json["offset"]["mean"], &null["offset"]["mean"]),
            (&json["offset"]["score"], &null["offset"]["score"]),
        ];
        for (ours, theirs) in pairs {
            let ours = &ours[0][0];
            match (ours.as_f64(), theirs.as_f64()) {
                (Some(ours), Some(theirs)) => {
                    assert!((ours - theirs).abs() <= f64::from(TOLERANCE), "{ours} {theirs}")
                }
                _ => assert_eq!(ours, theirs),
            }
        }
        for ideal in ["previous_token_head", "duplicate_token_head", "induction_head"] {
            for measure in ["mul", "abs"] {
                let ours = json["head_detector"][ideal][measure][0][0].as_f64().expect("a number");
                let theirs = null["head_detector"][ideal][measure].as_f64().expect("a number");
                assert!((ours - theirs).abs() <= f64::from(TOLERANCE), "{ideal} {measure}: {ours} {theirs}");
            }
        }
    }
}

#[test]
fn uniform_attention_is_named_up_to_six_tokens() {
    for seq in 1..=20 {
        let tokens: Vec<u32> = (0..seq).collect();
        let passes = detect_patterns(&uniform(tokens.len()), 1, &tokens).uniform.passes.dominant;
        assert_eq!((passes.current, passes.first), (seq <= 6, seq <= 6), "{seq} tokens");
    }
}

#[test]
fn one_token_has_no_previous_mean_and_nothing_is_nan() {
    let found = detect_patterns(&[1.0], 1, &[42]);
    assert_eq!(found.figures.mean.previous, [[None]]);
    assert_eq!(found.uniform.figures.mean.previous, None);
    assert_eq!(found.dominant.previous.fraction, [[1.0]], "row 0 counts, as in ARENA's notebook");
    assert_eq!(found.figures.token_matching.induction, [[None]]);
    let text = serde_json::to_string(&found).expect("JSON");
    assert!(text.contains(r#""mean":{"current":[[1.0]],"previous":[[null]],"first":[[1.0]]}"#), "{text}");
}

#[test]
fn two_equal_tokens_match() {
    // Query 1 has seen its token at 0. The position after it is query 1 itself.
    let found = detect_patterns(&[1.0, 0.0, 0.25, 0.75], 1, &[42, 42]);
    assert_eq!(found.figures.token_matching.induction, [[Some(0.75)]]);
    assert_eq!(found.figures.token_matching.duplicate, [[Some(0.25)]]);
    assert_eq!(found.figures.mean.previous, [[Some(0.25)]]);
}

#[test]
fn javascript_sees_every_detector_under_its_name() {
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<String>>();
    let json = serde_json::to_value(detect_patterns(&[1.0], 1, &[42])).expect("JSON");
    let sorted = |last: &str| {
        let mut names =
            ["dominant", "head_detector", "mean", "neuronpedia_induction", "offset", last].to_vec();
        names.push("token_matching");
        names.sort_unstable();
        names.into_iter().map(str::to_owned).collect::<Vec<String>>()
    };
    assert_eq!(keys(&json), sorted("null"));
    let baseline = &json["null"];
    assert_eq!(keys(baseline), sorted("passes"));
    assert_eq!(keys(&json["dominant"]["first"]), ["fraction", "heads"]);
    for (candidates, of) in [(&json["mean"], "mean"), (&baseline["passes"]["mean"], "passes")] {
        assert_eq!(keys(candidates), ["current", "first", "previous"], "{of}");
    }
    for figures in [&json, baseline] {
        assert_eq!(keys(&figures["token_matching"]), ["duplicate", "induction"]);
        assert_eq!(keys(&figures["offset"]), ["distance", "mean", "score"]);
        let ideals = ["duplicate_token_head", "induction_head", "previous_token_head"];
        assert_eq!(keys(&figures["head_detector"]), ideals);
        assert_eq!(keys(&figures["head_detector"]["induction_head"]), ["abs", "mul"]);
    }
}

#[test]
fn no_token_is_an_error() {
    let error =
        detect(&[], &[0.0; 2 * 4 * 33], 2, 4, &[], &Thresholds::default()).expect_err("nothing to detect");
    assert_eq!(error.code(), "EmptyInput");
}
