//! The test step `supply`: licences, sources and known holes of crates and packages. What cannot be checked
//! here is skipped with a word; a check that runs and fails, fails the step.

use anyhow::Result;

use crate::shell::{command, output, run};

/// The checks of cargo-deny that need no network, and the one that does.
const OFFLINE: [&str; 5] = ["deny", "check", "licenses", "bans", "sources"];
const ADVISORIES: [&str; 4] = ["deny", "fetch", "db", "--quiet"];

/// # Errors
/// When a check runs and fails.
pub fn check() -> Result<()> {
    if output("cargo", &["deny", "--version"]).is_none() {
        println!("Skipped: cargo-deny is not here. `cargo install cargo-deny --locked` brings it.");
    } else {
        run(&mut command("cargo", OFFLINE))?;
        if output("cargo", &ADVISORIES).is_some() {
            run(&mut command("cargo", ["deny", "check", "--disable-fetch", "advisories"]))?;
        } else {
            println!("Skipped: the database of advisories could not be fetched.");
        }
    }
    // Signatures are asked of the registry; without it there is nothing to compare.
    if output("npm", &["ping", "--fetch-retries=0"]).is_none() {
        println!("Skipped: npm's registry does not answer, so signatures are not checked.");
        return Ok(());
    }
    let signatures = command("npm", ["audit", "signatures", "--fetch-retries=0"]).output();
    match signatures {
        Ok(told) if told.status.success() => println!("{}", String::from_utf8_lossy(&told.stdout).trim()),
        // A mirror may have no keys. A wrong signature is named as such.
        Ok(told) => {
            let words =
                String::from_utf8_lossy(&told.stdout).to_string() + &String::from_utf8_lossy(&told.stderr);
            anyhow::ensure!(
                !words.contains("invalid registry signature"),
                "npm found wrong signatures: {words}"
            );
            println!("Skipped: npm could not check signatures here: {}", words.lines().next().unwrap_or(""));
        }
        Err(error) => println!("Skipped: npm could not be started: {error}"),
    }
    Ok(())
}
