//! The scan for places worth an attempt.

use super::Matcher;
use super::units::Unit;
use crate::MatchError;
use crate::flags::Flags;
use crate::opcode::{header, prefilter};

impl<U: Unit, const UNICODE: bool> Matcher<'_, U, UNICODE> {
    /// Attempts at `last_index`, and without the sticky flag at every later position, until one succeeds.
    pub(super) fn search(&mut self, head: &[u32; header::LENGTH], last_index: usize) -> Result<bool, MatchError> {
        let length = self.input.len();
        let mut pos = last_index;
        // Step 12 of RegExpBuiltinExec: the index of the character that was obtained from that code unit.
        if self.splits_pair(pos) {
            pos -= 1;
        }
        let entry = head[header::ENTRY] as usize;
        let Some(last) = length.checked_sub(head[header::MIN_LENGTH] as usize) else { return Ok(false) };
        if pos > last {
            return Ok(false);
        }
        if Flags::from_bits(head[header::FLAGS]).contains(Flags::STICKY) {
            return self.attempt(entry, pos, pos);
        }
        let data = head[header::PREFILTER_DATA] as usize;
        match head[header::PREFILTER] {
            prefilter::NONE => loop {
                if self.attempt(entry, pos, pos)? {
                    return Ok(true);
                }
                pos = self.advance(pos, 1, false);
                if pos > last || pos >= length {
                    // The end itself is a place too: the loop ends behind it.
                    return if pos == length && pos <= last { self.attempt(entry, pos, pos) } else { Ok(false) };
                }
            },
            prefilter::START => {
                if pos == 0 {
                    self.attempt(entry, 0, 0)
                } else {
                    Ok(false)
                }
            }
            prefilter::LINE => self.search_lines(entry, pos, last),
            prefilter::LITERAL => self.search_literal(head, data, pos),
            prefilter::SET => self.search_set(entry, data, pos, last),
            _ => Err(MatchError::BadCode),
        }
    }

    fn search_lines(&mut self, entry: usize, mut pos: usize, last: usize) -> Result<bool, MatchError> {
        let input = self.input;
        loop {
            let at_start = pos == 0 || input.get(pos - 1..pos).is_some_and(|unit| U::find_line_end(unit).is_some());
            if at_start && self.attempt(entry, pos, pos)? {
                return Ok(true);
            }
            let Some(end) = input.get(pos..).and_then(U::find_line_end) else { return Ok(false) };
            self.charge_scan(end)?;
            pos += end + 1;
            if pos > last {
                return Ok(false);
            }
        }
    }

    /// Scanning costs fuel too, if little.
    fn charge_scan(&mut self, units: usize) -> Result<(), MatchError> {
        if self.spend(units >> 6) { Ok(()) } else { Err(MatchError::OutOfFuel) }
    }

    fn search_literal(&mut self, head: &[u32; header::LENGTH], data: usize, mut pos: usize) -> Result<bool, MatchError> {
        let (code, input) = (self.code, self.input);
        let Some([count, rarest]) = code.get(data..).and_then(|d| d.first_chunk::<2>()).map(|d| d.map(|w| w as usize)) else {
            return Err(MatchError::BadCode);
        };
        let Some(text) = code.get(data + 2..).and_then(|d| d.get(..count)) else { return Err(MatchError::BadCode) };
        let Some(&rare) = text.get(rarest) else { return Err(MatchError::BadCode) };
        if U::of(rare).is_none() {
            return Ok(false);
        }
        let (entry, skipped) = match head[header::SKIP_ENTRY] as usize {
            0 => (head[header::ENTRY] as usize, 0),
            entry => (entry, head[header::SKIP_LENGTH] as usize),
        };
        let Some(end) = input.len().checked_sub(count) else { return Ok(false) };
        while pos <= end {
            let reach = input.get(pos + rarest..=end + rarest).unwrap_or(&[]);
            let Some(found) = U::find(reach, rare) else { return self.charge_scan(reach.len()).map(|()| false) };
            self.charge_scan(found)?;
            pos += found;
            let here = input.get(pos..pos + count).unwrap_or(&[]);
            if here.iter().zip(text).all(|(&u, &t)| u.into() == t) && self.attempt(entry, pos + skipped, pos)? {
                return Ok(true);
            }
            pos += 1;
        }
        Ok(false)
    }

    fn search_set(&mut self, entry: usize, data: usize, mut pos: usize, last: usize) -> Result<bool, MatchError> {
        let input = self.input;
        let Some(words) = self.code.get(data..).and_then(|d| d.first_chunk::<14>()) else { return Err(MatchError::BadCode) };
        let [count, a, b, c, bits @ .., high, run] = *words;
        let few = count > 0 && high == 0;
        let member = |c: u32| bits[(c >> 5) as usize & 7] >> (c & 31) & 1 == 1;
        loop {
            let reach = input.get(pos..=last).or_else(|| input.get(pos..)).unwrap_or(&[]);
            let found = if few {
                U::find_any(reach, [a, b, c], count)
            } else {
                reach.iter().position(|&u| {
                    let c: u32 = u.into();
                    if c < 256 { member(c) } else { high != 0 }
                })
            };
            let Some(found) = found else { return self.charge_scan(reach.len()).map(|()| false) };
            self.charge_scan(found)?;
            pos += found;
            if !self.splits_pair(pos) && self.attempt(entry, pos, pos)? {
                return Ok(true);
            }
            let inside = |u: &&U| (**u).into() < 256 && member((**u).into());
            pos += match input.get(pos..) {
                // What failed at the start of the run fails at each place inside it. Other characters may only look like members.
                Some(rest) if run != 0 => rest.iter().take_while(inside).count().max(1),
                _ => 1,
            };
            if pos > last {
                return Ok(false);
            }
        }
    }
}
