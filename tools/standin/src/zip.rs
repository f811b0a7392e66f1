//! Writes a zip file as torch does: stored entries, 64-byte alignment, sizes after the contents, zip64
//! at the end.

use std::io::{self, Write};

/// The contents of every entry start at a multiple of this.
const ALIGNMENT: u64 = 64;
/// Flags of an entry: a UTF-8 name, and sizes after the contents.
const FLAGS: u16 = 0x0808;
/// The value of a 32-bit field whose number stands in a 64-bit field instead.
const FULL: u32 = u32::MAX;

/// A zip file that is being written.
#[derive(Debug)]
pub struct Archive<W> {
    out: W,
    at: u64,
    directory: Vec<u8>,
    count: u64,
    wide: bool,
}

impl<W: Write> Archive<W> {
    /// An empty zip file.
    pub fn new(out: W) -> Self {
        Archive { out, at: 0, directory: Vec::new(), count: 0, wide: false }
    }

    /// Writes sizes and places of entries as 64-bit numbers, as torch does from 4 GB on.
    pub fn wide(self) -> Self {
        Archive { wide: true, ..self }
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn add(&mut self, name: &str, contents: &[u8]) -> io::Result<()> {
        self.add_with(name, contents, crc32fast::hash(contents), 0)
    }

    /// Adds an entry with any CRC-32 and compression method, for tests.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn add_with(&mut self, name: &str, contents: &[u8], crc32: u32, method: u16) -> io::Result<()> {
        let header = self.at;
        let size = contents.len() as u64;
        let before_padding = header + 30 + name.len() as u64 + 4;
        let padding = before_padding.next_multiple_of(ALIGNMENT) - before_padding;
        let mut local = Fields(b"PK\x03\x04".to_vec());
        local.u16(0).u16(FLAGS).u16(method).u32(0).u32(0).u32(0).u32(0);
        local.u16(name.len() as u16).u16(4 + padding as u16).bytes(name.as_bytes());
        local.bytes(b"FB").u16(padding as u16).bytes(&vec![b'Z'; padding as usize]);
        self.write(&local.0)?;
        self.write(contents)?;
        let mut after = Fields(b"PK\x07\x08".to_vec());
        after.u32(crc32);
        match u32::try_from(size) {
            Ok(size) => after.u32(size).u32(size),
            Err(_) => after.u64(size).u64(size),
        };
        self.write(&after.0)?;

        let narrow = |value: u64| if self.wide { FULL } else { u32::try_from(value).unwrap_or(FULL) };
        let mut extra = Fields(Vec::new());
        for value in [size, size, header] {
            if narrow(value) == FULL {
                extra.u64(value);
            }
        }
        let extra_len = if extra.0.is_empty() { 0 } else { 4 + extra.0.len() as u16 };
        let mut entry = Fields(b"PK\x01\x02".to_vec());
        entry.u32(0).u16(FLAGS).u16(method).u32(0).u32(crc32).u32(narrow(size)).u32(narrow(size));
        entry.u16(name.len() as u16).u16(extra_len).u16(0).u16(0).bytes(&[0; 6]).u32(narrow(header));
        entry.bytes(name.as_bytes());
        if extra_len > 0 {
            entry.u16(1).u16(extra.0.len() as u16).bytes(&extra.0);
        }
        self.directory.extend(entry.0);
        self.count += 1;
        Ok(())
    }

    /// Writes the directory and returns the output.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(mut self) -> io::Result<W> {
        let (start, size) = (self.at, self.directory.len() as u64);
        let directory = std::mem::take(&mut self.directory);
        self.write(&directory)?;
        let mut end = Fields(b"PK\x06\x06".to_vec());
        end.u64(44).u16(0x031e).u16(45).u32(0).u32(0).u64(self.count).u64(self.count).u64(size).u64(start);
        end.bytes(b"PK\x06\x07").u32(0).u64(start + size).u32(1);
        let count = u16::try_from(self.count).unwrap_or(u16::MAX);
        let narrow = |value: u64| if self.wide { FULL } else { u32::try_from(value).unwrap_or(FULL) };
        end.bytes(b"PK\x05\x06").u32(0).u16(count).u16(count).u32(narrow(size)).u32(narrow(start)).u16(0);
        self.write(&end.0)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.at += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}

/// Little-endian fields that are being written, one after another.
struct Fields(Vec<u8>);

impl Fields {
    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend(bytes);
        self
    }

    fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }
}
