//! `cargo xtask bench`: what the default model costs in a browser and a full-size one natively, on both
//! backends, and what the experiments cost in a browser on either.

use anyhow::{Context, Result, bail};

use crate::build::{self, Speed};
use crate::setup;
use crate::shell::{command, root, run};

pub fn bench(arguments: &[String]) -> Result<()> {
    if !arguments.is_empty() {
        bail!("`bench` takes no argument; found `{}`", arguments.join(" "));
    }
    setup::for_tests()?;
    run(&mut command("cargo", ["bench", "--bench", "full_size"]))?;
    build::build(Speed::Release)?;
    let (weights, config) = ("target/bench/standin.pth", "target/bench/standin.config.json");
    std::fs::create_dir_all(root().join("target/bench")).context("target/bench could not be made")?;
    run(&mut command(
        "cargo",
        ["run", "--quiet", "--release", "--package", "standin", "--", weights, "--config", config],
    ))?;
    run(&mut command("node", ["tools/bench/main.js", weights, config]))
}
