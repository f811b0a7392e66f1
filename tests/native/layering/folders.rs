//! The pattern of the folders: the same file names under `cpu` and `gpu`, one module style, files and lines
//! that fit a screen.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files that one backend has beside those that both have.
const CPU_ALONE: [&str; 8] = ["divided", "exp", "log_sum_exp", "scores", "share", "team", "tile", "work"];
const GPU_ALONE: [&str; 13] = [
    "choice",
    "clock",
    "cut",
    "device",
    "heads",
    "kernel",
    "kernel_tests",
    "pass",
    "plan",
    "submit",
    "tensor",
    "timing",
    "tuning",
];

const LONGEST_FILE: usize = 400;
const LONGEST_LINE: usize = 110;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Every file under a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The names of the modules in a folder.
fn modules(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join(folder)).expect("a folder");
    let stem = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into_owned()
    };
    entries.map(stem).collect()
}

#[test]
fn both_backends_have_the_same_files() {
    let without = |folder: &str, alone: &[&str]| -> BTreeSet<String> {
        let all = modules(folder);
        for name in alone {
            assert!(all.contains(*name), "{folder}/{name}.rs is listed and does not exist");
        }
        all.into_iter().filter(|name| !alone.contains(&name.as_str())).collect()
    };
    assert_eq!(without("src/cpu", &CPU_ALONE), without("src/gpu", &GPU_ALONE));
}

#[test]
fn a_module_with_files_of_its_own_is_a_mod_rs() {
    for file in files(&root().join("src")).iter().chain(&files(&root().join("tests/native"))) {
        let folder = file.with_extension("");
        assert!(!folder.is_dir(), "{} should be {}/mod.rs", file.display(), folder.display());
    }
}

#[test]
fn files_and_lines_fit_a_screen() {
    let mut found = 0;
    let mut long = Vec::new();
    let folders = ["src", "tokenizer/src", "tests/native", "shaders", "benches"];
    for file in folders.iter().flat_map(|folder| files(&root().join(folder))) {
        let text = std::fs::read_to_string(&file).expect("a text");
        found += 1;
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            long.push(format!("{}: {lines} lines", file.display()));
        }
        for (number, line) in text.lines().enumerate() {
            let width = line.chars().count();
            if width > LONGEST_LINE {
                long.push(format!("{}:{}: {width} columns", file.display(), number + 1));
            }
        }
    }
    assert!(found > 100, "only {found} files were found");
    assert!(long.is_empty(), "{long:#?}");
}
