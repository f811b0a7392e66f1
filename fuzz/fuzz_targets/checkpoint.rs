//! Any bytes as a weights file. Covers both formats' indexes, the zip directory and the configuration
//! inferred from names.
#![no_main]

use headscope::checkpoint::Checkpoint;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    if let Ok(checkpoint) = pollster::block_on(Checkpoint::open(file)) {
        let _ = checkpoint.config(None);
    }
});
