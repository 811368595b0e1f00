//! Exceptions: from the throwing instruction to the innermost handler.

use super::{frame_code, frame_flag, frame_info, generators, set_register};
use crate::context::Context;
use crate::value::Value;

/// Finds the handler for the pending exception and sets the machine to it. False when the entry frame has none (it is left, and the
/// exception stays pending), or when the instance is being terminated.
pub(super) fn unwind(cx: &mut Context) -> bool {
    loop {
        let regs = cx.machine.regs;
        let info = frame_info(&cx.heap, regs);
        let flags = info >> 56;
        if cx.termination.is_none() {
            let code = frame_code(&cx.heap, regs);
            let pc = (cx.machine.pc - code.words(&cx.heap)) / 8;
            if let Some((target, register)) = code.handler(&cx.heap, pc) {
                let exception = std::mem::replace(&mut cx.exception, Value::HOLE);
                set_register(&cx.heap, regs, register, exception);
                cx.machine.pc = code.words(&cx.heap) + 8 * target;
                return true;
            }
            // Async functions turn the exception into a rejection.
            if flags & (frame_flag::RESUMED | frame_flag::ASYNC) != 0 {
                match generators::throw_out(cx, regs, flags) {
                    Some(super::calls::Flow::Leave) => return generators::leave_after_rejection(cx),
                    Some(_) => return true,
                    None => {}
                }
            }
        }
        if flags & frame_flag::ENTRY != 0 {
            return false;
        }
        let caller = regs - 8 * ((info >> 32 & 0xFF_FFFF) as u32);
        let link: u64 = cx.heap.load(regs);
        if flags & frame_flag::FOREIGN != 0 {
            cx.machine.realm = frame_code(&cx.heap, caller).realm(&cx.heap);
        }
        cx.machine.pc = link as u32;
        cx.machine.regs = caller;
        cx.machine.feedback = (link >> 32) as u32;
    }
}
