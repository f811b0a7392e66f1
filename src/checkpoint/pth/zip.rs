//! A zip file's directory and its stored entries, read by ranges.
//!
//! torch writes every entry uncompressed, so a tensor is a range of the file. The reader accepts what
//! torch writes and nothing else: stored entries, zip64 or not, on one disk, unencrypted.

use std::collections::BTreeMap;
use std::ops::Range;

use super::fields::Fields;
use super::refusal::malformed;
use crate::checkpoint::checksums::{Stored, check_crc32};
use crate::checkpoint::source::ByteSource;
use crate::error::{Error, Result};

/// The first bytes of every zip file that has an entry.
pub(in crate::checkpoint) const MAGIC: &[u8] = b"PK\x03\x04";

const LOCAL_HEADER: u32 = u32::from_le_bytes(*b"PK\x03\x04");
const DIRECTORY_HEADER: u32 = u32::from_le_bytes(*b"PK\x01\x02");
const END: &[u8] = b"PK\x05\x06";
const END_SIZE: usize = 22;
const LONGEST_COMMENT: usize = u16::MAX as usize;
const ZIP64_LOCATOR: u32 = u32::from_le_bytes(*b"PK\x06\x07");
const ZIP64_LOCATOR_SIZE: usize = 20;
const ZIP64_END: u32 = u32::from_le_bytes(*b"PK\x06\x06");
const ZIP64_END_SIZE: u64 = 56;
const ZIP64_EXTRA: u16 = 1;

/// The longest directory that is read. No model here needs more: an entry takes about 100 bytes.
const LONGEST_DIRECTORY: u64 = 16 << 20;

/// The entries of a zip file's directory, by name.
#[derive(Debug)]
pub(super) struct Archive(BTreeMap<String, Entry>);

#[derive(Debug)]
struct Entry {
    header: u64,
    size: u64,
    crc32: u32,
}

impl Archive {
    /// Reads the directory, at the end of the file.
    ///
    /// # Errors
    /// [`Error::CheckpointFormat`] when the directory is damaged, too long or names an entry twice.
    pub async fn open(source: &impl ByteSource) -> Result<Self> {
        let directory = find_directory(source).await?;
        let (count, size) = (directory.count, directory.range.end - directory.range.start);
        if size > LONGEST_DIRECTORY {
            let limit = LONGEST_DIRECTORY;
            return Err(malformed(format!("a zip directory of {size} bytes, and at most {limit} are read")));
        }
        let bytes = source.read(directory.range).await?;
        let mut fields = Fields(&bytes);
        let mut entries = BTreeMap::new();
        while !fields.0.is_empty() {
            let (name, entry) = read_entry(&mut fields)
                .ok_or_else(|| malformed("its zip directory is cut short or damaged".to_owned()))??;
            if entries.contains_key(&name) {
                return Err(malformed(format!("its zip directory names `{name}` twice")));
            }
            entries.insert(name, entry);
        }
        if entries.len() as u64 != count {
            let found = entries.len();
            return Err(malformed(format!("its zip directory announces {count} entries and has {found}")));
        }
        Ok(Archive(entries))
    }

    /// Names of all entries, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Place and checksum of an entry's bytes; `None` when there is no such entry.
    pub async fn find(&self, source: &impl ByteSource, name: &str) -> Result<Option<Stored>> {
        let Some(entry) = self.0.get(name) else { return Ok(None) };
        let damaged = || malformed(format!("the zip entry `{name}` does not start where the directory says"));
        // The entry's own header has a name and padding. The directory tells the name's length alone.
        let fixed = 30;
        let named = entry.header.checked_add(fixed + name.len() as u64).filter(|&end| end <= source.len());
        let header = source.read(entry.header..named.ok_or_else(damaged)?).await?;
        let padding = local_padding(&header, name).ok_or_else(damaged)?;
        let start = entry.header + header.len() as u64 + u64::from(padding);
        match start.checked_add(entry.size).filter(|&end| end <= source.len()) {
            Some(end) => Ok(Some(Stored { range: start..end, crc32: entry.crc32 })),
            None => {
                let (size, len) = (entry.size, source.len());
                Err(malformed(format!(
                    "the zip entry `{name}` has {size} bytes from {start} on, and the file {len}"
                )))
            }
        }
    }

    /// Reads a whole entry of at most `limit` bytes, and checks its CRC-32. `None` when there is no such
    /// entry.
    pub async fn read(&self, source: &impl ByteSource, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let Some(Stored { range, crc32 }) = self.find(source, name).await? else { return Ok(None) };
        let size = range.end - range.start;
        if size > limit {
            return Err(malformed(format!(
                "its entry `{name}` has {size} bytes, and at most {limit} are read"
            )));
        }
        let bytes = source.read(range).await?;
        check_crc32(name, crc32, crc32fast::hash(&bytes))?;
        Ok(Some(bytes))
    }
}

/// The directory's place in the file, and the number of entries that it announces.
struct Directory {
    count: u64,
    range: Range<u64>,
}

