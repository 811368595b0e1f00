//! Escapes in strings and templates.

use crate::ast::JsStr;
use bumpalo::Bump;

/// A bad escape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CookError {
    /// Offset of the backslash within the text.
    pub at: usize,
    /// Offset after what was understood of it.
    pub end: usize,
    /// The message.
    pub message: &'static str,
}

/// A string value with what strict mode wants to know about it.
#[derive(Clone, Copy, Debug)]
pub struct Cooked<'a> {
    /// The value.
    pub value: JsStr<'a>,
    /// Offset and kind of the first legacy escape: true for `\8` and `\9`, false for octal escapes.
    pub legacy: Option<(usize, bool)>,
}

/// Collects a value, as UTF-8 as long as that can hold it.
struct Cooker {
    utf8: String,
    utf16: Option<Vec<u16>>,
    high: Option<u16>,
}

impl Cooker {
    fn push_str(&mut self, text: &str) {
        if !text.is_empty() {
            self.flush();
            match &mut self.utf16 {
                Some(units) => units.extend(text.encode_utf16()),
                None => self.utf8.push_str(text),
            }
        }
    }

    fn push_char(&mut self, c: char) {
        self.push_str(c.encode_utf8(&mut [0; 4]));
    }

    /// A code point, which may be a surrogate.
    fn push_code(&mut self, code: u32) {
        match (code, self.high) {
            (0xD800..=0xDBFF, _) => {
                self.flush();
                self.high = Some(code as u16);
            }
            (0xDC00..=0xDFFF, Some(high)) => {
                self.high = None;
                let c = char::from_u32(0x10000 + ((u32::from(high) - 0xD800) << 10) + (code - 0xDC00));
                self.push_char(c.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (0xDC00..=0xDFFF, None) => self.push_unit(code as u16),
            _ => self.push_char(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
    }

    fn push_unit(&mut self, unit: u16) {
        let utf8 = &self.utf8;
        self.utf16.get_or_insert_with(|| utf8.encode_utf16().collect()).push(unit);
    }

    /// A high surrogate that got no partner is a lone one.
    fn flush(&mut self) {
        if let Some(high) = self.high.take() {
            self.push_unit(high);
        }
    }
}

/// The value of `text`, the inside of a string literal or (`template`) the literal part of a template.
///
/// In templates line endings become `\n` and legacy escapes are errors. Errors are bad escapes, with offsets into `text`.
// 12.9.4.2 Static Semantics: SV, https://tc39.es/ecma262/#sec-static-semantics-sv
// 12.9.6.1 Static Semantics: TV, https://tc39.es/ecma262/#sec-static-semantics-tv
pub fn cook<'a>(arena: &'a Bump, text: &'a str, template: bool) -> Result<Cooked<'a>, CookError> {
    let special = |bytes: &[u8]| if template { memchr::memchr2(b'\\', b'\r', bytes) } else { memchr::memchr(b'\\', bytes) };
    let bytes = text.as_bytes();
    if special(bytes).is_none() {
        return Ok(Cooked { value: JsStr::Utf8(text), legacy: None });
    }
    let mut cooker = Cooker { utf8: String::with_capacity(text.len()), utf16: None, high: None };
    let mut legacy = None;
    let mut at = 0;
    while let Some(found) = special(&bytes[at..]) {
        cooker.push_str(&text[at..at + found]);
        at += found;
        if bytes[at] == b'\r' {
            cooker.push_char('\n');
            at += if bytes.get(at + 1) == Some(&b'\n') { 2 } else { 1 };
        } else {
            at = escape(&mut cooker, text, at, template, &mut legacy)?;
        }
    }
    cooker.push_str(&text[at..]);
    cooker.flush();
    let value = match cooker.utf16 {
        Some(units) => JsStr::Utf16(arena.alloc_slice_copy(&units)),
        None => JsStr::Utf8(arena.alloc_str(&cooker.utf8)),
    };
    Ok(Cooked { value, legacy })
}

/// Handles the escape whose backslash is at `at` and returns the offset after it.
fn escape(cooker: &mut Cooker, text: &str, at: usize, template: bool, legacy: &mut Option<(usize, bool)>) -> Result<usize, CookError> {
    let bytes = text.as_bytes();
    let error = |end: usize, message| CookError { at, end: end.min(text.len()), message };
    let Some(c) = text[at + 1..].chars().next() else { return Err(error(at + 1, "Invalid or unexpected token")) };
    let after = at + 1 + c.len_utf8();
    let simple = match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'v' => '\u{B}',
        'f' => '\u{C}',
        '\r' => return Ok(if bytes.get(after) == Some(&b'\n') { after + 1 } else { after }),
        '\n' | '\u{2028}' | '\u{2029}' => return Ok(after),
        '0' if !bytes.get(after).is_some_and(u8::is_ascii_digit) => '\0',
        '0'..='9' if template => return Err(error(after, "Octal escape sequences are not allowed in template strings")),
        '8' | '9' => {
            legacy.get_or_insert((at, true));
            c
        }
        '0'..='7' => {
            legacy.get_or_insert((at, false));
            // B.1.2: up to three digits if the first is at most 3, else up to two.
            let most = if c <= '3' { 3 } else { 2 };
            let length = bytes[at + 1..].iter().take(most).take_while(|b| (b'0'..=b'7').contains(b)).count();
            let value = bytes[at + 1..at + 1 + length].iter().fold(0, |value, b| value * 8 + u32::from(b - b'0'));
            cooker.push_code(value);
            return Ok(at + 1 + length);
        }
        'x' => {
            let Some(value) = hex(bytes, after, 2) else { return Err(error(after + 2, "Invalid hexadecimal escape sequence")) };
            cooker.push_code(value);
            return Ok(after + 2);
        }
        'u' if bytes.get(after) == Some(&b'{') => {
            let length = bytes[after + 1..].iter().take_while(|b| b.is_ascii_hexdigit()).count();
            let end = after + 1 + length;
            if length == 0 || bytes.get(end) != Some(&b'}') {
                return Err(error(end, "Invalid Unicode escape sequence"));
            }
            let value = text[after + 1..end].trim_start_matches('0');
            let value = if value.is_empty() { Ok(0) } else { u32::from_str_radix(value, 16) };
            match value {
                Ok(value @ 0..=0x10FFFF) => cooker.push_code(value),
                _ => return Err(error(end, "Undefined Unicode code-point")),
            }
            return Ok(end + 1);
        }
        'u' => {
            let Some(value) = hex(bytes, after, 4) else { return Err(error(after + 4, "Invalid Unicode escape sequence")) };
            cooker.push_code(value);
            return Ok(after + 4);
        }
        other => other,
    };
    cooker.push_char(simple);
    Ok(after)
}

fn hex(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    bytes.get(at..at + count)?.iter().try_fold(0, |value, &b| Some(value * 16 + (b as char).to_digit(16)?))
}
