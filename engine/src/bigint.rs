//! BigInt arithmetic on heap cells.
//!
//! A BigInt cell: header word = limb count, header flag [`NEGATIVE`], then the magnitude as little-endian 64-bit limbs without leading
//! zeros (`0n` has none). Values of one limb, by far the most frequent, are computed in registers; the rest goes through num-bigint.
//!
//! Functions that may throw (division by zero, results past [`MAX_BITS`]) or run for long take the context; the rest only the heap.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{Pow, Signed, ToPrimitive, Zero};

use crate::context::Context;
use crate::heap::{BigIntCell, Heap, Kind, Ref};
use crate::native::Result;
use crate::numeric;
use crate::string::Units;
use crate::value::{Value, tag};

/// Header flag of negative values.
pub const NEGATIVE: u8 = 1;
/// Most bits a BigInt may have; more is a RangeError, as in V8.
pub const MAX_BITS: u64 = 1 << 30;

type Big = Ref<BigIntCell>;

impl Ref<BigIntCell> {
    /// As a value.
    #[inline(always)]
    pub fn value(self) -> Value {
        Value::tagged(tag::BIGINT, self.offset())
    }

    /// Number of 64-bit limbs.
    #[inline(always)]
    pub fn limb_count(self, heap: &Heap) -> u32 {
        heap.word(self.offset())
    }

    /// Limb `index` of the magnitude, least significant first; 0 past the end.
    #[inline(always)]
    pub fn limb(self, heap: &Heap, index: u32) -> u64 {
        if index < self.limb_count(heap) { heap.load(self.offset() + 8 + 8 * index) } else { 0 }
    }

    /// Whether it is below zero.
    #[inline(always)]
    pub fn is_negative(self, heap: &Heap) -> bool {
        heap.flags(self.offset()) & NEGATIVE != 0
    }

    /// Whether it is `0n`.
    #[inline(always)]
    pub fn is_zero(self, heap: &Heap) -> bool {
        self.limb_count(heap) == 0
    }
}

impl Value {
    /// The BigInt, if it is one.
    #[inline(always)]
    pub fn as_bigint(self) -> Option<Ref<BigIntCell>> {
        if self.is_bigint() { Some(Ref::from_offset(self.offset())) } else { None }
    }
}

// ── making cells ──

fn new_cell(heap: &Heap, negative: bool, limbs: &[u64]) -> Big {
    let count = limbs.len() - limbs.iter().rev().take_while(|&&limb| limb == 0).count();
    let at = heap.allocate(8 + 8 * count as u32);
    heap.init_header(at, Kind::BigInt, if negative && count > 0 { NEGATIVE } else { 0 }, 0, count as u32);
    for (i, limb) in limbs[..count].iter().enumerate() {
        heap.cage().store_new::<u64>(at + 8 + 8 * i as u32, *limb);
    }
    Ref::from_offset(at)
}

/// A BigInt from sign and 128-bit magnitude.
#[inline]
fn from_magnitude(heap: &Heap, negative: bool, magnitude: u128) -> Big {
    new_cell(heap, negative, &[magnitude as u64, (magnitude >> 64) as u64])
}

/// A BigInt from an `i64`.
#[inline]
pub fn from_i64(heap: &Heap, number: i64) -> Big {
    new_cell(heap, number < 0, &[number.unsigned_abs()])
}

/// A BigInt from a `u64`.
#[inline]
pub fn from_u64(heap: &Heap, number: u64) -> Big {
    new_cell(heap, false, &[number])
}

/// A BigInt from an `i128`.
#[inline]
pub fn from_i128(heap: &Heap, number: i128) -> Big {
    from_magnitude(heap, number < 0, number.unsigned_abs())
}

/// A BigInt from an integral, finite number. The caller has checked that it is; fractions would be cut off, NaN and infinities are 0.
pub fn from_f64(heap: &Heap, number: f64) -> Big {
    if !number.is_finite() {
        return new_cell(heap, false, &[]);
    }
    if number.abs() < 18_446_744_073_709_551_616.0 {
        return new_cell(heap, number < 0.0, &[number.abs() as u64]);
    }
    // At least 2^64, so the mantissa is shifted left only.
    let bits = number.to_bits();
    let exponent = ((bits >> 52) & 0x7FF) as u32 - 1075;
    let mantissa = bits & ((1 << 52) - 1) | 1 << 52;
    let mut limbs = vec![0u64; exponent as usize / 64 + 2];
    let wide = u128::from(mantissa) << (exponent % 64);
    limbs[exponent as usize / 64] = wide as u64;
    limbs[exponent as usize / 64 + 1] = (wide >> 64) as u64;
    new_cell(heap, number < 0.0, &limbs)
}

