//! Replacement templates: `$1`, `$&`, `$<name>` and the like.

use crate::context::Context;
use crate::heap::Heap;
use crate::native::Result;
use crate::string::{JsString, StringBuilder, Units};

/// A piece of a parsed template. Ranges are units of the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Units of the template themselves.
    Literal(u32, u32),
    /// `$&`: the match.
    Match,
    /// `` $` ``: what lies before the match.
    Before,
    /// `$'`: what lies after it.
    After,
    /// `$n`: capture n, from 1.
    Capture(u32),
    /// `$<name>`: the range of the name.
    Named(u32, u32),
}

/// A parsed template: most have few pieces.
pub(super) type Pieces = smallvec::SmallVec<[Piece; 4]>;

// 22.1.3.19.1 GetSubstitution ( matched, str, position, captures, namedCaptures, replacementTemplate ), https://tc39.es/ecma262/#sec-getsubstitution
/// Parses a template. `captures` is the number of captures of the match, `named` whether it has named groups at all.
pub(super) fn parse(template: Units<'_>, captures: u32, named: bool) -> Pieces {
    let length = template.len();
    let mut pieces = Pieces::new();
    if super::string_search::find(template, Units::Latin1(b"$"), 0).is_none() {
        push_literal(&mut pieces, 0, length);
        return pieces;
    }
    let (mut at, mut literal_from) = (0, 0);
    let digit = |index: usize| match template.at(index) {
        unit @ 0x30..=0x39 => Some(u32::from(unit - 0x30)),
        _ => None,
    };
    while at < length {
        if template.at(at) != u16::from(b'$') || at + 1 >= length {
            at += 1;
            continue;
        }
        let next = template.at(at + 1);
        // The piece, how long its reference is, and how much of the reference is kept as a literal before the rest goes on.
        let found = match u8::try_from(next).unwrap_or(0) {
            b'$' => {
                // The second dollar sign is literal text.
                push_literal(&mut pieces, literal_from, at);
                literal_from = at + 1;
                at += 2;
                continue;
            }
            b'&' => Some((Piece::Match, 2)),
            b'`' => Some((Piece::Before, 2)),
            b'\'' => Some((Piece::After, 2)),
            b'0'..=b'9' => {
                let one = digit(at + 1).unwrap_or(0);
                let two = digit(at + 2).map(|second| one * 10 + second).filter(|number| at + 2 < length && *number <= captures);
                match two {
                    Some(number) if number >= 1 => Some((Piece::Capture(number), 3)),
                    // "$00", and "$0n" with n captures at least, are no references.
                    Some(_) => None,
                    None if (1..=captures).contains(&one) => Some((Piece::Capture(one), 2)),
                    None => None,
                }
            }
            b'<' if named => (at + 2..length)
                .find(|&i| template.at(i) == u16::from(b'>'))
                .map(|end| (Piece::Named(at as u32 + 2, end as u32), end + 1 - at)),
            _ => None,
        };
        match found {
            Some((piece, reference)) => {
                push_literal(&mut pieces, literal_from, at);
                pieces.push(piece);
                at += reference;
                literal_from = at;
            }
            None => at += 1,
        }
    }
    push_literal(&mut pieces, literal_from, length);
    pieces
}

fn push_literal(pieces: &mut Pieces, from: usize, to: usize) {
    if from < to {
        pieces.push(Piece::Literal(from as u32, to as u32));
    }
}

/// Texts from this length on are looked at before they are made.
const LONG: u64 = 1 << 14;

/// Appends a template's result. `capture` gives the range of capture n in `string`, `named` the text of a group. RangeError when the text
/// becomes longer than strings may be: a template that repeats a long match is small itself.
pub(super) fn append(
    cx: &mut Context,
    result: &mut StringBuilder,
    pieces: &[Piece],
    template: JsString,
    string: JsString,
    matched: (u32, u32),
    capture: impl Fn(u32) -> Option<(u32, u32)>,
    named: impl Fn(&Heap, u32, u32) -> Option<(u32, u32)>,
) -> Result<()> {
    let range_of = |heap: &Heap, piece: &Piece| match *piece {
        Piece::Literal(..) => None,
        Piece::Match => Some(matched),
        Piece::Before => Some((0, matched.0)),
        Piece::After => Some((matched.1, string.length(heap))),
        Piece::Capture(number) => capture(number),
        Piece::Named(from, to) => named(heap, from, to),
    };
    let added = pieces.iter().map(|piece| match piece {
        Piece::Literal(from, to) => u64::from(to - from),
        other => range_of(&cx.heap, other).map_or(0, |(from, to)| u64::from(to.saturating_sub(from))),
    });
    let added: u64 = added.sum();
    if added > LONG {
        super::string::check_length(cx, result.len() as u64 + added)?;
        cx.reserve(result.len() as u64 + added)?;
    }
    let heap = &cx.heap;
    let subject = string.units(heap);
    for piece in pieces {
        if let Piece::Literal(from, to) = *piece {
            result.push_units(template.units(heap).window(from as usize, to as usize));
        } else if let Some((from, to)) = range_of(heap, piece) {
            result.push_units(subject.window(from as usize, to as usize));
        }
    }
    super::string::check_length(cx, result.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(template: &str, captures: u32, named: bool) -> Vec<Piece> {
        parse(Units::Latin1(template.as_bytes()), captures, named).to_vec()
    }

    #[test]
    fn references() {
        assert_eq!(pieces("a$1b", 1, false), [Piece::Literal(0, 1), Piece::Capture(1), Piece::Literal(3, 4)]);
        assert_eq!(pieces("$1", 0, false), [Piece::Literal(0, 2)]);
        assert_eq!(pieces("$12", 1, false), [Piece::Capture(1), Piece::Literal(2, 3)]);
        assert_eq!(pieces("$12", 12, false), [Piece::Capture(12)]);
        assert_eq!(pieces("$01", 1, false), [Piece::Capture(1)]);
        assert_eq!(pieces("$00", 1, false), [Piece::Literal(0, 3)]);
        assert_eq!(pieces("$0", 1, false), [Piece::Literal(0, 2)]);
        assert_eq!(pieces("$$1", 1, false), [Piece::Literal(1, 3)]);
        assert_eq!(pieces("$", 1, false), [Piece::Literal(0, 1)]);
        assert_eq!(pieces("$&$`$'", 0, false), [Piece::Match, Piece::Before, Piece::After]);
        assert_eq!(pieces("$<ab>", 1, true), [Piece::Named(2, 4)]);
        assert_eq!(pieces("$<ab>", 1, false), [Piece::Literal(0, 5)]);
        assert_eq!(pieces("$<ab", 1, true), [Piece::Literal(0, 4)]);
    }
}
