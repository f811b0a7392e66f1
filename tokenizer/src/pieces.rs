//! What a single token stands for: its text, or its bytes.

/// The blank of vocabularies in SentencePiece's way.
const BLANK: char = '▁';

/// The text of an id, decoded alone. A decoder takes the blank from the first token of a text; here every
/// token keeps its own.
pub fn piece(tokenizer: &tokenizers::Tokenizer, id: u32) -> tokenizers::Result<String> {
    let alone = tokenizer.decode(&[id], false)?;
    match tokenizer.id_to_token(id) {
        // A decoder that leaves the sign takes it for no blank.
        Some(token) if token.contains(BLANK) && !alone.contains(BLANK) => Ok(token.replace(BLANK, " ")),
        _ => Ok(alone),
    }
}

/// The bytes of a token that is not valid UTF-8 alone; `None` for every other token.
pub fn fragment(tokenizer: &tokenizers::Tokenizer, id: u32) -> Option<Vec<u8>> {
    // Only a token of incomplete characters decodes to U+FFFD. In other vocabularies `é` is no byte.
    if !tokenizer.decode(&[id], false).ok()?.contains('\u{fffd}') {
        return None;
    }
    let bytes = bytes_of(&tokenizer.id_to_token(id)?)?;
    std::str::from_utf8(&bytes).is_err().then_some(bytes)
}

/// The bytes that a token of a byte-level vocabulary spells, or the byte that a token such as `<0xE2>`
/// names in other vocabularies.
fn bytes_of(token: &str) -> Option<Vec<u8>> {
    if let Some(hex) = token.strip_prefix("<0x").and_then(|rest| rest.strip_suffix('>')) {
        return u8::from_str_radix(hex, 16).ok().map(|byte| vec![byte]);
    }
    token.chars().map(byte_of).collect()
}

/// The byte that a character of a byte-level vocabulary stands for.
///
/// Printable characters of Latin-1 stand for themselves. The other bytes are numbered from U+0100 on,
/// as in `bytes_to_unicode` of OpenAI's GPT-2.
fn byte_of(char: char) -> Option<u8> {
    let itself = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    match u8::try_from(char) {
        Ok(byte) => itself(byte).then_some(byte),
        Err(_) => (0..=255).filter(|&byte| !itself(byte)).nth((char as usize).checked_sub(0x100)?),
    }
}
