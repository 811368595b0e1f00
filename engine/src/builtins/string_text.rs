//! Case, normal forms and comparison of strings.
//!
//! Case mapping is Unicode's full mapping (special casing, final sigma); locales are not distinguished, as ECMA-402 is absent.

use std::borrow::Cow;
use std::cmp::Ordering;

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

use super::string::{finish, this_string};
use crate::context::Context;
use crate::native::{Args, Result};
use crate::string::{JsString, StringBuilder, Units};
use crate::value::Value;

/// Applies `map` to the well-formed parts of a string; lone surrogates stay as they are.
fn map_text(units: &[u16], map: impl Fn(&str) -> String) -> StringBuilder {
    let mut result = StringBuilder::new();
    let mut part = String::new();
    for item in char::decode_utf16(units.iter().copied()) {
        match item {
            Ok(character) => part.push(character),
            Err(lone) => {
                result.push_str(&map(&part));
                part.clear();
                result.push_unit(lone.unpaired_surrogate());
            }
        }
    }
    result.push_str(&map(&part));
    result
}

fn lower(cx: &mut Context, string: JsString) -> Result<JsString> {
    let result = match string.units(&cx.heap) {
        Units::Latin1(units) if units.is_ascii() => {
            if !units.iter().any(u8::is_ascii_uppercase) {
                return Ok(string);
            }
            StringBuilder::Latin1(units.to_ascii_lowercase())
        }
        Units::Latin1(units) => {
            // Every Latin-1 letter has its lower case in Latin-1, 32 further on.
            let changes = |unit: u8| matches!(unit, b'A'..=b'Z' | 0xC0..=0xD6 | 0xD8..=0xDE);
            if !units.iter().any(|&unit| changes(unit)) {
                return Ok(string);
            }
            StringBuilder::Latin1(units.iter().map(|&unit| if changes(unit) { unit + 32 } else { unit }).collect())
        }
        Units::Utf16(units) => map_text(units, str::to_lowercase),
    };
    cx.spend_fuel(result.len() as u64 / 64)?;
    finish(cx, result)
}

fn upper(cx: &mut Context, string: JsString) -> Result<JsString> {
    let result = match string.units(&cx.heap) {
        Units::Latin1(units) if units.is_ascii() => {
            if !units.iter().any(u8::is_ascii_lowercase) {
                return Ok(string);
            }
            StringBuilder::Latin1(units.to_ascii_uppercase())
        }
        Units::Latin1(units) => {
            let changes = |unit: u8| matches!(unit, b'a'..=b'z' | 0xE0..=0xF6 | 0xF8..=0xFE);
            // µ, ß and ÿ leave Latin-1 or become two letters.
            let special = |unit: u8| matches!(unit, 0xB5 | 0xDF | 0xFF);
            if units.iter().any(|&unit| special(unit)) {
                let text: String = units.iter().map(|&unit| char::from(unit)).collect();
                let mut result = StringBuilder::new();
                result.push_str(&text.to_uppercase());
                result
            } else if units.iter().any(|&unit| changes(unit)) {
                StringBuilder::Latin1(units.iter().map(|&unit| if changes(unit) { unit - 32 } else { unit }).collect())
            } else {
                return Ok(string);
            }
        }
        Units::Utf16(units) => map_text(units, str::to_uppercase),
    };
    cx.spend_fuel(result.len() as u64 / 64)?;
    finish(cx, result)
}

// 22.1.3.28 String.prototype.toLowerCase ( ), https://tc39.es/ecma262/#sec-string.prototype.tolowercase
pub(super) fn to_lower_case(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "toLowerCase")?;
    Ok(lower(cx, string)?.value())
}

// 22.1.3.30 String.prototype.toUpperCase ( ), https://tc39.es/ecma262/#sec-string.prototype.touppercase
pub(super) fn to_upper_case(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "toUpperCase")?;
    Ok(upper(cx, string)?.value())
}

