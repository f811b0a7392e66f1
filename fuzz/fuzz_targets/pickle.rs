//! Any bytes as the pickle of a torch checkpoint in a valid container.
#![no_main]

use headscope::checkpoint::Checkpoint;
use libfuzzer_sys::fuzz_target;
use standin::zip::Archive;

fuzz_target!(|pickle: &[u8]| {
    let mut archive = Archive::new(Vec::new());
    archive.add("fuzz/data.pkl", pickle).expect("memory");
    archive.add("fuzz/data/0", &[0; 64]).expect("memory");
    let file = archive.finish().expect("memory");
    if let Ok(checkpoint) = pollster::block_on(Checkpoint::open(&file[..])) {
        let _ = checkpoint.config(None);
    }
});
