//! What instructions change, and how it is undone.

use super::Matcher;
use super::ones::One;
use super::stack::{Frame, tag};
use super::units::Unit;
use crate::MatchError;

impl<U: Unit, const UNICODE: bool> Matcher<'_, U, UNICODE> {
    // While the stack is empty nothing needs undoing: a failure ends the attempt.

    #[inline(always)]
    pub(super) fn save(&mut self, slot: usize, value: u32) -> Result<(), MatchError> {
        let capture = self.captures.get_mut(slot).ok_or(MatchError::BadCode)?;
        if !self.stack.is_empty() {
            self.stack.push(tag::SLOT, slot, *capture, 0)?;
        }
        *capture = value;
        Ok(())
    }

    #[inline(always)]
    pub(super) fn register(&self, index: usize) -> Result<u32, MatchError> {
        self.registers.get(index).copied().ok_or(MatchError::BadCode)
    }

    #[inline(always)]
    pub(super) fn set_register(&mut self, index: usize, value: u32) -> Result<(), MatchError> {
        let register = self.registers.get_mut(index).ok_or(MatchError::BadCode)?;
        if !self.stack.is_empty() {
            self.stack.push(tag::REGISTER, index, *register, 0)?;
        }
        *register = value;
        Ok(())
    }

    /// Notes where a look-around starts. Its two registers are never read after it is left, so they need no undoing.
    pub(super) fn enter_look(&mut self, register: usize, pos: usize) -> Result<(), MatchError> {
        let height = self.stack.len() as u32;
        let Some([a, b]) = self.registers.get_mut(register..).and_then(|r| r.first_chunk_mut::<2>()) else {
            return Err(MatchError::BadCode);
        };
        (*a, *b) = (height, pos as u32);
        Ok(())
    }

    /// Undoes one change; frames with ways not tried are dropped.
    #[inline]
    pub(super) fn restore(&mut self, frame: Frame) {
        let place = frame.place();
        match frame.tag() {
            tag::SLOT => {
                if let Some(slot) = self.captures.get_mut(place) {
                    *slot = frame.pos;
                }
            }
            tag::CAPTURE => {
                if let Some([start, end]) = self.captures.get_mut(2 * place..2 * place + 2) {
                    (*start, *end) = (frame.pos, frame.extra);
                }
            }
            tag::REGISTER => {
                if let Some(register) = self.registers.get_mut(place) {
                    *register = frame.pos;
                }
            }
            _ => {}
        }
    }

    /// Undoes everything above `height` frames.
    pub(super) fn unwind(&mut self, height: usize) {
        while self.stack.len() > height {
            if let Some(frame) = self.stack.pop() {
                self.restore(frame);
            }
        }
    }

    /// Finds where a greedy loop that can end anywhere between `least` and `end` ends first, and leaves a frame for the places below.
    #[inline(always)]
    pub(super) fn settle_greedy(
        &mut self,
        at: usize,
        end: usize,
        least: usize,
        follow: usize,
        back: bool,
    ) -> Result<Option<usize>, MatchError> {
        let to = if back {
            let mut pos = end;
            while !self.follows(follow, pos, true) && pos < least {
                match self.next(pos) {
                    Some((_, after)) => pos = after,
                    None => break,
                }
            }
            if pos > least || !self.follows(follow, pos, true) {
                return Ok(None);
            }
            pos
        } else {
            match self.give_back(end, least, follow) {
                Some(pos) => pos,
                None => return Ok(None),
            }
        };
        if to != least {
            self.stack.push(tag::GREEDY, at, to as u32, least as u32)?;
        }
        Ok(Some(to))
    }

    /// Finds where a lazy loop that stands at `pos` and may take `left` more characters can stop first, and leaves a frame for more.
    #[inline(always)]
    pub(super) fn settle_lazy(
        &mut self,
        at: usize,
        one: One,
        mut pos: usize,
        mut left: u32,
        follow: usize,
        back: bool,
    ) -> Result<Option<usize>, MatchError> {
        let from = pos;
        while !self.follows(follow, pos, back) {
            if left == 0 {
                return Ok(None);
            }
            match if back { self.previous(pos) } else { self.next(pos) } {
                Some((c, to)) if self.one_matches(one, c) => pos = to,
                _ => {
                    self.fuel -= (pos.abs_diff(from) >> 4) as i64;
                    return Ok(None);
                }
            }
            left -= u32::from(left != u32::MAX);
        }
        self.fuel -= (pos.abs_diff(from) >> 4) as i64;
        if left > 0 {
            self.stack.push(tag::LAZY, at, pos as u32, left)?;
        }
        Ok(Some(pos))
    }
}
