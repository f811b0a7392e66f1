//! The scripts that the page copies, run in TransformerLens 4 and in TransformerLens 3.

use std::ffi::OsStr;

use anyhow::{Context, Result};

use crate::python::LENS;
use crate::shell::{command, root, run, run_watched};
use crate::totals::Totals;

/// The folder of the scripts.
const SCRIPTS: &str = "target/real/lens";
/// TransformerLens 3 alone. Everything else is that of TransformerLens 4, so that torch is here once.
pub const OLDER: &str = "target/python_lens/transformer_lens_3";
const OLDER_PACKAGE: &str = "transformer-lens==3.9.0";

/// Fetches torch and both versions of TransformerLens, unless they are there.
pub fn fetch() -> Result<()> {
    LENS.make()?;
    if !root().join(OLDER).is_dir() {
        let install = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", OLDER, OLDER_PACKAGE];
        run(&mut LENS.command(install)).with_context(|| format!("{OLDER_PACKAGE} could not be fetched"))?;
    }
    Ok(())
}

pub fn test(totals: &mut Totals) -> Result<()> {
    run(&mut command("node", ["tools/real/lens.js", SCRIPTS]))?;
    fetch()?;
    run_scripts(OsStr::new(""), totals)?;
    run_scripts(root().join(OLDER).as_os_str(), totals)
}

/// Runs the scripts with the packages of a folder before those of the environment.
fn run_scripts(folder: &OsStr, totals: &mut Totals) -> Result<()> {
    let mut python = LENS.command(["tools/real/run_lens.py", SCRIPTS]);
    // All models are here, and nothing is asked of the hub.
    python.env("PYTHONPATH", folder).env("HF_HUB_OFFLINE", "1");
    run_watched(&mut python, |line| totals.see_counts(line))
}
