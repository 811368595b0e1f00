//! Numeric literals.

use super::{LexError, T, Token, ident};

struct Digits {
    end: usize,
    separated: bool,
    error: Option<LexError>,
}

/// Scans digits and separators from `at`.
fn digits(bytes: &[u8], mut at: usize, is_digit: impl Fn(u8) -> bool) -> Digits {
    let start = at;
    let mut result = Digits { end: at, separated: false, error: None };
    while let Some(&byte) = bytes.get(at) {
        if byte == b'_' {
            result.separated = true;
            match bytes.get(at + 1) {
                Some(b'_') => result.error = Some(LexError::SeparatorTwice),
                Some(&next) if is_digit(next) && at > start => {}
                _ => result.error = Some(LexError::SeparatorAtEnd),
            }
        } else if !is_digit(byte) {
            break;
        }
        at += 1;
        if result.error.is_some() {
            break;
        }
    }
    result.end = at;
    result
}

// 12.9.3 Numeric Literals, https://tc39.es/ecma262/#sec-literals-numeric-literals
/// Scans the number at `start` into `token` and returns the offset after it.
pub(super) fn scan(source: &str, start: usize, token: &mut Token) -> usize {
    let end = match scan_value(source, start, token) {
        Ok(end) => end,
        Err((end, error)) => {
            token.kind = T::Error;
            token.error = error;
            return end;
        }
    };
    // The source character after a number must not be a digit or the start of an identifier.
    if ident::starts_at(source, end) || source.as_bytes().get(end).is_some_and(u8::is_ascii_digit) {
        token.kind = T::Error;
        token.error = LexError::AfterNumber;
        return end;
    }
    end
}

fn scan_value(source: &str, start: usize, token: &mut Token) -> Result<usize, (usize, LexError)> {
    let bytes = source.as_bytes();
    let radix = match (bytes[start], bytes.get(start + 1)) {
        (b'0', Some(b'x' | b'X')) => 16,
        (b'0', Some(b'o' | b'O')) => 8,
        (b'0', Some(b'b' | b'B')) => 2,
        (b'0', Some(b'0'..=b'9')) => return scan_leading_zero(source, start, token),
        (b'0', Some(b'_')) => return Err((start + 2, LexError::SeparatorAfterZero)),
        _ => 10,
    };
    if radix != 10 {
        let found = digits(bytes, start + 2, |b| (b as char).is_digit(radix));
        if found.end == start + 2 {
            return Err((found.end, LexError::Invalid));
        }
        if let Some(error) = found.error {
            return Err((found.end, error));
        }
        if bytes.get(found.end) == Some(&b'n') {
            token.kind = T::BigInt;
            return Ok(found.end + 1);
        }
        token.number = power_of_two_value(&bytes[start + 2..found.end], radix);
        return Ok(found.end);
    }
    let mut separated = false;
    let mut end = start;
    if bytes[start] != b'.' {
        let found = digits(bytes, start, |b| b.is_ascii_digit());
        if let Some(error) = found.error {
            return Err((found.end, error));
        }
        end = found.end;
        separated = found.separated;
        if bytes.get(end) == Some(&b'n') {
            token.kind = T::BigInt;
            return Ok(end + 1);
        }
    }
    let end = scan_fraction(source, start, end, separated, token)?;
    Ok(end)
}

/// Continues with an optional fraction and exponent at `end` and computes the value.
fn scan_fraction(
    source: &str,
    start: usize,
    integer_end: usize,
    mut separated: bool,
    token: &mut Token,
) -> Result<usize, (usize, LexError)> {
    let bytes = source.as_bytes();
    let mut end = integer_end;
    if bytes.get(end) == Some(&b'.') {
        let found = digits(bytes, end + 1, |b| b.is_ascii_digit());
        if let Some(error) = found.error {
            return Err((found.end, error));
        }
        separated |= found.separated;
        end = found.end;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = matches!(bytes.get(end + 1), Some(b'+' | b'-')) as usize;
        let found = digits(bytes, end + 1 + sign, |b| b.is_ascii_digit());
        if let Some(error) = found.error {
            return Err((found.end, error));
        }
        if found.end == end + 1 + sign {
            return Err((found.end, LexError::Invalid));
        }
        separated |= found.separated;
        end = found.end;
    }
    token.number = if end == integer_end && end - start <= 15 && !separated {
        bytes[start..end].iter().fold(0u64, |value, byte| value * 10 + u64::from(byte - b'0')) as f64
    } else {
        let text = &source[start..end];
        let parsed = if separated { text.replace('_', "").parse() } else { text.parse() };
        // Rust's grammar for f64 covers ours.
        parsed.map_err(|_| (end, LexError::Invalid))?
    };
    Ok(end)
}

// B.1.1 Numeric Literals (LegacyOctalIntegerLiteral, NonOctalDecimalIntegerLiteral), https://tc39.es/ecma262/#sec-additional-syntax-numeric-literals
fn scan_leading_zero(source: &str, start: usize, token: &mut Token) -> Result<usize, (usize, LexError)> {
    let bytes = source.as_bytes();
    token.leading_zero = true;
    let length = bytes[start..].iter().take_while(|b| b.is_ascii_digit()).count();
    let end = start + length;
    if bytes.get(end) == Some(&b'_') {
        return Err((end + 1, LexError::SeparatorAfterZero));
    }
    if bytes[start..end].iter().all(|b| *b < b'8') {
        token.number = power_of_two_value(&bytes[start..end], 8);
        return Ok(end);
    }
    scan_fraction(source, start, end, false, token)
}

/// The value of binary, octal or hexadecimal digits with separators, correctly rounded.
fn power_of_two_value(digits: &[u8], radix: u32) -> f64 {
    let bits = radix.trailing_zeros();
    let (mut value, mut dropped, mut sticky) = (0u128, 0i32, false);
    for &byte in digits {
        let Some(digit) = (byte as char).to_digit(radix) else { continue };
        if value >> (128 - bits - 1) == 0 {
            value = value << bits | u128::from(digit);
        } else {
            // More than 120 significant bits: the rest decides only between a tie and more.
            sticky |= digit != 0;
            dropped = dropped.saturating_add(bits as i32);
        }
    }
    // The lowest of that many bits is far below the rounding position.
    let rounded = (value | u128::from(sticky)) as f64;
    if dropped > 1100 { f64::INFINITY * rounded.signum() } else { rounded * 2f64.powi(dropped) }
}

/// The digits and the radix of a BigInt literal that the lexer accepted, normalised: no prefix, separator, suffix, leading zero.
pub fn bigint_digits(literal: &str) -> (String, u32) {
    let body = literal.strip_suffix('n').unwrap_or(literal);
    let (radix, body) = match body.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &body[2..]),
        [b'0', b'o' | b'O', ..] => (8, &body[2..]),
        [b'0', b'b' | b'B', ..] => (2, &body[2..]),
        _ => (10, body),
    };
    let digits: String = body.chars().filter(|&c| c != '_').skip_while(|&c| c == '0').collect();
    (if digits.is_empty() { "0".to_owned() } else { digits }, radix)
}
