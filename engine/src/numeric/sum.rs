//! Exact sums of doubles.

/// Limbs of 32 bits that hold every sum of up to 2⁵³ doubles: 2098 bits of a double's range, 53 of carries, a sign.
const LIMBS: usize = 69;

/// A sum kept exactly in fixed point (unit 2⁻¹⁰⁷⁴), for `Math.sumPrecise`.
pub struct ExactSum {
    /// Signed limbs of weight 2³²ⁱ, carried lazily.
    limbs: [i64; LIMBS],
    /// Additions since carries were last propagated.
    pending: u32,
    any: bool,
    only_minus_zero: bool,
    positive_infinity: bool,
    negative_infinity: bool,
    not_a_number: bool,
}

impl Default for ExactSum {
    fn default() -> Self {
        ExactSum::new()
    }
}

impl ExactSum {
    /// The empty sum, which is -0.
    pub fn new() -> ExactSum {
        ExactSum {
            limbs: [0; LIMBS],
            pending: 0,
            any: false,
            only_minus_zero: true,
            positive_infinity: false,
            negative_infinity: false,
            not_a_number: false,
        }
    }

    /// Adds a number.
    pub fn add(&mut self, number: f64) {
        self.any = true;
        if number.is_nan() {
            self.not_a_number = true;
        } else if number == f64::INFINITY {
            self.positive_infinity = true;
        } else if number == f64::NEG_INFINITY {
            self.negative_infinity = true;
        } else {
            if number != 0.0 || number.is_sign_positive() {
                self.only_minus_zero = false;
            }
            self.add_finite(number);
        }
    }

    fn add_finite(&mut self, number: f64) {
        let bits = number.to_bits();
        let exponent = (bits >> 52 & 0x7FF) as usize;
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, shift) = if exponent == 0 { (fraction, 0) } else { (fraction | 1 << 52, exponent - 1) };
        if mantissa == 0 {
            return;
        }
        let wide = u128::from(mantissa) << (shift % 32);
        let first = shift / 32;
        for i in 0..3 {
            let part = (wide >> (32 * i)) as u32;
            if part != 0 {
                self.limbs[first + i] += if number < 0.0 { -i64::from(part) } else { i64::from(part) };
            }
        }
        self.pending += 1;
        if self.pending == 1 << 30 {
            carry(&mut self.limbs);
            self.pending = 0;
        }
    }

    /// The double nearest to the exact sum, ties to even.
    pub fn finish(mut self) -> f64 {
        if self.not_a_number || (self.positive_infinity && self.negative_infinity) {
            return f64::NAN;
        }
        if self.positive_infinity {
            return f64::INFINITY;
        }
        if self.negative_infinity {
            return f64::NEG_INFINITY;
        }
        if self.only_minus_zero || !self.any {
            return -0.0;
        }
        carry(&mut self.limbs);
        let negative = self.limbs[LIMBS - 1] < 0;
        if negative {
            self.limbs.iter_mut().for_each(|limb| *limb = -*limb);
            carry(&mut self.limbs);
        }
        // All limbs are within 0..2^32 now.
        let Some(top) = self.limbs.iter().rposition(|&limb| limb != 0) else { return 0.0 };
        let top_bit = 32 * top + 63 - self.limbs[top].leading_zeros() as usize;
        let magnitude = if top_bit <= 52 {
            // Exact, denormals included.
            f64::from_bits(self.bits_from(0))
        } else {
            let mut low = top_bit - 52;
            let mut mantissa = self.bits_from(low) & ((1 << 53) - 1);
            let half = self.bit(low - 1);
            let below = (0..low - 1).any(|i| self.bit(i));
            if half && (below || mantissa & 1 == 1) {
                mantissa += 1;
                if mantissa == 1 << 53 {
                    mantissa >>= 1;
                    low += 1;
                }
            }
            // `low` is the biased exponent less one.
            if low + 1 >= 2047 { f64::INFINITY } else { f64::from_bits(((low as u64 + 1) << 52) | (mantissa & ((1 << 52) - 1))) }
        };
        if negative { -magnitude } else { magnitude }
    }

    fn bit(&self, index: usize) -> bool {
        self.limbs.get(index / 32).is_some_and(|limb| limb >> (index % 32) & 1 == 1)
    }

    /// 64 bits from bit `index` on.
    fn bits_from(&self, index: usize) -> u64 {
        let mut wide: u128 = 0;
        for i in 0..3 {
            let limb = self.limbs.get(index / 32 + i).copied().unwrap_or(0);
            wide |= u128::from(limb as u64) << (32 * i);
        }
        (wide >> (index % 32)) as u64
    }
}

/// Brings every limb but the last into 0..2³²; the last keeps the sign.
fn carry(limbs: &mut [i64; LIMBS]) {
    let mut over = 0;
    let last = LIMBS - 1;
    for limb in &mut limbs[..last] {
        let total = *limb + over;
        *limb = total & 0xFFFF_FFFF;
        over = total >> 32;
    }
    limbs[last] += over;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(numbers: &[f64]) -> f64 {
        let mut sum = ExactSum::new();
        numbers.iter().for_each(|&number| sum.add(number));
        sum.finish()
    }

    #[test]
    fn sums() {
        assert_eq!(sum(&[1e20, 0.1, -1e20]), 0.1);
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(sum(&[1.0, 2.0, 3.0]), 6.0);
        assert_eq!(sum(&[1e308, 1e308, 0.1, 0.1, 1e30, 0.1, -1e30, -1e308, -1e308]), 0.30000000000000004);
        assert_eq!(sum(&[f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(sum(&[-f64::MAX, -f64::MAX]), f64::NEG_INFINITY);
        assert_eq!(sum(&[5e-324, 5e-324]), 1e-323);
        assert_eq!(sum(&[f64::MIN_POSITIVE, -5e-324]), f64::MIN_POSITIVE.next_down());
        assert_eq!(sum(&[9_007_199_254_740_992.0, 1.0]), 9_007_199_254_740_992.0);
        assert_eq!(sum(&[9_007_199_254_740_992.0, 1.0, 5e-324]), 9_007_199_254_740_994.0);
        assert_eq!(sum(&[f64::MAX, 9.979201547673598e291]), f64::MAX);
        assert_eq!(sum(&[f64::MAX, 9.9792015476736e291]), f64::INFINITY);
        assert!(sum(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
    }

    #[test]
    fn zeros() {
        assert!(sum(&[]).is_sign_negative());
        assert!(sum(&[-0.0, -0.0]).is_sign_negative());
        assert!(sum(&[-0.0, 0.0]).is_sign_positive());
        assert!(sum(&[1.0, -1.0]).is_sign_positive());
        assert_eq!(sum(&[1.0, -1.0]), 0.0);
    }
}
