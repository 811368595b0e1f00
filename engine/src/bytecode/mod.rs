//! Bytecode: the opcode table, instruction words, and what the compiler hands to the engine ([`CodeBlock`]).
//!
//! Nothing here knows the heap: a `CodeBlock` is plain Rust data that `crate::code::link` turns into heap cells.

mod block;
mod disassemble;
pub mod ops;
mod verify;
mod word;

pub use block::{
    BindingInfo, CellConstant, CodeBlock, CodeFlags, Constant, Declarations, ExportEntry, Handler, ImportEntry, ModuleRecord, ScopeInfo,
    ScopeKind, StaticText,
};
pub use disassemble::disassemble;
pub use verify::{VerifyError, verify};
pub use word::{Op, OperandKind, Word};

/// Registers at the start of every window that hold the frame's own data: link, info, callee, new.target, this.
pub const FRAME_HEADER: usize = 5;
/// Register of the callee function object.
pub const REG_CALLEE: u16 = 2;
/// Register of `new.target`.
pub const REG_NEW_TARGET: u16 = 3;
/// Register of `this`.
pub const REG_THIS: u16 = 4;
