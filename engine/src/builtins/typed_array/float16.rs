//! IEEE 754 binary16.

/// The Number that a binary16 means.
#[inline]
pub fn to_f64(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let exponent = i32::from(bits >> 10 & 0x1F);
    let fraction = f64::from(bits & 0x3FF);
    match exponent {
        // 2⁻²⁴ is the unit of subnormals.
        0 => sign * fraction * f64::from_bits((1023 - 24) << 52),
        31 if fraction == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        _ => sign * (1024.0 + fraction) * f64::from_bits(((exponent - 25 + 1023) as u64) << 52),
    }
}

/// The nearest binary16, ties to even; overflow is infinite.
#[inline]
pub fn from_f64(number: f64) -> u16 {
    let bits = number.to_bits();
    let sign = (bits >> 48) as u16 & 0x8000;
    if number.is_nan() {
        return 0x7E00;
    }
    let magnitude = number.abs();
    // Halfway between the largest binary16 (65504) and what would come next rounds up to infinity.
    if magnitude >= 65520.0 {
        return sign | 0x7C00;
    }
    let exponent = (bits >> 52 & 0x7FF) as i32 - 1023;
    if exponent < -14 {
        // Subnormal, or rounding up to the smallest normal, whose encoding follows on: count units of 2⁻²⁴. The product is exact.
        let units = (magnitude * f64::from_bits((1023 + 24) << 52)).round_ties_even();
        return sign | units as u16;
    }
    let fraction = bits & 0x000F_FFFF_FFFF_FFFF;
    let mut encoded = ((exponent + 15) as u64) << 10 | fraction >> 42;
    let rest = fraction & ((1 << 42) - 1);
    let half = 1 << 41;
    if rest > half || (rest == half && encoded & 1 != 0) {
        // A carry out of the fraction moves on to the exponent, as it should.
        encoded += 1;
    }
    sign | encoded as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_binary16_survives_the_way_there_and_back() {
        for bits in 0..=u16::MAX {
            let number = to_f64(bits);
            if number.is_nan() {
                assert!(bits & 0x7C00 == 0x7C00 && bits & 0x3FF != 0);
                assert_eq!(from_f64(number), 0x7E00);
            } else {
                assert_eq!(from_f64(number), bits, "{number}");
            }
        }
    }

    #[test]
    fn rounding_is_to_nearest_even_between_every_pair_of_neighbours() {
        for bits in 0..0x7BFFu16 {
            let (low, high) = (to_f64(bits), to_f64(bits + 1));
            let middle = (low + high) / 2.0;
            let even = if bits & 1 == 0 { bits } else { bits + 1 };
            assert_eq!(from_f64(middle), even);
            assert_eq!(from_f64(f64::from_bits(middle.to_bits() + 1)), bits + 1);
            assert_eq!(from_f64(f64::from_bits(middle.to_bits() - 1)), bits);
            assert_eq!(from_f64(-middle), even | 0x8000);
        }
    }

    #[test]
    fn the_ends() {
        assert_eq!(from_f64(65519.999), 0x7BFF);
        assert_eq!(from_f64(65520.0), 0x7C00);
        assert_eq!(from_f64(-1e300), 0xFC00);
        assert_eq!(from_f64(5e-324), 0);
        assert_eq!(from_f64(-0.0), 0x8000);
        assert_eq!(from_f64(2f64.powi(-25)), 0);
        assert_eq!(from_f64(2f64.powi(-25) * 1.0000001), 1);
    }
}
