//! Numbers and text: pure algorithms, no context, no heap.
//!
//! | file | direction |
//! |---|---|
//! | `format` | Number → text: shortest, radix, `toFixed`, `toExponential`, `toPrecision`, all exact |
//! | `parse` | text → Number: StringToNumber, `parseFloat`, `parseInt` |
//! | `sum` | exact sums for `Math.sumPrecise` |
//! | `half` | 16-bit floats |

mod format;
mod half;
mod parse;
mod sum;

pub use format::{number_to_radix, number_to_text, push_number, to_exponential, to_fixed, to_precision};
pub use half::{f16_to_f64, f64_to_f16};
pub use parse::{is_space, parse_float, parse_int, trim, trim_end, trim_start, units_to_number};
pub use sum::ExactSum;

// 6.1.6.1.3 Number::exponentiate ( base, exponent ), https://tc39.es/ecma262/#sec-numeric-types-number-exponentiate
/// `base ** exponent`. Unlike IEEE's pow, ±1 to an infinite or NaN power is NaN.
pub fn power(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || (exponent.is_infinite() && base.abs() == 1.0) {
        return f64::NAN;
    }
    base.powf(exponent)
}