fn from_big(heap: &Heap, number: &BigInt) -> Big {
    new_cell(heap, number.is_negative(), &number.magnitude().to_u64_digits())
}

/// Makes the cell of a result, or throws when it has too many bits.
fn checked(cx: &mut Context, number: &BigInt) -> Result<Big> {
    if number.bits() > MAX_BITS {
        return Err(too_big(cx));
    }
    Ok(from_big(&cx.heap, number))
}

#[cold]
fn too_big(cx: &mut Context) -> crate::native::Thrown {
    cx.throw_range_error("Maximum BigInt size exceeded")
}

fn to_big(heap: &Heap, number: Big) -> BigInt {
    let bytes = heap.cage().slice(number.offset() + 8, 8 * number.limb_count(heap));
    let magnitude = BigUint::from_bytes_le(bytes);
    BigInt::from_biguint(if number.is_negative(heap) { Sign::Minus } else { Sign::Plus }, magnitude)
}

/// The value when its magnitude fits one limb: within (-2⁶⁴, 2⁶⁴).
#[inline(always)]
fn small(heap: &Heap, number: Big) -> Option<i128> {
    if number.limb_count(heap) > 1 {
        return None;
    }
    let magnitude = i128::from(number.limb(heap, 0));
    Some(if number.is_negative(heap) { -magnitude } else { magnitude })
}

#[inline(always)]
fn small_pair(heap: &Heap, a: Big, b: Big) -> Option<(i128, i128)> {
    Some((small(heap, a)?, small(heap, b)?))
}

/// Fuel for an operation on `a` × `b` limbs whose cost grows faster than linearly.
fn product_cost(heap: &Heap, a: Big, b: Big) -> u64 {
    let (a, b) = (u64::from(a.limb_count(heap)), u64::from(b.limb_count(heap)));
    a.max(b) * a.min(b).isqrt() / 8
}

fn linear_cost(heap: &Heap, a: Big, b: Big) -> u64 {
    u64::from(a.limb_count(heap).max(b.limb_count(heap))) / 8
}

// ── text ──

// 7.1.14 StringToBigInt ( str ), https://tc39.es/ecma262/#sec-stringtobigint
/// The BigInt that a text spells: white space around it is allowed, the empty text is `0n`, `None` where it spells none or is too big.
pub fn from_units(heap: &Heap, units: Units<'_>) -> Option<Big> {
    let units = numeric::trim(units);
    let mut digits = Vec::with_capacity(units.len());
    for i in 0..units.len() {
        digits.push(u8::try_from(units.at(i)).ok()?);
    }
    let (negative, radix, digits) = match digits.as_slice() {
        [] => return Some(new_cell(heap, false, &[])),
        [b'0', b'x' | b'X', rest @ ..] => (false, 16, rest),
        [b'0', b'o' | b'O', rest @ ..] => (false, 8, rest),
        [b'0', b'b' | b'B', rest @ ..] => (false, 2, rest),
        [b'-', rest @ ..] => (true, 10, rest),
        [b'+', rest @ ..] => (false, 10, rest),
        all => (false, 10, all),
    };
    if digits.is_empty() {
        return None;
    }
    if digits.len() <= 15 {
        let mut number: u64 = 0;
        for &digit in digits {
            number = number * u64::from(radix) + u64::from(char::from(digit).to_digit(radix)?);
        }
        return Some(new_cell(heap, negative, &[number]));
    }
    if !digits.iter().all(|&digit| char::from(digit).is_digit(radix)) {
        return None;
    }
    let magnitude = BigUint::parse_bytes(digits, radix)?;
    if magnitude.bits() > MAX_BITS {
        return None;
    }
    Some(new_cell(heap, negative, &magnitude.to_u64_digits()))
}

