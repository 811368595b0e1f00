//! Code in a form for people.

use crate::opcode::{MAGIC, describe, header, op};
use std::fmt::Write;

/// Lists the instructions of `code`, one a line, each with its word index. Damaged code ends the list with a line that says so.
pub fn dump(code: &[u32]) -> String {
    let mut out = String::new();
    let word = |at: usize| code.get(at).copied().unwrap_or(0);
    if word(header::MAGIC) != MAGIC {
        return "not regular expression code\n".into();
    }
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "captures {} registers {} min {} prefilter {} skip {}",
        word(header::CAPTURES),
        word(header::REGISTERS),
        word(header::MIN_LENGTH),
        word(header::PREFILTER),
        word(header::SKIP_ENTRY)
    );
    let end = (word(header::POOL) as usize).min(code.len());
    let mut pc = header::LENGTH;
    while pc < end {
        let first = word(pc);
        let Some((name, fixed)) = describe(first) else {
            let _ = writeln!(out, "{pc:4} ?");
            break;
        };
        let high = (first >> 8) as usize;
        let length = fixed
            + match first & 255 {
                op::TEXT8 => high.div_ceil(4),
                op::TEXT16 => high.div_ceil(2),
                op::TEXT_MASKED => 2 * high.div_ceil(4),
                op::SWITCH => word(pc + 4) as usize,
                op::BACK_REF => word(pc + 1) as usize,
                _ => 0,
            };
        let _ = write!(out, "{pc:4} {name} {high}");
        for at in pc + 1..(pc + length).min(end) {
            let _ = write!(out, " {}", word(at));
        }
        out.push('\n');
        pc += length;
    }
    out
}
