//! The default tokenizer and GPT-NeoX' tokenizer: published ids, and properties of any text and any ids.
//!
//! GPT-NeoX' file is too large for this repository. The tests read it from `../shared`, beside the
//! repository, and are skipped where it is missing.

use std::path::Path;
use std::rc::Rc;
use std::sync::LazyLock;

use headscope::model::ModelConfig;
use headscope::session::{Engine, Model, Preference};
use headscope::tokenizer::Tokenizer;
use proptest::prelude::*;
use serde_json::Value;
use standin::planted::{Planted, Sizes};

use crate::support::skipped;

static DEFAULT: LazyLock<Loaded> = LazyLock::new(|| load("models/default/tokenizer.json").expect("it ships"));
static NEOX: LazyLock<Option<Loaded>> = LazyLock::new(|| load("../shared/tokenizers/gpt-neox-20b.json"));

/// A tokenizer, and the library's own tokenizer of the same file, which decodes.
struct Loaded {
    ours: Tokenizer,
    library: tokenizers::Tokenizer,
}

fn load(path: &str) -> Option<Loaded> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let Ok(json) = std::fs::read(&path) else {
        skipped(&path.display().to_string());
        return None;
    };
    let library = tokenizers::Tokenizer::from_bytes(&json).expect("a tokenizer");
    Some(Loaded { ours: Tokenizer::from_json(&json).expect("a tokenizer"), library })
}

fn all() -> impl Iterator<Item = &'static Loaded> {
    std::iter::once(&*DEFAULT).chain(NEOX.as_ref())
}

#[test]
fn the_notebooks_paragraph_gives_the_published_ids() {
    let Some(Loaded { ours, .. }) = NEOX.as_ref() else { return };
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/golden/attn_only_2L_half/published.json");
    let published: Value = serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON");
    let prompt = &published["prompt"];
    let mut ids = vec![ours.bos().expect("a BOS")];
    ids.extend(ours.encode(prompt["text"].as_str().expect("a text")).expect("ids"));
    assert_eq!(ids.len(), 62);
    assert_eq!(serde_json::json!(ids), prompt["ids"]);
    assert_eq!(ours.vocabulary(), 50277);
}

#[test]
fn pieces_are_each_id_decoded_alone() {
    let Some(Loaded { ours, .. }) = NEOX.as_ref() else { return };
    let pieces = |text: &str| ours.pieces(&ours.encode(text).expect("ids")).expect("pieces");
    assert_eq!(pieces("def f():\n        return 1"), ["def", " f", "():", "\n", "        ", "return", " 1"]);
    assert_eq!(pieces("a<|endoftext|>b"), ["a", "<|endoftext|>", "b"]);
    let fragments = pieces("\u{1f9ff}");
    assert!(fragments.len() > 1 && fragments.iter().all(|piece| piece.contains('\u{fffd}')), "{fragments:?}");
}

#[test]
fn tokens_that_are_no_whole_characters_have_their_bytes() {
    for Loaded { ours, .. } in all() {
        // An emoji with a modifier, a euro sign after a space, and an accent. Whatever the tokens are,
        // their bytes are the text's.
        for text in
            ["\u{1f9ff}\u{1f3fd}", " \u{20ac}\u{fffd}", "caf\u{e9}\u{ad}\u{a0}\u{7f}", "\u{65e5}\u{672c}"]
        {
            let ids = ours.encode(text).expect("ids");
            let pieces = ours.pieces(&ids).expect("pieces");
            let spelled = ids
                .iter()
                .zip(pieces)
                .flat_map(|(&id, piece)| ours.fragment(id).unwrap_or(piece.into_bytes()));
            assert_eq!(spelled.collect::<Vec<u8>>(), text.as_bytes(), "{text}");
        }
        assert_eq!(ours.fragment(ours.encode("word").expect("ids")[0]), None);
        assert_eq!(ours.fragment(u32::MAX), None);
    }
    let (neither, half) = (NEOX.as_ref(), b"\xf0\x9f");
    if let Some(Loaded { ours, .. }) = neither {
        let ids = ours.encode("\u{1f9ff}").expect("ids");
        assert!(ours.fragment(ids[0]).is_some_and(|bytes| bytes.starts_with(half)));
    }
}