async fn find_directory(source: &impl ByteSource) -> Result<Directory> {
    let len = source.len();
    let tail_start = len.saturating_sub((END_SIZE + LONGEST_COMMENT + ZIP64_LOCATOR_SIZE) as u64);
    let tail = source.read(tail_start..len).await?;
    let end = (0..(tail.len() + 1).saturating_sub(END_SIZE)).rev().find(|&at| is_end(&tail[at..]));
    let end = end.ok_or_else(|| malformed("a zip file without an end: it is cut short".to_owned()))?;
    let damaged = || malformed("the end of the zip file is damaged".to_owned());
    let mut directory = read_end(&tail[end..]).ok_or_else(damaged)??;
    let locator = end.checked_sub(ZIP64_LOCATOR_SIZE).and_then(|at| read_locator(&tail[at..]));
    if let Some(at) = locator {
        let after = at.checked_add(ZIP64_END_SIZE).filter(|&after| after <= len).ok_or_else(damaged)?;
        directory = read_zip64_end(&source.read(at..after).await?).ok_or_else(damaged)?;
    }
    let before_end = tail_start + end as u64;
    if directory.range.start > directory.range.end || directory.range.end > before_end {
        let Range { start, end } = directory.range;
        return Err(malformed(format!(
            "its zip directory lies at {start}..{end}, and its end at {before_end}"
        )));
    }
    Ok(directory)
}

/// Whether the last record of a zip file starts here: the signature, and a comment up to the file's end.
fn is_end(tail: &[u8]) -> bool {
    let comment = usize::from(u16::from_le_bytes([tail[END_SIZE - 2], tail[END_SIZE - 1]]));
    tail.starts_with(END) && tail.len() == END_SIZE + comment
}

fn read_end(record: &[u8]) -> Option<Result<Directory>> {
    let mut fields = Fields(record);
    let (_signature, disk, first_disk) = (fields.u32()?, fields.u16()?, fields.u16()?);
    let (_on_disk, count, size, start) = (fields.u16()?, fields.u16()?, fields.u32()?, fields.u32()?);
    // With zip64, the disk numbers are in the other record, too.
    if ![0, u16::MAX].contains(&disk) || ![0, u16::MAX].contains(&first_disk) {
        return Some(Err(malformed("a zip file in several parts".to_owned())));
    }
    let (start, size) = (u64::from(start), u64::from(size));
    Some(Ok(Directory { count: count.into(), range: start..start + size }))
}

fn read_locator(record: &[u8]) -> Option<u64> {
    let mut fields = Fields(record);
    let (signature, _disk) = (fields.u32()?, fields.u32()?);
    fields.u64().filter(|_| signature == ZIP64_LOCATOR)
}

fn read_zip64_end(record: &[u8]) -> Option<Directory> {
    let mut fields = Fields(record);
    let signature = fields.u32()?;
    fields.bytes(28)?; // the record's size, versions, disks, and the entries on this disk
    let (count, size, start) = (fields.u64()?, fields.u64()?, fields.u64()?);
    (signature == ZIP64_END).then_some(Directory { count, range: start..start.checked_add(size)? })
}

fn read_entry(fields: &mut Fields) -> Option<Result<(String, Entry)>> {
    let signature = fields.u32()?;
    let (_versions, flags, method, _time) = (fields.u32()?, fields.u16()?, fields.u16()?, fields.u32()?);
    let (crc32, stored, size) = (fields.u32()?, fields.u32()?, fields.u32()?);
    let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
    let (_disk, _attributes, header) = (fields.u16()?, fields.bytes(6)?, fields.u32()?);
    let (name, extra) = (fields.bytes(name.into())?, fields.bytes(extra.into())?);
    fields.bytes(comment.into())?;
    if signature != DIRECTORY_HEADER {
        return None;
    }
    let (mut size, mut stored, mut header) = (u64::from(size), u64::from(stored), u64::from(header));
    // A value whose 32-bit field is full has its 64-bit value in the extra field, in this order.
    let mut wide = zip64_extra(extra);
    for value in [&mut size, &mut stored, &mut header] {
        if *value == u64::from(u32::MAX) {
            *value = wide.u64()?;
        }
    }
    Some(checked_entry(name, flags, method, Entry { header, size, crc32 }, stored))
}

fn checked_entry(name: &[u8], flags: u16, method: u16, entry: Entry, stored: u64) -> Result<(String, Entry)> {
    let name = String::from_utf8(name.to_vec());
    let name = name.map_err(|_| malformed("a zip entry whose name is not UTF-8".to_owned()))?;
    let refuse = |what: String| Err::<_, Error>(malformed(format!("the zip entry `{name}` is {what}")));
    if flags & 1 != 0 {
        return refuse("encrypted".to_owned());
    }
    if method != 0 {
        return refuse(
            "compressed, as torch never does: unpack it and pack it again with `zip -0`".to_owned(),
        );
    }
    if stored != entry.size {
        return refuse(format!("stored in {stored} bytes, and should have {}", entry.size));
    }
    Ok((name, entry))
}

/// The zip64 part of an entry's extra fields; empty where there is none.
fn zip64_extra(extra: &[u8]) -> Fields<'_> {
    let mut fields = Fields(extra);
    while let (Some(id), Some(size)) = (fields.u16(), fields.u16()) {
        match fields.bytes(size.into()) {
            Some(content) if id == ZIP64_EXTRA => return Fields(content),
            Some(_) => {}
            None => break,
        }
    }
    Fields(&[])
}

/// Bytes between the name in an entry's own header and its contents.
///
/// The sizes in this header are not read. They may be zero, since torch writes them after the contents.
fn local_padding(header: &[u8], name: &str) -> Option<u16> {
    let mut fields = Fields(header);
    let (signature, _version, _flags) = (fields.u32()?, fields.u16()?, fields.u16()?);
    let (method, _time_crc32_sizes, name_len) = (fields.u16()?, fields.bytes(16)?, fields.u16()?);
    let extra_len = fields.u16()?;
    let same = usize::from(name_len) == name.len() && fields.0 == name.as_bytes();
    (signature == LOCAL_HEADER && method == 0 && same).then_some(extra_len)
}
