//! Every shader through naga; the structs that Rust and WGSL share; the three files of each kernel.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use headscope::gpu::Selection;
use headscope::model::{Dims, RowStats};
use naga::valid::{Capabilities, FunctionInfo, ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, Expression, Function, Handle, Module, Statement, TypeInner};

/// WGSL that is appended: `common` and one of `weights` and `half_weights` to every kernel, `product` to
/// those that multiply by a weight matrix, and `shared_product` to those that can also do so by
/// workgroups.
const COMMON: &str = "common";
const WEIGHTS: &str = "weights";
const HALF_WEIGHTS: &str = "half_weights";
const PRODUCT: &str = "product";
const SHARED_PRODUCT: &str = "shared_product";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Files of both backends that are no kernels.
const NO_KERNELS: [&str; 11] = [
    "mod",
    "ablated",
    "buffers",
    "circuits",
    "experiments",
    "matrix",
    "model",
    "play",
    "run",
    "shared",
    "weights",
];

/// Names, without the ending, of a folder's files of a kind.
fn stems(name: &str, ending: &str) -> BTreeSet<String> {
    let files =
        std::fs::read_dir(folder(name)).expect("the folder").map(|file| file.expect("an entry").path());
    let of_kind = files.filter(|path| path.extension().is_some_and(|found| found == ending));
    of_kind.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect()
}

fn module(stem: &str) -> naga::Module {
    module_with(stem, WEIGHTS)
}

fn module_with(stem: &str, weights: &str) -> naga::Module {
    let read = |stem: &str| {
        std::fs::read_to_string(folder("shaders").join(format!("{stem}.wgsl"))).expect("a shader")
    };
    let own = read(stem);
    let called = |stem: &str| if own.contains(&format!("{stem}(")) { read(stem) } else { String::new() };
    let source = [called(PRODUCT), called(SHARED_PRODUCT), read(weights), read(COMMON)].join("\n");
    let enable = if weights == HALF_WEIGHTS { "enable f16; " } else { "" };
    let source = format!("{enable}{own}\n{source}");
    naga::front::wgsl::parse_str(&source)
        .unwrap_or_else(|error| panic!("{stem}: {}", error.emit_to_string(&source)))
}

fn kernels() -> BTreeSet<String> {
    let mut stems = stems("shaders", "wgsl");
    for appended in [COMMON, WEIGHTS, HALF_WEIGHTS, PRODUCT, SHARED_PRODUCT] {
        assert!(stems.remove(appended), "{stems:?}");
    }
    assert!(stems.len() >= 8, "{stems:?}");
    stems
}

#[test]
fn every_shader_is_valid_wgsl() {
    for stem in kernels() {
        let module = module(&stem);
        assert!(!module.entry_points.is_empty(), "{stem} has no entry point");
        validated(&stem, &module);
    }
}

#[test]
fn every_shader_is_valid_wgsl_with_weights_that_are_read_as_f16() {
    for stem in kernels() {
        validated(&stem, &module_with(&stem, HALF_WEIGHTS));
    }
}

fn validated(stem: &str, module: &Module) -> ModuleInfo {
    // Reading f16 pairs into f32 is part of WGSL; naga counts it as a capability.
    let halves = Capabilities::SHADER_FLOAT16_IN_FLOAT32 | Capabilities::SHADER_FLOAT16;
    Validator::new(ValidationFlags::all(), halves)
        .validate(module)
        .unwrap_or_else(|error| panic!("{stem}: {error:?}"))
}

/// The shared variables of which a function of a module stores one component of a vector.
fn stored_components(module: &Module, info: &ModuleInfo) -> Vec<String> {
    let functions = module.functions.iter().map(|(handle, function)| (function, &info[handle]));
    let entries = module.entry_points.iter().enumerate();
    let entries = entries.map(|(number, entry)| (&entry.function, info.get_entry_point(number)));
    let mut found = Vec::new();
    for (function, info) in functions.chain(entries) {
        each_store(&function.body, &mut |pointer| {
            found.extend(component_of(module, function, info, pointer));
        });
    }
    found
}

