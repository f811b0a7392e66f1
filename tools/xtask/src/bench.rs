//! `cargo xtask bench`: what the default model costs in a browser and a full-size one natively, on both
//! backends, and what the experiments cost in a browser on either.

use anyhow::{Result, bail};

use crate::build::{self, Speed};
use crate::setup;
use crate::shell::{command, run};
use crate::stand_in;

pub fn bench(arguments: &[String]) -> Result<()> {
    if !arguments.is_empty() {
        bail!("`bench` takes no argument; found `{}`", arguments.join(" "));
    }
    setup::for_tests()?;
    run(&mut command("cargo", ["bench", "--bench", "full_size"]))?;
    build::build(Speed::Release)?;
    stand_in::write()?;
    run(&mut command("node", ["tools/bench/main.js", stand_in::WEIGHTS, stand_in::CONFIG]))
}
