//! How a scan finds the places worth an attempt: the prefilter in the header.

use super::assembler::Assembler;
use super::tree::{Kind, Tree};
use crate::ast::Assertion;
use crate::opcode::{header, op, prefilter};

/// Longest literal the prefilter compares.
const MAX_PREFIX: usize = 32;

/// Fills in the header's prefilter for the pattern `tree`, whose instructions are in `asm`.
pub(super) fn plan(asm: &mut Assembler, tree: &Tree, unicode: bool) {
    let has_back_refs = tree.has_back_refs;
    if starts_with(tree, Assertion::Start) {
        asm.words[header::PREFILTER] = prefilter::START;
        return;
    }
    if starts_with(tree, Assertion::StartOfLine) {
        asm.words[header::PREFILTER] = prefilter::LINE;
        return;
    }
    let mut prefix = Vec::new();
    literal_prefix(tree, unicode, &mut prefix);
    prefix.truncate(MAX_PREFIX);
    if !prefix.is_empty() {
        let rarest = prefix.iter().enumerate().min_by_key(|(_, u)| frequency(**u)).map_or(0, |(i, _)| i);
        if let Some((entry, length)) = leading_text(&asm.words).filter(|t| t.1 as usize <= prefix.len()) {
            asm.words[header::SKIP_ENTRY] = entry;
            asm.words[header::SKIP_LENGTH] = length;
        }
        let mut data = vec![prefix.len() as u32, rarest as u32];
        data.extend(prefix);
        asm.words[header::PREFILTER] = prefilter::LITERAL;
        asm.pooled_at(header::PREFILTER_DATA, data);
        return;
    }
    let first = tree.first;
    if tree.transparent || first.end || (first.high && first.latin1_len() > 250) {
        return;
    }
    let count = first.latin1_len();
    let mut data = vec![if (1..=3).contains(&count) { count } else { 0 }, 0, 0, 0];
    if count <= 3 {
        data.iter_mut().skip(1).zip(first.latin1()).for_each(|(slot, c)| *slot = u32::from(c));
    }
    data.extend(first.bits);
    data.push(u32::from(first.high));
    data.push(u32::from(!has_back_refs && starts_with_run(tree)));
    asm.words[header::PREFILTER] = prefilter::SET;
    asm.pooled_at(header::PREFILTER_DATA, data);
}

/// Whether every match begins with this assertion.
fn starts_with(tree: &Tree, assertion: Assertion) -> bool {
    match &tree.kind {
        Kind::Assert(a) => *a == assertion,
        Kind::Seq(items) => items.first().is_some_and(|t| starts_with(t, assertion)),
        Kind::Alt(arms) => arms.iter().all(|t| starts_with(t, assertion)),
        Kind::Capture(_, body) | Kind::Repeat { body, min: 1.., .. } => starts_with(body, assertion),
        _ => false,
    }
}

/// Whether every match begins with an unbounded run of one character class. Then a failure at the start of a run means failure at every
/// place inside it: an attempt there would reach the same ends and go on alike.
fn starts_with_run(tree: &Tree) -> bool {
    match &tree.kind {
        Kind::Repeat { body, min: 1, max: u32::MAX, .. } if body.is_one() => true,
        Kind::Repeat { body, min: 1.., .. } => body.min > 0 && starts_with_run(body),
        Kind::Seq(items) => items.first().is_some_and(starts_with_run),
        Kind::Capture(_, body) => starts_with_run(body),
        _ => false,
    }
}

/// Collects the units every match begins with; answers whether the node matches nothing but them.
fn literal_prefix(tree: &Tree, unicode: bool, out: &mut Vec<u32>) -> bool {
    match &tree.kind {
        Kind::Empty | Kind::Assert(_) | Kind::Look { .. } => true,
        Kind::Char(c) if unicode && (0xD800..0xE000).contains(c) => false,
        Kind::Char(c) if *c > 0xFFFF => {
            out.extend([0xD800 + ((c - 0x10000) >> 10), 0xDC00 + ((c - 0x10000) & 0x3FF)]);
            true
        }
        Kind::Char(c) => {
            out.push(*c);
            true
        }
        Kind::Seq(items) => items.iter().all(|t| literal_prefix(t, unicode, out)),
        Kind::Capture(_, body) => literal_prefix(body, unicode, out),
        Kind::Repeat { body, min: 1.., .. } => {
            literal_prefix(body, unicode, out);
            false
        }
        Kind::Set(_) | Kind::Alt(_) | Kind::BackRef { .. } | Kind::Repeat { .. } => false,
    }
}

/// Where the first instruction is text: the place behind it, and its length in units.
fn leading_text(words: &[u32]) -> Option<(u32, u32)> {
    let at = header::LENGTH as u32;
    let word = *words.get(header::LENGTH)?;
    let length = word >> 8;
    match word & 255 {
        op::CHAR => Some((at + 1, 1)),
        op::TEXT8 => Some((at + 1 + length.div_ceil(4), length)),
        op::TEXT16 => Some((at + 1 + length.div_ceil(2), length)),
        _ => None,
    }
}

/// A rough rank of how often a unit occurs in text: scanning for a rare one stops less often.
fn frequency(unit: u32) -> u32 {
    let Ok(c) = u8::try_from(unit) else { return 1 };
    match c {
        b' ' => 255,
        b'a'..=b'z' => {
            // Letters of English text from rare to frequent.
            const ORDER: &[u8] = b"zqxjkvbpygfwmucldrhsnioate";
            100 + 5 * ORDER.iter().position(|&l| l == c).unwrap_or(0) as u32
        }
        b'0'..=b'9' => 90,
        b'\n' | b',' | b'.' | b'"' | b'(' | b')' | b'=' | b'/' | b'<' | b'>' | b'-' | b'_' | b':' | b';' | b'\'' => 80,
        b'A'..=b'Z' => 60,
        0 => 150,
        0x80.. => 30,
        _ => 40,
    }
}
