//! `cargo xtask fuzz`: every fuzzer of `fuzz/` for some seconds, seeded with real files, then the properties
//! of links and of the catalogue in Node.
//!
//! The fuzzers are libFuzzer's. Their coverage is asked of rustc by flags that the stable compiler has, so no
//! other compiler and no other command is needed; the sources forbid unsafe code, so no sanitizer is either.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::setup;
use crate::shell::{command, root, run};

/// What counts the edges that an input reaches, and what it compares.
const COVERAGE: [&str; 6] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Memory that no input of these lengths may need, in MiB.
const MOST_MEMORY: usize = 1024;

/// A fuzzer, and the real files that it starts from.
struct Target {
    name: &'static str,
    /// Folders below the root, and the endings of their files.
    seeds: &'static [(&'static str, &'static str)],
    /// Longest input, in bytes.
    longest: usize,
}

const TARGETS: [Target; 6] = [
    Target {
        name: "checkpoint",
        seeds: &[
            ("tests/fixtures/cases", "pth"),
            ("tests/fixtures/cases", "ckpt"),
            ("tests/fixtures/cases", "safetensors"),
        ],
        longest: 32_768,
    },
    Target { name: "pickle", seeds: &[], longest: 8192 },
    Target { name: "safetensors", seeds: &[], longest: 8192 },
    Target {
        name: "config",
        seeds: &[("tests/fixtures", "config.json"), ("tests/fixtures/cases", "config.json")],
        longest: 4096,
    },
    Target { name: "tokenizer", seeds: &[("tests/fixtures/cases", "tokenizer.json")], longest: 16_384 },
    Target { name: "shards", seeds: &[("tests/fixtures", "index.json")], longest: 4096 },
];

/// Runs every fuzzer for `--seconds N`, 60 without it.
///
/// # Errors
/// When an input makes a fuzzer crash, hang or fill the memory. The input is kept and named.
pub fn fuzz(arguments: &[String]) -> Result<()> {
    let seconds: u32 = match arguments {
        [] => 60,
        [flag, number] if flag == "--seconds" => number.parse().context("--seconds needs a whole number")?,
        _ => bail!("`fuzz` takes nothing but --seconds N; found `{}`", arguments.join(" ")),
    };
    setup::for_fuzz()?;
    let host = host()?;
    let arguments = ["build", "--manifest-path", "fuzz/Cargo.toml", "--release", "--target", &host];
    run(command("cargo", arguments)
        .env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\u{1f}"))
        .env("CARGO_TARGET_DIR", folder("fuzz")))?;
    let mut counts = Vec::new();
    for target in &TARGETS {
        counts.push((target.name, executions(target, &host, seconds)?));
    }
    run(&mut command("node", ["tools/fuzz/properties.js", &seconds.to_string()]))?;
    for (name, count) in counts {
        println!("{name}: {count} executions, no failure");
    }
    Ok(())
}

/// Runs one fuzzer, and returns how many inputs it tried.
fn executions(target: &Target, host: &str, seconds: u32) -> Result<u64> {
    let program = folder("fuzz").join(host).join("release").join(target.name);
    let corpus = folder("fuzz-corpus").join(target.name);
    fs::create_dir_all(&corpus).with_context(|| format!("{} could not be made", corpus.display()))?;
    for seed in seeds(target)? {
        let name = seed.file_name().context("a file has a name")?;
        fs::copy(&seed, corpus.join(name)).with_context(|| format!("{} is no seed", seed.display()))?;
    }
    let mut fuzzer = Command::new(&program);
    fuzzer
        .current_dir(root())
        .arg(&corpus)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={}", target.longest))
        .arg(format!("-rss_limit_mb={MOST_MEMORY}"))
        .args(["-timeout=10", "-print_final_stats=1"])
        .arg(format!("-artifact_prefix={}/", folder("fuzz-corpus").display()))
        .stderr(Stdio::piped());
    println!("$ {} for {seconds} s", program.display());
    let output = fuzzer.output().with_context(|| format!("{} could not be started", program.display()))?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("the fuzzer `{}` failed:\n{told}", target.name);
    }
    let line = told.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    line.and_then(|number| number.trim().parse().ok())
        .with_context(|| format!("the fuzzer `{}` did not say how many inputs it tried", target.name))
}

/// The files that a fuzzer starts from, no longer than its longest input.
fn seeds(target: &Target) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for (place, ending) in target.seeds {
        for entry in fs::read_dir(root().join(place)).with_context(|| format!("{place} could not be read"))? {
            let path = entry?.path();
            let fits = path.metadata()?.len() <= target.longest as u64;
            if path.is_file() && fits && path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// A folder below `target/`, which git ignores.
fn folder(name: &str) -> PathBuf {
    Path::new(&root()).join("target").join(name)
}

/// The name of this machine, as rustc says it.
fn host() -> Result<String> {
    let told =
        crate::shell::output("rustc", &["-vV"]).context("rustc did not say for which machine it is")?;
    let line = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.context("rustc did not name its host")?.to_owned())
}
