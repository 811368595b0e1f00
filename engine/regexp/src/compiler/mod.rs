//! Syntax tree → code.
//!
//! `lower` makes the compiler's tree (`tree`, with `first` sets), `emit` the instructions, `repeats` those of quantifiers, `search` the
//! header's prefilter. `dump` prints code for people.

mod assembler;
mod dump;
mod emit;
mod first;
mod lower;
mod ones;
mod repeats;
mod search;
mod tree;

pub use dump::dump;

use crate::Compiled;
use crate::ast::Parsed;
use crate::error::Fault;
use crate::flags::Flags;

/// Compiles a parsed pattern.
pub(crate) fn compile(parsed: Parsed, flags: Flags) -> Result<Compiled, Fault> {
    let unicode = flags.has_either_unicode_flag();
    let Parsed { root, capture_count, group_names, has_back_refs } = parsed;
    let tree = lower::Lowering { unicode, group_names: &group_names }.lower(root, false);
    let code = emit::emit(&tree, flags, capture_count, has_back_refs)?;
    Ok(Compiled { code, group_names, capture_count })
}
