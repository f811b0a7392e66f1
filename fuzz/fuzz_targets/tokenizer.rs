//! Any bytes as a `tokenizer.json`, through our loader; then a text of many kinds of characters.
#![no_main]

use headscope::tokenizer::{SpecialTokens, Tokenizer};
use libfuzzer_sys::fuzz_target;

const TEXT: &str = "The cat's  \u{e9}\u{301} \u{65e5}\u{672c} \u{1f9ff}\u{3000}<s></s>\n 42";

fuzz_target!(|file: &[u8]| {
    if let Ok(json) = std::str::from_utf8(file) {
        let _ = SpecialTokens::from_json(json);
    }
    let Ok(tokenizer) = Tokenizer::from_json(file) else { return };
    let _ = (tokenizer.bos(), tokenizer.first());
    for limit in [0, 1, 3, usize::MAX] {
        let Ok(encoded) = tokenizer.encode_beginning(TEXT, limit) else { continue };
        assert!(TEXT.is_char_boundary(encoded.end) && encoded.ids.len() <= limit);
        let _ = tokenizer.pieces(&encoded.ids);
        for id in encoded.ids {
            let _ = tokenizer.fragment(id);
        }
    }
});
