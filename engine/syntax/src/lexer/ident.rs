//! Identifier names with escapes or characters beyond ASCII.

use icu_properties::CodePointSetData;
use icu_properties::props::{IdContinue, IdStart};

/// What [`scan`] found.
pub(super) struct Scan {
    /// Offset after the name; the start if there is none.
    pub end: usize,
    /// Whether there is an escape in it.
    pub escaped: bool,
    /// Whether an escape in it is malformed or stands for a character that may not be there.
    pub invalid: bool,
}

// 12.7 Names and Keywords, https://tc39.es/ecma262/#sec-names-and-keywords
fn is_start(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '_' | '$' => true,
        '\0'..='\x7F' => false,
        _ => CodePointSetData::new::<IdStart>().contains(c),
    }
}

fn is_part(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '$' => true,
        '\0'..='\x7F' => false,
        '\u{200C}' | '\u{200D}' => true,
        _ => CodePointSetData::new::<IdContinue>().contains(c),
    }
}

/// Reads `u1234` or `u{12345}` at the start of `text`: the character and the length.
fn unicode_escape(text: &str) -> Option<(char, usize)> {
    let rest = text.strip_prefix('u')?;
    let (digits, length) = match rest.strip_prefix('{') {
        Some(braced) => {
            let close = braced.find('}')?;
            (&braced[..close], close + 3)
        }
        None => (rest.get(..4)?, 5),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let value = if digits.is_empty() { 0 } else { u32::from_str_radix(digits, 16).ok()? };
    Some((char::from_u32(value)?, length))
}

/// Scans an identifier name from byte offset `start`.
pub(super) fn scan(source: &str, start: usize) -> Scan {
    let mut result = Scan { end: start, escaped: false, invalid: false };
    while let Some(c) = source[result.end..].chars().next() {
        let (c, length) = if c == '\\' {
            result.escaped = true;
            match unicode_escape(&source[result.end + 1..]) {
                Some((c, length)) => (c, length + 1),
                None => {
                    result.invalid = true;
                    result.end += 1;
                    return result;
                }
            }
        } else {
            (c, c.len_utf8())
        };
        if !(if result.end == start { is_start(c) } else { is_part(c) }) {
            result.invalid |= source[result.end..].starts_with('\\');
            break;
        }
        result.end += length;
    }
    result
}

/// The offset after the unescaped identifier characters that start at `start`.
pub(super) fn scan_part(source: &str, start: usize) -> usize {
    source[start..].char_indices().find(|&(_, c)| !is_part(c)).map_or(source.len(), |(index, _)| start + index)
}

/// Whether an identifier could start at byte offset `at`.
pub(super) fn starts_at(source: &str, at: usize) -> bool {
    source[at..].chars().next().is_some_and(|c| c == '\\' || is_start(c))
}

/// The text of an identifier name that the lexer accepted, escapes resolved. A leading `#` is kept.
pub fn decode_identifier(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        result.push_str(&rest[..at]);
        match unicode_escape(&rest[at + 1..]) {
            Some((c, length)) => {
                result.push(c);
                rest = &rest[at + 1 + length..];
            }
            None => {
                result.push('\\');
                rest = &rest[at + 1..];
            }
        }
    }
    result.push_str(rest);
    result
}
