//! Writes the full-size stand-ins, for the notebook's model and for GPT-2 small, which the browser tests and
//! the bench load.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use standin::gpt2::{self, SMALL};
use standin::planted::{NOTEBOOK, Plan, Planted};

use crate::shell::root;

/// `tests/page/stand_in.js` looks for the same three files.
pub const WEIGHTS: &str = "target/standin/model.pth";
pub const CONFIG: &str = "target/standin/config.json";
const PLAN: &str = "target/standin/plan.json";
/// The model of [`WEIGHTS`] as a safetensors file, which every rival of the bench reads.
pub const SAFETENSORS: &str = "target/standin/notebook.safetensors";
/// `tests/page/stand_in.js` looks for these two as well.
pub const GPT2_WEIGHTS: &str = "target/standin/gpt2.safetensors";
pub const GPT2_CONFIG: &str = "target/standin/gpt2.config.json";

/// Writes the stand-ins anew, in seconds: the program that wrote the last ones may have changed.
pub fn write() -> Result<()> {
    println!("$ writing the full-size stand-ins to target/standin");
    fs::create_dir_all(root().join("target/standin")).context("target/standin could not be made")?;
    let planted = Planted::new(NOTEBOOK, 0);
    planted.write(create(WEIGHTS)?).with_context(|| format!("{WEIGHTS} could not be written"))?;
    write_json(CONFIG, &planted.config())?;
    write_json(PLAN, &heads(&planted.plan))?;
    gpt2::write(SMALL, 0, create(GPT2_WEIGHTS)?)
        .with_context(|| format!("{GPT2_WEIGHTS} could not be written"))?;
    write_json(GPT2_CONFIG, &gpt2::config(SMALL))
}

/// Writes the model of the notebook's sizes as a safetensors file, and its configuration.
pub fn write_safetensors() -> Result<()> {
    println!("$ writing {SAFETENSORS}");
    fs::create_dir_all(root().join("target/standin")).context("target/standin could not be made")?;
    let planted = Planted::new(NOTEBOOK, 0);
    let out = create(SAFETENSORS)?;
    planted.write_safetensors(out).with_context(|| format!("{SAFETENSORS} could not be written"))?;
    write_json(CONFIG, &planted.config())
}

fn create(name: &str) -> Result<BufWriter<File>> {
    let file = File::create(path(name)).with_context(|| format!("{name} could not be made"))?;
    Ok(BufWriter::with_capacity(1 << 20, file))
}

fn path(name: &str) -> PathBuf {
    root().join(name)
}

fn write_json(name: &str, value: &Value) -> Result<()> {
    fs::write(path(name), format!("{value:#}\n")).with_context(|| format!("{name} could not be written"))
}

/// Names of the heads of each kind, such as `1.4`.
fn heads(plan: &Plan) -> Value {
    let names = |heads: &[(usize, usize)]| {
        heads.iter().map(|(layer, head)| format!("{layer}.{head}")).collect::<Vec<_>>()
    };
    json!({
        "previous": names(&plan.previous), "current": names(&plan.current),
        "first": names(&plan.first), "induction": names(&plan.induction)
    })
}
