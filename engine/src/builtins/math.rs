//! The Math object. https://tc39.es/ecma262/#sec-math-object

use crate::context::{Context, ErrorKind};
use crate::heap::Root;
use crate::iteration::Flow;
use crate::native::{Args, Result};
use crate::natives;
use crate::numeric::{self, ExactSum};
use crate::value::Value;

natives! { pub static MATH: namespace "Math", Math; {
    static constant "E" => std::f64::consts::E,
    static constant "LN10" => std::f64::consts::LN_10,
    static constant "LN2" => std::f64::consts::LN_2,
    static constant "LOG10E" => std::f64::consts::LOG10_E,
    static constant "LOG2E" => std::f64::consts::LOG2_E,
    static constant "PI" => std::f64::consts::PI,
    static constant "SQRT1_2" => std::f64::consts::FRAC_1_SQRT_2,
    static constant "SQRT2" => std::f64::consts::SQRT_2,
    static tag "Math",
    static method "abs" / 1 => abs,
    static method "acos" / 1 => acos,
    static method "acosh" / 1 => acosh,
    static method "asin" / 1 => asin,
    static method "asinh" / 1 => asinh,
    static method "atan" / 1 => atan,
    static method "atanh" / 1 => atanh,
    static method "atan2" / 2 => atan2,
    static method "cbrt" / 1 => cbrt,
    static method "ceil" / 1 => ceil,
    static method "clz32" / 1 => clz32,
    static method "cos" / 1 => cos,
    static method "cosh" / 1 => cosh,
    static method "exp" / 1 => exp,
    static method "expm1" / 1 => expm1,
    static method "floor" / 1 => floor,
    static method "fround" / 1 => fround,
    static method "f16round" / 1 => f16round,
    static method "hypot" / 2 => hypot,
    static method "imul" / 2 => imul,
    static method "log" / 1 => log,
    static method "log1p" / 1 => log1p,
    static method "log10" / 1 => log10,
    static method "log2" / 1 => log2,
    static method "max" / 2 => max,
    static method "min" / 2 => min,
    static method "pow" / 2 => pow,
    static method "random" / 0 => random,
    static method "round" / 1 => round,
    static method "sign" / 1 => sign,
    static method "sin" / 1 => sin,
    static method "sinh" / 1 => sinh,
    static method "sqrt" / 1 => sqrt,
    static method "sumPrecise" / 1 => sum_precise,
    static method "tan" / 1 => tan,
    static method "tanh" / 1 => tanh,
    static method "trunc" / 1 => trunc,
}}

/// ToNumber of the first argument, then a function of it.
#[inline(always)]
fn apply(cx: &mut Context, args: &Args<'_>, function: impl Fn(f64) -> f64) -> Result<Value> {
    let value = args.at(0);
    let number = match value.as_number() {
        Some(number) => number,
        None => cx.to_number(value)?,
    };
    Ok(Value::number(function(number)))
}

/// The same for functions that leave integers as they are.
#[inline(always)]
fn apply_rounding(cx: &mut Context, args: &Args<'_>, function: impl Fn(f64) -> f64) -> Result<Value> {
    if args.at(0).is_int() { Ok(args.at(0)) } else { apply(cx, args, function) }
}

/// Below this, every number that is no integer has bits behind the point: 2⁵².
const ALL_INTEGERS_FROM: f64 = 4_503_599_627_370_496.0;

/// OPTIMIZATION: the integral part without the library, where SSE2 has no instruction for it and it is a call. What is as large as 2⁵² has no
/// other part. The sign of zero stays.
#[inline(always)]
fn truncated(x: f64) -> f64 {
    if x.abs() < ALL_INTEGERS_FROM { (x as i64 as f64).copysign(x) } else { x }
}

/// The same towards negative infinity.
#[inline(always)]
fn floored(x: f64) -> f64 {
    let whole = truncated(x);
    if whole > x { whole - 1.0 } else { whole }
}

