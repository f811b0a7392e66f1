//! `cargo xtask bench`: what full-size models cost natively, and what texts, full-size models and experiments
//! cost in a browser, on both backends and beside ONNX Runtime Web. Last, the longest task of each gesture.
//! `--kernels` times each GPU kernel instead, `--rivals` other libraries beside the engine.

use anyhow::{Context, Result, bail};

use crate::build::{self, Speed};
use crate::python::BENCH;
use crate::real;
use crate::rivals;
use crate::setup;
use crate::shell::{command, run};
use crate::stand_in;

/// GPT-2's forward pass for ONNX Runtime Web. Its weights stay in the stand-in's file.
const GPT2_GRAPH: &str = "target/bench/gpt2.onnx";

pub fn bench(arguments: &[String]) -> Result<()> {
    let quick = match arguments {
        [] => false,
        [flag] if flag == "--quick" => true,
        [flag] if flag == "--smoothness" => return smoothness(),
        [flag] if flag == "--kernels" => return kernels(),
        [flag, rest @ ..] if flag == "--rivals" => return rivals::bench(rest),
        _ => bail!(
            "`bench` takes --quick, --smoothness, --kernels or --rivals; found `{}`",
            arguments.join(" ")
        ),
    };
    setup::for_tests()?;
    real::fetch()?;
    stand_in::write()?;
    write_graph()?;
    if !quick {
        run(&mut command("cargo", ["bench", "--bench", "full_size"]))?;
    }
    build::build(Speed::Release)?;
    let mut browser = command("node", ["tools/bench/main.js"]);
    browser.args(["--notebook", stand_in::WEIGHTS, "--notebook-config", stand_in::CONFIG]);
    browser.args(["--smollm2", real::WEIGHTS, "--smollm2-config", real::CONFIG]);
    browser.args(["--gpt2", stand_in::GPT2_WEIGHTS, "--gpt2-config", stand_in::GPT2_CONFIG]);
    browser.args(["--gpt2-graph", GPT2_GRAPH]);
    if quick {
        browser.arg("--quick");
    }
    run(&mut browser)?;
    print_smoothness()
}

/// Prints what each GPU kernel does a second natively, and nothing else.
fn kernels() -> Result<()> {
    run(&mut command("cargo", ["bench", "--bench", "kernels"]))
}

/// Prints the longest task of each gesture, and nothing else.
fn smoothness() -> Result<()> {
    setup::for_tests()?;
    build::build(Speed::Release)?;
    print_smoothness()
}

fn print_smoothness() -> Result<()> {
    run(&mut command("node", ["tools/bench/smoothness.js"]))
}

fn write_graph() -> Result<()> {
    BENCH.make()?;
    let arguments = ["tools/bench/gpt2_onnx.py", stand_in::GPT2_WEIGHTS, stand_in::GPT2_CONFIG, GPT2_GRAPH];
    run(&mut BENCH.command(arguments)).with_context(|| format!("{GPT2_GRAPH} could not be written"))
}
