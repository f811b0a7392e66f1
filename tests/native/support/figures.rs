//! The experiments' figures of every fixture, on every backend, against TransformerLens.

use headscope::experiments::RepeatedTokens;
use headscope::session::{Model, Preference};
use serde_json::Value;

use super::{FIXTURES, Fixture};

/// Both of them.
pub const BACKENDS: [Preference; 2] = [Preference::Cpu, Preference::WebGpu];

/// Calls `check` with every fixture's model on every backend, its figures, and its tokens.
pub fn with_every_fixture(check: impl Fn(&str, &Fixture, &Model, &Value, &RepeatedTokens)) {
    for name in FIXTURES {
        let fixture = Fixture::open(name);
        let expected = fixture.expected("repeated");
        let rows: Vec<Vec<u32>> = serde_json::from_value(expected["tokens"].clone()).expect("rows of ids");
        let tokens = RepeatedTokens::given(&rows).expect("repeated tokens");
        assert_eq!(expected["seq_len"], tokens.seq_len);
        for preference in BACKENDS {
            let model = fixture.session_model(preference);
            check(&format!("{name}, {preference:?}"), &fixture, &model, &expected, &tokens);
        }
    }
}

/// Compares nested arrays of numbers; a failure says where.
pub fn assert_figures(what: &str, found: &Value, expected: &Value, tolerance: f64) {
    match (found, expected) {
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{what}: length");
            for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
                assert_figures(&format!("{what}[{at}]"), found, expected, tolerance);
            }
        }
        _ => {
            let number =
                |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{what}: {value} is no number"));
            let error = (number(found) - number(expected)).abs();
            assert!(error <= tolerance, "{what}: found {found}, expected {expected}, off by {error:e}");
        }
    }
}

/// A value as JSON, by the names that JavaScript sees.
pub fn json(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("JSON")
}