/// A model of this vocabulary, with the default model's tokenizer of 4096 tokens.
fn model(d_vocab: usize) -> Model {
    let sizes = Sizes { n_layers: 2, n_heads: 4, d_model: 18, d_head: 4, n_ctx: 32, d_vocab };
    let planted = Planted::new(sizes, 0);
    let file = planted.write(Vec::new()).expect("memory");
    let config = ModelConfig::from_json(&planted.config().to_string()).expect("a config");
    let tokenizer =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default/tokenizer.json"));
    let tokenizer = Tokenizer::from_json(&tokenizer.expect("a file")).expect("a tokenizer");
    pollster::block_on(async {
        let engine = Engine::open(Preference::Cpu).await.expect("a backend");
        engine.load_model(&file[..], config, Some(Rc::new(tokenizer))).await.expect("a model")
    })
}

#[test]
fn a_tokenizer_of_another_size_is_noted_and_its_ids_are_refused_when_they_come_up() {
    let note = |d_vocab| model(d_vocab).tokenizer_note();
    assert_eq!(note(4096), None);
    assert_eq!(note(8000), None, "a vocabulary that is padded");
    assert!(note(10_000).is_some_and(|note| note.contains("4096") && note.contains("10000")));
    let small = model(300);
    assert!(small.tokenizer_note().is_some());
    let error = pollster::block_on(small.run_text("harbour", true)).expect_err("ids past the vocabulary");
    assert_eq!(error.code(), "TokenOutOfRange");
    pollster::block_on(small.run_text("a b", true)).expect("ids within the vocabulary");
}

#[test]
fn a_file_that_is_cut_or_damaged_anywhere_is_refused() {
    let json = std::fs::read("models/default/tokenizer.json").expect("the file");
    let decoder = json.windows(9).position(|at| at == b"\"decoder\"").expect("a decoder");
    for end in (0..decoder + 200).chain((decoder..json.len()).step_by(997)) {
        let found = Tokenizer::from_json(&json[..end]);
        assert_eq!(found.err().map(|error| error.code()), Some("TokenizerInvalid"), "cut after {end} bytes");
    }
    for at in decoder..decoder + 120 {
        for byte in [b'{', b'"', b':', b'\\', 0xff] {
            let mut damaged = json.clone();
            damaged[at] = byte;
            // Some damage leaves a file that is whole. No damage is a panic.
            drop(Tokenizer::from_json(&damaged));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// The tokenizer normalises Unicode, so the first round trip gives the normalised text. The second round
    /// trip changes nothing.
    #[test]
    fn encoding_and_decoding_any_text_is_a_round_trip(
        text in "\\PC{0,60}|[ \\n\\ta-zé日🎉\u{200d}0-9.,']{0,80}",
    ) {
        for Loaded { ours, library } in all() {
            let ids = ours.encode(&text).expect("ids");
            let decoded = library.decode(&ids, false).expect("a text");
            let again = ours.encode(&decoded).expect("ids");
            prop_assert_eq!(library.decode(&again, false).expect("a text"), decoded.clone());
            if text.is_ascii() {
                prop_assert_eq!(&decoded, &text);
                prop_assert_eq!(again, ids);
            }
        }
    }

    #[test]
    fn the_beginning_of_a_text_has_the_tokens_of_the_whole(
        words in prop::collection::vec("[a-z]{1,9}|[0-9]{1,4}|[A-Z][a-z]{2,8}[.,]", 1..60),
        limit in 1usize..40,
    ) {
        let text = words.join(" ");
        for Loaded { ours, .. } in all() {
            let whole = ours.encode(&text).expect("ids");
            let beginning = ours.encode_beginning(&text, limit).expect("ids");
            prop_assert_eq!(&beginning.ids[..], &whole[..limit.min(whole.len())]);
            prop_assert_eq!(ours.encode(&text[..beginning.end]).expect("ids"), beginning.ids);
        }
    }

    #[test]
    fn any_ids_have_pieces(ids in prop::collection::vec(any::<u32>(), 0..20)) {
        for Loaded { ours, .. } in all() {
            prop_assert_eq!(ours.pieces(&ids).expect("pieces").len(), ids.len());
        }
    }
}
