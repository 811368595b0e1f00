//! A slow matcher that follows the specification's continuations step by step, and tests that compare the real one with it. Fuzz targets
//! use it too, by the feature `oracle`.
//!
//! It works on the parser's tree, so it judges the compiler and the matcher, not the parser.

use crate::ast::{Assertion, Node, RefTarget};
use crate::casing::canonicalize;
use crate::flags::Flags;
use crate::parser;
use std::cell::Cell;

/// A MatchState: https://tc39.es/ecma262/#sec-pattern-notation
#[derive(Clone)]
struct State {
    end: usize,
    captures: Vec<Option<(usize, usize)>>,
}

type Continuation<'a> = &'a dyn Fn(State) -> Option<State>;

struct Oracle {
    /// The characters of the input.
    input: Vec<u32>,
    unicode: bool,
    names: Vec<(Vec<u16>, Vec<u32>)>,
    /// Steps left; the answer means nothing once they are used up.
    steps: Cell<u32>,
}

impl Oracle {
    // 22.2.2.3 CompileSubpattern, https://tc39.es/ecma262/#sec-compilesubpattern
    fn run(&self, node: &Node, x: State, back: bool, c: Continuation<'_>) -> Option<State> {
        let left = self.steps.get().checked_sub(1)?;
        self.steps.set(left);
        match node {
            Node::Empty => c(x),
            Node::Char(ch) => self.one(|input| input == *ch, x, back, c),
            Node::Set(set) => self.one(|input| set.contains(input), x, back, c),
            Node::Seq(nodes) => self.sequence(nodes, x, back, c),
            Node::Alt(arms) => arms.iter().find_map(|arm| self.run(arm, x.clone(), back, c)),
            // 22.2.2.7 CompileAtom, Atom :: ( Disjunction )
            Node::Capture(index, body) => {
                let start = x.end;
                self.run(body, x, back, &|mut y| {
                    let range = if back { (y.end, start) } else { (start, y.end) };
                    y.captures[*index as usize] = Some(range);
                    c(y)
                })
            }
            Node::BackRef { target, ignore_case } => self.back_reference(target, *ignore_case, x, back, c),
            Node::Assert(assertion) => {
                if self.holds(*assertion, x.end) {
                    c(x)
                } else {
                    None
                }
            }
            // 22.2.2.4 CompileAssertion
            Node::Look { behind, negative, body } => {
                let result = self.run(body, x.clone(), *behind, &Some);
                match (result, negative) {
                    (None, true) => c(x),
                    (Some(y), false) => c(State { end: x.end, captures: y.captures }),
                    _ => None,
                }
            }
            Node::Repeat { body, min, max, greedy, captures } => self.repeat(body, (*min, *max), *greedy, *captures, x, back, c),
        }
    }

    // 22.2.2.3.4 MatchSequence
    fn sequence(&self, nodes: &[Node], x: State, back: bool, c: Continuation<'_>) -> Option<State> {
        let split = if back { nodes.split_last() } else { nodes.split_first() };
        match split {
            None => c(x),
            Some((node, rest)) => self.run(node, x, back, &|y| self.sequence(rest, y, back, c)),
        }
    }

    // 22.2.2.3.1 RepeatMatcher
    #[allow(clippy::too_many_arguments)]
    fn repeat(
        &self,
        body: &Node,
        (min, max): (u32, u32),
        greedy: bool,
        captures: (u32, u32),
        x: State,
        back: bool,
        c: Continuation<'_>,
    ) -> Option<State> {
        let left = self.steps.get().checked_sub(1)?;
        self.steps.set(left);
        if max == 0 {
            return c(x);
        }
        let start = x.end;
        let again = |y: State| {
            if min == 0 && y.end == start {
                return None;
            }
            let max = if max == u32::MAX { max } else { max - 1 };
            self.repeat(body, (min.saturating_sub(1), max), greedy, captures, y, back, c)
        };
        let mut reset = x.clone();
        (captures.0..captures.1).for_each(|i| reset.captures[i as usize] = None);
        if min > 0 {
            return self.run(body, reset, back, &again);
        }
        if greedy { self.run(body, reset, back, &again).or_else(|| c(x)) } else { c(x).or_else(|| self.run(body, reset, back, &again)) }
    }

    // 22.2.2.7.1 CharacterSetMatcher
    fn one(&self, test: impl Fn(u32) -> bool, x: State, back: bool, c: Continuation<'_>) -> Option<State> {
        let end = if back { x.end.checked_sub(1)? } else { x.end + 1 };
        let ch = *self.input.get(x.end.min(end))?;
        if test(ch) { c(State { end, captures: x.captures }) } else { None }
    }

