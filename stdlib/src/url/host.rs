//! Hosts: domains, IPv4 and IPv6 addresses, opaque hosts. <https://url.spec.whatwg.org/#hosts-(domains-and-ip-addresses)>

use super::parser::{Set, encode};
use std::fmt::Write;

// https://url.spec.whatwg.org/#forbidden-host-code-point
fn is_forbidden_host_code_point(c: char) -> bool {
    matches!(c, '\0' | '\t' | '\n' | '\r' | ' ' | '#' | '/' | ':' | '<' | '>' | '?' | '@' | '[' | '\\' | ']' | '^' | '|')
}

/// Appends the serialization of a host; `None` is failure.
pub(super) fn parse_into(target: &mut String, input: &str, is_opaque: bool) -> Option<()> {
    if !is_opaque && (is_plain_domain(input) || is_plain_ipv4(input)) {
        target.push_str(input);
    } else {
        target.push_str(&parse(input, is_opaque)?);
    }
    Some(())
}

/// Whether a domain is in ASCII form already, so that it would come out of [`parse`] as it is: lower-case letters, digits, hyphens and
/// underscores, no label in Punycode, which would be validated, and a last label that cannot be a number.
fn is_plain_domain(input: &str) -> bool {
    let bytes = input.as_bytes();
    let is_plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'_');
    let last = bytes.rsplit(|&byte| byte == b'.').next();
    last.and_then(<[u8]>::first).is_some_and(u8::is_ascii_lowercase)
        && bytes.iter().all(is_plain)
        && !bytes.split(|&byte| byte == b'.').any(|label| label.starts_with(b"xn--"))
}

/// Whether an IPv4 address is written as it is serialized: four decimal numbers up to 255 without leading zeros.
fn is_plain_ipv4(input: &str) -> bool {
    let mut count = 0;
    input.split('.').all(|part| {
        count += 1;
        matches!(
            part.as_bytes(),
            [b'0'..=b'9']
                | [b'1'..=b'9', b'0'..=b'9']
                | [b'1', b'0'..=b'9', b'0'..=b'9']
                | [b'2', b'0'..=b'4', b'0'..=b'9']
                | [b'2', b'5', b'0'..=b'5']
        )
    }) && count == 4
}

// https://url.spec.whatwg.org/#concept-host-parser
/// Parses and serializes a host; `None` is failure.
pub(super) fn parse(input: &str, is_opaque: bool) -> Option<String> {
    if let Some(rest) = input.strip_prefix('[') {
        let address = parse_ipv6(rest.strip_suffix(']')?)?;
        return Some(format!("[{}]", serialize_ipv6(&address)));
    }
    if is_opaque {
        // https://url.spec.whatwg.org/#concept-opaque-host-parser
        return if input.chars().any(is_forbidden_host_code_point) { None } else { Some(encode(input, Set::C0Control)) };
    }
    let domain = percent_decode(input);
    let domain = String::from_utf8_lossy(&domain);
    // Domain to ASCII, with the check for forbidden domain code points.
    let ascii = idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::URL).ok()?;
    if ascii.is_empty() {
        return None;
    }
    if ends_in_a_number(&ascii) {
        let address = parse_ipv4(&ascii)?;
        let [a, b, c, d] = address.to_be_bytes();
        return Some(format!("{a}.{b}.{c}.{d}"));
    }
    Some(ascii.into_owned())
}

// https://url.spec.whatwg.org/#string-percent-decode
pub(super) fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    let mut result = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                result.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                result.push(byte);
                at += 1;
            }
        }
    }
    result
}

// https://url.spec.whatwg.org/#ends-in-a-number-checker
fn ends_in_a_number(input: &str) -> bool {
    let input = input.strip_suffix('.').unwrap_or(input);
    let last = input.rsplit('.').next().unwrap_or_default();
    (!last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit())) || parse_ipv4_number(last).is_some()
}

