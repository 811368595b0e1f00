//! Numbers as text.

use crate::string::StringBuilder;

// 6.1.6.1.20 Number::toString ( x, radix ) for radix 10, https://tc39.es/ecma262/#sec-numeric-types-number-tostring
/// The shortest text that reads back as `number`.
pub fn number_to_text(number: f64) -> String {
    let whole = number as i64;
    // Integers that are exact in a double print as integers do.
    if whole as f64 == number && whole.unsigned_abs() < 1 << 53 {
        return whole.to_string();
    }
    ryu_js::Buffer::new().format(number).to_string()
}

/// The same, appended to a string.
pub fn push_number(out: &mut StringBuilder, number: f64) {
    out.push_str(ryu_js::Buffer::new().format(number));
}

/// An integer below 2⁵³ in a radix: every digit is exact.
fn safe_integer_to_radix(mut magnitude: u64, is_negative: bool, radix: u32) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let radix = u64::from(radix);
    // 53 binary digits and a sign.
    let mut text = [0; 54];
    let mut start = text.len();
    loop {
        start -= 1;
        text[start] = DIGITS[(magnitude % radix) as usize];
        magnitude /= radix;
        if magnitude == 0 {
            break;
        }
    }
    if is_negative {
        start -= 1;
        text[start] = b'-';
    }
    String::from_utf8_lossy(&text[start..]).into_owned()
}

// 6.1.6.1.20 Number::toString ( x, radix ) for other radices, https://tc39.es/ecma262/#sec-numeric-types-number-tostring
/// Digits in `radix` (2 to 36): integer parts exactly, fractions with as many digits as tell the number from its neighbours.
pub fn number_to_radix(number: f64, radix: u32) -> String {
    let radix = radix.clamp(2, 36);
    if radix == 10 || !number.is_finite() {
        return number_to_text(number);
    }
    let magnitude = number.abs();
    if magnitude < 9_007_199_254_740_992.0 && magnitude.trunc() == magnitude {
        return safe_integer_to_radix(magnitude as u64, number < 0.0, radix);
    }
    let mut integer = magnitude.trunc();
    let mut fraction = magnitude - integer;
    let mut fraction_digits: Vec<u8> = Vec::new();
    // Half the distance to the next number: digits below it say nothing.
    let mut tolerance = (0.5 * (magnitude.next_up() - magnitude)).max(f64::from_bits(1));
    let base = f64::from(radix);
    if fraction >= tolerance {
        loop {
            fraction *= base;
            tolerance *= base;
            let digit = fraction.trunc();
            fraction_digits.push(digit as u8);
            fraction -= digit;
            // Round to even at the last digit that matters.
            let last_is_odd = fraction_digits.last().is_some_and(|digit| digit & 1 == 1);
            if (fraction > 0.5 || (fraction == 0.5 && last_is_odd)) && fraction + tolerance > 1.0 {
                // Carry: drop digits that overflow.
                loop {
                    match fraction_digits.pop() {
                        None => {
                            integer += 1.0;
                            break;
                        }
                        Some(digit) if u32::from(digit) + 1 < radix => {
                            fraction_digits.push(digit + 1);
                            break;
                        }
                        Some(_) => {}
                    }
                }
                break;
            }
            if fraction < tolerance {
                break;
            }
        }
    }
    let mut text = String::new();
    if number < 0.0 {
        text.push('-');
    }
    text.push_str(&integer_digits(integer, radix));
    if !fraction_digits.is_empty() {
        text.push('.');
        text.extend(fraction_digits.iter().filter_map(|&digit| char::from_digit(u32::from(digit), radix)));
    }
    text
}

/// Digits of an integral, non-negative number. Above 2⁵³ the digits past the precision are zeros.
fn integer_digits(mut integer: f64, radix: u32) -> String {
    let base = f64::from(radix);
    let mut digits = Vec::new();
    // The ulp is at least `base` here, so a last digit other than 0 would say nothing.
    while integer >= 9_007_199_254_740_992.0 && (integer / base).next_up() - integer / base >= 2.0 {
        integer /= base;
        digits.push('0');
    }
    let mut rest = integer.trunc();
    loop {
        let digit = rest % base;
        digits.push(char::from_digit(digit as u32, radix).unwrap_or('0'));
        rest = ((rest - digit) / base).trunc();
        if rest <= 0.0 {
            break;
        }
    }
    digits.iter().rev().collect()
}

