//! Numbers from text.

use num_bigint::BigUint;
use num_traits::ToPrimitive;

use crate::string::Units;

// 12.2 White Space and 12.3 Line Terminators, https://tc39.es/ecma262/#sec-white-space
/// Whether a code unit is white space or a line terminator.
#[inline]
pub fn is_space(unit: u16) -> bool {
    match unit {
        0x09..=0x0D | 0x20 | 0xA0 => true,
        0..=0xFF => false,
        _ => matches!(unit, 0x1680 | 0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x3000 | 0xFEFF),
    }
}

/// Without leading white space.
pub fn trim_start(units: Units<'_>) -> Units<'_> {
    let length = units.len();
    let start = (0..length).find(|&i| !is_space(units.at(i))).unwrap_or(length);
    units.window(start, length)
}

/// Without trailing white space.
pub fn trim_end(units: Units<'_>) -> Units<'_> {
    let end = (0..units.len()).rev().find(|&i| !is_space(units.at(i))).map_or(0, |i| i + 1);
    units.window(0, end)
}

// 22.1.3.32.1 TrimString ( string, where ), https://tc39.es/ecma262/#sec-trimstring
/// Without white space at both ends.
pub fn trim(units: Units<'_>) -> Units<'_> {
    trim_end(trim_start(units))
}

/// The units as bytes; `None` where one is not ASCII (such a text is no number).
fn to_ascii<'u>(units: Units<'u>, copy: &'u mut Vec<u8>) -> Option<&'u [u8]> {
    match units {
        Units::Latin1(bytes) => bytes.is_ascii().then_some(bytes),
        Units::Utf16(wide) => {
            copy.clear();
            for &unit in wide {
                if unit >= 128 {
                    return None;
                }
                copy.push(unit as u8);
            }
            Some(copy)
        }
    }
}

// 7.1.4.1.1 StringToNumber ( str ), https://tc39.es/ecma262/#sec-stringtonumber
/// The number that a text spells; NaN where it spells none.
pub fn units_to_number(units: Units<'_>) -> f64 {
    // OPTIMIZATION: a few decimal digits need no general parser; leading zeros change nothing.
    if let Units::Latin1(bytes) = units
        && (1..=9).contains(&bytes.len())
        && bytes.iter().all(u8::is_ascii_digit)
    {
        return bytes.iter().fold(0.0, |number, digit| number * 10.0 + f64::from(digit - b'0'));
    }
    let mut copy = Vec::new();
    let Some(text) = to_ascii(trim(units), &mut copy) else { return f64::NAN };
    match text {
        [] => 0.0,
        [b'0', b'x' | b'X', digits @ ..] => whole_digits(digits, 16),
        [b'0', b'o' | b'O', digits @ ..] => whole_digits(digits, 8),
        [b'0', b'b' | b'B', digits @ ..] => whole_digits(digits, 2),
        _ => match decimal_prefix(text) {
            Some((number, length)) if length == text.len() => number,
            _ => f64::NAN,
        },
    }
}

fn whole_digits(digits: &[u8], radix: u32) -> f64 {
    if !digits.is_empty() && digits.iter().all(|&digit| char::from(digit).is_digit(radix)) { digits_value(digits, radix) } else { f64::NAN }
}

/// The longest prefix that is a StrDecimalLiteral: its value and its length.
fn decimal_prefix(text: &[u8]) -> Option<(f64, usize)> {
    let sign = if text.first() == Some(&b'-') { -1.0 } else { 1.0 };
    let mut at = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    if text[at..].starts_with(b"Infinity") {
        return Some((sign * f64::INFINITY, at + 8));
    }
    let digits_from = |from: usize| text[from..].iter().take_while(|digit| digit.is_ascii_digit()).count();
    let start = at;
    let whole = digits_from(at);
    at += whole;
    let mut fraction = 0;
    if text.get(at) == Some(&b'.') {
        fraction = digits_from(at + 1);
        if whole + fraction > 0 {
            at += 1 + fraction;
        }
    }
    if whole + fraction == 0 {
        return None;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits_from(at + 1 + signed);
        if exponent > 0 {
            at += 1 + signed + exponent;
        }
    }
    // What was scanned is within the grammar of Rust's correctly rounding parser.
    let number: f64 = std::str::from_utf8(&text[start..at]).ok()?.parse().ok()?;
    Some((sign * number, at))
}

// 19.2.4 parseFloat ( string ), https://tc39.es/ecma262/#sec-parsefloat-string (steps 2 to 6)
/// The number that the longest possible prefix spells, after white space; NaN where none does.
pub fn parse_float(units: Units<'_>) -> f64 {
    let units = trim_start(units);
    let length = units.len();
    // Only ASCII can be part of the numeral.
    let end = (0..length).find(|&i| !matches!(units.at(i), 0x21..=0x7E)).unwrap_or(length);
    let mut copy = Vec::new();
    to_ascii(units.window(0, end), &mut copy).and_then(decimal_prefix).map_or(f64::NAN, |(number, _)| number)
}

// 19.2.5 parseInt ( string, radix ), https://tc39.es/ecma262/#sec-parseint-string-radix (steps 2 to 16)
/// The integer that the longest possible prefix spells, after white space; `radix` is ToInt32 of the argument.
pub fn parse_int(units: Units<'_>, radix: i32) -> f64 {
    // OPTIMIZATION: decimal digits that fit a u32, and nothing else.
    if let Units::Latin1(digits) = units
        && matches!(radix, 0 | 10)
        && (1..=9).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit)
    {
        return f64::from(digits.iter().fold(0, |number, &digit| number * 10 + u32::from(digit - b'0')));
    }
    let mut units = trim_start(units);
    let negative = units.at(0) == u16::from(b'-');
    if negative || units.at(0) == u16::from(b'+') {
        units = units.window(1, units.len());
    }
    let (mut radix, may_strip_prefix) = match radix {
        0 => (10, true),
        2..=36 => (radix as u32, radix == 16),
        _ => return f64::NAN,
    };
    if may_strip_prefix && units.at(0) == u16::from(b'0') && matches!(units.at(1), 0x78 | 0x58) {
        radix = 16;
        units = units.window(2, units.len());
    }
    let mut digits = Vec::new();
    for i in 0..units.len() {
        match u8::try_from(units.at(i)) {
            Ok(unit) if char::from(unit).is_digit(radix) => digits.push(unit),
            _ => break,
        }
    }
    if digits.is_empty() {
        return f64::NAN;
    }
    let number = digits_value(&digits, radix);
    if negative { -number } else { number }
}

/// The value of digits, all valid in `radix`, rounded to nearest even.
fn digits_value(digits: &[u8], radix: u32) -> f64 {
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    let digits = &digits[zeros..];
    if digits.len() <= 10 {
        return digits.iter().fold(0u64, |number, &digit| number * u64::from(radix) + u64::from(digit_value(digit))) as f64;
    }
    if digits.len() > 1100 {
        return f64::INFINITY;
    }
    if radix == 10 {
        return std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN);
    }
    let values: Vec<u8> = digits.iter().map(|&digit| digit_value(digit) as u8).collect();
    BigUint::from_radix_be(&values, radix).and_then(|number| number.to_f64()).unwrap_or(f64::INFINITY)
}

fn digit_value(digit: u8) -> u32 {
    char::from(digit).to_digit(36).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> f64 {
        let wide: Vec<u16> = text.encode_utf16().collect();
        let from_wide = units_to_number(Units::Utf16(&wide));
        if text.is_ascii() {
            assert_eq!(from_wide.to_bits(), units_to_number(Units::Latin1(text.as_bytes())).to_bits(), "{text}");
        }
        from_wide
    }

    #[test]
    fn string_to_number() {
        assert_eq!(number(""), 0.0);
        assert_eq!(number(" \u{FEFF}\n 12 \u{2028}"), 12.0);
        assert_eq!(number("0012"), 12.0);
        assert_eq!(number("-0").to_bits(), (-0.0f64).to_bits());
        assert_eq!(number(".5"), 0.5);
        assert_eq!(number("5."), 5.0);
        assert_eq!(number("+1.5e-3"), 0.0015);
        assert_eq!(number("0x1F"), 31.0);
        assert_eq!(number("0b11"), 3.0);
        assert_eq!(number("0o17"), 15.0);
        assert_eq!(number("-Infinity"), f64::NEG_INFINITY);
        assert_eq!(number("1e1000"), f64::INFINITY);
        assert_eq!(number("0x20000000000001"), 9_007_199_254_740_992.0);
        assert_eq!(number("0x20000000000003"), 9_007_199_254_740_996.0);
        for bad in [
            ".",
            "e5",
            "1e",
            "1e+",
            "-0x1",
            "0x",
            "0xg",
            "infinity",
            "Infinityx",
            "nan",
            "NaN",
            "inf",
            "1_0",
            "1 2",
            "--1",
            "é",
            "\u{180E}1",
        ] {
            assert!(number(bad).is_nan(), "{bad}");
        }
    }

    #[test]
    fn float_prefixes() {
        let parse = |text: &str| parse_float(Units::Utf16(&text.encode_utf16().collect::<Vec<_>>()));
        assert_eq!(parse("  3.25abc"), 3.25);
        assert_eq!(parse("1e"), 1.0);
        assert_eq!(parse("1e+x"), 1.0);
        assert_eq!(parse(".5."), 0.5);
        assert_eq!(parse("5.é"), 5.0);
        assert_eq!(parse("-Infinityx"), f64::NEG_INFINITY);
        assert_eq!(parse("0x10"), 0.0);
        assert_eq!(parse("-.0").to_bits(), (-0.0f64).to_bits());
        assert!(parse("").is_nan());
        assert!(parse("-").is_nan());
        assert!(parse(".").is_nan());
    }

    #[test]
    fn int_prefixes() {
        let parse = |text: &str, radix| parse_int(Units::Latin1(text.as_bytes()), radix);
        assert_eq!(parse("12px", 10), 12.0);
        assert_eq!(parse(" -0x1f", 16), -31.0);
        assert_eq!(parse("0x1f", 0), 31.0);
        assert_eq!(parse("0x1f", 10), 0.0);
        assert_eq!(parse("z", 36), 35.0);
        assert_eq!(parse("-0", 10).to_bits(), (-0.0f64).to_bits());
        assert_eq!(parse("100000000000000000000000", 10), 1e23);
        assert_eq!(parse(&"1".repeat(2000), 2), f64::INFINITY);
        assert_eq!(parse(&format!("1{}", "0".repeat(60)), 2), 2f64.powi(60));
        assert!(parse("9", 8).is_nan());
        assert!(parse("", 10).is_nan());
        assert!(parse("1", 1).is_nan());
        assert!(parse("1", 37).is_nan());
        assert!(parse("0x", 16).is_nan());
    }
}