/// Calls `with` for the pointer of each store of a block, and of the blocks in it.
fn each_store(block: &naga::Block, with: &mut impl FnMut(Handle<Expression>)) {
    for statement in block {
        match statement {
            Statement::Store { pointer, .. } => with(*pointer),
            Statement::Block(block) => each_store(block, with),
            Statement::If { accept, reject, .. } => {
                each_store(accept, with);
                each_store(reject, with);
            }
            Statement::Switch { cases, .. } => cases.iter().for_each(|case| each_store(&case.body, with)),
            Statement::Loop { body, continuing, .. } => {
                each_store(body, with);
                each_store(continuing, with);
            }
            _ => {}
        }
    }
}

/// The name of a variable in workgroup or storage memory, where the pointer is to one component of a vector.
fn component_of(
    module: &Module,
    function: &Function,
    info: &FunctionInfo,
    pointer: Handle<Expression>,
) -> Option<String> {
    let base = |pointer| match function.expressions[pointer] {
        Expression::Access { base, .. } | Expression::AccessIndex { base, .. } => Some(base),
        _ => None,
    };
    let pointee = match *info[base(pointer)?].ty.inner_with(&module.types) {
        TypeInner::Pointer { base, .. } => Some(&module.types[base].inner),
        _ => None,
    };
    let is_vector = matches!(pointee, Some(TypeInner::Vector { .. }));
    // A column of a matrix gives a pointer to a vector of its own.
    let is_column = matches!(
        *info[base(pointer)?].ty.inner_with(&module.types),
        TypeInner::ValuePointer { size: Some(_), .. }
    );
    let mut root = pointer;
    while let Some(below) = base(root) {
        root = below;
    }
    let Expression::GlobalVariable(variable) = function.expressions[root] else { return None };
    let variable = &module.global_variables[variable];
    let shared = matches!(variable.space, AddressSpace::WorkGroup | AddressSpace::Storage { .. });
    ((is_vector || is_column) && shared).then(|| variable.name.clone().unwrap_or_default())
}

#[test]
fn no_shader_stores_one_component_of_a_shared_vector() {
    // Such a store may write the whole vector, and then undoes another invocation's (gpuweb issue 2112).
    for stem in kernels() {
        let module = module(&stem);
        let found = stored_components(&module, &validated(&stem, &module));
        assert_eq!(found, [""; 0], "{stem} stores single components");
    }
}

#[test]
fn a_stored_component_is_found_wherever_it_lies() {
    let source = "
        struct Pair { first: vec4f, second: vec2f }
        var<workgroup> tile: array<vec4f, 8>;
        var<workgroup> pairs: array<Pair, 8>;
        var<workgroup> matrix: mat4x4f;
        @group(0) @binding(0) var<storage, read_write> out: array<vec4f>;
        @group(0) @binding(1) var<storage, read_write> numbers: array<f32>;
        fn in_a_function(lane: u32) {
            pairs[lane].second.y = 1.0;
        }
        @compute @workgroup_size(8)
        fn main(@builtin(local_invocation_index) lane: u32) {
            var own = vec4f();
            own.x = 1.0;
            for (var i = 0u; i < 4; i++) {
                if lane > i {
                    tile[lane][i] = own[i];
                }
            }
            switch lane {
                case 0u: { out[lane].z = 2.0; }
                default: { matrix[lane % 4].w = 3.0; }
            }
            in_a_function(lane);
            // Whole vectors and numbers are no mistake.
            tile[lane] = own;
            out[lane] = own;
            pairs[lane].first = own;
            numbers[lane] = 1.0;
        }
    ";
    let module = naga::front::wgsl::parse_str(source).expect("WGSL");
    let found = stored_components(&module, &validated("a kernel", &module));
    assert_eq!(found, ["pairs", "tile", "out", "matrix"]);
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
    // Only common.wgsl knows where a head's numbers lie in a row of [q | k | v], how a score is made, and
    // which keys a query sees.
    for stem in stems("shaders", "wgsl") {
        let source =
            std::fs::read_to_string(folder("shaders").join(format!("{stem}.wgsl"))).expect("a shader");
        let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code: String = code.collect();
        for name in ["QKV4", "SCALE", "GROUP", "WINDOW"] {
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
    let stats = rust_layout!(
        RowStats: top, current, previous, first, induction, duplicate, induction_large, max_score, sum_exp
    );
    assert_eq!(layout(&shared, "RowStats"), stats);
    let selection = rust_layout!(Selection: first_head, heads, accumulate, share, first_query, queries);
    assert_eq!(layout(&module("pattern"), "Selection"), selection);
}
