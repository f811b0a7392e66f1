//! `cargo xtask soak`: a long session in the built site, whose memory and figures may not change.

use anyhow::{Result, bail};

use crate::build::{self, Speed};
use crate::setup;
use crate::shell::{command, run};

pub fn soak(arguments: &[String]) -> Result<()> {
    if !arguments.is_empty() {
        bail!("`soak` takes no arguments; found `{}`", arguments.join(" "));
    }
    setup::for_tests()?;
    build::build(Speed::Release)?;
    run(&mut command("node", ["tools/soak/main.js"]))
}
