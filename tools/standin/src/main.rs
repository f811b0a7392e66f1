//! Writes a full-size stand-in for the model of ARENA's notebook:
//! `cargo run -p standin -- OUT.pth [--config OUT.json] [--plan OUT.json] [--seed N]`.

use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;

use serde_json::json;
use standin::planted::{NOTEBOOK, Plan, Planted};

const USAGE: &str = "usage: standin OUT.pth [--config OUT.json] [--plan OUT.json] [--seed N]";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (mut out, mut config, mut plan, mut seed) = (None, None, None, 0);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(USAGE);
        match argument.as_str() {
            "--config" => config = Some(value()?),
            "--plan" => plan = Some(value()?),
            "--seed" => seed = value()?.parse()?,
            _ if out.is_none() && !argument.starts_with('-') => out = Some(argument),
            _ => return Err(USAGE.into()),
        }
    }
    let out = out.ok_or(USAGE)?;
    let planted = Planted::new(NOTEBOOK, seed);
    planted.write(BufWriter::with_capacity(1 << 20, File::create(&out)?))?;
    if let Some(path) = config {
        fs::write(path, format!("{:#}\n", planted.config()))?;
    }
    if let Some(path) = plan {
        fs::write(path, format!("{:#}\n", heads(&planted.plan)))?;
    }
    Ok(())
}

/// Names of the heads of each kind, such as `1.4`.
fn heads(plan: &Plan) -> serde_json::Value {
    let names = |heads: &[(usize, usize)]| {
        heads.iter().map(|(layer, head)| format!("{layer}.{head}")).collect::<Vec<_>>()
    };
    json!({
        "previous": names(&plan.previous), "current": names(&plan.current),
        "first": names(&plan.first), "induction": names(&plan.induction)
    })
}
