//! The values that a pickle can make here: plain values, containers, and the few objects of a state dict.

use super::elements::Element;
use crate::error::{Error, Result};

/// A value on the pickle's stack.
///
/// Containers lie in a list of their own. Values are then copied freely, cycles do no harm, and a deep
/// structure is dropped without a deep stack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    None,
    Bool(bool),
    Int(i64),
    Text(&'a str),
    Global(Global),
    /// Index of an [`Object`].
    Object(usize),
    /// A number or bytes that no state dict needs.
    Other,
}

/// A container, or the result of a known constructor.
#[derive(Debug)]
pub(super) enum Object<'a> {
    Tuple(Vec<Value<'a>>),
    /// A list or a set.
    List(Vec<Value<'a>>),
    /// A dict or an `OrderedDict`, in the order of assignment.
    Dict(Vec<(Value<'a>, Value<'a>)>),
    Storage(Storage<'a>),
    Tensor(Tensor<'a>),
}

/// A run of elements that tensors are views of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Storage<'a> {
    /// The key of its entry in the archive, `data/KEY`.
    pub key: &'a str,
    pub element: &'static Element,
    /// Number of elements.
    pub len: u64,
}

/// A view of a storage; offset and strides in elements.
#[derive(Debug, Clone)]
pub(super) struct Tensor<'a> {
    pub storage: Storage<'a>,
    pub element: &'static Element,
    pub offset: u64,
    pub shape: Vec<usize>,
    pub strides: Vec<usize>,
}

/// A Python name that a pickle may use. The name is noted; nothing of Python is run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Global {
    OrderedDict,
    RebuildTensor,
    /// The form for types without a storage class. Its last argument is a dtype.
    RebuildTensorOfDtype,
    RebuildParameter,
    Size,
    Device,
    Storage(&'static Element),
    Dtype(&'static Element),
}

impl Global {
    /// Finds a name that a state dict may use.
    ///
    /// # Errors
    /// [`Error::UnsafePickle`] for every other name.
    pub fn find(module: &str, name: &str) -> Result<Self> {
        let known = match (module, name) {
            ("collections", "OrderedDict") => Some(Global::OrderedDict),
            ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => Some(Global::RebuildTensor),
            ("torch._utils", "_rebuild_tensor_v3") => Some(Global::RebuildTensorOfDtype),
            ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => {
                Some(Global::RebuildParameter)
            }
            ("torch", "Size") => Some(Global::Size),
            ("torch", "device") => Some(Global::Device),
            ("torch", _) => {
                let storage = Element::of_storage(name).map(Global::Storage);
                storage.or_else(|| Element::of_dtype(name).map(Global::Dtype))
            }
            ("torch.storage", "UntypedStorage") => Element::of_storage(name).map(Global::Storage),
            _ => None,
        };
        known.ok_or_else(|| Error::UnsafePickle { found: format!("{module}.{name}") })
    }
}
