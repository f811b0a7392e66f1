//! Writes a pickle, opcode by opcode.

/// A pickle of protocol 2 to 5 that is being written.
#[derive(Debug)]
pub struct Pickle {
    protocol: u8,
    code: Vec<u8>,
}

impl Pickle {
    /// An empty pickle.
    pub fn new(protocol: u8) -> Self {
        Pickle { protocol, code: Vec::new() }
    }

    /// Writes any opcodes.
    pub fn raw(&mut self, code: &[u8]) -> &mut Self {
        self.code.extend(code);
        self
    }

    /// Writes a text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        match u8::try_from(text.len()) {
            Ok(len) if self.protocol >= 4 => self.raw(&[0x8c, len]),
            _ => self.raw(b"X").raw(&(text.len() as u32).to_le_bytes()),
        };
        self.raw(text.as_bytes())
    }

    /// Writes a whole number.
    pub fn int(&mut self, value: i64) -> &mut Self {
        if let Ok(value) = u8::try_from(value) {
            self.raw(&[b'K', value])
        } else if let Ok(value) = u16::try_from(value) {
            self.raw(b"M").raw(&value.to_le_bytes())
        } else if let Ok(value) = i32::try_from(value) {
            self.raw(b"J").raw(&value.to_le_bytes())
        } else {
            self.raw(&[0x8a, 8]).raw(&value.to_le_bytes())
        }
    }

    /// Writes true or false.
    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.raw(&[if value { 0x88 } else { 0x89 }])
    }

    /// Writes a Python name.
    pub fn global(&mut self, module: &str, name: &str) -> &mut Self {
        if self.protocol >= 4 {
            return self.text(module).text(name).raw(&[0x93]);
        }
        self.raw(format!("c{module}\n{name}\n").as_bytes())
    }

    /// Writes a tuple of whole numbers.
    pub fn ints(&mut self, values: &[usize]) -> &mut Self {
        self.mark();
        for &value in values {
            self.int(value as i64);
        }
        self.tuple()
    }

    /// Starts a tuple, or a dict's items.
    pub fn mark(&mut self) -> &mut Self {
        self.raw(b"(")
    }

    /// Ends a tuple.
    pub fn tuple(&mut self) -> &mut Self {
        self.raw(b"t")
    }

    /// Writes an empty dict and starts its items.
    pub fn dict(&mut self) -> &mut Self {
        self.raw(b"}").mark()
    }

    /// Writes an empty `OrderedDict`.
    pub fn ordered_dict(&mut self) -> &mut Self {
        self.global("collections", "OrderedDict").raw(b")R")
    }

    /// Ends a dict's items.
    pub fn items(&mut self) -> &mut Self {
        self.raw(b"u")
    }

    /// Writes a call.
    pub fn call(&mut self) -> &mut Self {
        self.raw(b"R")
    }

    /// Returns the whole pickle.
    pub fn finish(&mut self) -> Vec<u8> {
        let mut pickle = vec![0x80, self.protocol];
        if self.protocol >= 4 {
            pickle.push(0x95);
            pickle.extend((self.code.len() as u64 + 1).to_le_bytes());
        }
        pickle.append(&mut self.code);
        pickle.push(b'.');
        pickle
    }
}
