//! Writes the full-size stand-in for the notebook's model, which the browser tests and the bench load.

use std::fs;

use anyhow::{Context, Result};

use crate::shell::{command, root, run};

/// `tests/page/stand_in.js` looks for the same three files.
pub const WEIGHTS: &str = "target/standin/model.pth";
pub const CONFIG: &str = "target/standin/config.json";
const PLAN: &str = "target/standin/plan.json";

/// Writes the stand-in anew, in seconds: the program that wrote the last one may have changed.
pub fn write() -> Result<()> {
    fs::create_dir_all(root().join("target/standin")).context("target/standin could not be made")?;
    run(&mut command(
        "cargo",
        ["run", "--quiet", "--package", "standin", "--", WEIGHTS, "--config", CONFIG, "--plan", PLAN],
    ))
}