// 6.1.6.2.21 BigInt::toString ( x, radix ), https://tc39.es/ecma262/#sec-numeric-types-bigint-tostring
/// Its digits in `radix` (2 to 36), with a minus sign where negative.
pub fn to_text(heap: &Heap, number: Big, radix: u32) -> String {
    match small(heap, number) {
        Some(small) if radix == 10 => small.to_string(),
        _ => to_big(heap, number).to_str_radix(radix.clamp(2, 36)),
    }
}

// ── comparison and conversion ──

// 6.1.6.2.13 BigInt::equal ( x, y ), https://tc39.es/ecma262/#sec-numeric-types-bigint-equal
/// Equality of values.
pub fn equals(heap: &Heap, a: Big, b: Big) -> bool {
    if a == b {
        return true;
    }
    let count = a.limb_count(heap);
    count == b.limb_count(heap) && a.is_negative(heap) == b.is_negative(heap) && (0..count).all(|i| a.limb(heap, i) == b.limb(heap, i))
}

// 6.1.6.2.12 BigInt::lessThan ( x, y ), https://tc39.es/ecma262/#sec-numeric-types-bigint-lessThan
/// Order of values.
pub fn compare(heap: &Heap, a: Big, b: Big) -> Ordering {
    match (a.is_negative(heap), b.is_negative(heap)) {
        (false, true) => return Ordering::Greater,
        (true, false) => return Ordering::Less,
        _ => {}
    }
    let order = compare_magnitudes(heap, a, b);
    if a.is_negative(heap) { order.reverse() } else { order }
}

fn compare_magnitudes(heap: &Heap, a: Big, b: Big) -> Ordering {
    let count = a.limb_count(heap);
    count.cmp(&b.limb_count(heap)).then_with(|| {
        (0..count).rev().map(|i| a.limb(heap, i).cmp(&b.limb(heap, i))).find(|&order| order != Ordering::Equal).unwrap_or(Ordering::Equal)
    })
}

/// Order of a BigInt and a Number by mathematical value; `None` for NaN.
pub fn compare_f64(heap: &Heap, a: Big, number: f64) -> Option<Ordering> {
    if number.is_nan() {
        return None;
    }
    if number == f64::INFINITY {
        return Some(Ordering::Less);
    }
    if number == f64::NEG_INFINITY {
        return Some(Ordering::Greater);
    }
    let whole = number.trunc();
    let order = match small(heap, a) {
        Some(small) if whole.abs() < 18_446_744_073_709_551_616.0 => small.cmp(&(whole as i128)),
        _ => compare(heap, a, from_f64(heap, whole)),
    };
    // Equal whole parts: the fraction decides.
    Some(order.then_with(|| whole.partial_cmp(&number).unwrap_or(Ordering::Equal)))
}

/// Whether a BigInt and a Number have the same mathematical value.
pub fn equals_f64(heap: &Heap, a: Big, number: f64) -> bool {
    compare_f64(heap, a, number) == Some(Ordering::Equal)
}

/// The nearest Number (ties to even); infinite when out of range.
pub fn to_f64(heap: &Heap, number: Big) -> f64 {
    if number.limb_count(heap) <= 1 {
        let magnitude = number.limb(heap, 0) as f64;
        return if number.is_negative(heap) { -magnitude } else { magnitude };
    }
    let number = to_big(heap, number);
    number.to_f64().unwrap_or(if number.is_negative() { f64::NEG_INFINITY } else { f64::INFINITY })
}

/// The value modulo 2⁶⁴.
#[inline]
pub fn to_u64_wrapping(heap: &Heap, number: Big) -> u64 {
    let low = number.limb(heap, 0);
    if number.is_negative(heap) { low.wrapping_neg() } else { low }
}

/// The value modulo 2⁶⁴, as a signed number.
#[inline]
pub fn to_i64_wrapping(heap: &Heap, number: Big) -> i64 {
    to_u64_wrapping(heap, number) as i64
}

/// The value, if it fits an `i64`.
pub fn to_i64(heap: &Heap, number: Big) -> Option<i64> {
    small(heap, number).and_then(|small| i64::try_from(small).ok())
}

