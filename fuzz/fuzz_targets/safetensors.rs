//! Any bytes as the header of a safetensors file whose length and data are right.
#![no_main]

use headscope::checkpoint::Checkpoint;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|header: &[u8]| {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend_from_slice(header);
    file.extend_from_slice(&[0; 4096]);
    if let Ok(checkpoint) = pollster::block_on(Checkpoint::open(&file[..])) {
        let _ = checkpoint.config(None);
    }
});