    // 22.2.2.7.2 BackreferenceMatcher
    fn back_reference(&self, target: &RefTarget, ignore_case: bool, x: State, back: bool, c: Continuation<'_>) -> Option<State> {
        let groups = match target {
            RefTarget::Number(n) => vec![*n],
            RefTarget::Name(slot) => self.names[*slot].1.clone(),
        };
        let Some((rs, re)) = groups.iter().find_map(|&g| x.captures[g as usize]) else { return c(x) };
        let length = re - rs;
        let end = if back { x.end.checked_sub(length)? } else { x.end + length };
        let at = x.end.min(end);
        let same = |a: u32, b: u32| if ignore_case { canonicalize(a, self.unicode) == canonicalize(b, self.unicode) } else { a == b };
        let text = self.input.get(at..at + length)?;
        text.iter().zip(&self.input[rs..re]).all(|(&a, &b)| same(a, b)).then_some(())?;
        c(State { end, captures: x.captures })
    }

    fn holds(&self, assertion: Assertion, at: usize) -> bool {
        let terminator = |c: Option<&u32>| c.is_none_or(|c| matches!(c, 0xA | 0xD | 0x2028 | 0x2029));
        let word = |c: Option<&u32>, extra: bool| {
            c.is_some_and(|&c| {
                char::from_u32(c).is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') || (extra && matches!(c, 0x17F | 0x212A))
            })
        };
        let before = at.checked_sub(1).and_then(|i| self.input.get(i));
        match assertion {
            Assertion::Start => at == 0,
            Assertion::StartOfLine => terminator(before),
            Assertion::End => at == self.input.len(),
            Assertion::EndOfLine => terminator(self.input.get(at)),
            Assertion::WordBoundary { negative, unicode_ignore_case: extra } => {
                (word(before, extra) != word(self.input.get(at), extra)) != negative
            }
        }
    }
}

/// Captures in code units.
pub type Found = Vec<Option<(usize, usize)>>;

