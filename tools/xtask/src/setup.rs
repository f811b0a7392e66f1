//! Finds what the commands need beyond rustup and Node, installs it, or asks for it in one sentence.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::python;
use crate::shell::{command, output, root, run};

/// The oldest Node that Vite supports, as README says.
const NODE: (u32, u32) = (20, 19);

pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Installs what building the site needs: the wasm target and the npm packages.
pub fn for_build() -> Result<()> {
    wasm_target()?;
    node()?;
    npm_packages()
}

/// Installs what the tests need: what building needs, Chromium, a Vulkan driver and Python's packages.
pub fn for_tests() -> Result<()> {
    for_build()?;
    for component in ["rustfmt", "clippy"] {
        rust_component(component)?;
    }
    debian_packages(missing_debian_packages())?;
    headless_shell()?;
    python::EXPORTS.make()
}

fn wasm_target() -> Result<()> {
    let library = output("rustc", &["--print", "target-libdir", "--target", WASM_TARGET]);
    if library.is_some_and(|path| Path::new(&path).is_dir()) {
        return Ok(());
    }
    println!("The Rust target {WASM_TARGET} is missing: adding it.");
    run(&mut command("rustup", ["target", "add", WASM_TARGET]))
        .with_context(|| format!("the Rust target {WASM_TARGET} is needed and rustup could not add it"))
}

fn rust_component(component: &str) -> Result<()> {
    let subcommand = if component == "rustfmt" { "fmt" } else { component };
    if output("cargo", &[subcommand, "--version"]).is_some() {
        return Ok(());
    }
    println!("The Rust component {component} is missing: adding it.");
    run(&mut command("rustup", ["component", "add", component]))
        .with_context(|| format!("the Rust component {component} is needed and rustup could not add it"))
}

fn node() -> Result<()> {
    let Some(version) = output("node", &["--version"]) else {
        bail!("Node {}.{} or newer is needed and `node` was not found", NODE.0, NODE.1);
    };
    match node_version(&version) {
        Some(found) if found >= NODE => Ok(()),
        _ => bail!("Node {}.{} or newer is needed; found {version}", NODE.0, NODE.1),
    }
}

/// Major and minor version in the output of `node --version`, such as `v20.20.2`.
fn node_version(printed: &str) -> Option<(u32, u32)> {
    let mut parts = printed.strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Runs `npm ci`, unless `node_modules` was made from the present lock file.
fn npm_packages() -> Result<()> {
    let lock = fs::read(root().join("package-lock.json")).context("package-lock.json could not be read")?;
    // A copy of the lock file tells, not its time: a checkout changes every file's time.
    let made_from = root().join("node_modules/.made-from-package-lock.json");
    if fs::read(&made_from).is_ok_and(|copy| copy == lock) {
        return Ok(());
    }
    println!("The npm packages are missing or not those of package-lock.json: installing them.");
    run(&mut command("npm", ["ci", "--no-audit", "--no-fund"]))
        .context("the npm packages of package-lock.json are needed and npm could not install them")?;
    fs::write(&made_from, lock).with_context(|| format!("{} could not be written", made_from.display()))
}

/// Debian's package of the browser that the tests drive.
const HEADLESS_SHELL: &str = "chromium-headless-shell";

/// Whether a browser is there: `HEADSCOPE_CHROMIUM`, or Debian's. `playwright.config.js` looks in the same
/// places.
fn has_browser() -> bool {
    let path = std::env::var_os("HEADSCOPE_CHROMIUM").map(PathBuf::from);
    path.map_or_else(|| has_shell() || Path::new("/usr/bin/chromium").is_file(), |path| path.is_file())
}

fn has_shell() -> bool {
    Path::new("/usr/bin").join(HEADLESS_SHELL).is_file()
}

/// Installs the headless shell. With Chromium alone the page's tests take half as long again.
fn headless_shell() -> Result<()> {
    if std::env::var_os("HEADSCOPE_CHROMIUM").is_some() || has_shell() {
        return Ok(());
    }
    match debian_packages(vec![HEADLESS_SHELL]) {
        Err(error) if has_browser() => {
            println!("{error:#}. The tests go on with /usr/bin/chromium, and take longer.");
            Ok(())
        }
        outcome => outcome,
    }
}

/// Whether there is a Vulkan driver. Only Linux can lack one: other systems bring Metal or DX12.
fn vulkan_driver() -> bool {
    let has_manifest =
        |folder: &str| fs::read_dir(folder).is_ok_and(|mut entries| entries.any(|entry| entry.is_ok()));
    !cfg!(target_os = "linux")
        || std::env::var_os("VK_DRIVER_FILES").is_some()
        || std::env::var_os("VK_ICD_FILENAMES").is_some()
        || has_manifest("/usr/share/vulkan/icd.d")
        || has_manifest("/etc/vulkan/icd.d")
}

fn missing_debian_packages() -> Vec<&'static str> {
    let mut missing = Vec::new();
    if !has_browser() {
        missing.push(HEADLESS_SHELL);
    }
    if !vulkan_driver() {
        missing.push("mesa-vulkan-drivers");
    }
    missing.extend(python::missing_debian_packages());
    missing
}

fn debian_packages(missing: Vec<&'static str>) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" and ");
    let is_root = output("id", &["-u"]).is_some_and(|uid| uid == "0");
    if !(Path::new("/etc/debian_version").is_file() && is_root) {
        bail!(
            "the tests need {list}, which this command installs only on Debian as root: \
             install what is missing (HEADSCOPE_CHROMIUM names a Chromium elsewhere than /usr/bin/chromium) \
             and run it again"
        );
    }
    println!("The tests need {list}: installing with apt-get.");
    let apt = |arguments: &[&str]| {
        run(command("apt-get", arguments).env("DEBIAN_FRONTEND", "noninteractive"))
            .with_context(|| format!("the tests need {list} and apt-get could not install it"))
    };
    apt(&["update", "--quiet=2"])?;
    let mut install = vec!["install", "--yes", "--quiet=2", "--no-install-recommends"];
    install.extend(missing);
    apt(&install)?;
    let still = missing_debian_packages();
    if !still.is_empty() {
        bail!("apt-get installed {list}, and yet {} is not where the tests look for it", still.join(" and "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_version_reads_major_and_minor() {
        assert_eq!(node_version("v20.19.0"), Some((20, 19)));
        assert_eq!(node_version("v22.1.0-nightly"), Some((22, 1)));
        assert!(node_version("v9.11.2") < Some(NODE));
    }

    #[test]
    fn node_version_of_anything_else_is_none() {
        assert_eq!(node_version("20.19.0"), None);
        assert_eq!(node_version("v20"), None);
        assert_eq!(node_version(""), None);
    }
}