// 22.1.3.26 String.prototype.toLocaleLowerCase ( [ reserved1 [ , reserved2 ] ] ), https://tc39.es/ecma262/#sec-string.prototype.tolocalelowercase
pub(super) fn to_locale_lower_case(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "toLocaleLowerCase")?;
    Ok(lower(cx, string)?.value())
}

// 22.1.3.27 String.prototype.toLocaleUpperCase ( [ reserved1 [ , reserved2 ] ] ), https://tc39.es/ecma262/#sec-string.prototype.tolocaleuppercase
pub(super) fn to_locale_upper_case(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "toLocaleUpperCase")?;
    Ok(upper(cx, string)?.value())
}

// 22.1.3.15 String.prototype.normalize ( [ form ] ), https://tc39.es/ecma262/#sec-string.prototype.normalize
pub(super) fn normalize(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "normalize")?;
    let form = if args.at(0).is_undefined() { "NFC".to_string() } else { cx.to_text(args.at(0))? };
    let map: fn(&str) -> String = match form.as_str() {
        "NFC" => |text| ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned(),
        "NFD" => |text| DecomposingNormalizerBorrowed::new_nfd().normalize(text).into_owned(),
        "NFKC" => |text| ComposingNormalizerBorrowed::new_nfkc().normalize(text).into_owned(),
        "NFKD" => |text| DecomposingNormalizerBorrowed::new_nfkd().normalize(text).into_owned(),
        _ => return Err(cx.throw_range_error("The normalization form should be one of NFC, NFD, NFKC, NFKD.")),
    };
    let result = match string.units(&cx.heap) {
        // ASCII is in every normal form, Latin-1 in NFC.
        Units::Latin1(units) if form == "NFC" || units.is_ascii() => return Ok(string.value()),
        // Surrogates neither combine nor decompose, so the parts between lone ones are independent.
        units => map_text(&units.to_vec(), map),
    };
    cx.spend_fuel(result.len() as u64 / 16)?;
    Ok(finish(cx, result)?.value())
}

// 22.1.3.12 String.prototype.localeCompare ( that [ , reserved1 [ , reserved2 ] ] ), https://tc39.es/ecma262/#sec-string.prototype.localecompare
pub(super) fn locale_compare(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "localeCompare")?;
    let that = cx.to_string(args.at(0))?;
    if string.equals(that, &cx.heap) {
        return Ok(Value::ZERO);
    }
    cx.spend_fuel(u64::from(string.length(&cx.heap).min(that.length(&cx.heap))) / 16)?;
    let order = collate(string.units(&cx.heap), that.units(&cx.heap));
    Ok(Value::int(order as i32))
}

/// An order for people, without tables of a language: letters without their marks first, then marks, then lower case before upper case.
/// Punctuation comes before digits and digits before letters, as in Unicode's root collation. Canonically equivalent strings are equal.
fn collate(a: Units<'_>, b: Units<'_>) -> Ordering {
    if let (Units::Latin1(a), Units::Latin1(b)) = (a, b)
        && a.is_ascii()
        && b.is_ascii()
    {
        // OPTIMIZATION: the same for texts in which every character is a letter without marks, or none.
        let lower = |text: &'_ [u8]| text.iter().map(u8::to_ascii_lowercase).collect::<smallvec::SmallVec<[u8; 64]>>();
        let (small_a, small_b) = (lower(a), lower(b));
        let weights = |text: &'_ [u8]| text.iter().map(|&byte| ASCII_WEIGHTS[usize::from(byte)]).collect::<smallvec::SmallVec<[u16; 64]>>();
        return weights(&small_a).cmp(&weights(&small_b)).then_with(|| small_a.cmp(&small_b)).then_with(|| b.cmp(a));
    }
    let (a, b) = (decompose(a), decompose(b));
    let classes = CanonicalCombiningClassMapBorrowed::new();
    let is_base = |c: &char| c.is_ascii() || classes.get_u8(*c) == 0;
    let letters = |text: &'_ str| text.chars().filter(is_base).flat_map(char::to_lowercase).map(weight).collect::<Vec<_>>();
    let marks = |text: &'_ str| text.chars().flat_map(char::to_lowercase).collect::<Vec<_>>();
    // Upper case has lower code points: reversed, lower case comes first.
    letters(&a).cmp(&letters(&b)).then_with(|| marks(&a).cmp(&marks(&b))).then_with(|| b.chars().cmp(a.chars()))
}

