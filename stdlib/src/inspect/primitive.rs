//! Primitive values.

use super::Inspector;
use mayfly_engine::string::Units;
use mayfly_engine::value::{Type, Value};

/// Strings up to this length are never split into lines.
const SHORTEST_SPLIT: usize = 16;

impl Inspector<'_> {
    pub(super) fn primitive(&mut self, value: Value) -> String {
        match value.type_of() {
            Type::String => self.string(value),
            Type::Number => number_text(self.cx, value),
            Type::BigInt => format!("{}n", self.cx.display(value)),
            Type::Internal => "<internal>".to_string(),
            _ => self.cx.display(value),
        }
    }

    fn string(&mut self, value: Value) -> String {
        let Some(string) = value.as_string() else { return String::new() };
        let limit = self.options.max_string_length;
        let units = string.units(&self.cx.heap);
        let mut trailer = String::new();
        if units.len() > limit {
            let rest = units.len() - limit;
            trailer = format!("... {rest} more character{}", if rest > 1 { "s" } else { "" });
        }
        let units = units.window(0, limit);
        if units.len() > SHORTEST_SPLIT && units.len() as isize > self.options.break_length as isize - self.indentation as isize - 4 {
            let text = units.to_vec();
            let mut lines: Vec<&[u16]> = text.split_inclusive(|&unit| unit == u16::from(b'\n')).collect();
            if lines.is_empty() {
                lines.push(&text);
            }
            let separator = format!(" +\n{}", " ".repeat(self.indentation));
            let lines: Vec<String> = lines.into_iter().map(|line| quoted(Units::Utf16(line))).collect();
            return lines.join(&separator) + &trailer;
        }
        quoted(units) + &trailer
    }
}

/// A number, -0 told from 0.
pub(super) fn number_text(cx: &mayfly_engine::context::Context, value: Value) -> String {
    match value.as_number() {
        Some(number) if number == 0.0 && number.is_sign_negative() => "-0".to_string(),
        _ => cx.display(value),
    }
}

/// A string as a literal: single quotes, or others that need no escapes.
pub fn quoted(units: Units<'_>) -> String {
    let has = |wanted: char| (0..units.len()).any(|i| units.at(i) == wanted as u16);
    let quote = if !has('\'') {
        '\''
    } else if !has('"') {
        '"'
    } else if !has('`') && !(0..units.len()).any(|i| units.at(i) == u16::from(b'$') && units.at(i + 1) == u16::from(b'{')) {
        '`'
    } else {
        '\''
    };
    let mut text = String::with_capacity(units.len() + 2);
    text.push(quote);
    let mut at = 0;
    while at < units.len() {
        let (code_point, length) = units.code_point_at(at);
        at += length;
        match code_point {
            8 => text.push_str("\\b"),
            9 => text.push_str("\\t"),
            10 => text.push_str("\\n"),
            12 => text.push_str("\\f"),
            13 => text.push_str("\\r"),
            92 => text.push_str("\\\\"),
            39 if quote == '\'' => text.push_str("\\'"),
            0..=0x1F | 0x7F..=0x9F => text.push_str(&format!("\\x{code_point:02X}")),
            _ => match char::from_u32(code_point) {
                Some(character) => text.push(character),
                None => text.push_str(&format!("\\u{code_point:04x}")),
            },
        }
    }
    text.push(quote);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(text: &str) -> String {
        let units: Vec<u16> = text.encode_utf16().collect();
        quoted(Units::Utf16(&units))
    }

    #[test]
    fn quotes() {
        assert_eq!(quote("a"), "'a'");
        assert_eq!(quote("it's"), "\"it's\"");
        assert_eq!(quote("'\""), "`'\"`");
        assert_eq!(quote("'\"`"), "'\\'\"`'");
        assert_eq!(quote("'\"${"), "'\\'\"${'");
        assert_eq!(quote("\n\u{1}\\\u{7f}"), "'\\n\\x01\\\\\\x7F'");
        assert_eq!(quoted(Units::Utf16(&[0xD800, 0x41])), "'\\ud800A'");
        assert_eq!(quote("\u{1F600}"), "'\u{1F600}'");
    }
}
