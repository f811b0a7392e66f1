//! `cargo xtask build`: the engine to wasm, its JavaScript glue, and the site in `dist/`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::setup::{self, WASM_TARGET};
use crate::shell::{command, npm_tool, root, run};

/// What a build is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Speed {
    /// Slow to build, fast to run: what is published.
    Release,
    /// Quick to build again after an edit.
    Dev,
}

impl Speed {
    /// # Errors
    /// When there is an argument other than `--dev`.
    pub fn from_arguments(arguments: &[String]) -> Result<Self> {
        match arguments {
            [] => Ok(Self::Release),
            [flag] if flag == "--dev" => Ok(Self::Dev),
            _ => bail!("`build` takes nothing but --dev; found `{}`", arguments.join(" ")),
        }
    }
}

/// Makes `www/wasm/` and `dist/`.
pub fn build(speed: Speed) -> Result<()> {
    setup::for_build()?;
    engine(speed)?;
    site()?;
    println!("The site is in dist/.");
    Ok(())
}

/// A package of the workspace that is a wasm module of the site.
struct Module {
    package: &'static str,
    /// The stem of its files in `www/wasm/`.
    name: &'static str,
    /// The cargo profile of a release.
    release: &'static str,
}

/// The engine is built for speed, the tokenizer to be small.
const ENGINE: Module = Module { package: "headscope", name: "headscope", release: "release" };
const TOKENIZER: Module = Module { package: "headscope-tokenizer", name: "tokenizer", release: "small" };

/// What the second wasm of the engine may use beyond the first: a browser validates it or takes the first.
const RELAXED: &str = "target.wasm32-unknown-unknown.rustflags=['-C', 'target-feature=+relaxed-simd']";

/// Makes `www/wasm/`: the modules and the glue that loads them.
///
/// The site ships rustc's output without names of functions: `wasm-opt -Oz` makes the modules 6% and 9%
/// smaller, and in brotli no smaller.
pub fn engine(speed: Speed) -> Result<()> {
    let glue = root().join("www/wasm");
    for module in [&ENGINE, &TOKENIZER] {
        module.make(speed, &[], &glue)?;
    }
    relaxed(speed, &glue)
}

/// Makes `headscope_relaxed_bg.wasm`, the engine with relaxed SIMD. The glue of the first loads it too.
fn relaxed(speed: Speed, glue: &Path) -> Result<()> {
    let apart = target_dir()?.join("relaxed");
    ENGINE.make(speed, &["--config", RELAXED], &apart)?;
    if code_of(&apart)? != code_of(glue)? {
        bail!("the engine with relaxed SIMD has other glue than the one without: a page loads both by one");
    }
    fs::copy(apart.join("headscope_bg.wasm"), glue.join("headscope_relaxed_bg.wasm"))
        .context("the engine with relaxed SIMD could not be copied")?;
    Ok(())
}

/// The lines of the engine's glue, without comments: those have numbers of functions.
fn code_of(folder: &Path) -> Result<Vec<String>> {
    let glue = fs::read_to_string(folder.join("headscope.js")).context("there is no glue")?;
    Ok(glue.lines().filter(|line| !line.trim_start().starts_with("//")).map(str::to_owned).collect())
}

impl Module {
    /// Builds the module, and puts it and its glue into a folder.
    fn make(&self, speed: Speed, arguments: &[&str], folder: &Path) -> Result<()> {
        let Module { package, name, release } = self;
        let profile = match speed {
            Speed::Release => release,
            Speed::Dev => "quick",
        };
        let mut cargo = command("cargo", ["build", "--package", package, "--lib", "--profile", profile]);
        run(cargo.args(["--target", WASM_TARGET]).args(arguments))?;
        let file = format!("{}.wasm", package.replace('-', "_"));
        let wasm = target_dir()?.join(WASM_TARGET).join(profile).join(file);
        println!("$ wasm-bindgen {} --target web --out-dir {}", wasm.display(), folder.display());
        bind(&wasm, name, speed, folder)
    }
}

fn bind(wasm: &Path, name: &str, speed: Speed, glue: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .out_name(name)
        .web(true)?
        .typescript(true)
        // The glue then names the wasm file relative to itself, which is what Vite looks for.
        .omit_default_module_path(false)
        .remove_producers_section(true)
        // Names of functions are a sixth of a module's compressed size.
        .remove_name_section(speed == Speed::Release)
        .generate(glue)
        .context("wasm-bindgen could not make www/wasm")
}

fn site() -> Result<()> {
    let dist = root().join("dist");
    if dist.is_dir() {
        fs::remove_dir_all(&dist).context("the old dist/ could not be removed")?;
    }
    run(npm_tool("vite").arg("build"))?;
    declarations()
}

/// `dist/headscope.d.ts`, and in `dist/types/` what it imports: the engine's interface, for whoever imports
/// `headscope.js`.
fn declarations() -> Result<()> {
    let dist = root().join("dist");
    run(npm_tool("tsc")
        .args(["--project", "tools/site/tsconfig.declarations.json", "--outDir"])
        .arg(dist.join("types")))?;
    fs::write(dist.join("headscope.d.ts"), "export * from './types/engine/headscope.js';\n")
        .context("dist/headscope.d.ts could not be written")
}

/// Where cargo puts what it builds: this program runs from `TARGET_DIR/PROFILE/xtask`.
fn target_dir() -> Result<PathBuf> {
    let program = std::env::current_exe().context("xtask could not tell where it runs from")?;
    program.ancestors().nth(2).map(Path::to_path_buf).context("xtask does not run from cargo's target folder")
}
