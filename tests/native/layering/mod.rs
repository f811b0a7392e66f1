//! The layers of the engine. The tests read the sources, and name an import that crosses a layer or closes a
//! circle, and a file that breaks the pattern of the folders.

mod circles;
mod folders;
mod imports;

use std::path::{Path, PathBuf};

/// A module of the engine and the modules of it that it may name.
const MAY_NAME: [(&str, &[&str]); 11] = [
    ("error", &[]),
    ("model", &["error"]),
    ("tokenizer", &["error"]),
    ("checkpoint", &["error", "model"]),
    ("detectors", &["error", "model"]),
    ("experiments", &["error", "model"]),
    ("cpu", &["error", "model", "checkpoint"]),
    ("gpu", &["error", "model", "checkpoint"]),
    ("backend", &["error", "model", "checkpoint", "cpu", "gpu"]),
    ("session", &["error", "model", "checkpoint", "detectors", "experiments", "backend", "tokenizer"]),
    ("web", &["error", "model", "checkpoint", "detectors", "experiments", "tokenizer", "session"]),
];

/// Libraries that only one module may name.
const OWNED: [(&str, &str); 8] = [
    ("wgpu", "gpu"),
    ("headscope_tokenizer", "tokenizer"),
    ("safetensors", "checkpoint"),
    ("wasm_bindgen", "web"),
    ("wasm_bindgen_futures", "web"),
    ("serde_wasm_bindgen", "web"),
    ("web_sys", "web"),
    ("js_sys", "web"),
];

/// Tests of a kernel compare it with its twin, across the two backends.
const TESTS_OF_BOTH: &str = "kernel_tests";

/// A file of the engine.
struct SourceFile {
    /// Its path within `src`.
    path: PathBuf,
    /// The module of the crate that it belongs to.
    module: String,
    /// Its code without lines of comment.
    code: String,
}

/// Every file of the engine.
fn sources() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let inside = path.strip_prefix(&root).expect("inside src");
            let first = inside.components().next().expect("a name").as_os_str().to_string_lossy();
            let code = std::fs::read_to_string(&path).expect("a source");
            let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let (path, module) = (inside.to_owned(), first.replace(".rs", ""));
            found.push(SourceFile { path, module, code: code.join("\n") });
        }
    }
    assert!(found.len() > 30, "the engine's sources were not found");
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// Whether `code` names `word` as the start of a path, as in `word::`.
fn names(code: &str, word: &str) -> bool {
    code.match_indices(&format!("{word}::")).any(|(at, _)| {
        !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':')
    })
}

/// Whether `code` names a module of the crate, alone or in a group: `use crate::{cpu, gpu};`.
fn names_module(code: &str, module: &str) -> bool {
    let is_word = |text: &str| !text.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    ["crate::", "headscope::"].iter().any(|start| {
        code.split(start).skip(1).any(|path| match path.strip_prefix('{') {
            Some(group) => in_group(group).any(|item| item == module),
            None => path.strip_prefix(module).is_some_and(is_word),
        })
    })
}

/// The first word of each item of a group, up to the closing brace.
fn in_group(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    let end = group.find(|char| {
        depth += i32::from(char == '{') - i32::from(char == '}');
        depth < 0
    });
    let mut depth = 0;
    let items = group[..end.unwrap_or(group.len())].split(move |char| {
        depth += i32::from(char == '{') - i32::from(char == '}');
        depth == 0 && char == ','
    });
    items.map(|item| item.trim().split([':', ' ']).next().unwrap_or_default())
}

#[test]
fn a_module_is_found_however_it_is_named() {
    for code in [
        "use crate::gpu::Gpu;",
        "use crate::{cpu, gpu};",
        "use crate::{\n    model::{A, B},\n    gpu::{self, C},\n};",
        "headscope::gpu::x()",
    ] {
        assert!(names_module(code, "gpu"), "{code}");
    }
    for code in [
        "use crate::gpu_like::X;",
        "use crate::model::{gpu};",
        "use crate::{model::{a, gpu}, cpu};",
        "gpu::x()",
    ] {
        assert!(!names_module(code, "gpu"), "{code}");
    }
}

#[test]
fn modules_name_only_the_layers_below_them() {
    for SourceFile { path, module, code } in sources().iter().filter(|file| file.module != "lib") {
        let (_, allowed) = MAY_NAME
            .iter()
            .find(|(name, _)| name == module)
            .unwrap_or_else(|| panic!("src/{}: the layer `{module}` is not listed", path.display()));
        for (other, _) in MAY_NAME {
            let crosses = names_module(code, other) && other != module && !allowed.contains(&other);
            assert!(
                !crosses || path.to_string_lossy().contains(TESTS_OF_BOTH),
                "src/{}: `{module}` may not name `{other}`",
                path.display()
            );
        }
    }
}

#[test]
fn libraries_are_named_by_their_one_owner() {
    for SourceFile { path, module, code } in sources() {
        for (library, owner) in OWNED {
            let foreign = names(&code, library) && module != owner;
            assert!(!foreign, "src/{}: only `{owner}` may name {library}", path.display());
        }
    }
}
