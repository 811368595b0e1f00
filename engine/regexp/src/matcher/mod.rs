//! Code + input → captures.
//!
//! [`exec`] checks the header, lets the prefilter of `search` find places worth an attempt, and lets `run` make each attempt: one loop over
//! instructions with an explicit stack of things to undo and ways not tried yet (`stack`). `ones` matches and scans for single characters,
//! `units` hides the difference between Latin-1 and UTF-16. Everything is compiled three times: for Latin-1, UTF-16, and UTF-16 read as
//! code points.
//!
//! Code is not trusted: all reads are checked, and what does not make sense ends the match with `BadCode`.

mod back_refs;
mod ones;
mod run;
mod search;
mod stack;
mod state;
mod units;

use crate::flags::Flags;
use crate::opcode::{MAGIC, header};
use crate::{Input, MatchError};
use stack::Stack;
use units::Unit;

/// What [`exec`] works in; keep one to spare the allocations of every match.
#[derive(Debug, Default)]
pub struct Scratch {
    stack: Stack,
    registers: Vec<u32>,
}

impl Scratch {
    /// A scratch space with the standard limit on the backtrack stack.
    pub fn new() -> Scratch {
        Scratch::default()
    }

    /// A scratch space whose backtrack stack takes at most `bytes`.
    pub fn with_limit(bytes: usize) -> Scratch {
        Scratch { stack: Stack::with_limit(bytes), registers: Vec::new() }
    }
}

// 22.2.7.2 RegExpBuiltinExec ( R, S ), https://tc39.es/ecma262/#sec-regexpbuiltinexec, steps 7 to 14
/// Matches `code` against `input` from `last_index` (in code units) on; at `last_index` only where the code is sticky.
///
/// On success, `captures` has start and end of each capture in code units, `u32::MAX` twice for one that took no part; otherwise its
/// content means nothing. Under `u` and `v`, a `last_index` between the halves of a surrogate pair counts as the one before.
///
/// `fuel` goes down with every backtrack, iteration and attempt, and now and then while scanning.
///
/// # Errors
/// [`MatchError::OutOfFuel`] where `fuel` falls below zero, [`MatchError::OutOfMemory`] where the backtrack stack reaches its limit,
/// [`MatchError::BadCode`] where the code is not of this crate, `captures` shorter than twice its capture count, or the input too long.
pub fn exec(
    code: &[u32],
    input: Input<'_>,
    last_index: usize,
    captures: &mut [u32],
    scratch: &mut Scratch,
    fuel: &mut i64,
) -> Result<bool, MatchError> {
    let Some(head) = code.first_chunk::<{ header::LENGTH }>() else { return Err(MatchError::BadCode) };
    if head[header::MAGIC] != MAGIC {
        return Err(MatchError::BadCode);
    }
    let captures = captures.get_mut(..2 * head[header::CAPTURES] as usize).ok_or(MatchError::BadCode)?;
    let registers = head[header::REGISTERS] as usize;
    if captures.is_empty() || registers > code.len() {
        return Err(MatchError::BadCode);
    }
    if scratch.registers.len() < registers {
        scratch.registers.resize(registers, 0);
    }
    let Scratch { stack, registers } = scratch;
    let parts = Parts { code, head, captures, registers, stack, fuel: *fuel };
    let unicode = Flags::from_bits(head[header::FLAGS]).has_either_unicode_flag();
    let (result, left) = match input {
        Input::Latin1(bytes) => start::<u8, false>(parts, bytes, last_index),
        Input::Utf16(units) if unicode => start::<u16, true>(parts, units, last_index),
        Input::Utf16(units) => start::<u16, false>(parts, units, last_index),
    };
    *fuel = left;
    scratch.stack.relax();
    result
}

/// What all three instances of the matcher begin with.
struct Parts<'a> {
    code: &'a [u32],
    head: &'a [u32; header::LENGTH],
    captures: &'a mut [u32],
    registers: &'a mut [u32],
    stack: &'a mut Stack,
    fuel: i64,
}

// Three instances, called in one place each.
#[inline(always)]
fn start<U: Unit, const UNICODE: bool>(parts: Parts<'_>, input: &[U], last_index: usize) -> (Result<bool, MatchError>, i64) {
    if input.len() >= u32::MAX as usize {
        return (Err(MatchError::BadCode), parts.fuel);
    }
    let Parts { code, head, captures, registers, stack, fuel } = parts;
    let mut matcher = Matcher::<U, UNICODE> { code, input, captures, registers, stack, fuel };
    let result = matcher.search(head, last_index);
    (result, matcher.fuel)
}

/// One match in progress. `UNICODE`: characters of UTF-16 input are code points.
struct Matcher<'a, U: Unit, const UNICODE: bool> {
    code: &'a [u32],
    input: &'a [U],
    captures: &'a mut [u32],
    registers: &'a mut [u32],
    stack: &'a mut Stack,
    fuel: i64,
}

impl<U: Unit, const UNICODE: bool> Matcher<'_, U, UNICODE> {
    /// Whether a character can take two units.
    const WIDE: bool = UNICODE && U::HAS_SURROGATES;

    /// The character at `pos` and the position behind it.
    #[inline(always)]
    fn next(&self, pos: usize) -> Option<(u32, usize)> {
        let first: u32 = (*self.input.get(pos)?).into();
        if Self::WIDE
            && first & 0xFC00 == 0xD800
            && let Some(second) = self.input.get(pos + 1).map(|&u| u.into()).filter(|second: &u32| second & 0xFC00 == 0xDC00)
        {
            return Some((0x10000 + ((first & 0x3FF) << 10) + (second & 0x3FF), pos + 2));
        }
        Some((first, pos + 1))
    }

    /// The character that ends at `pos` and the position before it.
    #[inline(always)]
    fn previous(&self, pos: usize) -> Option<(u32, usize)> {
        let before = pos.checked_sub(1)?;
        let last: u32 = (*self.input.get(before)?).into();
        if Self::WIDE && last & 0xFC00 == 0xDC00 && before > 0 {
            let lead: u32 = (*self.input.get(before - 1)?).into();
            if lead & 0xFC00 == 0xD800 {
                return Some((0x10000 + ((lead & 0x3FF) << 10) + (last & 0x3FF), before - 1));
            }
        }
        Some((last, before))
    }

    /// Whether `pos` stands between the halves of a surrogate pair that is one character.
    #[inline(always)]
    fn splits_pair(&self, pos: usize) -> bool {
        if !Self::WIDE || pos == 0 {
            return false;
        }
        let unit = |at: usize| self.input.get(at).map_or(0, |&u| u.into());
        unit(pos) & 0xFC00 == 0xDC00 && unit(pos - 1) & 0xFC00 == 0xD800
    }

    /// Charges `amount` of fuel; answers whether there was enough.
    #[inline(always)]
    fn spend(&mut self, amount: usize) -> bool {
        self.fuel -= amount as i64;
        self.fuel >= 0
    }
}