/// Hash of the value, for Map and Set.
pub fn hash(heap: &Heap, number: Big) -> u32 {
    let mut state = u64::from(number.is_negative(heap)) ^ 0x9E37_79B9_7F4A_7C15;
    for i in 0..number.limb_count(heap) {
        let product = u128::from(state ^ number.limb(heap, i)) * 0xD6E8_FEB8_6659_FD93_u128;
        state = product as u64 ^ (product >> 64) as u64;
    }
    (state ^ state >> 32) as u32
}

// ── arithmetic ──

// 6.1.6.2.1 BigInt::unaryMinus ( x ), https://tc39.es/ecma262/#sec-numeric-types-bigint-unaryMinus
/// `-a`
pub fn neg(cx: &mut Context, a: Big) -> Result<Big> {
    let heap = &cx.heap;
    let count = a.limb_count(heap);
    if count == 0 {
        return Ok(a);
    }
    let flags = if a.is_negative(heap) { 0 } else { NEGATIVE };
    let at = heap.allocate(8 + 8 * count);
    heap.init_header(at, Kind::BigInt, flags, 0, count);
    heap.cage().copy_within(a.offset() + 8, at + 8, 8 * count);
    Ok(Ref::from_offset(at))
}

// 6.1.6.2.2 BigInt::bitwiseNOT ( x ), https://tc39.es/ecma262/#sec-numeric-types-bigint-bitwiseNOT
/// `~a`
pub fn not(cx: &mut Context, a: Big) -> Result<Big> {
    match small(&cx.heap, a) {
        Some(a) => Ok(from_i128(&cx.heap, -a - 1)),
        None => {
            let result = -to_big(&cx.heap, a) - 1;
            checked(cx, &result)
        }
    }
}

/// `a + 1n`
pub fn increment(cx: &mut Context, a: Big) -> Result<Big> {
    match small(&cx.heap, a) {
        Some(a) => Ok(from_i128(&cx.heap, a + 1)),
        None => {
            let result = to_big(&cx.heap, a) + 1;
            checked(cx, &result)
        }
    }
}

/// `a - 1n`
pub fn decrement(cx: &mut Context, a: Big) -> Result<Big> {
    match small(&cx.heap, a) {
        Some(a) => Ok(from_i128(&cx.heap, a - 1)),
        None => {
            let result = to_big(&cx.heap, a) - 1;
            checked(cx, &result)
        }
    }
}

// 6.1.6.2.7 BigInt::add ( x, y ), https://tc39.es/ecma262/#sec-numeric-types-bigint-add
/// `a + b`
pub fn add(cx: &mut Context, a: Big, b: Big) -> Result<Big> {
    if let Some((a, b)) = small_pair(&cx.heap, a, b) {
        return Ok(from_i128(&cx.heap, a + b));
    }
    cx.spend_fuel(linear_cost(&cx.heap, a, b))?;
    let result = to_big(&cx.heap, a) + to_big(&cx.heap, b);
    checked(cx, &result)
}

// 6.1.6.2.8 BigInt::subtract ( x, y ), https://tc39.es/ecma262/#sec-numeric-types-bigint-subtract
/// `a - b`
pub fn sub(cx: &mut Context, a: Big, b: Big) -> Result<Big> {
    if let Some((a, b)) = small_pair(&cx.heap, a, b) {
        return Ok(from_i128(&cx.heap, a - b));
    }
    cx.spend_fuel(linear_cost(&cx.heap, a, b))?;
    let result = to_big(&cx.heap, a) - to_big(&cx.heap, b);
    checked(cx, &result)
}

// 6.1.6.2.4 BigInt::multiply ( x, y ), https://tc39.es/ecma262/#sec-numeric-types-bigint-multiply
/// `a * b`
pub fn mul(cx: &mut Context, a: Big, b: Big) -> Result<Big> {
    let heap = &cx.heap;
    if a.limb_count(heap) <= 1 && b.limb_count(heap) <= 1 {
        let magnitude = u128::from(a.limb(heap, 0)) * u128::from(b.limb(heap, 0));
        return Ok(from_magnitude(heap, a.is_negative(heap) != b.is_negative(heap), magnitude));
    }
    let least_limbs = u64::from(a.limb_count(heap)) + u64::from(b.limb_count(heap));
    if least_limbs > MAX_BITS / 64 + 2 && !a.is_zero(heap) && !b.is_zero(heap) {
        return Err(too_big(cx));
    }
    cx.spend_fuel(product_cost(&cx.heap, a, b))?;
    let result = to_big(&cx.heap, a) * to_big(&cx.heap, b);
    checked(cx, &result)
}

