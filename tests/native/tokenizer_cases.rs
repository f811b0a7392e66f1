//! Tokenizers as the world has them: what public bug reports and repositories taught.
//!
//! `tests/fixtures/cases/` holds small models and tokenizers, one a report.

use std::rc::Rc;

use headscope::error::Error;
use headscope::session::{Model, Preference, Run};
use headscope::tokenizer::{SpecialTokens, Tokenizer, prepends_bos, told};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::cases::{file, load};

fn tokenizer(name: &str) -> Tokenizer {
    Tokenizer::from_json(&file(name)).expect("a tokenizer")
}

/// A tokenizer with this model, and these parts in place of null.
fn made(model: Value, parts: Value) -> Tokenizer {
    let mut whole = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
        "pre_tokenizer": null, "post_processor": null, "decoder": null, "model": model,
    });
    for (field, part) in parts.as_object().expect("an object") {
        whole[field] = part.clone();
    }
    Tokenizer::from_json(whole.to_string().as_bytes()).expect("a tokenizer")
}

/// A tokenizer of single characters, without a token for unknown characters.
fn characters(known: &str) -> Tokenizer {
    let vocab: serde_json::Map<_, _> =
        known.chars().enumerate().map(|(id, char)| (char.to_string(), id.into())).collect();
    made(json!({ "type": "BPE", "vocab": vocab, "merges": [] }), json!({}))
}

/// A tokenizer of words between blanks, without a token for unknown words.
fn words() -> Tokenizer {
    let vocab = json!({ "the": 0, "cat": 1, "sat": 2 });
    let parts = json!({ "pre_tokenizer": { "type": "Whitespace" } });
    made(json!({ "type": "WordLevel", "vocab": vocab, "unk_token": "<unk>" }), parts)
}

fn model(weights: &str, tokenizer: Option<Tokenizer>) -> Model {
    load(Preference::Cpu, &[weights], tokenizer).expect("a model")
}

fn run(model: &Model, text: &str, bos: bool) -> Result<Rc<Run>, Error> {
    pollster::block_on(model.run_text(text, bos))
}

#[test]
fn a_saved_truncation_cuts_no_text() {
    let ten = run(&model("ctx64.pth", Some(tokenizer("truncation.tokenizer.json"))), "abcdefghij", true);
    let ten = ten.expect("a run");
    assert_eq!((ten.ids().len(), ten.dropped()), (11, 0));
    let plain = tokenizer("plain.tokenizer.json").encode("abcdefghij").expect("ids");
    assert_eq!(ten.ids()[1..], plain);
}

#[test]
fn a_saved_padding_adds_no_token() {
    let three = run(&model("ctx64.pth", Some(tokenizer("padding.tokenizer.json"))), "abc", false);
    assert_eq!(three.expect("a run").ids(), tokenizer("plain.tokenizer.json").encode("abc").expect("ids"));
}

#[test]
fn a_text_may_end_inside_a_character() {
    let two = run(&model("ctx2.pth", Some(tokenizer("roberta.tokenizer.json"))), "é", true).expect("a run");
    assert_eq!((two.ids().len(), two.dropped()), (2, 1));
    let four = run(&model("ctx4.pth", Some(tokenizer("nfkc_trim.tokenizer.json"))), "ab\u{3000}cd", true);
    let four = four.expect("a run");
    assert_eq!((four.ids().len(), four.dropped()), (4, 3));
}

proptest! {
    /// Whatever the characters, the kept beginning and the dropped end are the text.
    #[test]
    fn the_kept_beginning_ends_between_characters(
        text in "[aé日🎉\u{3000}\u{301} ﬁ½\n]{0,24}", limit in 1usize..30,
    ) {
        for name in ["roberta", "nfkc_trim", "gemma", "plain"] {
            let tokenizer = tokenizer(&format!("{name}.tokenizer.json"));
            let whole = tokenizer.encode(&text).expect("ids");
            let beginning = tokenizer.encode_beginning(&text, limit).expect("ids");
            prop_assert_eq!(&beginning.ids[..], &whole[..limit.min(whole.len())]);
            prop_assert!(text.is_char_boundary(beginning.end));
            if whole.len() > limit && !text.ends_with(char::is_whitespace) {
                prop_assert!(beginning.end < text.len(), "{text:?}: tokens were lost unsaid");
            }
        }
    }
}

