//! `cargo xtask bench`: what the default model costs in a browser and a full-size one natively, on both backends.

use anyhow::{Result, bail};

use crate::build::{self, Speed};
use crate::setup;
use crate::shell::{command, run};

pub fn bench(arguments: &[String]) -> Result<()> {
    if !arguments.is_empty() {
        bail!("`bench` takes no argument; found `{}`", arguments.join(" "));
    }
    setup::for_tests()?;
    run(&mut command("cargo", ["bench", "--bench", "full_size"]))?;
    build::build(Speed::Release)?;
    run(&mut command("node", ["tools/bench/main.js"]))
}