/// The same towards infinity. (-0.5 gives -0, as it must: it is the integral part.)
#[inline(always)]
fn ceiled(x: f64) -> f64 {
    let whole = truncated(x);
    if whole < x { whole + 1.0 } else { whole }
}

// 21.3.2.1 Math.abs ( x ), https://tc39.es/ecma262/#sec-math.abs
fn abs(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::abs)
}

// 21.3.2.2 Math.acos ( x ), https://tc39.es/ecma262/#sec-math.acos
fn acos(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::acos)
}

// 21.3.2.3 Math.acosh ( x ), https://tc39.es/ecma262/#sec-math.acosh
fn acosh(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    // Near 1 the textbook formula ln(x + √(x²-1)) loses its digits; see W. Kahan, "Branch Cuts for Complex Elementary Functions".
    apply(cx, args, |x| {
        if x < 1.0 {
            f64::NAN
        } else if x < 2.0 {
            let above = x - 1.0;
            (above + (above * (above + 2.0)).sqrt()).ln_1p()
        } else if x < 2f64.powi(28) {
            (2.0 * x - 1.0 / (x + (x * x - 1.0).sqrt())).ln()
        } else {
            x.ln() + std::f64::consts::LN_2
        }
    })
}

// 21.3.2.4 Math.asin ( x ), https://tc39.es/ecma262/#sec-math.asin
fn asin(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::asin)
}

// 21.3.2.5 Math.asinh ( x ), https://tc39.es/ecma262/#sec-math.asinh
fn asinh(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, |x| if x == 0.0 { x } else { x.asinh() })
}

// 21.3.2.6 Math.atan ( x ), https://tc39.es/ecma262/#sec-math.atan
fn atan(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::atan)
}

// 21.3.2.7 Math.atanh ( x ), https://tc39.es/ecma262/#sec-math.atanh
fn atanh(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, |x| {
        let size = x.abs();
        let positive = if size < 0.5 {
            0.5 * (2.0 * size + 2.0 * size * size / (1.0 - size)).ln_1p()
        } else {
            0.5 * (2.0 * size / (1.0 - size)).ln_1p()
        };
        positive.copysign(x)
    })
}

/// ToNumber of the first two arguments.
fn two_numbers(cx: &mut Context, args: &Args<'_>) -> Result<(f64, f64)> {
    let first = cx.to_number(args.at(0))?;
    let second = cx.to_number(args.at(1))?;
    Ok((first, second))
}

// 21.3.2.8 Math.atan2 ( y, x ), https://tc39.es/ecma262/#sec-math.atan2
fn atan2(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let (y, x) = two_numbers(cx, args)?;
    Ok(Value::number(y.atan2(x)))
}

// 21.3.2.9 Math.cbrt ( x ), https://tc39.es/ecma262/#sec-math.cbrt
fn cbrt(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::cbrt)
}

// 21.3.2.10 Math.ceil ( x ), https://tc39.es/ecma262/#sec-math.ceil
fn ceil(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply_rounding(cx, args, ceiled)
}

// 21.3.2.11 Math.clz32 ( x ), https://tc39.es/ecma262/#sec-math.clz32
fn clz32(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let number = cx.to_uint32(args.at(0))?;
    Ok(Value::int(number.leading_zeros() as i32))
}

// 21.3.2.12 Math.cos ( x ), https://tc39.es/ecma262/#sec-math.cos
fn cos(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::cos)
}

// 21.3.2.13 Math.cosh ( x ), https://tc39.es/ecma262/#sec-math.cosh
fn cosh(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::cosh)
}

// 21.3.2.14 Math.exp ( x ), https://tc39.es/ecma262/#sec-math.exp
fn exp(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::exp)
}

// 21.3.2.15 Math.expm1 ( x ), https://tc39.es/ecma262/#sec-math.expm1
fn expm1(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::exp_m1)
}

// 21.3.2.16 Math.floor ( x ), https://tc39.es/ecma262/#sec-math.floor
fn floor(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply_rounding(cx, args, floored)
}

