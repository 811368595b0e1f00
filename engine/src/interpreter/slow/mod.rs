//! What fast handlers leave to ordinary Rust. Every function takes the instruction and the window's offset; results go to registers.

pub(super) mod arithmetic;
pub(super) mod classes;
pub(super) mod comparison;
pub(super) mod functions;
pub(super) mod iteration;
pub(super) mod names;
pub(super) mod objects;
pub(super) mod property;

use super::{register, set_register};
use crate::bytecode::Word;
use crate::context::Context;
use crate::value::Value;

/// Register b.
pub(super) fn b(cx: &Context, word: Word, regs: u32) -> Value {
    register(&cx.heap, regs, u32::from(word.b))
}

/// Register c.
pub(super) fn c(cx: &Context, word: Word, regs: u32) -> Value {
    register(&cx.heap, regs, u32::from(word.c))
}

/// Register a.
pub(super) fn a(cx: &Context, word: Word, regs: u32) -> Value {
    register(&cx.heap, regs, u32::from(word.a))
}

/// Sets register a.
pub(super) fn set_a(cx: &Context, word: Word, regs: u32, value: Value) {
    set_register(&cx.heap, regs, u32::from(word.a), value);
}

/// Natives that a slow path calls put their windows above this one.
pub(super) fn settle(cx: &mut Context, regs: u32) {
    cx.machine.top = super::calls::window_end(&cx.heap, regs);
}

/// Constant `bc` as text.
pub(super) fn constant_text(cx: &Context, word: Word, regs: u32) -> String {
    let code = super::frame_code(&cx.heap, regs);
    code.constant(&cx.heap, word.bc() as u32).as_string().map_or_else(String::new, |text| text.to_text(&cx.heap))
}
