//! Regular expressions from a grammar of patterns: the matcher against the oracle that follows the specification's continuations.

use mayfly_regexp::{Flags, Input, MatchError, Pattern, Scratch, compile, exec, oracle};

use crate::choices::Choices;

const ATOMS: &[&str] = &[
    "a",
    "b",
    "c",
    "A",
    "k",
    "s",
    "0",
    "1",
    "\\n",
    "\\x41",
    "\\u0062",
    "é",
    "Ж",
    "ж",
    "😀",
    "𐐀",
    "\\ud83d",
    "\\ude00",
    "ſ",
    "\\w",
    "\\d",
    "\\W",
    "\\S",
    "\\s",
    ".",
    "[ab]",
    "[^a]",
    "[a-k]",
    "[^\\w]",
    "[A-Z0]",
    "[é-ж]",
    "[]",
    "[^]",
    "^",
    "$",
    "\\b",
    "\\B",
    "\\1",
    "\\2",
    "\\k<n>",
    "abc",
    "ab",
    "[\\d_]",
    "\\p{L}",
    "\\P{Lu}",
    "[\\p{Lu}--[A-C]]",
    "[\\w&&\\d]",
    "[\\q{ab|c}]",
    "(",
    ")",
    "|",
    "\\",
    "{",
    "]",
];
const QUANTIFIERS: &[&str] =
    &["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,3}", "{2,}", "{1,3}?", "{0}", "{2,}?", "{3,20}", "{0,20}?", "{5}"];
const LETTERS: &[&str] =
    &["a", "b", "c", "A", "B", "k", "K", "s", "0", "1", " ", "\n", "é", "É", "-", "ſ", "Ж", "ж", "😀", "𐐀", "𐐨", "\u{2028}", "ab", "abc"];
const STEPS: u32 = 20_000;

fn pattern(choices: &mut Choices<'_>, depth: usize, into: &mut String) {
    if depth == 0 || choices.is_empty() {
        into.push_str(choices.of(ATOMS));
        return;
    }
    let open = match choices.below(12) {
        0..=2 => {
            for _ in 0..choices.below(4) {
                pattern(choices, depth - 1, into);
            }
            return;
        }
        3 | 4 => "(?:",
        5 | 6 => "(",
        7 => "(?<n>",
        8 => choices.of(&["(?=", "(?!", "(?<=", "(?<!"]),
        9 => choices.of(&["(?i:", "(?-i:", "(?s:", "(?m-s:", "(?i-m:"]),
        _ => {
            into.push_str(choices.of(ATOMS));
            into.push_str(choices.of(QUANTIFIERS));
            return;
        }
    };
    into.push_str(open);
    for i in 0..=choices.below(4) {
        if i > 0 && choices.once_in(2) {
            into.push('|');
        }
        pattern(choices, depth - 1, into);
    }
    into.push(')');
    if choices.once_in(2) {
        into.push_str(choices.of(QUANTIFIERS));
    }
}

/// One run.
pub fn run(data: &[u8]) {
    let mut choices = Choices::new(data);
    let mut source = String::new();
    pattern(&mut choices, 5, &mut source);
    let letters: String = ["i", "m", "s", "y"].into_iter().filter(|_| choices.once_in(3)).collect();
    let flags = letters + choices.of(&["", "", "u", "v"]);
    let input: String = (0..choices.below(14)).map(|_| choices.of(LETTERS)).collect();
    let mut units: Vec<u16> = input.encode_utf16().collect();
    // Lone surrogates now and then.
    units.drain(..choices.below(3).min(units.len()));
    let at = choices.below(4).min(units.len());
    let flags = Flags::parse(&flags).expect("flags");
    let source: Vec<u16> = source.encode_utf16().collect();
    let Ok(compiled) = compile(Pattern::Utf16(&source), flags) else { return };
    let Some(expected) = oracle::expected(&source, flags, &units, at, STEPS) else { return };
    let mut scratch = Scratch::new();
    let mut check = |input: Input<'_>| {
        let mut captures = vec![7; 2 * compiled.capture_count as usize];
        let found = match exec(&compiled.code, input, at, &mut captures, &mut scratch, &mut 2_000_000) {
            Ok(found) => found,
            // Patterns that take exponential time in one order need not in the other.
            Err(MatchError::OutOfFuel) => return,
            Err(error) => panic!("{error}"),
        };
        let pair = |c: &[u32]| (c[0] != u32::MAX).then(|| (c[0] as usize, c[1] as usize));
        let found: Option<Vec<_>> = found.then(|| captures.chunks(2).map(pair).collect());
        assert_eq!(found, expected, "/{}/ on {units:?} at {at}, flags {flags:?}", String::from_utf16_lossy(&source));
    };
    check(Input::Utf16(&units));
    if let Ok(bytes) = units.iter().map(|&unit| u8::try_from(unit)).collect::<Result<Vec<u8>, _>>() {
        check(Input::Latin1(&bytes));
    }
}
