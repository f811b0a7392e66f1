//! The project's own commands. `cargo xtask` alone lists them.
//!
//! Each command installs what it needs, says what it does, and stops at the first failure with one sentence.

mod bench;
mod build;
mod fuzz;
mod lens;
mod python;
mod real;
mod rivals;
mod serve;
mod setup;
mod shell;
mod soak;
mod stand_in;
mod supply;
mod test;
mod totals;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask COMMAND

  serve [--dev] [--port N]   build the page and serve it on http://localhost:8080
                             --dev: unbundled, reloads when a file of the page changes
  build [--dev]              write the site to dist/: plain files, any static host, any path
                             --dev: quicker to build, slower to run
  test [STEP...]             run every suite, native and browser, or only the named steps
  test --real [STEP...]      fetch a real model, and run the suites that hold the engine to its known answers;
                             and fetch torch, and run the page's scripts in TransformerLens
  fuzz [--seconds N]         run every fuzzer for N seconds, 60 without it, seeded with real files
  bench [--quick | --smoothness | --kernels]
                             print what texts, edits, full-size models, experiments and a first visit cost,
                             and ONNX Runtime Web beside them; fetches a real model
                             --quick: in the browser only, and each thing timed once, to see that it works
                             --smoothness: only the longest task of the page in each gesture
  bench --rivals [--turns N] [--only NAMES] [--rows NAMES]
                             time the same forward pass by the engine, ONNX Runtime Web, jax-js and
                             TensorFlow.js in one page and by TransformerLens on PyTorch, in turn, each
                             checked against float64; 7 turns, all programs and all rows without flags
  soak                       make 2,200 analyses in the browser, on both backends: memory must stay flat and
                             every figure the same

Needs rustup and Node 20.19 or newer. What else a command needs it installs, and says so.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let Some((command, rest)) = arguments.split_first() else {
        println!("{HELP}");
        return Ok(());
    };
    match command.as_str() {
        "serve" => serve::serve(rest),
        "build" => build::build(build::Speed::from_arguments(rest)?),
        "test" => test::test(rest),
        "fuzz" => fuzz::fuzz(rest),
        "bench" => bench::bench(rest),
        "soak" => soak::soak(rest),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => bail!("there is no command `{other}`; `cargo xtask` alone lists them"),
    }
}
