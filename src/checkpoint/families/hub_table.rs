//! Tables of a hub family: for each parameter the tensor's name, and how the tensor holds it.
//!
//! Letters: D d_model, H heads, C d_head. `in` and `out` are the two sides of a matrix product.

use std::collections::BTreeMap;

use crate::checkpoint::view::{Along, View};
use crate::model::{ModelConfig, Parameter, ParameterId, Size, TensorShapes};

/// Stands for the layer in a row's name.
const LAYER_MARK: &str = "{layer}";

/// A parameter and its tensor.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The parameter, given its layer.
    pub id: fn(usize) -> ParameterId,
    /// The tensor's name without wrappers, with `{layer}` in place of the layer.
    pub name: &'static str,
    /// How the tensor holds it.
    pub form: Form,
}

/// How a tensor holds a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `[in, out]`, heads joined; or a vector.
    Plain,
    /// `[out, in]`, as torch's `Linear` has it.
    Linear,
    /// `[in, 3 out]` or `[3 out]`, GPT-2's `c_attn`: all of q, all of k, all of v. Which of them it is.
    Fused(usize),
    /// `[3 out, in]` or `[3 out]`, GPT-NeoX' `query_key_value`: q, k and v of a head after one another. Which
    /// of them it is.
    Interleaved(usize),
}

/// A side of a matrix product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    In,
    Out,
}

/// A row of a tensor in the form `[in, out]`, or of a vector.
pub const fn plain(id: fn(usize) -> ParameterId, name: &'static str) -> Row {
    Row { id, name, form: Form::Plain }
}

/// A row of a tensor in the form `[out, in]`.
pub const fn linear(id: fn(usize) -> ParameterId, name: &'static str) -> Row {
    Row { id, name, form: Form::Linear }
}

impl Row {
    fn name(&self, layer: usize) -> String {
        self.name.replace(LAYER_MARK, &layer.to_string())
    }

    /// The layer in a name of this row's tensors; 0 where they are of no layer.
    fn layer_in(&self, name: &str) -> Option<usize> {
        match self.name.split_once(LAYER_MARK) {
            None => (name == self.name).then_some(0),
            Some((before, after)) => name.strip_prefix(before)?.strip_suffix(after)?.parse().ok(),
        }
    }
}

/// Whether a name is one of the table's.
pub fn has(rows: &[Row], name: &str) -> bool {
    rows.iter().any(|row| row.layer_in(name).is_some())
}

/// The view that is a parameter. A tied unembedding is a view of the embedding.
pub fn view(rows: &[Row], config: &ModelConfig, parameter: &Parameter) -> View {
    let tied = config.tied_unembedding && parameter.id == ParameterId::Unembed;
    let id = if tied { ParameterId::Embed } else { parameter.id };
    match rows.iter().find(|row| (row.id)(parameter.layer) == id) {
        Some(row) if tied => held(row.name(0), Form::Linear, parameter),
        Some(row) => held(row.name(parameter.layer), row.form, parameter),
        // The family has no such tensor, and neither has a file of it.
        None => View::whole(&parameter.name, &parameter.shape),
    }
}

/// The sizes that tensors of these names tell.
pub fn told_sizes(rows: &[Row], tensors: &TensorShapes) -> BTreeMap<Size, usize> {
    let telling = [
        (ParameterId::Embed, [Size::Vocab, Size::Model]),
        (ParameterId::Positions, [Size::Positions, Size::Model]),
        (ParameterId::MlpIn(0), [Size::Model, Size::Mlp]),
    ];
    let mut sizes = BTreeMap::new();
    for (id, [input, output]) in telling {
        if let Some([found_in, found_out]) = sides(rows, tensors, id) {
            sizes.entry(input).or_insert(found_in);
            sizes.entry(output).or_insert(found_out);
        }
    }
    let layered = |row: &&Row| row.name.contains(LAYER_MARK);
    let layers = rows.iter().filter(layered).flat_map(|row| tensors.keys().filter_map(|it| row.layer_in(it)));
    if let Some(last) = layers.max() {
        sizes.insert(Size::Layers, last.saturating_add(1));
    }
    sizes
}

/// The sides `[in, out]` of the matrix that holds a parameter, fused parts included.
pub fn sides(rows: &[Row], tensors: &TensorShapes, id: ParameterId) -> Option<[usize; 2]> {
    let row = rows.iter().find(|row| (row.id)(0) == id)?;
    match (*tensors.get(&*row.name(0))?, row.form) {
        (&[input, output], Form::Plain | Form::Fused(_)) => Some([input, output]),
        (&[output, input], Form::Linear | Form::Interleaved(_)) => Some([input, output]),
        _ => None,
    }
}

/// Whether the tensors hold a parameter; of a layer, the first one's.
pub fn holds(rows: &[Row], tensors: &TensorShapes, id: ParameterId) -> bool {
    rows.iter().any(|row| (row.id)(0) == id && tensors.contains_key(&*row.name(0)))
}

/// The view of a tensor that holds a parameter in this form.
fn held(tensor: String, form: Form, parameter: &Parameter) -> View {
    let shape = &parameter.shape;
    // A matrix of heads is [H, in, C], that of the output [H, C, out], a bias of heads [H, C].
    let is_output = matches!(parameter.id, ParameterId::AttnO(_));
    let has_heads = shape.len() == 3 || is_bias_of_heads(parameter.id);
    let last = shape.len() - 1;
    let side_of = |dimension: usize| match (has_heads, is_output, shape.len()) {
        (true, true, _) if dimension < 2 => Side::In,
        (true, false, 3) if dimension == 1 => Side::In,
        (false, _, 2) if dimension == 0 => Side::In,
        _ => Side::Out,
    };
    let heads_side = if is_output { Side::In } else { Side::Out };
    let d_head = if is_output { shape[1] } else { shape[last] };
    let joined = if has_heads { shape[0] * d_head } else { 0 };
    let (parts, start, head_step) = match form {
        Form::Plain | Form::Linear => (1, 0, d_head),
        Form::Fused(part) => (3, part * joined, d_head),
        Form::Interleaved(part) => (3, part * d_head, 3 * d_head),
    };
    let len = |side: Side| match has_heads && side == heads_side {
        true => parts * joined,
        false => (0..shape.len()).filter(|&it| side_of(it) == side).map(|it| shape[it]).product(),
    };
    let is_matrix = (0..shape.len()).any(|dimension| side_of(dimension) == Side::In);
    let order: &[Side] = match form {
        _ if !is_matrix => &[Side::Out],
        Form::Plain | Form::Fused(_) => &[Side::In, Side::Out],
        Form::Linear | Form::Interleaved(_) => &[Side::Out, Side::In],
    };
    let along = |(dimension, &len): (usize, &usize)| Along {
        dimension: if order[0] == side_of(dimension) { 0 } else { 1 },
        len,
        step: if has_heads && dimension == 0 { head_step } else { 1 },
    };
    View {
        tensor,
        shape: order.iter().map(|&side| len(side)).collect(),
        start: order.iter().map(|&side| if side == heads_side && has_heads { start } else { 0 }).collect(),
        along: shape.iter().enumerate().map(along).collect(),
    }
}

fn is_bias_of_heads(id: ParameterId) -> bool {
    matches!(id, ParameterId::AttnQBias(_) | ParameterId::AttnKBias(_) | ParameterId::AttnVBias(_))
}
