//! Quantifiers.

use super::emit::Emitter;
use super::first::First;
use super::ones::{One, follow_words};
use super::tree::{Kind, Tree};
use crate::error::Fault;
use crate::opcode::op;

/// Copies of a repeated body may take this many words together; beyond that a counter counts.
const MAX_UNROLLED_WORDS: u32 = 48;

/// A quantifier's parts.
struct Repeat<'a> {
    body: &'a Tree,
    min: u32,
    max: u32,
    greedy: bool,
    /// Captures to reset at the start of an iteration, where that can be observed.
    reset: Option<(u32, u32)>,
    /// What can come next at the start of an iteration.
    again: First,
    /// What can come next behind an iteration.
    after: First,
    back: bool,
}

impl Emitter {
    // 22.2.2.3.1 RepeatMatcher ( m, min, max, greedy, x, c, parenIndex, parenCount ), https://tc39.es/ecma262/#sec-runtime-semantics-repeatmatcher-abstract-operation
    pub(super) fn repeat(&mut self, tree: &Tree, follow: &First, back: bool) -> Result<(), Fault> {
        let Kind::Repeat { body, min, max, greedy, captures } = &tree.kind else { return Ok(()) };
        if body.is_one() {
            self.one_loop(body, (*min, *max), *greedy, follow, back);
            return Ok(());
        }
        let reset =
            (captures.0 < captures.1 && (self.has_back_refs || definite_captures(body) < captures.1 - captures.0)).then_some(*captures);
        let again = body.first_before(&body.first_before(follow).union(follow));
        let repeat = Repeat { body, min: *min, max: *max, greedy: *greedy, reset, again, after: again.union(follow), back };
        self.repeat_body(&repeat, follow)
    }

    fn repeat_body(&mut self, r: &Repeat<'_>, follow: &First) -> Result<(), Fault> {
        let size = r.body.size.max(1);
        if r.min == 1 && r.max == u32::MAX && r.body.min > 0 {
            // x+ needs no copy: the first iteration cannot be empty either.
            let start = self.asm.new_label();
            self.asm.place(start);
            self.iteration(r, false, true)?;
            self.split(r.greedy, start, follow, &r.again, r.back);
            return Ok(());
        }
        let optional = if r.max == u32::MAX { 1 } else { r.max - r.min };
        let copies = r.min.saturating_add(optional);
        if copies > 1 && size.saturating_add(4).saturating_mul(copies) > MAX_UNROLLED_WORDS {
            return self.counted(r);
        }
        for i in 0..r.min {
            self.iteration(r, false, i > 0)?;
        }
        if r.max == u32::MAX { self.star(r, follow) } else { self.optional(r, follow, optional) }
    }

    /// One iteration; `check`: it may not be empty; `reset`: captures may be left from the one before.
    fn iteration(&mut self, r: &Repeat<'_>, check: bool, reset: bool) -> Result<(), Fault> {
        if let Some((first, end)) = r.reset.filter(|_| reset) {
            self.asm.word(op::RESET | first << 8);
            self.asm.word(end);
        }
        let check = check && r.body.min == 0;
        let register = if check { Some(self.new_register()) } else { None };
        if let Some(register) = register {
            self.asm.word(op::SET_POSITION | register << 8);
        }
        self.node(r.body, &r.after, r.back)?;
        if let Some(register) = register {
            self.asm.word(op::CHECK_PROGRESS | register << 8);
        }
        Ok(())
    }

    fn star(&mut self, r: &Repeat<'_>, follow: &First) -> Result<(), Fault> {
        let (start, bottom) = (self.asm.new_label(), self.asm.new_label());
        self.jump(bottom);
        self.asm.place(start);
        self.iteration(r, true, true)?;
        self.asm.place(bottom);
        self.split(r.greedy, start, follow, &r.again, r.back);
        Ok(())
    }

    /// `count` iterations, each of which may be the end.
    fn optional(&mut self, r: &Repeat<'_>, follow: &First, count: u32) -> Result<(), Fault> {
        let end = self.asm.new_label();
        for i in 0..count {
            self.split(!r.greedy, end, &r.again, follow, r.back);
            self.iteration(r, true, i > 0 || r.min > 0)?;
        }
        self.asm.place(end);
        Ok(())
    }

    fn counted(&mut self, r: &Repeat<'_>) -> Result<(), Fault> {
        let counter = self.new_register();
        let (head, exit) = (self.asm.new_label(), self.asm.new_label());
        self.asm.word(op::SET_REGISTER | counter << 8);
        self.asm.word(0);
        self.asm.place(head);
        self.asm.word(op::COUNT_HEAD | u32::from(r.greedy) << 8);
        self.asm.word(counter);
        self.asm.word(r.min);
        self.asm.word(r.max);
        self.asm.target(exit);
        if let Some((first, end)) = r.reset {
            self.asm.word(op::RESET | first << 8);
            self.asm.word(end);
        }
        let register = if r.body.min == 0 { Some(self.new_register()) } else { None };
        if let Some(register) = register {
            self.asm.word(op::SET_POSITION | register << 8);
        }
        self.node(r.body, &r.after, r.back)?;
        if let Some(register) = register {
            self.asm.word(op::CHECK_PROGRESS_FROM | register << 8);
            self.asm.word(counter);
            self.asm.word(r.min);
        }
        self.asm.word(op::COUNT_NEXT | counter << 8);
        self.asm.target(head);
        self.asm.place(exit);
        Ok(())
    }

    /// A loop over one character, in one instruction.
    fn one_loop(&mut self, body: &Tree, (min, max): (u32, u32), greedy: bool, follow: &First, back: bool) {
        let Some(one) = One::of(body, self.unicode) else { return };
        // Where what follows cannot start with a character of the loop, giving back or stopping early is in vain.
        let possessive = min == max || body.first.is_disjoint(follow);
        let opcode = match (possessive, greedy) {
            (true, _) => op::LOOP_POSSESSIVE,
            (false, true) => op::LOOP_GREEDY,
            (false, false) => op::LOOP_LAZY,
        };
        self.asm.word(opcode | one.kind() << 8 | u32::from(back) << 16);
        self.operand(one);
        self.asm.word(min);
        self.asm.word(max);
        if *follow == First::ALL {
            self.asm.word(0);
        } else {
            self.asm.pooled(follow_words(follow));
        }
    }
}

/// How many captures every match of `tree` sets.
fn definite_captures(tree: &Tree) -> u32 {
    match &tree.kind {
        _ if !tree.has_captures => 0,
        Kind::Capture(_, body) => 1 + definite_captures(body),
        Kind::Seq(items) => items.iter().map(definite_captures).sum(),
        Kind::Repeat { body, min: 1.., .. } | Kind::Look { negative: false, body, .. } => definite_captures(body),
        _ => 0,
    }
}
