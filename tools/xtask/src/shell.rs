//! Runs other programs. Prints each command line; a failure is one sentence that names the command.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The repository's root: two folders above this crate.
pub fn root() -> PathBuf {
    let crate_dir = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    crate_dir.ancestors().nth(2).map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// A command that runs in the repository's root.
pub fn command<I, S>(program: &str, arguments: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    // npm is a batch file on Windows, which only its full name starts.
    let batch = cfg!(windows) && program == "npm";
    let mut command = Command::new(if batch { format!("{program}.cmd") } else { program.to_owned() });
    command.args(arguments).current_dir(root());
    command
}

/// The command of an npm package. Node runs its script directly, because npx reads network settings first and
/// takes longer.
pub fn npm_tool(name: &str) -> Command {
    let script = match name {
        "vite" => "node_modules/vite/bin/vite.js",
        "tsc" => "node_modules/typescript/bin/tsc",
        "playwright" => "node_modules/@playwright/test/cli.js",
        "biome" => "node_modules/@biomejs/biome/bin/biome",
        other => unreachable!("{other} is not an npm tool of this project"),
    };
    command("node", [script])
}

/// Prints and runs a command; what it prints goes straight through.
///
/// # Errors
/// When the program cannot be started, or exits with anything but 0.
pub fn run(command: &mut Command) -> Result<()> {
    let line = announce(command);
    let status = command.status().with_context(|| format!("`{line}` could not be started"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Prints and runs a command; each line of its standard output is printed and also given to `see`.
///
/// # Errors
/// As [`run`].
pub fn run_watched(command: &mut Command, mut see: impl FnMut(&str)) -> Result<()> {
    let line = announce(command);
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("`{line}` could not be started"))?;
    if let Some(stdout) = child.stdout.take() {
        for printed in BufReader::new(stdout).split(b'\n') {
            let printed = printed.with_context(|| format!("the output of `{line}` could not be read"))?;
            let printed = String::from_utf8_lossy(&printed);
            println!("{printed}");
            see(&printed);
        }
    }
    let status = child.wait().with_context(|| format!("`{line}` could not be waited for"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// What a command prints, without the line's end; `None` when it cannot be started or fails.
pub fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = command(program, arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn announce(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    println!("$ {line}");
    line
}