// 6.1.6.2.5 BigInt::divide ( x, y ), https://tc39.es/ecma262/#sec-numeric-types-bigint-divide
/// `a / b`, towards zero
pub fn div(cx: &mut Context, a: Big, b: Big) -> Result<Big> {
    if b.is_zero(&cx.heap) {
        return Err(cx.throw_range_error("Division by zero"));
    }
    if let Some((a, b)) = small_pair(&cx.heap, a, b) {
        return Ok(from_i128(&cx.heap, a / b));
    }
    cx.spend_fuel(product_cost(&cx.heap, a, b))?;
    let result = to_big(&cx.heap, a) / to_big(&cx.heap, b);
    checked(cx, &result)
}

// 6.1.6.2.6 BigInt::remainder ( n, d ), https://tc39.es/ecma262/#sec-numeric-types-bigint-remainder
/// `a % b`, with the sign of `a`
pub fn rem(cx: &mut Context, a: Big, b: Big) -> Result<Big> {
    if b.is_zero(&cx.heap) {
        return Err(cx.throw_range_error("Division by zero"));
    }
    if let Some((a, b)) = small_pair(&cx.heap, a, b) {
        return Ok(from_i128(&cx.heap, a % b));
    }
    cx.spend_fuel(product_cost(&cx.heap, a, b))?;
    let result = to_big(&cx.heap, a) % to_big(&cx.heap, b);
    checked(cx, &result)
}

// 6.1.6.2.3 BigInt::exponentiate ( base, exponent ), https://tc39.es/ecma262/#sec-numeric-types-bigint-exponentiate
/// `a ** b`
pub fn pow(cx: &mut Context, a: Big, b: Big) -> Result<Big> {
    if b.is_negative(&cx.heap) {
        return Err(cx.throw_range_error("Exponent must be non-negative"));
    }
    if b.is_zero(&cx.heap) {
        return Ok(from_u64(&cx.heap, 1));
    }
    // 0, 1 and -1 are the only bases for which the exponent does not matter.
    if a.is_zero(&cx.heap) {
        return Ok(a);
    }
    let even = b.limb(&cx.heap, 0) & 1 == 0;
    if a.limb_count(&cx.heap) == 1 && a.limb(&cx.heap, 0) == 1 {
        let negative = a.is_negative(&cx.heap) && !even;
        return Ok(from_magnitude(&cx.heap, negative, 1));
    }
    if b.limb_count(&cx.heap) > 1 {
        return Err(too_big(cx));
    }
    let exponent = b.limb(&cx.heap, 0);
    let base = to_big(&cx.heap, a);
    // |a| ≥ 2^(bits-1), so this is the least number of bits of the result.
    if exponent.saturating_mul(base.bits() - 1) > MAX_BITS {
        return Err(too_big(cx));
    }
    let limbs = exponent.saturating_mul(base.bits()) / 64 + 1;
    cx.spend_fuel(limbs * limbs.isqrt() / 8)?;
    let result = Pow::pow(base, exponent);
    checked(cx, &result)
}

// 6.1.6.2.18 BigInt::bitwiseAND ( x, y ), https://tc39.es/ecma262/#sec-numeric-types-bigint-bitwiseAND
/// `a & b`
pub fn and(cx: &mut Context, a: Big, b: Big) -> Result<Big> {
    if let Some((a, b)) = small_pair(&cx.heap, a, b) {
        return Ok(from_i128(&cx.heap, a & b));
    }
    cx.spend_fuel(linear_cost(&cx.heap, a, b))?;
    let result = to_big(&cx.heap, a) & to_big(&cx.heap, b);
    checked(cx, &result)
}

// 6.1.6.2.20 BigInt::bitwiseOR ( x, y ), https://tc39.es/ecma262/#sec-numeric-types-bigint-bitwiseOR
/// `a | b`
pub fn or(cx: &mut Context, a: Big, b: Big) -> Result<Big> {
    if let Some((a, b)) = small_pair(&cx.heap, a, b) {
        return Ok(from_i128(&cx.heap, a | b));
    }
    cx.spend_fuel(linear_cost(&cx.heap, a, b))?;
    let result = to_big(&cx.heap, a) | to_big(&cx.heap, b);
    checked(cx, &result)
}

