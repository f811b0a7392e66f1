//! Python for the tests: a virtual environment with the packages of `tests/python/requirements.txt`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell::{self, output, root, run};

const ENVIRONMENT: &str = "target/python";
const REQUIREMENTS: &str = "tests/python/requirements.txt";

/// A command of the environment's Python.
pub fn command<const N: usize>(arguments: [&str; N]) -> Command {
    shell::command(&program().to_string_lossy(), arguments)
}

fn program() -> PathBuf {
    root().join(ENVIRONMENT).join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// The Debian packages that are missing for making environments.
pub fn missing_debian_packages() -> Vec<&'static str> {
    // Debian's Python comes without `ensurepip`, which puts pip into an environment.
    if system().is_some_and(|python| output(python, &["-c", "import ensurepip, venv"]).is_some()) {
        Vec::new()
    } else {
        vec!["python3-venv"]
    }
}

fn system() -> Option<&'static str> {
    ["python3", "python"]
        .into_iter()
        .find(|python| output(python, &["-c", "import sys; assert sys.version_info >= (3, 11)"]).is_some())
}

/// Makes the environment, unless it was made from the present list of packages.
pub fn environment() -> Result<()> {
    let list =
        fs::read(root().join(REQUIREMENTS)).with_context(|| format!("{REQUIREMENTS} could not be read"))?;
    let made_from = root().join(ENVIRONMENT).join("made-from-requirements.txt");
    if fs::read(&made_from).is_ok_and(|copy| copy == list) {
        return Ok(());
    }
    let Some(python) = system() else { bail!("the tests need Python 3.11 or newer, and it was not found") };
    println!("{ENVIRONMENT} is missing or not made from {REQUIREMENTS}: making it.");
    run(&mut shell::command(python, ["-m", "venv", "--clear", ENVIRONMENT]))?;
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary",
        ":all:",
        "--requirement",
        REQUIREMENTS,
    ];
    run(&mut command(install)).with_context(|| {
        format!("the packages of {REQUIREMENTS} are needed and pip could not install them")
    })?;
    fs::write(&made_from, list).with_context(|| format!("{} could not be written", made_from.display()))
}
