//! The counting backend: every instruction is noted, then done by its own handler. In the dispatch table of processes that profile only.

use super::Exit;
use super::dispatch::PLAIN;
use crate::bytecode::Word;
use crate::context::Context;
use crate::profile::Step;
use crate::value::Value;

/// Stands in the table in the place of every handler.
#[inline(never)]
pub(super) unsafe fn count(pc: *const Word, regs: *mut Value, cx: *mut Context, base: *mut u8, ic: *const u8) -> Exit {
    // SAFETY: the handlers' contract: `pc` points at an instruction, everything lies in the cage at `base`, the context is live and
    // nothing else refers to it.
    unsafe {
        let op = (*pc).op;
        if (*cx).profile.is_some() {
            let at = pc.byte_offset_from(base) as u32;
            note(&mut *cx, op, at, regs.byte_offset_from(base) as u32, ic.byte_offset_from(base) as u32);
        }
        PLAIN[op as usize](pc, regs, cx, base, ic)
    }
}

/// Out of line, and given plain words: a local whose address is taken in `count` would cost the tail call.
#[inline(never)]
fn note(cx: &mut Context, op: u8, pc: u32, regs: u32, feedback: u32) {
    cx.note_step(Step { op, pc, regs, feedback });
}