// 6.1.6.2.19 BigInt::bitwiseXOR ( x, y ), https://tc39.es/ecma262/#sec-numeric-types-bigint-bitwiseXOR
/// `a ^ b`
pub fn xor(cx: &mut Context, a: Big, b: Big) -> Result<Big> {
    if let Some((a, b)) = small_pair(&cx.heap, a, b) {
        return Ok(from_i128(&cx.heap, a ^ b));
    }
    cx.spend_fuel(linear_cost(&cx.heap, a, b))?;
    let result = to_big(&cx.heap, a) ^ to_big(&cx.heap, b);
    checked(cx, &result)
}

// 6.1.6.2.9 BigInt::leftShift ( x, y ), https://tc39.es/ecma262/#sec-numeric-types-bigint-leftShift
/// `a << b`
pub fn shl(cx: &mut Context, a: Big, b: Big) -> Result<Big> {
    let negative = b.is_negative(&cx.heap);
    shift(cx, a, b, !negative)
}

// 6.1.6.2.10 BigInt::signedRightShift ( x, y ), https://tc39.es/ecma262/#sec-numeric-types-bigint-signedRightShift
/// `a >> b`, towards minus infinity
pub fn shr(cx: &mut Context, a: Big, b: Big) -> Result<Big> {
    let negative = b.is_negative(&cx.heap);
    shift(cx, a, b, negative)
}

/// Shifts by |b|.
fn shift(cx: &mut Context, a: Big, b: Big, left: bool) -> Result<Big> {
    if a.is_zero(&cx.heap) || b.is_zero(&cx.heap) {
        return Ok(a);
    }
    let distance = if b.limb_count(&cx.heap) > 1 { u64::MAX } else { b.limb(&cx.heap, 0) };
    if left {
        if distance > MAX_BITS {
            return Err(too_big(cx));
        }
        if let Some(small) = small(&cx.heap, a)
            && distance < 63
        {
            return Ok(from_i128(&cx.heap, small << distance));
        }
        cx.spend_fuel(linear_cost(&cx.heap, a, b) + distance / 512)?;
        let result = to_big(&cx.heap, a) << distance;
        return checked(cx, &result);
    }
    if distance > MAX_BITS {
        return Ok(from_i64(&cx.heap, if a.is_negative(&cx.heap) { -1 } else { 0 }));
    }
    if let Some(small) = small(&cx.heap, a) {
        return Ok(from_i128(&cx.heap, small >> distance.min(127)));
    }
    cx.spend_fuel(linear_cost(&cx.heap, a, b))?;
    let result = to_big(&cx.heap, a) >> distance;
    checked(cx, &result)
}

// 21.2.2.1 BigInt.asIntN ( bits, bigint ), https://tc39.es/ecma262/#sec-bigint.asintn (steps 3 and 4)
/// The value modulo 2^bits, as a signed number of `bits` bits.
pub fn as_int_n(cx: &mut Context, bits: u64, a: Big) -> Result<Big> {
    if bits == 0 {
        return Ok(from_u64(&cx.heap, 0));
    }
    if bits <= 64 {
        let low = to_u64_wrapping(&cx.heap, a);
        let unused = 64 - bits as u32;
        return Ok(from_i64(&cx.heap, ((low << unused) as i64) >> unused));
    }
    // A magnitude below 2^(bits-1) is already in range.
    let limbs = u64::from(a.limb_count(&cx.heap));
    if limbs * 64 < bits {
        return Ok(a);
    }
    cx.spend_fuel(limbs / 8)?;
    let number = to_big(&cx.heap, a);
    let result = low_bits(&number, bits);
    let limit = BigInt::from(1) << (bits - 1);
    let result = if result >= limit { result - (limit << 1) } else { result };
    checked(cx, &result)
}

