//! Files that were cut short or changed.

use std::sync::LazyLock;

use proptest::prelude::*;

use crate::checkpoint::captured::capture;
use crate::checkpoint::torch::{Torch, small_config};

static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| Torch::of(&small_config(), "HalfStorage").file());

/// Opcodes that the machine knows, and a few operands.
const OPCODES: &[u8] = b"(0123NKMJX)t]}aeudsqrhjcRbQ\x81\x85\x86\x87\x88\x8c\x8f\x90\x91\x93\x94\x00\x01\x02";

fn outcome(file: &[u8]) -> Result<(), &'static str> {
    capture(file, &small_config()).map(|_| ()).map_err(|error| error.code())
}

#[test]
fn cut_short_at_any_byte_it_is_refused() {
    assert_eq!(outcome(&FILE), Ok(()));
    for len in 0..FILE.len() {
        assert_eq!(outcome(&FILE[..len]), Err("CheckpointFormat"), "{len} of {} bytes", FILE.len());
    }
}

#[test]
fn a_changed_bit_in_the_pickle_or_a_weight_is_found_by_the_checksum() {
    let entries: Vec<usize> =
        FILE.windows(4).enumerate().filter(|(_, it)| it == b"PK\x03\x04").map(|(at, _)| at).collect();
    let mut contents = 0;
    for &entry in &entries {
        let field = |at: usize| usize::from(u16::from_le_bytes([FILE[entry + at], FILE[entry + at + 1]]));
        let name = &FILE[entry + 30..entry + 30 + field(26)];
        let first = entry + 30 + field(26) + field(28);
        if !(name.ends_with(b"data.pkl") || name.windows(6).any(|part| part == b"/data/")) {
            continue;
        }
        contents += 1;
        let mut file = FILE.clone();
        file[first + 1] ^= 0x04;
        let error = capture(&file[..], &small_config()).expect_err("a changed bit");
        let entry = String::from_utf8_lossy(name);
        assert!(error.to_string().contains(&format!("`{entry}` is damaged")), "{entry}: {error}");
    }
    assert_eq!(contents, 1 + Torch::of(&small_config(), "HalfStorage").storages.len());
}

#[test]
fn a_part_of_a_storage_that_no_tensor_uses_is_checked_as_well() {
    let mut torch = Torch::of(&small_config(), "FloatStorage");
    let (tensor, storage) = torch.tensor("ln_final.b");
    tensor.offset = 3;
    storage.1.extend([7; 12]);
    storage.0.len += 3;
    let mut file = torch.file();
    assert_eq!(outcome(&file), Ok(()));
    let added = file.windows(12).rposition(|bytes| bytes == [7; 12]).expect("the last elements");
    let first = added - 4 * 10;
    // In the three elements that no tensor uses, and at both ends of those that a tensor uses.
    for at in [first, first + 11, first + 12, added + 11] {
        file[at] ^= 1;
        assert_eq!(outcome(&file), Err("CheckpointFormat"), "byte {at}");
        file[at] ^= 1;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn changed_anyhow_it_is_read_or_refused_and_never_more(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let mut file = FILE.clone();
        for (at, byte) in changes {
            let len = file.len();
            file[at.index(len)] = byte;
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len()));
        }
        let _ = outcome(&file);
    }

    #[test]
    fn any_bytes_as_a_pickle_are_refused(code in prop::collection::vec(any::<u8>(), 0..200)) {
        let file = Torch::of(&small_config(), "HalfStorage").file_with(&[&b"\x80\x02"[..], &code].concat());
        prop_assert!(outcome(&file).is_err());
    }

    /// Opcodes get further than random bytes.
    #[test]
    fn any_opcodes_as_a_pickle_are_refused(
        code in prop::collection::vec(prop::sample::select(OPCODES), 0..300),
    ) {
        let pickle = [&b"\x80\x02"[..], &code, b"."].concat();
        let file = Torch::of(&small_config(), "HalfStorage").file_with(&pickle);
        prop_assert!(outcome(&file).is_err());
    }
}