// 21.3.2.17 Math.fround ( x ), https://tc39.es/ecma262/#sec-math.fround
fn fround(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, |x| f64::from(x as f32))
}

// 21.3.2.18 Math.f16round ( x ), https://tc39.es/ecma262/#sec-math.f16round
fn f16round(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, |x| numeric::f16_to_f64(numeric::f64_to_f16(x)))
}

// 21.3.2.19 Math.hypot ( ...args ), https://tc39.es/ecma262/#sec-math.hypot
fn hypot(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let mut numbers = Vec::with_capacity(args.len());
    for &value in args.as_slice() {
        numbers.push(cx.to_number(value)?.abs());
    }
    if numbers.contains(&f64::INFINITY) {
        return Ok(Value::number(f64::INFINITY));
    }
    if numbers.iter().any(|number| number.is_nan()) {
        return Ok(Value::NAN);
    }
    if let [a, b] = numbers[..] {
        return Ok(Value::number(a.hypot(b)));
    }
    // Scaled by the largest against overflow, with the rounding errors of the sum carried along.
    let largest = numbers.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return Ok(Value::ZERO);
    }
    let (mut sum, mut error) = (0.0, 0.0);
    for number in numbers {
        let scaled = number / largest;
        let term = scaled * scaled - error;
        let next = sum + term;
        error = (next - sum) - term;
        sum = next;
    }
    Ok(Value::number(f64::sqrt(sum) * largest))
}

// 21.3.2.20 Math.imul ( x, y ), https://tc39.es/ecma262/#sec-math.imul
fn imul(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let a = cx.to_int32(args.at(0))?;
    let b = cx.to_int32(args.at(1))?;
    Ok(Value::int(a.wrapping_mul(b)))
}

// 21.3.2.21 Math.log ( x ), https://tc39.es/ecma262/#sec-math.log
fn log(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::ln)
}

// 21.3.2.22 Math.log1p ( x ), https://tc39.es/ecma262/#sec-math.log1p
fn log1p(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::ln_1p)
}

// 21.3.2.23 Math.log10 ( x ), https://tc39.es/ecma262/#sec-math.log10
fn log10(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::log10)
}

// 21.3.2.24 Math.log2 ( x ), https://tc39.es/ecma262/#sec-math.log2
fn log2(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::log2)
}

/// The larger of two numbers: NaN wins, and +0 is larger than -0.
fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == b {
        if a.is_sign_positive() { a } else { b }
    } else if a > b {
        a
    } else {
        b
    }
}

// 21.3.2.25 Math.max ( ...args ), https://tc39.es/ecma262/#sec-math.max
fn max(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if let &[a, b] = args.as_slice()
        && let (Some(a), Some(b)) = (a.as_int(), b.as_int())
    {
        return Ok(Value::int(a.max(b)));
    }
    let mut highest = f64::NEG_INFINITY;
    for &value in args.as_slice() {
        highest = larger(highest, cx.to_number(value)?);
    }
    Ok(Value::number(highest))
}

// 21.3.2.26 Math.min ( ...args ), https://tc39.es/ecma262/#sec-math.min
fn min(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if let &[a, b] = args.as_slice()
        && let (Some(a), Some(b)) = (a.as_int(), b.as_int())
    {
        return Ok(Value::int(a.min(b)));
    }
    let mut lowest = f64::INFINITY;
    for &value in args.as_slice() {
        lowest = -larger(-lowest, -cx.to_number(value)?);
    }
    Ok(Value::number(lowest))
}

// 21.3.2.27 Math.pow ( base, exponent ), https://tc39.es/ecma262/#sec-math.pow
fn pow(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let (base, exponent) = two_numbers(cx, args)?;
    Ok(Value::number(numeric::power(base, exponent)))
}

