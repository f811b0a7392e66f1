//! Files of other formats, and files that announce more than they hold. Each is refused with a reason.

use headscope::Error;
use headscope::checkpoint::Checkpoint;
use standin::pickle::Pickle;
use standin::zip::Archive;

use crate::checkpoint::captured::capture;
use crate::checkpoint::torch::{Torch, small_config};

fn refusal(file: &[u8]) -> Error {
    capture(file, &small_config()).expect_err("this file should be refused")
}

/// Writes a pickle by hand.
type Write = fn(&mut Pickle) -> &mut Pickle;

/// A checkpoint with this pickle.
fn pickled(write: Write) -> Vec<u8> {
    let mut pickle = Pickle::new(2);
    write(&mut pickle);
    Torch::of(&small_config(), "FloatStorage").file_with(&pickle.finish())
}

#[track_caller]
fn assert_says(error: &Error, code: &str, parts: &[&str]) {
    assert_eq!(error.code(), code, "{error}");
    let sentence = error.to_string();
    for part in parts {
        assert!(sentence.contains(part), "`{part}` is not in: {sentence}");
    }
}

#[test]
fn nothing_of_a_pickle_is_run_and_what_it_wants_is_named() {
    let cases: [(&str, Write); 8] = [
        ("os.system", |it| it.raw(b"cos\nsystem\n(X\x04\x00\x00\x00echotR")),
        ("posix.system", |it| {
            it.text("posix").text("system").raw(b"\x93").mark().text("echo").tuple().call()
        }),
        ("builtins.eval", |it| {
            it.dict().text("a").global("builtins", "eval").mark().text("1").tuple().call().items()
        }),
        // INST, the oldest opcode that calls. torch has never used it.
        ("os.system", |it| it.mark().text("echo").raw(b"ios\nsystem\n")),
        ("collections.OrderedDict", |it| it.mark().raw(b"icollections\nOrderedDict\n")),
        ("torch.load", |it| it.global("torch", "load").raw(b")R")),
        ("torch._utils._rebuild_xla_tensor", |it| {
            it.global("torch._utils", "_rebuild_xla_tensor").raw(b")R")
        }),
        ("transformer_lens.HookedTransformer.HookedTransformer", |it| {
            it.global("transformer_lens.HookedTransformer", "HookedTransformer").raw(b")\x81}b")
        }),
    ];
    for (name, write) in cases {
        let error = refusal(&pickled(write));
        assert_says(&error, "UnsafePickle", &[&format!("`{name}`"), "was not run", "model.state_dict()"]);
        assert_eq!(error, Error::UnsafePickle { found: name.to_owned() });
    }
}

#[test]
fn other_formats_are_told_apart_by_their_first_bytes() {
    let mut legacy = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19".to_vec();
    legacy.extend(b".\x80\x02M\xe9\x03.");
    let mut tar = vec![0; 1024];
    tar[257..262].copy_from_slice(b"ustar");
    let cases: [(&[u8], &[&str]); 8] = [
        (&legacy, &["before version 1.6", "torch.save(model.state_dict()"]),
        (&tar, &["tar file", "torch.save(model.state_dict()"]),
        (
            b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00}.",
            &["plain pickle", "torch.save(model.state_dict()"],
        ),
        (b"", &["empty file"]),
        (b"<!doctype html><title>404</title>", &["HTML", "fetch the file itself"]),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", &["Git LFS pointer"]),
        (b"GGUF\x03\x00\x00\x00\x01\x00", &["47 47 55 46"]),
        (b"\x89HDF\r\n\x1a\n\x00\x00", &["89 48 44 46"]),
    ];
    for (file, parts) in cases {
        assert_says(&refusal(file), "CheckpointFormat", parts);
    }
}

#[test]
fn zip_files_that_are_no_checkpoint_say_what_they_hold() {
    let zip = |entries: &[(&str, &[u8])]| {
        let mut archive = Archive::new(Vec::new());
        for (name, contents) in entries {
            archive.add(name, contents).expect("memory");
        }
        archive.finish().expect("memory")
    };
    let pickle = Torch::of(&small_config(), "FloatStorage").pickle();
    let cases = [
        (zip(&[("weights.npy", b"\x93NUMPY")]), "`weights.npy`"),
        (zip(&[("a/data.pkl", &pickle), ("b/data.pkl", &pickle)]), "more than one data.pkl"),
        (zip(&[("a/data.pkl", b"\x80\x02."), ("a/code/x.py", b"")]), "TorchScript"),
        (zip(&[("a/data.pkl", &pickle)]), "`a/data/0`, which is missing"),
        (zip(&[("a/data.pkl", &pickle), ("a/byteorder", b"middle")]), "`middle`"),
        (zip(&[("a/data.pkl", b"\x80\x02}."), ("a/data.pkl", b"\x80\x02}.")]), "names `a/data.pkl` twice"),
    ];
    for (file, part) in cases {
        assert_says(&refusal(&file), "CheckpointFormat", &[part]);
    }
    let mut deflated = Archive::new(Vec::new());
    deflated.add_with("a/data.pkl", &pickle, 0, 8).expect("memory");
    assert_says(&refusal(&deflated.finish().expect("memory")), "CheckpointFormat", &["compressed", "zip -0"]);
}