#[test]
fn the_bos_is_the_one_of_the_tokenizers_own_files() {
    let plain = file("plain.tokenizer.json");
    let with = |special: Value| {
        let special = SpecialTokens::from_json(&special.to_string()).expect("special tokens");
        Tokenizer::from_files(&plain, &special).expect("a tokenizer")
    };
    let id = |tokenizer: &Tokenizer, token: &str| tokenizer.encode(token).expect("ids")[0];
    // Without another file: the post-processor, then the names.
    assert_eq!(tokenizer("gemma.tokenizer.json").bos(), Some(2), "<bos>");
    assert_eq!(tokenizer("roberta.tokenizer.json").bos(), Some(0), "<s> of the post-processor");
    assert_eq!(tokenizer("plain.tokenizer.json").bos(), Some(0), "<|endoftext|>");
    // `tokenizer_config.json` and `special_tokens_map.json`, in their two forms.
    assert_eq!(with(json!({ "bos_token": "<pad>" })).bos(), Some(1));
    assert_eq!(with(json!({ "bos_token": { "content": "<pad>", "lstrip": false } })).bos(), Some(1));
    let none = with(json!({ "bos_token": null, "eos_token": "<pad>" }));
    assert_eq!((none.bos(), none.first()), (None, Some(1)));
    assert_eq!(with(json!({ "bos_token": null, "eos_token": null })).first(), None);
    let other = with(json!({ "pad_token": "<pad>" }));
    assert_eq!(other.bos(), Some(id(&other, "<|endoftext|>")), "a file that does not say");
    for wrong in ["[]", "nonsense", r#"{ "bos_token": 7 }"#] {
        assert_eq!(SpecialTokens::from_json(wrong).expect_err(wrong).code(), "TokenizerInvalid");
    }
}

