//! Python's pickle, protocols 2 to 5, as far as a state dict needs it.
//!
//! A pickle is a program for a small stack machine. This machine makes containers, texts and numbers,
//! and notes tensors. It calls nothing. It stops at a name outside the list of [`Global::find`], and at
//! an opcode that torch never writes.

use std::collections::BTreeMap;

use super::construct::construct;
use super::fields::Fields;
use super::refusal::malformed;
use super::value::{Global, Object, Storage, Value};
use crate::error::{Error, Result};

/// Most values that one pickle may push. A model here needs a few thousand.
const MOST_VALUES: usize = 1 << 20;

/// The contents of a pickle.
#[derive(Debug)]
pub(super) struct Unpickled<'a> {
    /// The outermost value.
    pub root: Value<'a>,
    /// The objects that values refer to.
    pub objects: Vec<Object<'a>>,
}

/// Reads a pickle.
///
/// # Errors
/// [`Error::UnsafePickle`] when the pickle names something outside the list of known constructors;
/// [`Error::CheckpointFormat`] when the pickle is cut short, or is not of a state dict.
pub(super) fn unpickle(bytes: &[u8]) -> Result<Unpickled<'_>> {
    let mut machine = Machine {
        code: Fields(bytes),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: BTreeMap::new(),
        objects: Vec::new(),
        pushed: 0,
    };
    loop {
        let at = bytes.len() - machine.code.0.len();
        let cut = || malformed(format!("its pickle is cut short or damaged at byte {at}"));
        if let Some(root) = machine.step().ok_or_else(cut)?? {
            return Ok(Unpickled { root, objects: machine.objects });
        }
    }
}

struct Machine<'a> {
    code: Fields<'a>,
    stack: Vec<Value<'a>>,
    /// Heights of the stack at its marks.
    marks: Vec<usize>,
    memo: BTreeMap<u32, Value<'a>>,
    objects: Vec<Object<'a>>,
    pushed: usize,
}

/// The outcome of an opcode. `None` when the code ends, or the stack lacks what the opcode needs.
type Step<T> = Option<Result<T>>;

