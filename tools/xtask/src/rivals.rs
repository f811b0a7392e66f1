//! `cargo xtask bench --rivals`: the forward pass of one model by the engine and by other libraries, in turn.

use anyhow::{Context, Result};

use crate::build::{self, Speed};
use crate::lens;
use crate::python::{BENCH, LENS};
use crate::setup;
use crate::shell::{command, root, run};
use crate::stand_in;

/// ONNX graphs of the model, and of its embedding and unembedding alone.
const GRAPHS: [(&str, &str); 2] =
    [("forward", "target/bench/notebook.onnx"), ("unembed", "target/bench/notebook_unembed.onnx")];

/// `arguments` go to `tools/bench/rivals/main.js`, which says what they are.
pub fn bench(arguments: &[String]) -> Result<()> {
    setup::for_tests()?;
    stand_in::write_safetensors()?;
    BENCH.make()?;
    for (part, graph) in GRAPHS {
        let script =
            ["tools/bench/shortformer_onnx.py", part, stand_in::SAFETENSORS, stand_in::CONFIG, graph];
        run(&mut BENCH.command(script)).with_context(|| format!("{graph} could not be written"))?;
    }
    lens::fetch()?;
    build::build(Speed::Release)?;
    let mut bench = command("node", ["tools/bench/rivals/main.js"]);
    bench.args(arguments);
    bench.env("HEADSCOPE_BENCH_PYTHON", LENS.program());
    bench.env("HEADSCOPE_BENCH_LENS", root().join(lens::OLDER));
    run(&mut bench)
}
