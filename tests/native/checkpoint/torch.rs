//! Small checkpoints as torch writes them, and changed ones.

use half::{bf16, f16};
use headscope::model::{ModelConfig, parameters};
use standin::checkpoint::{Storage, Tensor, begin, end, state_dict};
use standin::pickle::Pickle;
use standin::zip::Archive;

/// A model so small that a test can cut its file at every byte.
pub fn small_config() -> ModelConfig {
    ModelConfig::from_json(
        r#"{"n_layers": 1, "n_heads": 3, "d_model": 10, "d_head": 4, "n_ctx": 7, "d_vocab": 23,
            "normalization_type": "LN", "positional_embedding_type": "standard"}"#,
    )
    .expect("a config")
}

/// A checkpoint that can be changed before it is written.
#[derive(Debug, Clone)]
pub struct Torch {
    pub protocol: u8,
    pub byteorder: &'static str,
    /// Whether entries' sizes are written as zip64 does.
    pub wide: bool,
    /// Opcodes before and after the state dict in the pickle.
    pub wrapped: [Vec<u8>; 2],
    pub tensors: Vec<Tensor>,
    pub storages: Vec<(Storage, Vec<u8>)>,
}

/// The elements of a weight: eighths, which every element type holds exactly.
pub fn elements(name: &str, count: usize) -> Vec<f32> {
    let seed = name.bytes().fold(7usize, |seed, byte| seed * 31 % 9973 + usize::from(byte));
    (0..count).map(|at| ((seed + at * 37) % 255) as f32 / 8.0 - 16.0).collect()
}

/// Little-endian bytes of elements in the type of a storage class.
pub fn encode(class: &str, values: &[f32]) -> Vec<u8> {
    let bytes = |value: &f32| match class {
        "HalfStorage" => f16::from_f32(*value).to_le_bytes().to_vec(),
        "BFloat16Storage" => bf16::from_f32(*value).to_le_bytes().to_vec(),
        "FloatStorage" => value.to_le_bytes().to_vec(),
        "DoubleStorage" => f64::from(*value).to_le_bytes().to_vec(),
        "LongStorage" => (*value as i64).to_le_bytes().to_vec(),
        "BoolStorage" => vec![u8::from(*value > 0.0)],
        other => panic!("{other} is not known here"),
    };
    values.iter().flat_map(bytes).collect()
}

impl Torch {
    /// A model's weights, each with a storage of its own.
    pub fn of(config: &ModelConfig, class: &'static str) -> Self {
        let mut torch = Torch {
            protocol: 2,
            byteorder: "little",
            wide: false,
            wrapped: [Vec::new(), Vec::new()],
            tensors: Vec::new(),
            storages: Vec::new(),
        };
        for parameter in parameters(config) {
            let values = elements(&parameter.name, parameter.shape.iter().product());
            torch.add(&parameter.name, class, &parameter.shape, &values);
        }
        torch
    }

    /// Adds a tensor with a storage of its own.
    pub fn add(&mut self, name: &str, class: &'static str, shape: &[usize], values: &[f32]) {
        self.tensors.push(Tensor::whole(name, self.storages.len(), shape));
        self.storages.push((Storage { class, len: values.len() }, encode(class, values)));
    }

    /// The tensor of that name and its storage.
    pub fn tensor(&mut self, name: &str) -> (&mut Tensor, &mut (Storage, Vec<u8>)) {
        let tensor = self.tensors.iter_mut().find(|tensor| tensor.name == name).expect(name);
        let storage = &mut self.storages[tensor.storage];
        (tensor, storage)
    }

    pub fn pickle(&self) -> Vec<u8> {
        let storages: Vec<Storage> = self.storages.iter().map(|(storage, _)| storage.clone()).collect();
        let mut pickle = Pickle::new(self.protocol);
        pickle.raw(&self.wrapped[0]);
        state_dict(&mut pickle, &self.tensors, &storages);
        pickle.raw(&self.wrapped[1]).finish()
    }

    pub fn file(&self) -> Vec<u8> {
        self.file_with(&self.pickle())
    }

    /// The file with another pickle.
    pub fn file_with(&self, pickle: &[u8]) -> Vec<u8> {
        let mut archive = if self.wide || self.byteorder != "little" {
            let mut archive = Archive::new(Vec::new());
            if self.wide {
                archive = archive.wide();
            }
            archive.add("small/data.pkl", pickle).expect("memory");
            archive.add("small/byteorder", self.byteorder.as_bytes()).expect("memory");
            archive
        } else {
            begin(Vec::new(), "small", pickle).expect("memory")
        };
        for (key, (_, bytes)) in self.storages.iter().enumerate() {
            archive.add(&format!("small/data/{key}"), bytes).expect("memory");
        }
        end(archive, "small").expect("memory")
    }
}
