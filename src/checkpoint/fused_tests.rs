//! A family with fused and tied tensors, loaded through views: the backend gets the weights of
//! TransformerLens' own layout.

use std::collections::BTreeMap;

use pollster::block_on;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use super::dtype::WeightDtype;
use super::families::{Family, Told};
use super::file::Checkpoint;
use super::load::load;
use super::sink::{Block, WeightSink};
use super::view::{Along, View};
use crate::error::{Error, Key, Result};
use crate::model::{
    Heads, MatrixId, ModelConfig, Parameter, ParameterId, PositionalEmbedding, VectorId, parameters,
};

const CONFIG: ModelConfig = ModelConfig {
    n_layers: 1,
    n_heads: 3,
    d_model: 10,
    d_head: 5,
    n_ctx: 7,
    d_vocab: 11,
    normalization: None,
    positional_embedding: PositionalEmbedding::Standard,
    eps: 1e-5,
    heads: Heads::PLAIN,
    mlp: None,
    tied_unembedding: false,
};

/// All heads of q, of k or of v together.
const WIDTH: usize = 15;

/// The names and layout of GPT-2, as far as attention goes.
const GPT2: Family = Family {
    name: "gpt2",
    has: |name| name.starts_with("h."),
    model_types: &[],
    aliases: &[],
    config: |_, _| Ok(Told { config: CONFIG, notes: Vec::new() }),
    view,
};

fn view(_: &ModelConfig, parameter: &Parameter) -> View {
    match parameter.id {
        ParameterId::AttnQ(_) => fused(0),
        ParameterId::AttnK(_) => fused(1),
        ParameterId::AttnV(_) => fused(2),
        ParameterId::AttnQBias(_) => fused_bias(0),
        ParameterId::AttnKBias(_) => fused_bias(1),
        ParameterId::AttnVBias(_) => fused_bias(2),
        ParameterId::Unembed => View {
            tensor: "wte.weight".to_owned(),
            shape: vec![11, 10],
            start: vec![0, 0],
            along: vec![along(1, 10, 1), along(0, 11, 1)],
        },
        ParameterId::Embed => View::whole("wte.weight", &parameter.shape),
        _ => View::whole(&parameter.name, &parameter.shape),
    }
}

fn along(dimension: usize, len: usize, step: usize) -> Along {
    Along { dimension, len, step }
}

fn fused(part: usize) -> View {
    View {
        tensor: "h.0.attn.c_attn.weight".to_owned(),
        shape: vec![10, 3 * WIDTH],
        start: vec![0, part * WIDTH],
        along: vec![along(1, 3, 5), along(0, 10, 1), along(1, 5, 1)],
    }
}

fn fused_bias(part: usize) -> View {
    View {
        tensor: "h.0.attn.c_attn.bias".to_owned(),
        shape: vec![3 * WIDTH],
        start: vec![part * WIDTH],
        along: vec![along(0, 3, 5), along(0, 5, 1)],
    }
}

/// Keeps all weights, widened.
#[derive(Debug, Default, PartialEq)]
struct Kept {
    matrices: BTreeMap<MatrixId, (WeightDtype, Vec<u8>)>,
    vectors: BTreeMap<VectorId, Vec<f32>>,
}

impl WeightSink for Kept {
    fn begin_matrix(&mut self, id: MatrixId, _: usize, _: usize, dtype: WeightDtype) -> Result<()> {
        self.matrices.insert(id, (dtype, Vec::new()));
        Ok(())
    }

    /// Takes whole rows: no matrix here is large enough to come in bands of columns.
    fn write(&mut self, id: MatrixId, _: Block, bytes: &[u8]) -> Result<()> {
        self.matrices.get_mut(&id).expect("announced").1.extend(bytes);
        Ok(())
    }

    fn vector(&mut self, id: VectorId, values: &[f32]) -> Result<()> {
        self.vectors.insert(id, values.to_vec());
        Ok(())
    }
}