// 21.3.2.28 Math.random ( ), https://tc39.es/ecma262/#sec-math.random
/// SplitMix64 on 64 bits of state in the roots table, which the host seeds on first use in an instance.
fn random(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    // Roots begin as the bits 0, which are no int: an unseeded state.
    if !cx.heap.root(Root::Random0).is_int() {
        match cx.host().random_seed() {
            Ok([first, second]) => {
                let seed = first ^ second.rotate_left(32);
                cx.heap.set_root_raw(Root::Random0, seed as u32);
                cx.heap.set_root_raw(Root::Random1, (seed >> 32) as u32);
            }
            Err(message) => return Err(cx.throw_error(ErrorKind::Error, &message)),
        }
    }
    let state = u64::from(cx.heap.root_raw(Root::Random0)) | u64::from(cx.heap.root_raw(Root::Random1)) << 32;
    let state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    cx.heap.set_root_raw(Root::Random0, state as u32);
    cx.heap.set_root_raw(Root::Random1, (state >> 32) as u32);
    let mixed = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    let mixed = mixed ^ mixed >> 31;
    Ok(Value::number((mixed >> 11) as f64 / (1u64 << 53) as f64))
}

// 21.3.2.29 Math.round ( x ), https://tc39.es/ecma262/#sec-math.round
fn round(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply_rounding(cx, args, |x| {
        let floor = floored(x);
        // Halves go up; the sign of zero is that of the argument.
        let rounded = if x - floor >= 0.5 { floor + 1.0 } else { floor };
        if rounded == 0.0 { rounded.copysign(x) } else { rounded }
    })
}

// 21.3.2.30 Math.sign ( x ), https://tc39.es/ecma262/#sec-math.sign
fn sign(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, |x| if x.is_nan() || x == 0.0 { x } else { x.signum() })
}

// 21.3.2.31 Math.sin ( x ), https://tc39.es/ecma262/#sec-math.sin
fn sin(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::sin)
}

// 21.3.2.32 Math.sinh ( x ), https://tc39.es/ecma262/#sec-math.sinh
fn sinh(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::sinh)
}

// 21.3.2.33 Math.sqrt ( x ), https://tc39.es/ecma262/#sec-math.sqrt
fn sqrt(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::sqrt)
}

// 21.3.2.34 Math.sumPrecise ( items ), https://tc39.es/ecma262/#sec-math.sumprecise
fn sum_precise(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let items = args.at(0);
    cx.require_object_coercible(items, "Math.sumPrecise")?;
    let mut sum = ExactSum::new();
    cx.iterate(items, |cx, value| match value.as_number() {
        Some(number) => {
            sum.add(number);
            Ok(Flow::Continue)
        }
        None => Err(cx.throw_type_error("Math.sumPrecise requires every item to be a Number")),
    })?;
    Ok(Value::number(sum.finish()))
}

// 21.3.2.35 Math.tan ( x ), https://tc39.es/ecma262/#sec-math.tan
fn tan(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::tan)
}

// 21.3.2.36 Math.tanh ( x ), https://tc39.es/ecma262/#sec-math.tanh
fn tanh(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply(cx, args, f64::tanh)
}

// 21.3.2.37 Math.trunc ( x ), https://tc39.es/ecma262/#sec-math.trunc
fn trunc(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    apply_rounding(cx, args, truncated)
}

#[cfg(test)]
mod tests {
    use super::{ceiled, floored, truncated};

    #[test]
    fn rounding_agrees_with_the_library() {
        let mut numbers =
            vec![0.0, 0.5, 1.0, 1.5, 0.1, 2147483647.5, 4294967296.5, f64::MIN_POSITIVE, 5e-324, f64::MAX, f64::INFINITY, f64::NAN];
        for exponent in -60..70 {
            for fraction in [1.0, 1.25, 1.5, 1.9999999999999998] {
                numbers.push(fraction * 2f64.powi(exponent));
            }
        }
        for number in numbers.iter().flat_map(|&x| [x, -x]) {
            assert_eq!(floored(number).to_bits(), number.floor().to_bits(), "floor {number:e}");
            assert_eq!(ceiled(number).to_bits(), number.ceil().to_bits(), "ceil {number:e}");
            assert_eq!(truncated(number).to_bits(), number.trunc().to_bits(), "trunc {number:e}");
        }
    }
}
