//! One handler per opcode, named like it.
//!
//! Every handler has the same contract: `pc` points at its instruction in verified code; `regs` is a window with every register that the
//! code names; `base` is the cage's base; `ic` is the code's array of inline caches. Fast paths are here; what does not fit is a slow
//! handler that calls ordinary Rust in `super::slow`.
#![allow(non_snake_case, missing_docs)]

mod allocation;
mod arithmetic;
mod calls;
mod comparison;
mod iteration;
mod jumps;
mod property;
mod simple;
mod slow_ops;

pub(super) use allocation::*;
pub(super) use arithmetic::*;
pub(super) use calls::*;
pub(super) use comparison::*;
pub(super) use iteration::*;
pub(super) use jumps::*;
pub(super) use property::*;
pub(super) use simple::*;
pub(super) use slow_ops::*;

use super::Exit;
use super::dispatch::{dispatch, reload};
use crate::bytecode::Word;
use crate::context::Context;
use crate::value::Value;

/// Arguments of a handler, for macros.
macro_rules! handler {
    ($(#[$meta:meta])* $name:ident ($pc:ident, $regs:ident, $cx:ident, $base:ident, $ic:ident) $body:block) => {
        $(#[$meta])*
        // Never inlined into another handler: a slow path inlined into a fast one costs that its saved registers.
        #[inline(never)]
        pub(in crate::interpreter) unsafe fn $name(
            $pc: *const $crate::bytecode::Word,
            $regs: *mut $crate::value::Value,
            $cx: *mut $crate::context::Context,
            $base: *mut u8,
            $ic: *const u8,
        ) -> $crate::interpreter::Exit {
            // SAFETY: the handlers' contract, stated in this module's head: operands name registers of the window, slots and caches that
            // exist; every cage address is the base plus a 32-bit offset.
            unsafe { $body }
        }
    };
}
pub(super) use handler;

/// A handler that does everything in a slow Rust function `fn(&mut Context, Word, u32) -> Result<()>`.
macro_rules! slow_handler {
    ($name:ident => $function:path) => {
        $crate::interpreter::handlers::handler!($name(pc, regs, cx, base, ic) {
            $crate::interpreter::dispatch::save!(pc, regs, cx, base, ic);
            let window = regs.byte_offset_from(base) as u32;
            // Out of line: a local with Drop in here would cost the tail call.
            #[inline(never)]
            fn out_of_line(cx: &mut $crate::context::Context, word: $crate::bytecode::Word, window: u32) -> $crate::native::Result<()> {
                $function(cx, word, window)
            }
            match out_of_line(&mut *cx, *pc, window) {
                Ok(()) => $crate::interpreter::dispatch::next!(pc, regs, cx, base, ic),
                Err(_) => $crate::interpreter::handlers::unwind(pc, regs, cx, base, ic),
            }
        });
    };
}
pub(super) use slow_handler;

/// A handler whose slow Rust function may change frames: it goes on with the machine's state.
macro_rules! frame_handler {
    ($name:ident => $function:path) => {
        $crate::interpreter::handlers::handler!($name(pc, regs, cx, base, ic) {
            $crate::interpreter::dispatch::save!(pc, regs, cx, base, ic);
            let window = regs.byte_offset_from(base) as u32;
            #[inline(never)]
            fn out_of_line(
                cx: &mut $crate::context::Context,
                word: $crate::bytecode::Word,
                window: u32,
            ) -> $crate::native::Result<$crate::interpreter::calls::Flow> {
                $function(cx, word, window)
            }
            match out_of_line(&mut *cx, *pc, window) {
                Ok($crate::interpreter::calls::Flow::Next) => $crate::interpreter::dispatch::next!(pc, regs, cx, base, ic),
                Ok($crate::interpreter::calls::Flow::Reload) => $crate::interpreter::dispatch::reload!(cx, base),
                Ok($crate::interpreter::calls::Flow::Leave) => $crate::interpreter::Exit::Returned,
                Err(_) => $crate::interpreter::handlers::unwind(pc, regs, cx, base, ic),
            }
        });
    };
}
pub(super) use frame_handler;

handler!(
    /// Table entries past the last opcode.
    bad_opcode(pc, regs, cx, base, ic) {
        let _ = (regs, base, ic, pc);
        let _ = (*cx).throw_error(crate::context::ErrorKind::Error, "damaged bytecode");
        Exit::Threw
    }
);

handler!(
    /// Goes to the innermost exception handler, or leaves `run`.
    #[cold]
    unwind(pc, regs, cx, base, ic) {
        let _ = (pc, regs, ic);
        if super::unwind::unwind(&mut *cx) { reload!(cx, base) } else { Exit::Threw }
    }
);

handler!(
    /// Fuel is used up: collection, limits, suspension; then the same instruction again.
    #[cold]
    safepoint(pc, regs, cx, base, ic) {
        super::dispatch::save!(pc, regs, cx, base, ic);
        match super::collecting::safepoint(&mut *cx) {
            Ok(true) => dispatch!(pc, regs, cx, base, ic),
            Ok(false) => Exit::Suspended,
            Err(_) => unwind(pc, regs, cx, base, ic),
        }
    }
);

/// Register `index` of a window.
#[inline(always)]
pub(super) unsafe fn get(regs: *mut Value, index: u16) -> Value {
    // SAFETY: the handlers' contract.
    unsafe { *regs.add(index as usize) }
}

/// Sets register `index` of a window.
#[inline(always)]
pub(super) unsafe fn set(regs: *mut Value, index: u16, value: Value) {
    // SAFETY: the handlers' contract.
    unsafe { *regs.add(index as usize) = value }
}

/// Loads a field at a cage offset.
#[inline(always)]
pub(super) unsafe fn load<T: crate::heap::Field>(base: *mut u8, offset: u32) -> T {
    // SAFETY: base plus a 32-bit offset lies in the reservation.
    unsafe { base.add(offset as usize).cast::<T>().read_unaligned() }
}

/// The words of a cell that was just allocated: no card is needed, and no offset has to be added up for each of them.
#[inline(always)]
pub(super) unsafe fn new_cell(base: *mut u8, at: u32) -> *mut u64 {
    // SAFETY: base plus a 32-bit offset lies in the reservation.
    unsafe { base.add(at as usize).cast::<u64>() }
}

/// The first word of a cell.
#[inline(always)]
pub(super) const fn header(kind: crate::heap::Kind, flags: u8, aux: u16, word: u32) -> u64 {
    kind as u64 | (flags as u64) << 8 | (aux as u64) << 16 | (word as u64) << 32
}

/// Stores a value at a cage offset, with its card.
#[inline(always)]
pub(super) unsafe fn store_value(cx: *mut Context, base: *mut u8, offset: u32, value: Value) {
    // SAFETY: base plus a 32-bit offset lies in the reservation; the context is live.
    unsafe {
        (*cx).heap.cage().mark_card(offset);
        base.add(offset as usize).cast::<Value>().write_unaligned(value);
    }
}

/// The 32-bit immediate of an instruction.
#[inline(always)]
pub(super) unsafe fn wide(pc: *const Word) -> i32 {
    // SAFETY: the handlers' contract.
    unsafe { pc.cast::<i32>().add(1).read_unaligned() }
}