// 21.1.3.3 Number.prototype.toFixed ( fractionDigits ), https://tc39.es/ecma262/#sec-number.prototype.tofixed (steps 6 to 13)
/// `number` with exactly `digits` digits after the point; of two nearest, the one away from zero. From 10²¹ on as [`number_to_text`].
pub fn to_fixed(number: f64, digits: usize) -> String {
    if !number.is_finite() || number.abs() >= 1e21 {
        return number_to_text(number);
    }
    let magnitude = number.abs();
    // A tie is an odd multiple of 10^-digits / 2, and has exactly digits + 1 binary places.
    let scaled = magnitude * 2f64.powi(digits as i32 + 1);
    let is_tie = scaled < 9_007_199_254_740_992.0 && scaled.fract() == 0.0 && scaled % 2.0 == 1.0;
    let text = if is_tie {
        // One more digit is exact then, and it is a 5.
        let mut exact = format!("{magnitude:.0$}", digits + 1);
        exact.pop();
        if exact.ends_with('.') {
            exact.pop();
        }
        round_up(exact)
    } else {
        format!("{magnitude:.digits$}")
    };
    if number < 0.0 { format!("-{text}") } else { text }
}

/// Adds one unit in the last place of a decimal numeral.
fn round_up(numeral: String) -> String {
    let mut bytes = numeral.into_bytes();
    for byte in bytes.iter_mut().rev() {
        match *byte {
            b'.' => {}
            b'9' => *byte = b'0',
            _ => {
                *byte += 1;
                return String::from_utf8(bytes).unwrap_or_default();
            }
        }
    }
    bytes.insert(0, b'1');
    String::from_utf8(bytes).unwrap_or_default()
}

