//! The backtrack stack.

use crate::MatchError;

/// What a frame is for.
pub(super) mod tag {
    /// Go on at `place` with `pos`.
    pub(crate) const WAY: u32 = 0;
    /// A greedy loop at `place` that ended at `pos` and may give back down to `extra`.
    pub(crate) const GREEDY: u32 = 1;
    /// A lazy loop at `place` that stopped at `pos` and may take `extra` more.
    pub(crate) const LAZY: u32 = 2;
    /// Capture slot `place` was `pos`.
    pub(crate) const SLOT: u32 = 3;
    /// The ends of capture `place` were `pos` and `extra`.
    pub(crate) const CAPTURE: u32 = 4;
    /// Register `place` was `pos`.
    pub(crate) const REGISTER: u32 = 5;
}

const TAG_SHIFT: u32 = 28;

/// Something to undo or to try when what comes later fails.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Tag in the high bits; a code index, slot, capture or register in the others.
    place: u32,
    pub(super) pos: u32,
    pub(super) extra: u32,
}

impl Frame {
    #[inline(always)]
    pub(super) fn tag(self) -> u32 {
        self.place >> TAG_SHIFT
    }

    #[inline(always)]
    pub(super) fn place(self) -> usize {
        (self.place & ((1 << TAG_SHIFT) - 1)) as usize
    }
}

/// Frames, up to a limit.
#[derive(Debug)]
pub(super) struct Stack {
    frames: Vec<Frame>,
    /// In frames.
    limit: usize,
}

/// Standard limit on the stack, in bytes.
const STANDARD_LIMIT: usize = 64 << 20;
/// Capacity that is kept between matches, in frames.
const KEPT: usize = 1 << 14;

impl Default for Stack {
    fn default() -> Stack {
        Stack::with_limit(STANDARD_LIMIT)
    }
}

impl Stack {
    pub(super) fn with_limit(bytes: usize) -> Stack {
        Stack { frames: Vec::new(), limit: bytes / size_of::<Frame>() }
    }

    #[inline(always)]
    pub(super) fn push(&mut self, tag: u32, place: usize, pos: u32, extra: u32) -> Result<(), MatchError> {
        if self.frames.len() == self.frames.capacity() {
            self.grow()?;
        }
        self.frames.push(Frame { place: tag << TAG_SHIFT | place as u32, pos, extra });
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) -> Result<(), MatchError> {
        let length = self.frames.len();
        let more = length.clamp(256, self.limit.saturating_sub(length).max(256));
        if length + more > self.limit.max(256) {
            return Err(MatchError::OutOfMemory);
        }
        self.frames.try_reserve_exact(more).map_err(|_| MatchError::OutOfMemory)
    }

    #[inline(always)]
    pub(super) fn pop(&mut self) -> Option<Frame> {
        self.frames.pop()
    }

    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    #[inline(always)]
    pub(super) fn clear(&mut self) {
        self.frames.clear();
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.frames.truncate(length);
    }

    /// Drops the frames from `from` on, except those that restore captures.
    pub(super) fn keep_captures(&mut self, from: usize) {
        let mut kept = from;
        for i in from..self.frames.len() {
            if let Some(&frame) = self.frames.get(i).filter(|f| matches!(f.tag(), tag::SLOT | tag::CAPTURE)) {
                if let Some(slot) = self.frames.get_mut(kept) {
                    *slot = frame;
                }
                kept += 1;
            }
        }
        self.frames.truncate(kept);
    }

    /// Gives memory back after a match that needed much.
    pub(super) fn relax(&mut self) {
        self.frames.clear();
        if self.frames.capacity() > KEPT {
            self.frames.shrink_to(KEPT);
        }
    }
}