// https://url.spec.whatwg.org/#ipv4-number-parser
/// Numbers too large for an address become `u64::MAX`.
fn parse_ipv4_number(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    let (digits, radix) = if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        (digits, 16)
    } else if text.len() >= 2 && text.starts_with('0') {
        (&text[1..], 8)
    } else {
        (text, 10)
    };
    let mut number: u64 = 0;
    for c in digits.chars() {
        let digit = c.to_digit(radix)?;
        number = number.saturating_mul(u64::from(radix)).saturating_add(u64::from(digit));
    }
    Some(number)
}

// https://url.spec.whatwg.org/#concept-ipv4-parser
fn parse_ipv4(input: &str) -> Option<u32> {
    let input = input.strip_suffix('.').unwrap_or(input);
    let numbers: Vec<u64> = input.split('.').map(parse_ipv4_number).collect::<Option<_>>()?;
    if numbers.len() > 4 {
        return None;
    }
    let (last, others) = numbers.split_last()?;
    if others.iter().any(|&number| number > 255) || *last >= 1 << (8 * (5 - numbers.len())) {
        return None;
    }
    let mut address = *last as u32;
    for (at, number) in others.iter().enumerate() {
        address += (*number as u32) << (8 * (3 - at));
    }
    Some(address)
}

// https://url.spec.whatwg.org/#concept-ipv6-parser
fn parse_ipv6(input: &str) -> Option<[u16; 8]> {
    let input = input.as_bytes();
    let at = |pointer: usize| input.get(pointer).copied();
    let mut address = [0u16; 8];
    let mut piece = 0;
    let mut compress = None;
    let mut pointer = 0;
    if at(0) == Some(b':') {
        if at(1) != Some(b':') {
            return None;
        }
        pointer = 2;
        piece = 1;
        compress = Some(1);
    }
    while let Some(c) = at(pointer) {
        if piece == 8 {
            return None;
        }
        if c == b':' {
            if compress.is_some() {
                return None;
            }
            pointer += 1;
            piece += 1;
            compress = Some(piece);
            continue;
        }
        let mut value = 0;
        let mut length = 0;
        while length < 4
            && let Some(digit) = at(pointer).and_then(|byte| char::from(byte).to_digit(16))
        {
            value = value * 16 + digit;
            pointer += 1;
            length += 1;
        }
        match at(pointer) {
            Some(b'.') => {
                if length == 0 || piece > 6 {
                    return None;
                }
                pointer -= length;
                parse_embedded_ipv4(&input[pointer..], &mut address, &mut piece)?;
                break;
            }
            Some(b':') => {
                pointer += 1;
                at(pointer)?;
            }
            Some(_) => return None,
            None => {}
        }
        address[piece] = value as u16;
        piece += 1;
    }
    match compress {
        Some(compress) => {
            let mut swaps = piece - compress;
            piece = 7;
            while piece != 0 && swaps > 0 {
                address.swap(piece, compress + swaps - 1);
                piece -= 1;
                swaps -= 1;
            }
        }
        None if piece != 8 => return None,
        None => {}
    }
    Some(address)
}

/// Step 6.5 of the IPv6 parser: the last 32 bits in dotted form.
fn parse_embedded_ipv4(input: &[u8], address: &mut [u16; 8], piece: &mut usize) -> Option<()> {
    let mut numbers_seen = 0;
    let mut pointer = 0;
    while pointer < input.len() {
        let mut value: Option<u16> = None;
        if numbers_seen > 0 {
            if input[pointer] != b'.' || numbers_seen >= 4 {
                return None;
            }
            pointer += 1;
        }
        if !input.get(pointer)?.is_ascii_digit() {
            return None;
        }
        while let Some(digit) = input.get(pointer).filter(|byte| byte.is_ascii_digit()) {
            let number = u16::from(digit - b'0');
            value = Some(match value {
                None => number,
                Some(0) => return None,
                Some(value) => value * 10 + number,
            });
            if value > Some(255) {
                return None;
            }
            pointer += 1;
        }
        address[*piece] = address[*piece] * 256 + value?;
        numbers_seen += 1;
        if numbers_seen == 2 || numbers_seen == 4 {
            *piece += 1;
        }
    }
    if numbers_seen == 4 { Some(()) } else { None }
}

