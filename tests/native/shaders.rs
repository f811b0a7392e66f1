//! Every shader through naga; the structs that Rust and WGSL share; the three files of each kernel.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use headscope::gpu::Selection;
use headscope::model::{Dims, RowStats};
use naga::valid::{Capabilities, ValidationFlags, Validator};

/// Shared WGSL: `common` is appended to every kernel, `product` to those that multiply by a weight matrix.
const COMMON: &str = "common";
const PRODUCT: &str = "product";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Files of both backends that are no kernels.
const NO_KERNELS: [&str; 9] =
    ["mod", "buffers", "circuits", "experiments", "model", "play", "run", "shared", "weights"];

/// Names, without the ending, of a folder's files of a kind.
fn stems(name: &str, ending: &str) -> BTreeSet<String> {
    let files =
        std::fs::read_dir(folder(name)).expect("the folder").map(|file| file.expect("an entry").path());
    let of_kind = files.filter(|path| path.extension().is_some_and(|found| found == ending));
    of_kind.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect()
}

fn module(stem: &str) -> naga::Module {
    let read = |stem: &str| {
        std::fs::read_to_string(folder("shaders").join(format!("{stem}.wgsl"))).expect("a shader")
    };
    let own = read(stem);
    let product = if own.contains("product(") { read(PRODUCT) } else { String::new() };
    let source = [own, product, read(COMMON)].join("\n");
    naga::front::wgsl::parse_str(&source)
        .unwrap_or_else(|error| panic!("{stem}: {}", error.emit_to_string(&source)))
}

fn kernels() -> BTreeSet<String> {
    let mut stems = stems("shaders", "wgsl");
    assert!(stems.remove(COMMON) && stems.remove(PRODUCT), "{stems:?}");
    assert!(stems.len() >= 8, "{stems:?}");
    stems
}

#[test]
fn every_shader_is_valid_wgsl() {
    for stem in kernels() {
        let module = module(&stem);
        assert!(!module.entry_points.is_empty(), "{stem} has no entry point");
        // Reading f16 pairs into f32 is part of WGSL; naga counts it as a capability.
        Validator::new(ValidationFlags::all(), Capabilities::SHADER_FLOAT16_IN_FLOAT32)
            .validate(&module)
            .unwrap_or_else(|error| panic!("{stem}: {error:?}"));
    }
}

#[test]
fn each_kernel_is_three_files_of_one_stem() {
    let (gpu, cpu) = (stems("src/gpu", "rs"), stems("src/cpu", "rs"));
    for stem in kernels() {
        assert!(gpu.contains(&stem), "shaders/{stem}.wgsl has no src/gpu/{stem}.rs");
        assert!(cpu.contains(&stem), "shaders/{stem}.wgsl has no src/cpu/{stem}.rs");
    }
    let no_kernel = |stem: &&String| !NO_KERNELS.contains(&stem.as_str());
    for stem in gpu.iter().filter(|stem| cpu.contains(*stem)).filter(no_kernel) {
        assert!(
            kernels().contains(stem),
            "src/gpu/{stem}.rs and src/cpu/{stem}.rs have no shaders/{stem}.wgsl"
        );
    }
}

#[test]
fn heads_and_their_scores_stand_once() {
    // Only common.wgsl knows where a head's numbers lie in a row of [q | k | v], and how a score is made.
    for stem in stems("shaders", "wgsl") {
        let source =
            std::fs::read_to_string(folder("shaders").join(format!("{stem}.wgsl"))).expect("a shader");
        let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code: String = code.collect();
        for name in ["QKV4", "SCALE"] {
            assert_eq!(code.contains(name), stem == COMMON, "{stem} and {name}");
        }
    }
}

#[test]
fn each_shader_opens_with_its_name_and_names_its_twin() {
    for stem in kernels() {
        let source =
            std::fs::read_to_string(folder("shaders").join(format!("{stem}.wgsl"))).expect("a shader");
        assert!(source.starts_with(&format!("// {stem}.wgsl: ")), "{stem}");
        assert!(source.contains(&format!("CPU twin: src/cpu/{stem}.rs.")), "{stem}");
    }
}

/// Offsets and total size of a WGSL struct's members, by name.
fn layout(module: &naga::Module, name: &str) -> (Vec<(String, u32)>, u32) {
    let found = module.types.iter().find(|(_, kind)| kind.name.as_deref() == Some(name));
    let (_, kind) = found.unwrap_or_else(|| panic!("no struct {name}"));
    let naga::TypeInner::Struct { members, span } = &kind.inner else { panic!("{name} is no struct") };
    let members = members.iter().map(|member| (member.name.clone().expect("a name"), member.offset));
    (members.collect(), *span)
}

/// The same of a Rust struct, its fields named once.
macro_rules! rust_layout {
    ($kind:ty: $($field:ident),+) => {
        (
            vec![$((stringify!($field).to_owned(), std::mem::offset_of!($kind, $field) as u32)),+],
            size_of::<$kind>() as u32,
        )
    };
}

#[test]
fn structs_lie_alike_in_rust_and_wgsl() {
    let shared = module("attention");
    assert_eq!(layout(&shared, "Dims"), rust_layout!(Dims: seq, batch, first_row, rows));
    let stats =
        rust_layout!(RowStats: top, current, previous, first, induction, duplicate, max_score, sum_exp);
    assert_eq!(layout(&shared, "RowStats"), stats);
    let selection = rust_layout!(Selection: first_head, heads, accumulate, share, first_query, queries);
    assert_eq!(layout(&module("pattern"), "Selection"), selection);
}