/// What the specification says; the outer `None` where it takes more than `steps`, or the pattern does not parse.
pub fn expected(pattern: &[u16], flags: Flags, input: &[u16], last_index: usize, steps: u32) -> Option<Option<Found>> {
    let parsed = parser::parse(pattern, flags).ok()?;
    let unicode = flags.has_either_unicode_flag();
    let mut characters = Vec::new();
    let mut offsets = Vec::new();
    if unicode {
        let mut offset = 0;
        for c in char::decode_utf16(input.iter().copied()) {
            let c = c.map_or_else(|e| u32::from(e.unpaired_surrogate()), u32::from);
            characters.push(c);
            offsets.push(offset);
            offset += if c > 0xFFFF { 2 } else { 1 };
        }
    } else {
        characters.extend(input.iter().map(|&u| u32::from(u)));
        offsets.extend(0..input.len());
    }
    offsets.push(input.len());
    let oracle = Oracle { input: characters, unicode, names: parsed.group_names, steps: Cell::new(steps) };
    let mut start = offsets.partition_point(|&o| o <= last_index) - 1;
    loop {
        let x = State { end: start, captures: vec![None; parsed.capture_count as usize] };
        let found = oracle.run(&parsed.root, x, false, &Some);
        if oracle.steps.get() == 0 {
            return None;
        }
        if let Some(y) = found {
            let mut captures = y.captures;
            captures[0] = Some((start, y.end));
            return Some(Some(captures.into_iter().map(|c| c.map(|(a, b)| (offsets[a], offsets[b]))).collect()));
        }
        start += 1;
        if start >= offsets.len() || flags.contains(Flags::STICKY) {
            return Some(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Input, MatchError, Pattern, Scratch, compile, exec};
    use proptest::prelude::*;

    fn atom() -> impl Strategy<Value = String> {
        let text = "a,b,c,A,B,k,s,0,1,\\n,\\x41,\\u0062,é,Ж,ж,😀,𐐀,\\ud83d,\\ude00,ſ,\\w,\\d,\\W,\\S,\\s,.,.,[ab],[^a],[a-k],[^\\w],[A-Z0],[é-ж],[],[^],\
            ^,$,\\b,\\B,\\1,\\2,\\k<n>";
        let leaves: Vec<String> = text.split(',').map(String::from).collect();
        prop::sample::select(leaves)
    }

    fn quantifier() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,3}", "{2,}", "{1,3}?", "{0}", "{2,}?", "{3,20}", "{0,20}?",
        ])
    }

    fn pattern() -> impl Strategy<Value = String> {
        atom().prop_recursive(5, 40, 5, |inner| {
            prop_oneof![
                4 => prop::collection::vec(inner.clone(), 0..5).prop_map(|v| v.concat()),
                3 => prop::collection::vec(inner.clone(), 2..7).prop_map(|v| format!("(?:{})", v.join("|"))),
                2 => prop::collection::vec(prop::sample::select(vec!["ab", "abc", "a", "ba", "bc", "", "b1", "k"]), 2..8)
                    .prop_map(|v| format!("(?:{})", v.join("|"))),
                3 => inner.clone().prop_map(|p| format!("({p})")),
                1 => (inner.clone(), inner.clone()).prop_map(|(p, q)| format!("(?:(?<n>{p})|(?<n>{q}))")),
                4 => (inner.clone(), quantifier()).prop_map(|(p, q)| format!("(?:{p}){q}")),
                4 => (prop::sample::select(vec!["a", "\\w", ".", "[^b]", "[ab]", "\\W", "😀", "[😀a]", "(a)", "(a|b)", "(?:ab|c)"]), quantifier())
                    .prop_map(|(p, q)| format!("{p}{q}")),
                1 => (prop::sample::select(vec!["=", "!", "<=", "<!"]), inner.clone()).prop_map(|(k, p)| format!("(?{k}{p})")),
                1 => (prop::sample::select(vec!["i", "-i", "s", "m-s", "i-m", "-s"]), inner).prop_map(|(k, p)| format!("(?{k}:{p})")),
            ]
        })
    }

    fn input(latin1: bool) -> impl Strategy<Value = String> {
        let letters =
            if latin1 { "a,b,c,A,B,k,K,s,0,1, ,\n,é,É,-,a,b" } else { "a,b,A,k,K,ſ,s,0,\n,é,Ж,ж,😀,𐐀,𐐨,\u{2028},a,b" };
        prop::collection::vec(prop::sample::select(letters.split(',').collect::<Vec<_>>()), 0..12).prop_map(|v| v.concat())
    }

    fn flags() -> impl Strategy<Value = Flags> {
        prop::sample::subsequence(vec![Flags::IGNORE_CASE, Flags::MULTILINE, Flags::DOT_ALL, Flags::UNICODE, Flags::STICKY], 0..4)
            .prop_map(|list| list.into_iter().fold(Flags::default(), |a, b| a | b))
    }

    fn compare(pattern: &str, flags: Flags, units: &[u16], last_index: usize) -> Result<(), TestCaseError> {
        let source: Vec<u16> = pattern.encode_utf16().collect();
        // What does not parse or takes the oracle too long is drawn again; proptest gives up if that is too often.
        let compiled = compile(Pattern::Utf16(&source), flags).map_err(|e| TestCaseError::reject(e.message))?;
        let Some(expected) = expected(&source, flags, units, last_index, 20_000) else { return Err(TestCaseError::reject("too slow")) };
        let mut scratch = Scratch::new();
        let mut run = |input: Input<'_>| -> Result<Option<Found>, MatchError> {
            let mut captures = vec![7; 2 * compiled.capture_count as usize];
            let found = exec(&compiled.code, input, last_index, &mut captures, &mut scratch, &mut 1_000_000)?;
            let pair = |c: &[u32]| (c[0] != u32::MAX).then(|| (c[0] as usize, c[1] as usize));
            Ok(found.then(|| captures.chunks(2).map(pair).collect()))
        };
        prop_assert_eq!(run(Input::Utf16(units)), Ok(expected.clone()), "utf-16");
        let bytes: Option<Vec<u8>> = units.iter().map(|&u| u8::try_from(u).ok()).collect();
        if let Some(bytes) = bytes {
            prop_assert_eq!(run(Input::Latin1(&bytes)), Ok(expected), "latin-1");
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000), max_global_rejects: 1 << 20, ..ProptestConfig::default() })]

        #[test]
        fn latin1_agrees(p in pattern(), f in flags(), i in input(true), at in 0usize..4) {
            let units: Vec<u16> = i.encode_utf16().collect();
            compare(&p, f, &units, at.min(units.len()))?;
        }

        #[test]
        fn utf16_agrees(p in pattern(), f in flags(), i in input(false), at in 0usize..4, cut in 0usize..3) {
            let mut units: Vec<u16> = i.encode_utf16().collect();
            // Lone surrogates now and then.
            units.drain(..cut.min(units.len()));
            compare(&p, f, &units, at.min(units.len()))?;
        }
    }
}
