//! Python for the tests and the bench: virtual environments with the packages of a list.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell::{self, output, root, run};

/// A virtual environment.
#[derive(Debug, Clone, Copy)]
pub struct Environment {
    folder: &'static str,
    requirements: &'static str,
}

/// What opens the page's exports.
pub const EXPORTS: Environment =
    Environment { folder: "target/python", requirements: "tests/python/requirements.txt" };

/// What writes real weights as the hub has them.
pub const REAL: Environment =
    Environment { folder: "target/python_real", requirements: "tools/real/requirements.txt" };

/// The packages that run the scripts of the page: torch and TransformerLens.
pub const LENS: Environment =
    Environment { folder: "target/python_lens", requirements: "tools/real/lens.txt" };

/// What writes the ONNX graphs of the bench.
pub const BENCH: Environment =
    Environment { folder: "target/python_bench", requirements: "tools/bench/requirements.txt" };

impl Environment {
    /// A command of the environment's Python.
    pub fn command<const N: usize>(self, arguments: [&str; N]) -> Command {
        shell::command(&self.program().to_string_lossy(), arguments)
    }

    /// Where the environment's Python is.
    pub fn program(self) -> PathBuf {
        root().join(self.folder).join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
    }

    /// Makes the environment, unless it was made from the present list of packages.
    pub fn make(self) -> Result<()> {
        let Environment { folder, requirements } = self;
        let list = fs::read(root().join(requirements))
            .with_context(|| format!("{requirements} could not be read"))?;
        let made_from = root().join(folder).join("made-from-requirements.txt");
        if fs::read(&made_from).is_ok_and(|copy| copy == list) {
            return Ok(());
        }
        let Some(python) = system() else { bail!("Python 3.11 or newer is needed, and it was not found") };
        println!("{folder} is missing or not made from {requirements}: making it.");
        run(&mut shell::command(python, ["-m", "venv", "--clear", folder]))?;
        let install = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--only-binary",
            ":all:",
            "--requirement",
            requirements,
        ];
        run(&mut self.command(install)).with_context(|| {
            format!("the packages of {requirements} are needed and pip could not install them")
        })?;
        fs::write(&made_from, list).with_context(|| format!("{} could not be written", made_from.display()))
    }
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