/// `count` significant decimal digits of a positive number and its decimal exponent; of two nearest, the larger.
fn significant_digits(magnitude: f64, count: usize) -> (String, i32) {
    let split = |text: &str| -> (String, i32) {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        (mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
    };
    let (one_more, _) = split(&format!("{magnitude:.count$e}"));
    if one_more.ends_with('5') {
        // Perhaps a tie: no double has more than 767 significant digits.
        let (exact, exact_exponent) = split(&format!("{magnitude:.770e}"));
        let (head, tail) = exact.split_at(count);
        if tail.starts_with('5') && tail[1..].bytes().all(|digit| digit == b'0') {
            let rounded = round_up(head.to_string());
            return match rounded.len() > count {
                true => (rounded[..count].to_string(), exact_exponent + 1),
                false => (rounded, exact_exponent),
            };
        }
    }
    // Not a tie: rounding to nearest is unambiguous.
    split(&format!("{magnitude:.0$e}", count - 1))
}

fn with_exponent(digits: &str, exponent: i32) -> String {
    let mut text = String::with_capacity(digits.len() + 6);
    text.push_str(&digits[..1]);
    if digits.len() > 1 {
        text.push('.');
        text.push_str(&digits[1..]);
    }
    text.push('e');
    text.push(if exponent < 0 { '-' } else { '+' });
    text.push_str(&exponent.unsigned_abs().to_string());
    text
}

// 21.1.3.2 Number.prototype.toExponential ( fractionDigits ), https://tc39.es/ecma262/#sec-number.prototype.toexponential (steps 5 to 14)
/// Exponential notation with `digits` digits after the point, or as many as needed. `number` is finite.
pub fn to_exponential(number: f64, digits: Option<usize>) -> String {
    let magnitude = number.abs();
    let text = if magnitude == 0.0 {
        with_exponent(&"0".repeat(digits.unwrap_or(0) + 1), 0)
    } else {
        match digits {
            Some(count) => {
                let (digits, exponent) = significant_digits(magnitude, count + 1);
                with_exponent(&digits, exponent)
            }
            None => {
                let shortest = format!("{magnitude:e}");
                let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
                with_exponent(&mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
            }
        }
    };
    if number < 0.0 { format!("-{text}") } else { text }
}

// 21.1.3.5 Number.prototype.toPrecision ( precision ), https://tc39.es/ecma262/#sec-number.prototype.toprecision (steps 6 to 14)
/// `precision` (at least 1) significant digits, in exponential notation where the exponent is below -6 or not below `precision`.
/// `number` is finite.
pub fn to_precision(number: f64, precision: usize) -> String {
    let magnitude = number.abs();
    let (digits, exponent) = if magnitude == 0.0 { ("0".repeat(precision), 0) } else { significant_digits(magnitude, precision) };
    let text = if exponent < -6 || exponent >= precision as i32 {
        with_exponent(&digits, exponent)
    } else if exponent < 0 {
        format!("0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1))
    } else if exponent as usize + 1 == precision {
        digits
    } else {
        let (head, tail) = digits.split_at(exponent as usize + 1);
        format!("{head}.{tail}")
    };
    if number < 0.0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortest() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (1e21, "1e+21"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (0.000001, "0.000001"),
            (1e-7, "1e-7"),
            (-1.5, "-1.5"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (5e-324, "5e-324"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (number, text) in cases {
            assert_eq!(number_to_text(number), text);
        }
    }

    #[test]
    fn radix() {
        assert_eq!(number_to_radix(255.0, 16), "ff");
        assert_eq!(number_to_radix(-255.5, 16), "-ff.8");
        assert_eq!(number_to_radix(0.5, 2), "0.1");
        assert_eq!(number_to_radix(0.1, 2), "0.0001100110011001100110011001100110011001100110011001101");
        assert_eq!(number_to_radix(0.1, 3), "0.0022002200220022002200220022002201");
        assert_eq!(number_to_radix(2f64.powi(53), 36), "2gosa7pa2gw");
        assert_eq!(number_to_radix(1e25, 16), "845951614014880000000");
        assert_eq!(number_to_radix(123.456, 5), "443.212");
        assert_eq!(number_to_radix(2f64.powi(60), 2), format!("1{}", "0".repeat(60)));
        assert_eq!(number_to_radix(1e21, 7).len(), 25);
        assert_eq!(number_to_radix(f64::MAX, 2).len(), 1024);
        assert_eq!(number_to_radix(5e-324, 2).len(), 1076);
        assert_eq!(number_to_radix(1.0 - f64::EPSILON / 2.0, 2), format!("0.{}", "1".repeat(53)));
    }

    #[test]
    fn fixed() {
        assert_eq!(to_fixed(0.5, 0), "1");
        assert_eq!(to_fixed(1.5, 0), "2");
        assert_eq!(to_fixed(2.5, 0), "3");
        assert_eq!(to_fixed(-2.5, 0), "-3");
        assert_eq!(to_fixed(9.5, 0), "10");
        assert_eq!(to_fixed(1.45, 1), "1.4");
        assert_eq!(to_fixed(1.25, 1), "1.3");
        assert_eq!(to_fixed(99.995, 2), "100.00");
        assert_eq!(to_fixed(1.005, 2), "1.00");
        assert_eq!(to_fixed(1.375, 2), "1.38");
        assert_eq!(to_fixed(0.000001, 7), "0.0000010");
        assert_eq!(to_fixed(1e21, 2), "1e+21");
        assert_eq!(to_fixed(-0.0, 2), "0.00");
        assert_eq!(to_fixed(-0.0000001, 2), "-0.00");
        assert_eq!(to_fixed(1_000_000_000_000_000_128.0, 1), "1000000000000000128.0");
        assert_eq!(to_fixed(0.3, 60).len(), 62);
    }

    #[test]
    fn exponential_and_precision() {
        assert_eq!(to_exponential(123456.0, Some(2)), "1.23e+5");
        assert_eq!(to_exponential(25.0, Some(0)), "3e+1");
        assert_eq!(to_exponential(12345.0, Some(3)), "1.235e+4");
        assert_eq!(to_exponential(0.00015, None), "1.5e-4");
        assert_eq!(to_exponential(0.0, Some(2)), "0.00e+0");
        assert_eq!(to_exponential(-1.0, None), "-1e+0");
        assert_eq!(to_exponential(9.5, Some(0)), "1e+1");
        assert_eq!(to_precision(1e21, 22), "1000000000000000000000");
        assert_eq!(to_precision(123.456, 4), "123.5");
        assert_eq!(to_precision(0.000001, 1), "0.000001");
        assert_eq!(to_precision(0.0000001, 1), "1e-7");
        assert_eq!(to_precision(35.0, 1), "4e+1");
        assert_eq!(to_precision(1.25, 2), "1.3");
        assert_eq!(to_precision(1.35, 2), "1.4");
        assert_eq!(to_precision(99.99, 2), "1.0e+2");
        assert_eq!(to_precision(0.0, 3), "0.00");
        assert_eq!(to_precision(5e-324, 3), "4.94e-324");
    }
}
