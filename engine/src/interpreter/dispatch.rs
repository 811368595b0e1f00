//! Dispatch: how one instruction's handler goes on to the next.
//!
//! Two backends with the same handlers. *Tail calls* (release builds): a handler ends by jumping through the table, and the machine's
//! state stays in argument registers. *Loop* (debug builds): a handler saves the state and returns, and `run` calls the next.
//!
//! A process that profiles puts the counting backend ([`super::counting`]) into the table before its first context is made; others pay
//! nothing for it.
//!
//! Rules for handlers: straight-line code, no calls but in tail position, no local whose address is taken, five word arguments.

use std::cell::UnsafeCell;
use std::sync::OnceLock;

use super::{Exit, counting, handlers};
use crate::bytecode::Word;
use crate::context::Context;
use crate::for_each_op;
use crate::value::Value;

/// A handler: instruction, window, context, cage base, feedback.
pub(super) type Handler = unsafe fn(*const Word, *mut Value, *mut Context, *mut u8, *const u8) -> Exit;

macro_rules! make_table {
    ($($name:ident ($($operand:ident : $kind:ident),*) $doc:literal;)*) => {
        /// Handlers by opcode number; the rest of the table stops the instance.
        const HANDLERS: [Handler; 256] = {
            let mut table: [Handler; 256] = [handlers::bad_opcode; 256];
            let mut i = 0;
            $( table[i] = handlers::$name; i += 1; )*
            let _ = i;
            table
        };
    };
}
for_each_op!(make_table);

/// Handlers by opcode number.
pub(super) struct Table(UnsafeCell<[Handler; 256]>);

// SAFETY: written in `decide` only, before the first context of the process is made; from then on it is read only.
unsafe impl Sync for Table {}

impl Table {
    /// The handler of an opcode.
    ///
    /// # Safety
    /// There is a context: nothing writes to the table any more.
    #[inline(always)]
    pub(super) unsafe fn at(&self, op: u8) -> Handler {
        // SAFETY: the contract above.
        unsafe { (*self.0.get())[op as usize] }
    }
}

/// What every dispatch goes through.
pub(super) static TABLE: Table = Table(UnsafeCell::new(HANDLERS));

/// The handlers themselves, for the counting backend.
pub(super) static PLAIN: [Handler; 256] = HANDLERS;

static COUNTS: OnceLock<bool> = OnceLock::new();

/// Decides for the whole process whether dispatch goes through the counting backend, unless that is decided already. Must be called before a
/// context is made. Whether it does.
pub(crate) fn decide(counts: bool) -> bool {
    *COUNTS.get_or_init(|| {
        if counts {
            // SAFETY: no context has been made yet, since each comes here first; so nobody reads the table. Whoever comes later waits for
            // this to end.
            unsafe { *TABLE.0.get() = [counting::count; 256] };
        }
        counts
    })
}

/// Goes to the instruction at `$pc`.
macro_rules! dispatch {
    ($pc:expr, $regs:expr, $cx:expr, $base:expr, $ic:expr) => {{
        #[cfg(not(debug_assertions))]
        {
            let pc = $pc;
            return $crate::interpreter::dispatch::TABLE.at((*pc).op)(pc, $regs, $cx, $base, $ic);
        }
        #[cfg(debug_assertions)]
        {
            let base = $base;
            (*$cx).machine.pc = $pc.byte_offset_from(base) as u32;
            (*$cx).machine.regs = $regs.byte_offset_from(base) as u32;
            (*$cx).machine.feedback = $ic.byte_offset_from(base) as u32;
            return $crate::interpreter::Exit::Continue;
        }
    }};
}

/// Goes to the next instruction.
macro_rules! next {
    ($pc:ident, $regs:ident, $cx:ident, $base:ident, $ic:ident) => {
        $crate::interpreter::dispatch::dispatch!($pc.add(1), $regs, $cx, $base, $ic)
    };
}

/// Goes on with the state that a slow path left in the machine.
macro_rules! reload {
    ($cx:ident, $base:ident) => {{
        let pc = $base.add((*$cx).machine.pc as usize).cast::<$crate::bytecode::Word>().cast_const();
        let regs = $base.add((*$cx).machine.regs as usize).cast::<$crate::value::Value>();
        let ic = $base.add((*$cx).machine.feedback as usize).cast_const();
        $crate::interpreter::dispatch::dispatch!(pc, regs, $cx, $base, ic)
    }};
}

/// Saves the state before a slow path.
macro_rules! save {
    ($pc:ident, $regs:ident, $cx:ident, $base:ident, $ic:ident) => {{
        (*$cx).machine.pc = $pc.byte_offset_from($base) as u32;
        (*$cx).machine.regs = $regs.byte_offset_from($base) as u32;
        (*$cx).machine.feedback = $ic.byte_offset_from($base) as u32;
    }};
}

pub(super) use {dispatch, next, reload, save};

/// Runs from the machine's state until an entry frame ends.
pub(super) fn run(cx: &mut Context) -> Exit {
    let base = cx.heap.cage().base();
    loop {
        // SAFETY: the machine's offsets come from `enter_closure` or a handler: `pc` lies in verified code, `regs` is a window of as many
        // registers as that code names, `feedback` is its array of inline caches; all within the cage at `base`.
        let exit = unsafe {
            let pc = base.add(cx.machine.pc as usize).cast::<Word>().cast_const();
            let regs = base.add(cx.machine.regs as usize).cast::<Value>();
            let ic = base.add(cx.machine.feedback as usize).cast_const();
            TABLE.at((*pc).op)(pc, regs, cx, base, ic)
        };
        if exit != Exit::Continue {
            return exit;
        }
    }
}
