//! `cargo xtask test` runs every suite, native and browser, each step with its time. It stops at the first
//! step that fails.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::build::{self, Speed};
use crate::lens;
use crate::python::EXPORTS;
use crate::real;
use crate::setup;
use crate::shell::{command, npm_tool, root, run, run_watched};
use crate::stand_in;
use crate::supply;
use crate::totals::Totals;

/// A step of the tests: its name, what it holds, and how it runs.
struct Step {
    name: &'static str,
    holds: &'static str,
    run: fn(&mut Totals) -> Result<()>,
}

/// The steps, in the order in which a mistake is found soonest.
/// `types`, `js` and `page` read what `build` makes, `python` what `page` saves.
const STEPS: [Step; 11] = [
    Step { name: "fmt", holds: "the Rust sources are formatted", run: |_| cargo("fmt --all --check") },
    Step {
        name: "biome",
        holds: "JavaScript, CSS and JSON are formatted, and the linter finds nothing",
        run: |_| run(npm_tool("biome").args(["check", "--error-on-warnings"])),
    },
    Step {
        name: "clippy",
        holds: "clippy finds nothing, natively",
        run: |_| cargo("clippy --workspace --all-targets -- -D warnings"),
    },
    Step {
        name: "clippy-wasm",
        holds: "clippy finds nothing, for the browser",
        run: |_| {
            cargo(
                "clippy --package headscope --package headscope-tokenizer --lib \
                 --target wasm32-unknown-unknown -- -D warnings",
            )
        },
    },
    Step {
        name: "rust",
        holds: "the engine, natively: CPU, and GPU through Vulkan, Metal or DX12",
        run: rust,
    },
    Step { name: "build", holds: "the site builds", run: |_| build::build(Speed::Release) },
    Step {
        name: "types",
        holds: "the JavaScript type-checks, strictly",
        run: |_| run(npm_tool("tsc").arg("--noEmit")),
    },
    Step { name: "js", holds: "the page's pure modules and the form of all sources, in Node", run: js },
    Step { name: "page", holds: "the built site in Chromium, with WebGPU and without", run: page },
    Step { name: "python", holds: "what the page saved opens in numpy and safetensors", run: python },
    Step {
        name: "supply",
        holds: "licences and known holes of what is built in, where tools and network allow",
        run: |_| supply::check(),
    },
];

/// The steps of `--real`. They need 4 GB from Python's registry, most of it torch, and some minutes.
const REAL_STEPS: [Step; 5] = [
    Step {
        name: "fetch",
        holds: "the weights of a real model are here, bit for bit",
        run: |_| real::fetch(),
    },
    Step { name: "rust", holds: "a real model, natively, on both backends", run: real_rust },
    Step { name: "build", holds: "the site builds", run: |_| build::build(Speed::Release) },
    Step { name: "page", holds: "a real model in Chromium", run: real_page },
    Step {
        name: "lens",
        holds: "the page's scripts give its figures in TransformerLens 3 and 4",
        run: lens::test,
    },
];

pub fn test(arguments: &[String]) -> Result<()> {
    match arguments.split_first() {
        Some((flag, only)) if flag == "--real" => run_steps(&REAL_STEPS, only),
        _ => run_steps(&STEPS, arguments),
    }
}

fn run_steps(steps: &[Step], only: &[String]) -> Result<()> {
    if let Some(unknown) = only.iter().find(|name| steps.iter().all(|step| step.name != name.as_str())) {
        let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
        bail!("there is no test step `{unknown}`; the steps are {}", names.join(", "));
    }
    setup::for_tests()?;
    let mut totals = Totals::default();
    let started = Instant::now();
    for step in steps.iter().filter(|step| only.is_empty() || only.iter().any(|name| name == step.name)) {
        println!("\n== {}: {}", step.name, step.holds);
        let step_started = Instant::now();
        let outcome = (step.run)(&mut totals);
        let seconds = step_started.elapsed().as_secs_f64();
        if outcome.is_err() && totals.failed > 0 {
            println!("\n{totals}");
        }
        outcome.with_context(|| format!("the step `{}` failed after {seconds:.0} s", step.name))?;
        println!("== {}: passed in {seconds:.1} s", step.name);
    }
    println!("\nEverything passed in {:.0} s.\n{totals}", started.elapsed().as_secs_f64());
    Ok(())
}

/// Runs cargo. No argument in `line` has a space in it.
fn cargo(line: &str) -> Result<()> {
    run(&mut command("cargo", line.split(' ')))
}

fn rust(totals: &mut Totals) -> Result<()> {
    run_watched(&mut command("cargo", ["test", "--workspace"]), |line| totals.see_cargo(line))
}

fn js(totals: &mut Totals) -> Result<()> {
    // Each file by name: folders and patterns of `node --test` changed their meaning between Node 20 and 22.
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("tests/js"))
        .context("tests/js could not be read")?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".test.js"))
        .collect();
    files.sort();
    if files.is_empty() {
        bail!("tests/js holds no *.test.js");
    }
    // Node would leave a core idle.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let concurrency = format!("--test-concurrency={cores}");
    let mut node = command("node", ["--test", "--test-reporter=spec", &concurrency]);
    run_watched(node.args(files), |line| totals.see_node(line))
}

fn page(totals: &mut Totals) -> Result<()> {
    stand_in::write()?;
    run_watched(npm_tool("playwright").args(["test"]), |line| totals.see_playwright(line))
}

fn python(totals: &mut Totals) -> Result<()> {
    run_watched(&mut EXPORTS.command(["tests/python/exported.py"]), |line| totals.see_unittest(line))
}

fn real_rust(totals: &mut Totals) -> Result<()> {
    let arguments = ["test", "--workspace", "--test", "native", "real::", "--", "--ignored"];
    run_watched(&mut command("cargo", arguments), |line| totals.see_cargo(line))
}

fn real_page(totals: &mut Totals) -> Result<()> {
    let mut playwright = npm_tool("playwright");
    playwright.args(["test", "--config", "playwright.real.config.js"]);
    run_watched(&mut playwright, |line| totals.see_playwright(line))
}