#[test]
fn a_template_puts_its_bos_first() {
    let template = |single: Value| {
        let special = json!({ "X": { "id": "X", "ids": [1], "tokens": ["X"] } });
        json!({ "type": "TemplateProcessing", "single": single, "pair": single, "special_tokens": special })
    };
    let x = json!({ "SpecialToken": { "id": "X", "type_id": 0 } });
    let text = json!({ "Sequence": { "id": "A", "type_id": 0 } });
    let level =
        json!({ "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true });
    let of = |post: Value| {
        let vocab = json!({ "a": 0, "X": 1, "<s>": 2 });
        made(json!({ "type": "BPE", "vocab": vocab, "merges": [] }), json!({ "post_processor": post })).bos()
    };
    assert_eq!(of(template(json!([x, text]))), Some(1));
    let sequence = json!({ "type": "Sequence", "processors": [level, template(json!([x, text]))] });
    assert_eq!(of(sequence), Some(1), "as Llama 3 has it");
    assert_eq!(of(template(json!([text, x]))), Some(2), "a token at the end is no BOS");
}

#[test]
fn whether_a_bos_goes_first_is_asked_of_the_configuration() {
    let no_bos = String::from_utf8(file("no_bos.config.json")).expect("UTF-8");
    assert_eq!(prepends_bos(&no_bos), Ok(false));
    assert_eq!(prepends_bos("{}"), Ok(true));
    assert_eq!(prepends_bos(r#"{ "default_prepend_bos": true, "model_type": "gpt_neox" }"#), Ok(true));
    assert_eq!(prepends_bos(r#"{ "model_type": "gpt_neox" }"#), Ok(false));
    assert_eq!(prepends_bos(r#"{ "model_type": "gpt2" }"#), Ok(true));
    let error = prepends_bos(r#"{ "default_prepend_bos": "yes" }"#).expect_err("a word");
    assert!(error.to_string().contains("default_prepend_bos"), "{error}");
}

#[test]
fn repeated_tokens_begin_with_the_bos_and_never_with_padding() {
    let model = model("ctx64.pth", Some(tokenizer("gemma.tokenizer.json")));
    let tokens = model.draw_repeated(8, 4, 0).expect("tokens");
    for sequence in tokens.ids.chunks_exact(17) {
        assert_eq!(sequence[0], 2, "<bos>");
        assert!(!sequence[1..].contains(&2));
    }
}

#[test]
fn a_tokenizers_fault_keeps_the_model() {
    let fault = Tokenizer::from_json(&file("merge_without_token.tokenizer.json")).expect_err("a lost token");
    let fault = told(fault);
    assert_eq!(fault.code(), "TokenizerInvalid");
    let model = model("ctx64.pth", None).with_tokenizer_fault(Some(fault.clone()));
    assert_eq!(model.tokenizer_fault(), Some(&fault));
    assert_eq!(run(&model, "abc", true).expect_err("no tokenizer"), fault);
    let ids = pollster::block_on(model.run_ids(vec![1, 2, 3])).expect("a run on ids");
    assert_eq!(ids.ids(), [1, 2, 3]);
}

#[test]
fn a_byte_level_piece_of_a_character_has_its_bytes() {
    let tokenizer = tokenizer("plain.tokenizer.json");
    let ids = tokenizer.encode("“").expect("ids");
    let bytes: Vec<u8> = ids.iter().flat_map(|&id| tokenizer.fragment(id).expect("bytes")).collect();
    assert_eq!(bytes, "“".as_bytes());
    // `é` is a character of this vocabulary, and no byte.
    let letters = characters("éa");
    assert_eq!(letters.fragment(0), None);
    assert_eq!(letters.pieces(&[0]).expect("pieces"), ["é"]);
}

#[test]
fn a_metaspace_piece_keeps_its_blank() {
    let vocab = json!([["<unk>", 0.0], ["▁", -1.0], ["▁the", -1.0], ["cat", -1.0], ["▁▁", -1.0]]);
    let metaspace =
        json!({ "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true });
    let parts = json!({ "pre_tokenizer": metaspace, "decoder": metaspace });
    let tokenizer = made(json!({ "type": "Unigram", "unk_id": 0, "vocab": vocab }), parts);
    assert_eq!(tokenizer.pieces(&[1, 2, 3, 4]).expect("pieces"), [" ", " the", "cat", "  "]);
    // Without such a decoder the sign is a character like any other.
    let plain = characters("▁a");
    assert_eq!(plain.pieces(&[0, 1]).expect("pieces"), ["▁", "a"]);
}

#[test]
fn text_that_no_token_stands_for_is_told() {
    let model = |tokenizer| model("ctx64.pth", Some(tokenizer));
    let letters = model(characters("abc "));
    let some = run(&letters, "a bxc y", true).expect("a run");
    assert_eq!((some.ids().len(), some.uncovered()), (5, &['x', 'y'][..]));
    assert_eq!(run(&letters, "a b", true).expect("a run").uncovered(), &[] as &[char]);
    let unknown =
        |words: &[&str]| Error::NoTokenFor { found: words.iter().map(|&it| it.to_owned()).collect() };
    assert_eq!(run(&letters, "xyx", true).expect_err("nothing left"), unknown(&["x", "y"]));
    assert_eq!(run(&letters, "", true).expect_err("no text").code(), "EmptyInput");
    let by_words = model(words());
    assert_eq!(run(&by_words, "the dog sat", true).expect_err("a word"), unknown(&["dog"]));
    assert_eq!(run(&by_words, "the cat sat", true).expect("a run").ids(), [0, 1, 2]);
}

#[test]
fn a_token_for_unknown_text_stands_for_it() {
    let vocab = json!({ "[UNK]": 0, "the": 1 });
    let parts = json!({ "pre_tokenizer": { "type": "Whitespace" } });
    let tokenizer = made(json!({ "type": "WordLevel", "vocab": vocab, "unk_token": "[UNK]" }), parts);
    let encoded = tokenizer.encode_beginning("the dog", 9).expect("ids");
    assert_eq!((encoded.ids, encoded.uncovered), (vec![1, 0], vec![]));
}
