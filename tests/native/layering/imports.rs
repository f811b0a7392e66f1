//! Which module imports from which: the paths in the sources, resolved to the module that defines the name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::SourceFile;

/// Names of a module from the crate's root down: `["gpu", "kernel"]` is `crate::gpu::kernel`.
pub type ModulePath = Vec<String>;

/// Every module of the crate, with the paths that its code names.
pub struct Imports {
    modules: BTreeMap<ModulePath, Module>,
}

#[derive(Default)]
struct Module {
    /// Paths as they are written, from `use` items and from expressions.
    paths: BTreeSet<Vec<String>>,
    /// Names of other modules that `pub use` passes on, each with the path that it stands for.
    exports: Vec<(String, Vec<String>)>,
}

/// The module that a file is.
fn module_path(path: &Path) -> ModulePath {
    let text = path.with_extension("");
    let mut names: ModulePath =
        text.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if names.last().is_some_and(|name| name == "mod" || name == "lib") {
        names.pop();
    }
    names
}

impl Imports {
    /// Reads the sources. Modules of tests alone are left out.
    pub fn of(files: &[SourceFile]) -> Self {
        let files = files.iter().filter(|file| !file.path.to_string_lossy().contains("kernel_tests"));
        let module = |file: &SourceFile| {
            // Unit tests close a file, and may name anything.
            let code = file.code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let mut module = Module::default();
            let mut rest = code;
            while let Some(start) = next_use(rest) {
                let (before, item) = rest.split_at(start);
                let end = item.find(';').expect("a `use` ends");
                let exported = before.trim_end().ends_with("pub");
                for path in expand(item["use ".len()..end].trim()) {
                    if exported {
                        module.exports.push((path.last().cloned().unwrap_or_default(), path.clone()));
                    }
                    module.paths.insert(path);
                }
                rest = &item[end..];
            }
            module.paths.extend(paths_in(code));
            (module_path(&file.path), module)
        };
        Imports { modules: files.map(module).collect() }
    }

    /// Pairs of modules of which the first imports from the second.
    pub fn pairs(&self) -> BTreeSet<(ModulePath, ModulePath)> {
        let mut pairs = BTreeSet::new();
        for (from, module) in &self.modules {
            for path in &module.paths {
                if let Some(to) = self.resolve(from, path).filter(|to| to != from) {
                    pairs.insert((from.clone(), to));
                }
            }
        }
        pairs
    }

    /// The module that defines the last name of a path, if the path is one of this crate.
    fn resolve(&self, from: &ModulePath, path: &[String]) -> Option<ModulePath> {
        let mut at = match path.first()?.as_str() {
            "crate" => Vec::new(),
            "super" | "self" => from.clone(),
            name => {
                let child = [&from[..], &[name.to_owned()]].concat();
                self.modules.contains_key(&child).then(|| from.clone())?
            }
        };
        let mut names = path.iter().peekable();
        names.next_if(|name| matches!(name.as_str(), "crate" | "self"));
        while let Some(name) = names.peek() {
            if *name == "super" {
                at.pop();
            } else {
                let child = [&at[..], &[(*name).clone()]].concat();
                if !self.modules.contains_key(&child) {
                    break;
                }
                at = child;
            }
            names.next();
        }
        let Some(name) = names.peek() else { return Some(at) };
        let export = self.modules.get(&at)?.exports.iter().find(|(exported, _)| exported == *name);
        match export {
            Some((_, path)) => self.resolve(&at, path),
            None => Some(at),
        }
    }
}

/// Where the next `use` item starts.
fn next_use(code: &str) -> Option<usize> {
    let starts = code.match_indices("use ").map(|(at, _)| at);
    starts.into_iter().find(|&at| {
        let before = code[..at].trim_end_matches(' ');
        before.is_empty() || before.ends_with(['\n', ';', '}', '{']) || before.ends_with("pub")
    })
}

/// The paths of a `use` tree: `a::{b, c::d}` stands for `a::b` and `a::c::d`.
fn expand(tree: &str) -> Vec<Vec<String>> {
    let names = |path: &str| -> Vec<String> {
        let path = path.split(" as ").next().unwrap_or_default();
        path.split("::").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
    };
    let Some((prefix, group)) = tree.split_once('{') else { return vec![names(tree)] };
    let group = group.trim_end().strip_suffix('}').expect("a group closes");
    let mut depth = 0;
    let items = group.split(|char| {
        depth += i32::from(char == '{') - i32::from(char == '}');
        depth == 0 && char == ','
    });
    let items = items.map(str::trim).filter(|item| !item.is_empty());
    items.flat_map(expand).map(|path| [names(prefix), path].concat()).collect()
}

/// Paths in expressions and types that start with `crate`, `super` or `self`.
fn paths_in(code: &str) -> Vec<Vec<String>> {
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(start) {
            if code[..at].ends_with(|before| is_word(before) || before == ':') {
                continue;
            }
            let end = code[at..].find(|char| !is_word(char) && char != ':').unwrap_or(code.len() - at);
            let path = code[at..at + end].split("::").map(str::to_owned).filter(|name| !name.is_empty());
            let path: Vec<String> = path.collect();
            // A lone `crate` opens a group of a `use` item.
            if path.len() > 1 {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn an_import_leads_to_the_module_that_defines_the_name() {
    let file = |path: &str, code: &str| SourceFile {
        path: path.into(),
        module: String::new(),
        code: code.to_owned(),
    };
    let imports = Imports::of(&[
        file("lib.rs", "pub mod a;\npub mod b;"),
        file("a/mod.rs", "mod x;\nmod y;\npub use x::Name;\npub struct Own;"),
        file("a/x.rs", "use super::y::{self, Other};\n#[cfg(test)]\nmod tests {\n    use super::*;\n}"),
        file("a/y.rs", "use super::Own;"),
        file("b.rs", "use crate::{a::{Name, Own}, b};\nfn f() -> crate::a::y::Other {}"),
    ]);
    let pairs: Vec<String> =
        imports.pairs().iter().map(|(from, to)| format!("{} -> {}", from.join("."), to.join("."))).collect();
    assert_eq!(pairs, ["a -> a.x", "a.x -> a.y", "a.y -> a", "b -> a", "b -> a.x", "b -> a.y"]);
}
