//! The small models and tokenizers of `tests/fixtures/cases/`, one for each public bug report.

use std::path::Path;
use std::rc::Rc;

use headscope::checkpoint::Checkpoint;
use headscope::error::Result;
use headscope::session::{Engine, Model, Preference};
use headscope::tokenizer::Tokenizer;

/// The bytes of a case's file.
pub fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cases").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Loads weights with the configuration that goes with all of them.
///
/// # Errors
/// As the engine has them.
pub fn load(backend: Preference, weights: &[&str], tokenizer: Option<Tokenizer>) -> Result<Model> {
    let config = String::from_utf8(file("any.config.json")).expect("UTF-8");
    let parts: Vec<(String, Vec<u8>)> = weights.iter().map(|&name| (name.to_owned(), file(name))).collect();
    pollster::block_on(async {
        let parts = parts.iter().map(|(name, bytes)| (name.clone(), &bytes[..]));
        let checkpoint = Checkpoint::open_parts(parts, None).await?;
        let config = checkpoint.config(Some(&config))?;
        Engine::open(backend)
            .await?
            .load_checkpoint(&checkpoint, config, tokenizer.map(|tokenizer| Rc::new(tokenizer) as _))
            .await
    })
}
