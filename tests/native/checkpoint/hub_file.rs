//! A small checkpoint in the layout of its hub repository, and its tensors read without the engine.

use std::path::PathBuf;

use half::f16;
use headscope::checkpoint::Checkpoint;
use safetensors::{Dtype, SafeTensors};

/// Every small checkpoint, with the file of its weights.
pub const FAMILIES: [(&str, &str); 12] = [
    ("gpt2", "model.safetensors"),
    ("gpt2_inverse_layer_scale", "model.safetensors"),
    ("gpt_neo", "pytorch_model.bin"),
    ("gpt_neox_sequential", "model.safetensors"),
    ("llama_untied", "model.safetensors"),
    ("pythia", "model.safetensors"),
    ("qwen2", "model.safetensors"),
    ("qwen3", "model.safetensors"),
    ("smollm", "model.safetensors"),
    ("tl_gelu", "model_final.pth"),
    ("tl_rotary_adjacent", "model_final.pth"),
    ("tl_solu", "model_final.pth"),
];

/// A checkpoint of [`FAMILIES`].
pub struct HubFile {
    pub name: &'static str,
    pub config: String,
    pub weights: Vec<u8>,
}

impl HubFile {
    /// Every checkpoint.
    pub fn all() -> impl Iterator<Item = HubFile> {
        FAMILIES.into_iter().map(|(name, weights)| HubFile::with(name, weights))
    }

    /// The checkpoint of that name.
    pub fn open(name: &str) -> HubFile {
        let found = FAMILIES.into_iter().find(|(known, _)| *known == name);
        let (name, weights) = found.unwrap_or_else(|| panic!("there is no {name}"));
        HubFile::with(name, weights)
    }

    fn with(name: &'static str, weights: &str) -> HubFile {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/families").join(name);
        let config = std::fs::read_to_string(folder.join("config.json")).expect("a configuration");
        HubFile { name, config, weights: std::fs::read(folder.join(weights)).expect("weights") }
    }

    pub fn checkpoint(&self) -> Checkpoint<&[u8]> {
        pollster::block_on(Checkpoint::open(&self.weights[..])).expect(self.name)
    }

    /// The elements of a tensor by its name in the file, as f32.
    pub fn tensor(&self, name: &str) -> Vec<f32> {
        if self.weights.starts_with(b"PK") {
            return self.zipped(name);
        }
        let file = SafeTensors::deserialize(&self.weights).expect("safetensors");
        let tensor = file.tensor(name).unwrap_or_else(|error| panic!("{}, {name}: {error}", self.name));
        match tensor.dtype() {
            Dtype::F32 => singles(tensor.data()),
            Dtype::F16 => {
                let (halves, _) = tensor.data().as_chunks::<2>();
                halves.iter().map(|&half| f16::from_le_bytes(half).to_f32()).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    /// The elements of a tensor that torch has saved: the file has one entry for each tensor, in the order of
    /// their names in the pickle.
    fn zipped(&self, name: &str) -> Vec<f32> {
        let pickle = self.entry("/data.pkl");
        let place = |name: &str| {
            let text = [b"X", &(name.len() as u32).to_le_bytes()[..], name.as_bytes()].concat();
            pickle.windows(text.len()).position(|bytes| bytes == text).unwrap_or_else(|| panic!("{name}"))
        };
        let checkpoint = self.checkpoint();
        let wrapper = if self.name == "gpt_neo" { "transformer." } else { "" };
        let mut places: Vec<usize> =
            checkpoint.tensors().map(|(name, _)| place(&format!("{wrapper}{name}"))).collect();
        places.sort_unstable();
        let key = places.binary_search(&place(name)).expect("a tensor");
        singles(self.entry(&format!("/data/{key}")))
    }

    /// The contents of the one stored entry whose name ends like this.
    fn entry(&self, end: &str) -> &[u8] {
        let file = &self.weights[..];
        let headers = file.windows(4).enumerate().filter(|(_, bytes)| bytes == b"PK\x01\x02");
        let found = headers.map(|(at, _)| &file[at..]).find(|header| {
            let name_len = usize::from(u16::from_le_bytes([header[28], header[29]]));
            header[46..46 + name_len].ends_with(end.as_bytes())
        });
        let header = found.unwrap_or_else(|| panic!("{}: no entry {end}", self.name));
        let number =
            |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().expect("four bytes")) as usize;
        let (size, local) = (number(24), number(42));
        let lens =
            [26, 28].map(|at| usize::from(u16::from_le_bytes([file[local + at], file[local + at + 1]])));
        let start = local + 30 + lens[0] + lens[1];
        &file[start..start + size]
    }
}

fn singles(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|&element| f32::from_le_bytes(element)).collect()
}