// 21.2.2.2 BigInt.asUintN ( bits, bigint ), https://tc39.es/ecma262/#sec-bigint.asuintn (step 4)
/// The value modulo 2^bits. RangeError where a negative value gives more bits than a BigInt may have.
pub fn as_uint_n(cx: &mut Context, bits: u64, a: Big) -> Result<Big> {
    if bits == 0 {
        return Ok(from_u64(&cx.heap, 0));
    }
    if bits <= 64 {
        return Ok(from_u64(&cx.heap, to_u64_wrapping(&cx.heap, a) & (u64::MAX >> (64 - bits))));
    }
    let limbs = u64::from(a.limb_count(&cx.heap));
    if !a.is_negative(&cx.heap) && limbs * 64 <= bits {
        return Ok(a);
    }
    if a.is_negative(&cx.heap) && bits > MAX_BITS {
        return Err(too_big(cx));
    }
    cx.spend_fuel(limbs / 8 + bits.min(MAX_BITS) / 512)?;
    let number = to_big(&cx.heap, a);
    let result = low_bits(&number, bits);
    checked(cx, &result)
}

/// The value modulo 2^bits, not negative.
fn low_bits(number: &BigInt, bits: u64) -> BigInt {
    let limbs = number.magnitude().to_u64_digits();
    let whole = (bits / 64) as usize;
    let mut low: Vec<u64> = limbs.iter().copied().take(whole + 1).collect();
    if low.len() > whole {
        low[whole] &= (1u64 << (bits % 64)) - 1;
    }
    let words = low.iter().flat_map(|limb| [*limb as u32, (*limb >> 32) as u32]).collect();
    let low = BigInt::from(BigUint::new(words));
    if number.is_negative() && !low.is_zero() { (BigInt::from(1) << bits) - low } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::HeapLimits;

    fn heap() -> Heap {
        Heap::new(None, HeapLimits::default()).expect("a heap")
    }

    fn parse(heap: &Heap, text: &str) -> Option<String> {
        from_units(heap, Units::Latin1(text.as_bytes())).map(|number| to_text(heap, number, 10))
    }

    #[test]
    fn text_round_trips() {
        let heap = heap();
        for text in ["0", "1", "-1", "18446744073709551615", "18446744073709551616", "-340282366920938463463374607431768211456"] {
            assert_eq!(parse(&heap, text).as_deref(), Some(text));
        }
        assert_eq!(parse(&heap, "  0xff\n").as_deref(), Some("255"));
        assert_eq!(parse(&heap, "").as_deref(), Some("0"));
        assert_eq!(parse(&heap, "-0").as_deref(), Some("0"));
        assert_eq!(parse(&heap, "0b101").as_deref(), Some("5"));
        for bad in ["-0x1", "0x", "1n", "1.0", "1e3", "--1", "+", "1_0", "0b2", "12345678901234567890a"] {
            assert_eq!(parse(&heap, bad), None, "{bad}");
        }
    }

    #[test]
    fn numbers_convert_exactly() {
        let heap = heap();
        for number in [0.0, 1.0, -1.0, 9_007_199_254_740_992.0, 1.8446744073709552e19, 1e300, -1.7976931348623157e308, f64::MAX] {
            let big = from_f64(&heap, number);
            assert_eq!(to_f64(&heap, big), number);
            assert_eq!(compare_f64(&heap, big, number), Some(Ordering::Equal));
        }
        // Ties go to even.
        let tie = from_units(&heap, Units::Latin1(b"9007199254740993")).expect("a number");
        assert_eq!(to_f64(&heap, tie), 9_007_199_254_740_992.0);
        assert_eq!(compare_f64(&heap, tie, 9_007_199_254_740_992.0), Some(Ordering::Greater));
        let one = from_i64(&heap, 1);
        assert_eq!(compare_f64(&heap, one, 1.5), Some(Ordering::Less));
        assert_eq!(compare_f64(&heap, from_i64(&heap, -1), -1.5), Some(Ordering::Greater));
        assert_eq!(compare_f64(&heap, one, f64::NAN), None);
        assert_eq!(compare_f64(&heap, one, f64::INFINITY), Some(Ordering::Less));
        let huge = from_units(&heap, Units::Latin1(format!("1{}", "0".repeat(400)).as_bytes())).expect("a number");
        assert_eq!(to_f64(&heap, huge), f64::INFINITY);
    }

    #[test]
    fn low_bits_of_negative_numbers() {
        let number = -(BigInt::from(1) << 70u32);
        assert_eq!(low_bits(&number, 70), BigInt::zero());
        assert_eq!(low_bits(&(number - 1), 128), (BigInt::from(1) << 128u32) - (BigInt::from(1) << 70u32) - 1);
    }
}