impl<'a> Machine<'a> {
    /// Runs one opcode. The last one gives the result.
    fn step(&mut self) -> Step<Option<Value<'a>>> {
        let opcode = self.code.u8()?;
        let done = match opcode {
            b'.' => return self.stack.pop().map(|root| Ok(Some(root))),
            0x80 => self.protocol(),
            0x95 => self.code.u64().map(|_frame_length| Ok(())),
            b'(' => {
                self.marks.push(self.stack.len());
                // Marks take room as values do.
                self.count()
            }
            b'0' => self.stack.pop().map(|_| Ok(())),
            b'1' => self.popped_to_mark().map(|_| Ok(())),
            b'2' => {
                let top = *self.stack.last()?;
                self.push(top)
            }
            b'N' => self.push(Value::None),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'K' | b'M' | b'J' | 0x8a | 0x8b => self.integer(opcode),
            b'X' | 0x8c | 0x8d | b'U' | b'T' => self.text(opcode),
            b'G' | b'C' | b'B' | 0x8e | 0x96 => self.other(opcode),
            b')' | b't' | 0x85..=0x87 => self.tuple(opcode),
            b']' | 0x8f => self.push_object(Object::List(Vec::new())),
            b'}' => self.push_object(Object::Dict(Vec::new())),
            b'l' | 0x91 => {
                let items = self.popped_to_mark()?;
                self.push_object(Object::List(items))
            }
            b'a' | b'e' | 0x90 => self.append(opcode),
            b's' | b'u' | b'd' => self.set_items(opcode),
            b'q' | b'r' | 0x94 => self.put(opcode),
            b'h' | b'j' => self.get(opcode),
            b'c' | b'i' | 0x93 => self.global(opcode),
            b'R' | 0x81 => self.reduce(),
            b'b' => self.build(),
            b'Q' => self.persistent(),
            _ => Some(Err(malformed(format!(
                "its pickle uses opcode 0x{opcode:02x}, which no state dict of protocol 2 to 5 needs"
            )))),
        };
        done.map(|result| result.map(|()| None))
    }

    fn protocol(&mut self) -> Step<()> {
        let protocol = self.code.u8()?;
        if (2..=5).contains(&protocol) {
            return Some(Ok(()));
        }
        Some(Err(malformed(format!("its pickle is of protocol {protocol}, and 2 to 5 are read"))))
    }

    fn integer(&mut self, opcode: u8) -> Step<()> {
        let value = match opcode {
            b'K' => Value::Int(self.code.u8()?.into()),
            b'M' => Value::Int(self.code.u16()?.into()),
            b'J' => Value::Int(i64::from(self.code.u32()? as i32)),
            _ => {
                let len = if opcode == 0x8a { self.code.u8()?.into() } else { self.code.u32()? as usize };
                let bytes = self.code.bytes(len)?;
                // Two's complement, little-endian, as short as possible. No size needs more than 64 bits.
                let sign = bytes.last().map_or(0, |&last| if last < 0x80 { 0 } else { -1i64 });
                let shifted = |value: i64, &byte: &u8| value << 8 | i64::from(byte);
                if len > 8 { Value::Other } else { Value::Int(bytes.iter().rev().fold(sign, shifted)) }
            }
        };
        self.push(value)
    }

    fn text(&mut self, opcode: u8) -> Step<()> {
        let bytes = self.counted(opcode)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => self.push(Value::Text(text)),
            // Python 2's texts are bytes, too.
            Err(_) if matches!(opcode, b'U' | b'T') => self.push(Value::Other),
            Err(_) => Some(Err(malformed("its pickle has a text that is not UTF-8".to_owned()))),
        }
    }

    /// Bytes after their length.
    fn counted(&mut self, opcode: u8) -> Option<&'a [u8]> {
        let len = match opcode {
            0x8c | b'U' | b'C' => self.code.u8()?.into(),
            b'X' | b'T' | b'B' => self.code.u32()?.into(),
            _ => self.code.u64()?,
        };
        self.code.bytes(usize::try_from(len).ok()?)
    }

    /// Floats and bytes, which are read past.
    fn other(&mut self, opcode: u8) -> Step<()> {
        if opcode == b'G' {
            self.code.bytes(8)?
        } else {
            self.counted(opcode)?
        };
        self.push(Value::Other)
    }

    fn tuple(&mut self, opcode: u8) -> Step<()> {
        let items = match opcode {
            b')' => Vec::new(),
            b't' => self.popped_to_mark()?,
            _ => self.stack.split_off(self.floor_for(usize::from(opcode - 0x84))?),
        };
        self.push_object(Object::Tuple(items))
    }

    fn append(&mut self, opcode: u8) -> Step<()> {
        let new = if opcode == b'a' { vec![self.stack.pop()?] } else { self.popped_to_mark()? };
        match self.top_object()? {
            Object::List(items) => items.extend(new),
            _ => return None,
        }
        Some(Ok(()))
    }

    fn set_items(&mut self, opcode: u8) -> Step<()> {
        let new = match opcode {
            b's' => self.stack.split_off(self.floor_for(2)?),
            _ => self.popped_to_mark()?,
        };
        if opcode == b'd' {
            self.push_object(Object::Dict(Vec::new()))?.ok()?;
        }
        let (pairs, rest) = new.as_chunks::<2>();
        match self.top_object()? {
            Object::Dict(items) if rest.is_empty() => {
                items.extend(pairs.iter().map(|&[key, value]| (key, value)));
                Some(Ok(()))
            }
            _ => None,
        }
    }

    fn put(&mut self, opcode: u8) -> Step<()> {
        let index = match opcode {
            b'q' => self.code.u8()?.into(),
            b'r' => self.code.u32()?,
            _ => self.memo.len() as u32,
        };
        self.memo.insert(index, *self.stack.last()?);
        // The memo takes room as values do.
        self.count()
    }

    fn get(&mut self, opcode: u8) -> Step<()> {
        let index = if opcode == b'h' { self.code.u8()?.into() } else { self.code.u32()? };
        let value = *self.memo.get(&index)?;
        self.push(value)
    }

    fn global(&mut self, opcode: u8) -> Step<()> {
        let (module, name) = if opcode == 0x93 {
            let name = self.stack.pop()?;
            let (Value::Text(module), Value::Text(name)) = (self.stack.pop()?, name) else { return None };
            (module, name)
        } else {
            let (module, name) = (self.code.line()?, self.code.line()?);
            (std::str::from_utf8(module).ok()?, std::str::from_utf8(name).ok()?)
        };
        match Global::find(module, name) {
            // INST would call the name with the values on the stack. Python has not written it since 2003.
            Ok(_) if opcode == b'i' => Some(Err(Error::UnsafePickle { found: format!("{module}.{name}") })),
            Ok(global) => self.push(Value::Global(global)),
            Err(error) => Some(Err(error)),
        }
    }

    /// A call. It is not made: a known constructor's arguments are noted instead.
    fn reduce(&mut self) -> Step<()> {
        let (args, callable) = (self.stack.pop()?, self.stack.pop()?);
        let Value::Global(global) = callable else { return None };
        match construct(global, args, &mut self.objects) {
            Ok(value) => self.push(value),
            Err(error) => Some(Err(error)),
        }
    }

    /// Attributes of an object, which are dropped. torch gives a state dict its `_metadata`, and a
    /// parameter the attributes that a user set.
    fn build(&mut self) -> Step<()> {
        self.stack.pop()?;
        matches!(self.top_object()?, Object::Dict(_) | Object::Tensor(_)).then_some(Ok(()))
    }

    /// A storage: `('storage', class, key, location, number of elements)`.
    fn persistent(&mut self) -> Step<()> {
        let Value::Object(id) = self.stack.pop()? else { return None };
        let Object::Tuple(items) = &self.objects[id] else { return None };
        let [
            Value::Text("storage"),
            Value::Global(Global::Storage(element)),
            Value::Text(key),
            _,
            Value::Int(len),
        ] = items[..]
        else {
            return None;
        };
        let storage = Storage { key, element, len: u64::try_from(len).ok()? };
        self.push_object(Object::Storage(storage))
    }

    fn push(&mut self, value: Value<'a>) -> Step<()> {
        self.stack.push(value);
        self.count()
    }

    fn push_object(&mut self, object: Object<'a>) -> Step<()> {
        self.objects.push(object);
        self.push(Value::Object(self.objects.len() - 1))
    }

    fn count(&mut self) -> Step<()> {
        self.pushed += 1;
        if self.pushed <= MOST_VALUES {
            return Some(Ok(()));
        }
        Some(Err(malformed(format!("its pickle makes more than {MOST_VALUES} values"))))
    }

    fn top_object(&mut self) -> Option<&mut Object<'a>> {
        match self.stack.last()? {
            Value::Object(id) => self.objects.get_mut(*id),
            _ => None,
        }
    }

    fn popped_to_mark(&mut self) -> Option<Vec<Value<'a>>> {
        let height = self.marks.pop().filter(|&height| height <= self.stack.len())?;
        Some(self.stack.split_off(height))
    }

    /// The height under the top `count` values.
    fn floor_for(&self, count: usize) -> Option<usize> {
        self.stack.len().checked_sub(count)
    }
}