#[test]
fn a_pickle_that_is_no_state_dict_says_what_it_holds() {
    let cases: [(Write, &str); 6] = [
        (|it| it.ints(&[1, 2]), "holds a list"),
        (|it| it.int(5), "holds a single value"),
        (
            |it| it.dict().text("epoch").int(3).text("optimizer").dict().items().items(),
            "`epoch`, `optimizer`",
        ),
        (|it| it.dict().text("state_dict").int(3).items(), "its dict holds `state_dict`"),
        (|it| it.dict().items(), "holds nothing"),
        (|it| it.raw(b"\x82\x01"), "opcode 0x82"),
    ];
    for (write, part) in cases {
        assert_says(&refusal(&pickled(write)), "CheckpointFormat", &[part]);
    }
    let protocol = Torch::of(&small_config(), "FloatStorage").file_with(b"\x80\x06}.");
    assert_says(&refusal(&protocol), "CheckpointFormat", &["protocol 6"]);
}

#[test]
fn sizes_that_lie_are_refused_before_anything_is_made_of_that_size() {
    let base = Torch::of(&small_config(), "FloatStorage");
    let refused = |change: &dyn Fn(&mut Torch), part: &str| {
        let mut torch = base.clone();
        change(&mut torch);
        assert_says(&refusal(&torch.file()), "CheckpointFormat", &[part]);
    };
    refused(&|it| it.tensor("embed.W_E").1.0.len = 1 << 40, "tensor `embed.W_E` needs 4398046511104 bytes");
    refused(&|it| it.tensor("embed.W_E").1.0.len = usize::MAX >> 1, "more bytes than can be counted");
    refused(&|it| it.tensor("embed.W_E").0.shape = vec![1 << 31, 1 << 31], "a tensor arguments");
    refused(&|it| it.tensor("embed.W_E").0.shape = vec![1 << 20, 1 << 10], "tensor `embed.W_E` needs");
    refused(&|it| it.tensor("embed.W_E").0.shape = vec![23], "a tensor arguments");
    refused(&|it| it.tensor("embed.W_E").0.offset = 1, "tensor `embed.W_E` needs");
    refused(&|it| it.tensor("embed.W_E").0.strides = vec![11, 1], "tensor `embed.W_E` needs");
    refused(
        &|it| it.tensor("embed.W_E").0.strides = vec![usize::MAX >> 1, 1],
        "more bytes than can be counted",
    );
    refused(
        &|it| it.storages[0].1.truncate(919),
        "tensor `embed.W_E` needs 920 bytes, and its entry has 919",
    );

    let mut endless = Pickle::new(2);
    endless.raw(&vec![b']'; 2 << 20]);
    assert_says(
        &refusal(&base.file_with(&endless.finish())),
        "CheckpointFormat",
        &["more than 1048576 values"],
    );
    let long = vec![b'N'; 17 << 20];
    assert_says(
        &refusal(&base.file_with(&long)),
        "CheckpointFormat",
        &["small/data.pkl", "at most 16777216"],
    );
}

#[test]
fn a_deep_pickle_needs_no_deep_stack() {
    // Each tuple holds the one before.
    let error = refusal(&pickled(|it| it.raw(b")").raw(&[0x85; 1 << 19])));
    assert_says(&error, "CheckpointFormat", &["holds a list"]);
}

#[test]
fn a_safetensors_header_of_a_hundred_megabytes_is_not_read() {
    let mut file = (100u64 << 20).to_le_bytes().to_vec();
    file.extend(br#"{"embed.W_E":"#);
    assert_says(&refusal(&file), "CheckpointFormat", &["a header of 104857600 bytes"]);
    file[..8].copy_from_slice(&(1u64 << 42).to_le_bytes());
    assert_says(&refusal(&file), "CheckpointFormat", &["a header of 4398046511104 bytes"]);
}

#[test]
fn weights_that_are_no_numbers_are_named() {
    for (value, text) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
        for class in ["HalfStorage", "BFloat16Storage", "FloatStorage", "DoubleStorage"] {
            let mut torch = Torch::of(&small_config(), class);
            let (_, (_, bytes)) = torch.tensor("blocks.0.attn.W_V");
            let element = crate::checkpoint::torch::encode(class, &[value]);
            let at = 50 * element.len();
            bytes[at..at + element.len()].copy_from_slice(&element);
            let expected = Error::NonFiniteWeight {
                tensor: "blocks.0.attn.W_V".to_owned(),
                index: 50,
                found: text.to_owned(),
            };
            assert_eq!(refusal(&torch.file()), expected, "{class}");
        }
    }
}

#[test]
fn weights_of_whole_numbers_are_refused_and_buffers_of_them_are_not() {
    let config = small_config();
    let mut torch = Torch::of(&config, "FloatStorage");
    torch.add("blocks.0.attn.mask", "BoolStorage", &[7, 7], &[1.0; 49]);
    torch.add("blocks.0.attn.IGNORE", "FloatStorage", &[], &[f32::NEG_INFINITY]);
    let (_, keys) = capture(&torch.file()[..], &config).expect("buffers are passed over");
    assert_eq!(keys.buffers, ["blocks.0.attn.IGNORE", "blocks.0.attn.mask"]);
    let (_, storage) = torch.tensor("ln_final.b");
    (storage.0.class, storage.1) =
        ("LongStorage", crate::checkpoint::torch::encode("LongStorage", &[0.0; 10]));
    assert_says(&refusal(&torch.file()), "TensorDtype", &["`ln_final.b`", "is int64"]);
}

#[test]
fn a_file_that_fails_halfway_is_told_as_such() {
    #[derive(Debug)]
    struct Broken(Vec<u8>);
    impl headscope::checkpoint::ByteSource for Broken {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }
        async fn read(&self, _: std::ops::Range<u64>) -> headscope::Result<Vec<u8>> {
            Err(Error::FileRead { found: "the disk is gone".to_owned() })
        }
    }
    let error = pollster::block_on(Checkpoint::open(Broken(vec![0; 100]))).expect_err("no disk");
    assert_says(&error, "FileRead", &["the disk is gone"]);
}
