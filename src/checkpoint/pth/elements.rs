//! torch's element types: names, sizes, and the types of weights among them.

use crate::checkpoint::dtype::Dtype;

/// An element type of torch.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Element {
    /// The storage class that a pickle names, less the ending `Storage`; empty for types that have none.
    storage: &'static str,
    /// The dtype, less the beginning `torch.`.
    name: &'static str,
    /// Bytes of one element.
    pub size: u64,
}

const ELEMENTS: [Element; 17] = [
    Element { storage: "Float", name: "float32", size: 4 },
    Element { storage: "Half", name: "float16", size: 2 },
    Element { storage: "BFloat16", name: "bfloat16", size: 2 },
    Element { storage: "Double", name: "float64", size: 8 },
    Element { storage: "Bool", name: "bool", size: 1 },
    Element { storage: "Long", name: "int64", size: 8 },
    Element { storage: "Int", name: "int32", size: 4 },
    Element { storage: "Short", name: "int16", size: 2 },
    Element { storage: "Char", name: "int8", size: 1 },
    Element { storage: "Byte", name: "uint8", size: 1 },
    Element { storage: "ComplexFloat", name: "complex64", size: 8 },
    Element { storage: "ComplexDouble", name: "complex128", size: 16 },
    Element { storage: "", name: "uint16", size: 2 },
    Element { storage: "", name: "uint32", size: 4 },
    Element { storage: "", name: "uint64", size: 8 },
    Element { storage: "", name: "float8_e4m3fn", size: 1 },
    Element { storage: "", name: "float8_e5m2", size: 1 },
];

impl Element {
    /// The element type of a storage class such as `HalfStorage`; bytes for `UntypedStorage`.
    pub fn of_storage(class: &str) -> Option<&'static Element> {
        let storage = class.strip_suffix("Storage").filter(|storage| !storage.is_empty())?;
        let storage = if storage == "Untyped" { "Byte" } else { storage };
        ELEMENTS.iter().find(|element| element.storage == storage)
    }

    /// The type of a name such as `float16`.
    pub fn of_dtype(name: &str) -> Option<&'static Element> {
        ELEMENTS.iter().find(|element| element.name == name)
    }

    /// The type as tensors of a checkpoint have it.
    pub fn dtype(&self) -> Dtype {
        match self.name {
            "float16" => Dtype::F16,
            "bfloat16" => Dtype::Bf16,
            "float32" => Dtype::F32,
            "float64" => Dtype::F64,
            other => Dtype::Other(other.to_owned()),
        }
    }
}
