//! The interpreter: one attempt at one place.

use super::Matcher;
use super::ones::One;
use super::stack::tag;
use super::units::Unit;
use crate::MatchError;
use crate::opcode::op;

impl<U: Unit, const UNICODE: bool> Matcher<'_, U, UNICODE> {
    /// Runs the code at `entry` with the position `pos`, for a match that starts at `start`.
    pub(super) fn attempt(&mut self, entry: usize, pos: usize, start: usize) -> Result<bool, MatchError> {
        self.stack.clear();
        self.captures.fill(u32::MAX);
        if !self.spend(1) {
            return Err(MatchError::OutOfFuel);
        }
        match self.run(entry, pos)? {
            Some(end) if end > self.input.len() => Err(MatchError::BadCode),
            Some(end) => {
                if let [first, second, ..] = self.captures {
                    (*first, *second) = (start as u32, end as u32);
                }
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// The position where the match ends, where there is one.
    fn run(&mut self, mut pc: usize, mut pos: usize) -> Result<Option<usize>, MatchError> {
        let code = self.code;
        let input = self.input;
        macro_rules! word {
            ($at:expr) => {
                match code.get($at) {
                    Some(&word) => word,
                    None => return Err(MatchError::BadCode),
                }
            };
        }
        loop {
            // Instructions run until one fails, which breaks out to the backtracking below.
            'forward: loop {
                let first = word!(pc);
                let high = first >> 8;
                match first & 255 {
                    op::CHAR => match input.get(pos) {
                        Some(&u) if u.into() == high => {
                            pos += 1;
                            pc += 1;
                        }
                        _ => break 'forward,
                    },
                    op::TEXT8 => {
                        let length = high as usize;
                        let words = length.div_ceil(4);
                        let (Some(here), Some(text)) = (input.get(pos..pos + length), code.get(pc + 1..pc + 1 + words)) else {
                            break 'forward;
                        };
                        if !U::equal_packed(here, text) {
                            break 'forward;
                        }
                        pos += length;
                        pc += 1 + words;
                    }
                    op::TEXT16 => {
                        let length = high as usize;
                        let words = length.div_ceil(2);
                        let (Some(here), Some(text)) = (input.get(pos..pos + length), code.get(pc + 1..pc + 1 + words)) else {
                            break 'forward;
                        };
                        let same = here.chunks(2).zip(text).all(|(chunk, &word)| match chunk {
                            [a, b] => (*a).into() | (*b).into() << 16 == word,
                            [a] => (*a).into() == word,
                            _ => false,
                        });
                        if !same {
                            break 'forward;
                        }
                        pos += length;
                        pc += 1 + words;
                    }
                    op::TEXT_MASKED => {
                        let length = high as usize;
                        let words = 2 * length.div_ceil(4);
                        let (Some(here), Some(text)) = (input.get(pos..pos + length), code.get(pc + 1..pc + 1 + words)) else {
                            break 'forward;
                        };
                        let same = here.chunks(4).zip(text.as_chunks::<2>().0).all(|(chunk, &[mask, value])| {
                            chunk.iter().enumerate().all(|(i, &u)| {
                                let shift = 8 * i as u32;
                                u.into() | (mask >> shift & 255) == value >> shift & 255
                            })
                        });
                        if !same {
                            break 'forward;
                        }
                        pos += length;
                        pc += 1 + words;
                    }
                    op::SET => {
                        let set = word!(pc + 1) as usize;
                        match self.next(pos) {
                            Some((c, after)) if self.in_set(set, c) => pos = after,
                            _ => break 'forward,
                        }
                        pc += 2;
                    }
                    op::ONE => {
                        let one = One { kind: high, operand: word!(pc + 1) };
                        match self.next(pos) {
                            Some((c, after)) if self.one_matches(one, c) => pos = after,
                            _ => break 'forward,
                        }
                        pc += 2;
                    }
                    op::ONE_BACK => {
                        let one = One { kind: high, operand: word!(pc + 1) };
                        match self.previous(pos) {
                            Some((c, before)) if self.one_matches(one, c) => pos = before,
                            _ => break 'forward,
                        }
                        pc += 2;
                    }
                    op::LOOP_POSSESSIVE | op::LOOP_GREEDY => {
                        let Some(&[_, operand, min, max, follow]) = code.get(pc..).and_then(|c| c.first_chunk::<5>()) else {
                            return Err(MatchError::BadCode);
                        };
                        let one = One { kind: high & 255, operand };
                        let back = high >> 8 & 1 == 1;
                        // Counting characters needs code points where they may take two units: ask for the least number first.
                        let (least, end) = if back {
                            let (end, count) = self.scan_back(one, pos, max);
                            if count < min {
                                break 'forward;
                            }
                            (self.advance(pos, min, true), end)
                        } else if Self::WIDE && min > 0 {
                            let (least, count) = self.scan(one, pos, min);
                            if count < min {
                                break 'forward;
                            }
                            (least, self.scan(one, least, if max == u32::MAX { max } else { max.saturating_sub(min) }).0)
                        } else {
                            let (end, count) = self.scan(one, pos, max);
                            if count < min {
                                break 'forward;
                            }
                            (pos + min as usize, end)
                        };
                        if self.fuel < 0 {
                            return Err(MatchError::OutOfFuel);
                        }
                        if first & 255 == op::LOOP_POSSESSIVE {
                            pos = end;
                        } else {
                            match self.settle_greedy(pc, end, least, follow as usize, back)? {
                                Some(to) => pos = to,
                                None => break 'forward,
                            }
                        }
                        pc += 5;
                    }
                    op::LOOP_LAZY => {
                        let Some(&[_, operand, min, max, follow]) = code.get(pc..).and_then(|c| c.first_chunk::<5>()) else {
                            return Err(MatchError::BadCode);
                        };
                        let one = One { kind: high & 255, operand };
                        let back = high >> 8 & 1 == 1;
                        if min > 0 {
                            let (least, count) = if back { self.scan_back(one, pos, min) } else { self.scan(one, pos, min) };
                            if count < min {
                                break 'forward;
                            }
                            pos = least;
                        }
                        let left = if max == u32::MAX { max } else { max.saturating_sub(min) };
                        match self.settle_lazy(pc, one, pos, left, follow as usize, back)? {
                            Some(to) => pos = to,
                            None => break 'forward,
                        }
                        pc += 5;
                    }
                    op::JUMP => {
                        let target = word!(pc + 1) as usize;
                        // The compiler jumps forward only; damaged code must not loop for free.
                        if target <= pc && !self.spend(1) {
                            return Err(MatchError::OutOfFuel);
                        }
                        pc = target;
                    }
                    op::SPLIT_NEXT => {
                        let target = word!(pc + 1) as usize;
                        self.stack.push(tag::WAY, target, pos as u32, 0)?;
                        pc += 2;
                    }
                    op::SPLIT_JUMP => {
                        let target = word!(pc + 1) as usize;
                        self.stack.push(tag::WAY, pc + 2, pos as u32, 0)?;
                        if !self.spend(1) {
                            return Err(MatchError::OutOfFuel);
                        }
                        pc = target;
                    }
                    op::PEEK_NEXT | op::PEEK_JUMP => {
                        let Some(&[_, target, table]) = code.get(pc..).and_then(|c| c.first_chunk::<3>()) else {
                            return Err(MatchError::BadCode);
                        };
                        let next = if high >> 4 & 1 == 0 { input.get(pos) } else { pos.checked_sub(1).and_then(|at| input.get(at)) };
                        let ways = match next.map(|&u| u.into()) {
                            Some(c) if c < 256 => word!(table as usize + (c >> 4) as usize) >> (2 * (c & 15)),
                            Some(_) => high,
                            None => high >> 2,
                        };
                        if !self.spend(1) {
                            return Err(MatchError::OutOfFuel);
                        }
                        let (preferred, other) =
                            if first & 255 == op::PEEK_NEXT { (pc + 3, target as usize) } else { (target as usize, pc + 3) };
                        pc = match ways & 3 {
                            0 => break 'forward,
                            1 => preferred,
                            2 => other,
                            _ => {
                                self.stack.push(tag::WAY, other, pos as u32, 0)?;
                                preferred
                            }
                        };
                    }
                    op::SWITCH => {
                        let Some(&[_, table, others, end, count]) = code.get(pc..).and_then(|c| c.first_chunk::<5>()) else {
                            return Err(MatchError::BadCode);
                        };
                        let next = if high & 1 == 0 { input.get(pos) } else { pos.checked_sub(1).and_then(|at| input.get(at)) };
                        let number = match next.map(|&u| u.into()) {
                            Some(c) if c < 256 => word!(table as usize + (c >> 2) as usize) >> (8 * (c & 3)) & 255,
                            Some(_) => others,
                            None => end,
                        };
                        if number >= count {
                            return Err(MatchError::BadCode);
                        }
                        if !self.spend(1) {
                            return Err(MatchError::OutOfFuel);
                        }
                        pc = word!(pc + 5 + number as usize) as usize;
                    }
                    op::SAVE => {
                        self.save(high as usize, pos as u32)?;
                        pc += 1;
                    }
                    op::SAVE_BOTH => {
                        let length = word!(pc + 1);
                        let slot = 2 * high as usize;
                        let Some([start, end]) = self.captures.get_mut(slot..slot + 2) else { return Err(MatchError::BadCode) };
                        if !self.stack.is_empty() {
                            self.stack.push(tag::CAPTURE, high as usize, *start, *end)?;
                        }
                        (*start, *end) = ((pos as u32).saturating_sub(length), pos as u32);
                        pc += 2;
                    }
                    op::RESET => {
                        let end = word!(pc + 1);
                        for group in high..end {
                            let slot = 2 * group as usize;
                            let Some([from, to]) = self.captures.get_mut(slot..slot + 2) else { return Err(MatchError::BadCode) };
                            if *from != u32::MAX || *to != u32::MAX {
                                if !self.stack.is_empty() {
                                    self.stack.push(tag::CAPTURE, group as usize, *from, *to)?;
                                }
                                (*from, *to) = (u32::MAX, u32::MAX);
                            }
                        }
                        pc += 2;
                    }
                    op::SET_REGISTER => {
                        let value = word!(pc + 1);
                        self.set_register(high as usize, value)?;
                        pc += 2;
                    }
                    op::SET_POSITION => {
                        self.set_register(high as usize, pos as u32)?;
                        pc += 1;
                    }
                    op::CHECK_PROGRESS => {
                        if self.register(high as usize)? as usize == pos {
                            break 'forward;
                        }
                        pc += 1;
                    }
                    op::CHECK_PROGRESS_FROM => {
                        let (counter, min) = (word!(pc + 1), word!(pc + 2));
                        if self.register(counter as usize)? >= min && self.register(high as usize)? as usize == pos {
                            break 'forward;
                        }
                        pc += 3;
                    }
                    op::COUNT_HEAD => {
                        let Some(&[_, counter, min, max, exit]) = code.get(pc..).and_then(|c| c.first_chunk::<5>()) else {
                            return Err(MatchError::BadCode);
                        };
                        let count = self.register(counter as usize)?;
                        let (body, exit) = (pc + 5, exit as usize);
                        if !self.spend(1) {
                            return Err(MatchError::OutOfFuel);
                        }
                        pc = if count < min {
                            body
                        } else if count >= max {
                            exit
                        } else {
                            let (preferred, other) = if high & 1 == 1 { (body, exit) } else { (exit, body) };
                            self.stack.push(tag::WAY, other, pos as u32, 0)?;
                            preferred
                        };
                    }
                    op::COUNT_NEXT => {
                        let head = word!(pc + 1) as usize;
                        let count = self.register(high as usize)?;
                        self.set_register(high as usize, count.saturating_add(1))?;
                        if !self.spend(1) {
                            return Err(MatchError::OutOfFuel);
                        }
                        pc = head;
                    }
                    op::LOOK => {
                        self.enter_look(high as usize, pos)?;
                        pc += 1;
                    }
                    op::LOOK_END => {
                        let has_captures = word!(pc + 1) != 0;
                        let height = self.register(high as usize)? as usize;
                        pos = self.register(high as usize + 1)? as usize;
                        // The ways not tried inside are given up; captures stay, and are undone if what follows fails.
                        if has_captures {
                            self.stack.keep_captures(height);
                        } else {
                            self.stack.truncate(height);
                        }
                        pc += 2;
                    }
                    op::LOOK_NOT => {
                        let target = word!(pc + 1) as usize;
                        self.enter_look(high as usize, pos)?;
                        self.stack.push(tag::WAY, target, pos as u32, 0)?;
                        pc += 2;
                    }
                    op::LOOK_NOT_END => {
                        let height = self.register(high as usize)? as usize;
                        self.unwind(height);
                        break 'forward;
                    }
                    op::BACK_REF => {
                        let count = word!(pc + 1) as usize;
                        let Some(groups) = code.get(pc + 2..).and_then(|c| c.get(..count)) else { return Err(MatchError::BadCode) };
                        match self.back_reference(groups, pos, high & 1 == 1, high & 2 == 2) {
                            Some(to) => pos = to,
                            None => break 'forward,
                        }
                        pc += 2 + count;
                    }
                    op::START => {
                        if pos != 0 {
                            break 'forward;
                        }
                        pc += 1;
                    }
                    op::START_LINE => {
                        if pos != 0 && !self.is_line_end(pos - 1) {
                            break 'forward;
                        }
                        pc += 1;
                    }
                    op::END => {
                        if pos < input.len() {
                            break 'forward;
                        }
                        pc += 1;
                    }
                    op::END_LINE => {
                        if pos < input.len() && !self.is_line_end(pos) {
                            break 'forward;
                        }
                        pc += 1;
                    }
                    op::WORD_BOUNDARY => {
                        if self.at_word_boundary(pos, high & 2 == 2) == (high & 1 == 1) {
                            break 'forward;
                        }
                        pc += 1;
                    }
                    op::MATCH => return Ok(Some(pos)),
                    op::FAIL => break 'forward,
                    _ => return Err(MatchError::BadCode),
                }
            }
            // Backtrack to the latest way not tried yet.
            loop {
                if !self.spend(1) {
                    return Err(MatchError::OutOfFuel);
                }
                let Some(frame) = self.stack.pop() else { return Ok(None) };
                match frame.tag() {
                    tag::WAY => {
                        pc = frame.place();
                        pos = frame.pos as usize;
                        break;
                    }
                    tag::GREEDY => {
                        let at = frame.place();
                        let back = word!(at) >> 16 & 1 == 1;
                        let (from, least) = (frame.pos as usize, frame.extra as usize);
                        let Some((_, given)) = (if back { self.next(from) } else { self.previous(from) }) else {
                            return Err(MatchError::BadCode);
                        };
                        if let Some(to) = self.settle_greedy(at, given, least, word!(at + 4) as usize, back)? {
                            pc = at + 5;
                            pos = to;
                            break;
                        }
                    }
                    tag::LAZY => {
                        let at = frame.place();
                        let first = word!(at);
                        let one = One { kind: first >> 8 & 255, operand: word!(at + 1) };
                        let back = first >> 16 & 1 == 1;
                        let from = frame.pos as usize;
                        let taken = match if back { self.previous(from) } else { self.next(from) } {
                            Some((c, to)) if self.one_matches(one, c) => to,
                            _ => continue,
                        };
                        let left = if frame.extra == u32::MAX { u32::MAX } else { frame.extra - 1 };
                        if let Some(to) = self.settle_lazy(at, one, taken, left, word!(at + 4) as usize, back)? {
                            pc = at + 5;
                            pos = to;
                            break;
                        }
                    }
                    _ => self.restore(frame),
                }
            }
        }
    }
}