fn decompose(units: Units<'_>) -> Cow<'static, str> {
    let text = units.to_text();
    if text.is_ascii() { Cow::Owned(text) } else { Cow::Owned(DecomposingNormalizerBorrowed::new_nfd().normalize(&text).into_owned()) }
}

/// White space, punctuation and symbols of ASCII as the root collation has them.
const ASCII_ORDER: &[u8] = b"\t\n\x0b\x0c\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

/// [`weight`] of the characters of ASCII. Control characters come first; of letters there are only small ones.
const ASCII_WEIGHTS: [u16; 128] = {
    let mut weights = [0; 128];
    let mut at = 0;
    while at < ASCII_ORDER.len() {
        weights[ASCII_ORDER[at] as usize] = at as u16 + 1;
        at += 1;
    }
    let mut digit = b'0';
    while digit <= b'9' {
        weights[digit as usize] = 0x100 + digit as u16;
        digit += 1;
    }
    let mut letter = b'a';
    while letter <= b'z' {
        weights[letter as usize] = 0x200 + letter as u16;
        letter += 1;
    }
    weights
};

/// Place of a character in the order: white space, punctuation and symbols, then digits, then letters.
fn weight(character: char) -> u32 {
    match character {
        c if c.is_ascii() => u32::from(ASCII_WEIGHTS[c as usize]),
        c if c.is_alphabetic() => 0x1000 + c as u32,
        c => 0x80 + (c as u32).min(0x7F),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(a: &str, b: &str) -> Ordering {
        let (a, b): (Vec<u16>, Vec<u16>) = (a.encode_utf16().collect(), b.encode_utf16().collect());
        collate(Units::Utf16(&a), Units::Utf16(&b))
    }

    #[test]
    fn order_for_people() {
        for pair in [
            ("a", "B"),
            ("a", "A"),
            ("resume", "résumé"),
            ("résumé", "resumes"),
            ("z", "é"),
            ("9", "a"),
            ("-", "1"),
            ("a b", "ab"),
            ("", "a"),
        ] {
            let expected = if pair.0 == "z" { Ordering::Greater } else { Ordering::Less };
            assert_eq!(compare(pair.0, pair.1), expected, "{pair:?}");
        }
        assert_eq!(compare("o\u{308}", "ö"), Ordering::Equal);
        assert_eq!(compare("\u{212B}", "\u{C5}"), Ordering::Equal);
        assert_eq!(compare("가", "\u{1100}\u{1161}"), Ordering::Equal);
    }

    /// Texts of ASCII are compared without decomposition; in two-byte units they are not.
    #[test]
    fn ascii_is_ordered_as_other_texts_are() {
        let texts = [
            "", "a", "A", "b", "B", "aB", "Ab", "ab", "a b", "a-b", "a_b", "1", "10", "9", "Z", "z", "~", "\u{1}", "a\u{7f}", "ABC", "abd",
            "[x]", "{x}",
        ];
        for a in texts {
            for b in texts {
                assert_eq!(collate(Units::Latin1(a.as_bytes()), Units::Latin1(b.as_bytes())), compare(a, b), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn lone_surrogates_stay() {
        let mapped = map_text(&[0x61, 0xD800, 0x62, 0xDC00], |text| text.to_uppercase());
        assert_eq!(mapped.units().to_vec(), [0x41, 0xD800, 0x42, 0xDC00]);
    }
}
