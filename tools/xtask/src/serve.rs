//! `cargo xtask serve`: builds the page and serves it until stopped.

use anyhow::{Context, Result, bail};

use crate::build::{self, Speed};
use crate::setup;
use crate::shell::{command, npm_tool, run};

const PORT: u16 = 8080;

pub fn serve(arguments: &[String]) -> Result<()> {
    let mut port = PORT;
    let mut speed = Speed::Release;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--dev" => speed = Speed::Dev,
            "--port" => {
                let value = rest.next().context("--port needs a number")?;
                port = value.parse().with_context(|| format!("--port needs a number; found `{value}`"))?;
            }
            other => bail!("`serve` takes --dev and --port N; found `{other}`"),
        }
    }
    let port = port.to_string();
    match speed {
        Speed::Release => {
            build::build(speed)?;
            run(&mut command("node", ["tools/site/server.js", "dist", "--port", &port]))
        }
        Speed::Dev => {
            setup::for_build()?;
            build::engine(speed)?;
            run(npm_tool("vite").args(["--port", &port, "--strictPort"]))
        }
    }
}
