//! Writes the header of a safetensors file.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

/// Writes the header of tensors that follow each other without gaps, all of one type of `width` bytes.
///
/// # Errors
/// Those of `out`.
pub fn header<'a>(
    out: &mut impl Write,
    dtype: &str,
    width: usize,
    tensors: impl Iterator<Item = (&'a str, &'a [usize])>,
) -> io::Result<()> {
    let mut header = Map::new();
    let mut end = 0;
    for (name, shape) in tensors {
        let start = end;
        end += width * shape.iter().product::<usize>();
        let place = json!({ "dtype": dtype, "shape": shape, "data_offsets": [start, end] });
        header.insert(name.to_owned(), place);
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    out.write_all(&(header.len() as u64).to_le_bytes())?;
    out.write_all(&header)
}
