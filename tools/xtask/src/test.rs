//! `cargo xtask test`: every suite, native and browser, each step with its time; stops at the first that fails.

use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::build::{self, Speed};
use crate::setup::{self, WASM_TARGET};
use crate::shell::{command, npm_tool, run, run_watched};

/// A step's name, what it holds, and how it is run.
struct Step {
    name: &'static str,
    holds: &'static str,
    run: fn(&mut Totals) -> Result<()>,
}

/// In the order in which a mistake is found soonest. `types` and `page` read what `build` makes.
const STEPS: [Step; 8] = [
    Step {
        name: "fmt",
        holds: "the Rust sources are formatted",
        run: |_| cargo(&["fmt", "--all", "--check"]),
    },
    Step {
        name: "clippy",
        holds: "clippy finds nothing, natively",
        run: |_| cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    },
    Step {
        name: "clippy-wasm",
        holds: "clippy finds nothing, for the browser",
        run: |_| {
            cargo(&[
                "clippy",
                "--package",
                "headscope",
                "--lib",
                "--target",
                WASM_TARGET,
                "--",
                "-D",
                "warnings",
            ])
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
        run: |_| run(npm_tool("tsc").args(["--noEmit"])),
    },
    Step { name: "js", holds: "the page's pure modules, in Node", run: js },
    Step { name: "page", holds: "the built site in Chromium, with WebGPU and without", run: page },
];

pub fn test(only: &[String]) -> Result<()> {
    if let Some(unknown) = only.iter().find(|name| STEPS.iter().all(|step| step.name != name.as_str())) {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        bail!("there is no test step `{unknown}`; the steps are {}", names.join(", "));
    }
    setup::for_tests()?;
    let mut totals = Totals::default();
    let started = Instant::now();
    for step in STEPS.iter().filter(|step| only.is_empty() || only.iter().any(|name| name == step.name)) {
        println!("\n== {}: {}", step.name, step.holds);
        let step_started = Instant::now();
        let outcome = (step.run)(&mut totals);
        let seconds = step_started.elapsed().as_secs_f64();
        if outcome.is_err() {
            println!("\n{totals}");
        }
        outcome.with_context(|| format!("the step `{}` failed after {seconds:.0} s", step.name))?;
        println!("== {}: passed in {seconds:.1} s", step.name);
    }
    println!("\nEverything passed in {:.0} s.\n{totals}", started.elapsed().as_secs_f64());
    Ok(())
}

fn cargo(arguments: &[&str]) -> Result<()> {
    run(&mut command("cargo", arguments))
}

fn rust(totals: &mut Totals) -> Result<()> {
    run_watched(&mut command("cargo", ["test", "--workspace"]), |line| totals.see_cargo(line))
}

fn js(totals: &mut Totals) -> Result<()> {
    run_watched(&mut command("node", ["--test", "--test-reporter=tap", "tests/js/"]), |line| {
        totals.see_node(line)
    })
}

fn page(totals: &mut Totals) -> Result<()> {
    run_watched(npm_tool("playwright").args(["test"]), |line| totals.see_playwright(line))
}

/// Tests counted from what the runners print.
#[derive(Debug, Default, PartialEq, Eq)]
struct Totals {
    passed: usize,
    failed: usize,
}

impl Totals {
    /// `test result: ok. 12 passed; 0 failed; ...`
    fn see_cargo(&mut self, line: &str) {
        if let Some(counts) = line.strip_prefix("test result:") {
            self.passed += number_before(counts, "passed");
            self.failed += number_before(counts, "failed");
        }
    }

    /// `# pass 12`, `# fail 0`
    fn see_node(&mut self, line: &str) {
        let after =
            |prefix| line.strip_prefix(prefix).and_then(|count: &str| count.trim().parse().ok()).unwrap_or(0);
        self.passed += after("# pass ");
        self.failed += after("# fail ");
    }

    /// `  12 passed (3.4s)`, `  1 failed`
    fn see_playwright(&mut self, line: &str) {
        if line.starts_with("  ") && line.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
            self.passed += number_before(line, "passed");
            self.failed += number_before(line, "failed");
        }
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// The number in front of `word`, 0 when there is none.
fn number_before(line: &str, word: &str) -> usize {
    let words: Vec<&str> =
        line.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    words.windows(2).find(|pair| pair[1] == word).and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_add_up_over_the_three_runners() {
        let mut totals = Totals::default();
        totals.see_cargo(
            "test result: ok. 12 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s",
        );
        totals.see_cargo("test forward::every_fixture ... ok");
        totals.see_node("# pass 5");
        totals.see_node("# fail 2");
        totals.see_playwright("  7 passed (3.4s)");
        totals.see_playwright("  1 failed");
        assert_eq!(totals, Totals { passed: 24, failed: 4 });
        assert_eq!(totals.to_string(), "24 passed, 4 failed");
    }
}