// https://url.spec.whatwg.org/#concept-ipv6-serializer
fn serialize_ipv6(address: &[u16; 8]) -> String {
    // The first longest run of at least two zero pieces.
    let mut best = (0, 1);
    let mut start = 0;
    while start < 8 {
        let length = address[start..].iter().take_while(|&&piece| piece == 0).count();
        if length > best.1 {
            best = (start, length);
        }
        start += length.max(1);
    }
    let compress = if best.1 > 1 { Some(best) } else { None };
    let mut text = String::new();
    let mut piece = 0;
    while piece < 8 {
        if let Some((first, length)) = compress
            && first == piece
        {
            text.push_str(if piece == 0 { "::" } else { ":" });
            piece += length;
            continue;
        }
        // Writing to a String cannot fail.
        let _ = write!(text, "{:x}", address[piece]);
        if piece != 7 {
            text.push(':');
        }
        piece += 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv4() {
        assert_eq!(parse("0x7f.1", false).as_deref(), Some("127.0.0.1"));
        assert_eq!(parse("192.168.257", false).as_deref(), Some("192.168.1.1"));
        assert_eq!(parse("256.1.1.1", false), None);
        assert_eq!(parse("1.2.3.4.5", false), None);
        assert_eq!(parse("4294967296", false), None);
        assert_eq!(parse("0377.0.0.09", false), None);
        assert_eq!(parse("99999999999999999999999", false), None);
    }

    #[test]
    fn addresses_that_are_plain_stay_as_they_are() {
        for part in 0..=299 {
            let cases = [
                (format!("{part}.0.10.255"), part < 256),
                (format!("1.2.3.{part}"), part < 256),
                (format!("0{part}.2.3.4"), false),
                (format!("1.2.{part}"), false),
                (format!("1.2.3.4.{part}"), false),
            ];
            for (text, is_plain) in cases {
                assert_eq!(is_plain_ipv4(&text), is_plain, "{text}");
                assert!(!is_plain || parse(&text, false).as_deref() == Some(&text), "{text}");
            }
        }
        for text in ["", ".", "...", "1.2.3.", "1.2.3.4.", "1.2.3.a", "1.2.3.0x4", "1.2.3.+4", " 1.2.3.4", "1.2.3.1000"] {
            assert!(!is_plain_ipv4(text), "{text:?}");
        }
    }

    #[test]
    fn ipv6() {
        assert_eq!(parse("[::1]", false).as_deref(), Some("[::1]"));
        assert_eq!(parse("[1:0:0:2:0:0:0:3]", false).as_deref(), Some("[1:0:0:2::3]"));
        assert_eq!(parse("[::127.0.0.1]", false).as_deref(), Some("[::7f00:1]"));
        assert_eq!(parse("[::ffff:0:0:0:0]", false).as_deref(), Some("[0:0:0:ffff::]"));
        for bad in ["[:1]", "[1::2::3]", "[::1", "[1:2:3:4:5:6:7:8:9]", "[::1.2.3]", "[::1.2.3.256]", "[::01.2.3.4]", "[1:]", "[]"] {
            assert_eq!(parse(bad, false), None, "{bad}");
        }
    }

    #[test]
    fn domains() {
        assert_eq!(parse("EXAMPLE.%63om", false).as_deref(), Some("example.com"));
        assert_eq!(parse("bücher.example", false).as_deref(), Some("xn--bcher-kva.example"));
        assert_eq!(parse("a b", false), None);
        assert_eq!(parse("%00", false), None);
        assert_eq!(parse("a b", true), None);
        assert_eq!(parse("é%", true).as_deref(), Some("%C3%A9%"));
    }

    #[test]
    fn plain_domains_are_left_as_they_are() {
        for domain in ["a", "example.com", "a-b_c.x1.example", "1.example", "a..b", "-a-.b-", ".a"] {
            assert!(is_plain_domain(domain), "{domain}");
            assert_eq!(parse(domain, false).as_deref(), Some(domain));
        }
        for domain in ["", "a.", "Example.com", "xn--bcher-kva.example", "1.2.3.4", "a.0x1", "a.1b", "a%62", "b\u{FC}cher", "a b", "[::1]"]
        {
            assert!(!is_plain_domain(domain), "{domain}");
        }
    }
}