/// An element of a tensor by its name and index.
fn element(name: &str, index: usize) -> f32 {
    (name.bytes().fold(7, |seed, byte| (seed * 31 + usize::from(byte)) % 997) + index) as f32
}

/// The tensors of a family's file.
fn tensors(view: fn(&ModelConfig, &Parameter) -> View) -> BTreeMap<String, Vec<usize>> {
    let views = parameters(&CONFIG).into_iter().map(|parameter| view(&CONFIG, &parameter));
    views.map(|view| (view.tensor, view.shape)).collect()
}

fn file(tensors: &BTreeMap<String, Vec<usize>>, element: impl Fn(&str, usize) -> f32) -> Vec<u8> {
    let bytes: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(name, shape)| {
            let count = shape.iter().product();
            (0..count).flat_map(|index| element(name, index).to_le_bytes()).collect()
        })
        .collect();
    let views = tensors.iter().zip(&bytes).map(|((name, shape), bytes)| {
        (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).expect("a tensor"))
    });
    safetensors::serialize(views, None).expect("a file")
}

fn checkpoint<'a>(file: &'a [u8], family: &'static Family) -> Checkpoint<&'a [u8]> {
    let mut checkpoint = block_on(Checkpoint::open(file)).expect("an index");
    checkpoint.family = family;
    checkpoint
}

#[test]
fn fused_and_tied_tensors_fill_the_same_matrices() {
    let fused_file = file(&tensors(GPT2.view), element);
    let mut found = Kept::default();
    let keys = block_on(load(&checkpoint(&fused_file, &GPT2), &CONFIG, &mut found)).expect("weights");
    assert_eq!(keys.to_string(), "All keys matched: 7 tensors");

    // The same weights, each parameter a tensor of its own.
    let names: BTreeMap<String, Parameter> =
        parameters(&CONFIG).into_iter().map(|parameter| (parameter.name.clone(), parameter)).collect();
    let shapes = names.iter().map(|(name, parameter)| (name.clone(), parameter.shape.clone())).collect();
    let plain_file = file(&shapes, |name, index| {
        let view = view(&CONFIG, &names[name]);
        element(&view.tensor, view.index_in_tensor(index))
    });
    let plain = block_on(Checkpoint::open(&plain_file[..])).expect("an index");
    let mut expected = Kept::default();
    block_on(load(&plain, &CONFIG, &mut expected)).expect("weights");
    assert!(found == expected, "the weights differ");
}

#[test]
fn a_fused_tensor_that_is_missing_is_named_once() {
    let mut tensors = tensors(GPT2.view);
    tensors.remove("h.0.attn.c_attn.weight");
    tensors.insert("h.0.attn.bias".to_owned(), vec![1, 1, 7, 7]);
    let file = file(&tensors, element);
    let error = checkpoint(&file, &GPT2).check(&CONFIG).expect_err("a missing tensor");
    let key = Key { tensor: "h.0.attn.c_attn.weight".to_owned(), expected: Some(vec![10, 45]), found: None };
    let (unexpected, misshaped) = (Vec::new(), Vec::new());
    assert_eq!(error, Error::KeysMismatch { missing: vec![key], unexpected, misshaped });
}

#[test]
fn a_bad_weight_is_named_by_its_place_in_the_fused_tensor() {
    let bad = 3 * (3 * WIDTH) + WIDTH + 7;
    let file = file(&tensors(GPT2.view), |name, index| match (name, index == bad) {
        ("h.0.attn.c_attn.weight", true) => f32::NAN,
        _ => element(name, index),
    });
    let error = block_on(load(&checkpoint(&file, &GPT2), &CONFIG, &mut Kept::default()));
    let Err(Error::NonFiniteWeight { tensor, index, .. }) = error else { panic!("{error:?}") };
    assert_eq!((tensor.as_str(), index), ("h.0.attn.c_attn.weight", bad));
}
