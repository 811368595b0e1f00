//! IEEE 754 binary16.

/// The double of a 16-bit float.
pub fn f16_to_f64(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let exponent = i32::from(bits >> 10 & 0x1F);
    let fraction = f64::from(bits & 0x3FF);
    match exponent {
        0 => sign * fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        _ => sign * (1024.0 + fraction) * 2f64.powi(exponent - 25),
    }
}

/// The nearest 16-bit float, ties to even.
pub fn f64_to_f16(number: f64) -> u16 {
    if number.is_nan() {
        return 0x7E00;
    }
    let sign = if number.is_sign_negative() { 0x8000 } else { 0 };
    let magnitude = number.abs();
    // Half-way between the largest finite value and the next power of two.
    if magnitude >= 65520.0 {
        return sign | 0x7C00;
    }
    // Exponent of the last place: normal numbers keep 10 fraction bits, the others count in 2^-24.
    let exponent = ((magnitude.to_bits() >> 52) as i32 - 1023).max(-14);
    // Exact: both are powers of two. The sum carries into the exponent where rounding goes up to the next power of two.
    let units = (magnitude * 2f64.powi(10 - exponent)).round_ties_even() as u16;
    sign | (((exponent + 14) as u16) << 10).wrapping_add(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_round_trips() {
        for bits in 0..=u16::MAX {
            let number = f16_to_f64(bits);
            if number.is_nan() {
                assert_eq!(f64_to_f16(number), 0x7E00);
            } else {
                assert_eq!(f64_to_f16(number), bits, "{number}");
            }
        }
    }

    #[test]
    fn rounding() {
        assert_eq!(f64_to_f16(65519.999), 0x7BFF);
        assert_eq!(f64_to_f16(65520.0), 0x7C00);
        assert_eq!(f64_to_f16(2f64.powi(-25)), 0);
        assert_eq!(f64_to_f16(2f64.powi(-25) * 1.0001), 1);
        assert_eq!(f64_to_f16(1.0 + 2f64.powi(-11)), 0x3C00);
        assert_eq!(f64_to_f16(1.0 + 3.0 * 2f64.powi(-11)), 0x3C02);
        assert_eq!(f64_to_f16(-0.0), 0x8000);
        assert_eq!(f64_to_f16(f64::MIN_POSITIVE), 0);
    }
}
