//! The compiler's tree → instructions.

use super::assembler::{Assembler, Label};
use super::first::First;
use super::ones::{One, letter_pair, set_words};
use super::search;
use super::tree::{Kind, Tree};
use crate::ast::Assertion;
use crate::error::Fault;
use crate::flags::Flags;
use crate::opcode::{MAGIC, header, op};

type Result<T> = std::result::Result<T, Fault>;

/// From this many alternatives on, the next character chooses through a table.
const MIN_SWITCH_ARMS: usize = 4;

/// Makes the code of a whole pattern.
pub(super) fn emit(tree: &Tree, flags: Flags, capture_count: u32, has_back_refs: bool) -> Result<Vec<u32>> {
    let mut emitter = Emitter { asm: Assembler::new(), unicode: flags.has_either_unicode_flag(), has_back_refs, registers: 0 };
    emitter.node(tree, &First::ALL, false)?;
    emitter.asm.word(op::MATCH);
    let words = &mut emitter.asm.words;
    words[header::MAGIC] = MAGIC;
    words[header::FLAGS] = flags.bits();
    words[header::CAPTURES] = capture_count;
    words[header::REGISTERS] = emitter.registers;
    words[header::ENTRY] = header::LENGTH as u32;
    words[header::MIN_LENGTH] = tree.min;
    search::plan(&mut emitter.asm, tree, emitter.unicode);
    emitter.asm.finish()
}

pub(super) struct Emitter {
    pub(super) asm: Assembler,
    pub(super) unicode: bool,
    pub(super) has_back_refs: bool,
    registers: u32,
}

impl Emitter {
    pub(super) fn new_register(&mut self) -> u32 {
        self.registers += 1;
        self.registers - 1
    }

    /// Emits `tree`; `follow` is what can come next behind it, `back` the direction.
    pub(super) fn node(&mut self, tree: &Tree, follow: &First, back: bool) -> Result<()> {
        self.asm.check_size()?;
        match &tree.kind {
            Kind::Empty => {}
            Kind::Char(_) | Kind::Set(_) if !back => self.run(std::slice::from_ref(tree)),
            Kind::Char(_) | Kind::Set(_) => self.one_back(tree),
            Kind::Seq(items) => self.sequence(items, follow, back)?,
            Kind::Alt(arms) => self.alternatives(arms, follow, back)?,
            Kind::Capture(index, body) => self.capture(*index, body, follow, back)?,
            Kind::BackRef { groups, ignore_case } => {
                self.asm.word(op::BACK_REF | u32::from(back) << 8 | u32::from(*ignore_case) << 9);
                self.asm.word(groups.len() as u32);
                groups.iter().for_each(|&g| self.asm.word(g));
            }
            Kind::Assert(assertion) => self.asm.word(match *assertion {
                Assertion::Start => op::START,
                Assertion::StartOfLine => op::START_LINE,
                Assertion::End => op::END,
                Assertion::EndOfLine => op::END_LINE,
                Assertion::WordBoundary { negative, unicode_ignore_case } => {
                    op::WORD_BOUNDARY | u32::from(negative) << 8 | u32::from(unicode_ignore_case) << 9
                }
            }),
            Kind::Look { behind, negative, body } => self.look(body, *behind, *negative)?,
            Kind::Repeat { .. } => self.repeat(tree, follow, back)?,
        }
        Ok(())
    }

    fn sequence(&mut self, items: &[Tree], follow: &First, back: bool) -> Result<()> {
        // What can come next behind each item, from the last to the first.
        let mut follows = vec![*follow; items.len()];
        for i in (1..items.len()).rev() {
            follows[i - 1] = items[i].first_before(&follows[i]);
        }
        let mut i = 0;
        while i < items.len() {
            let run = if back { 0 } else { items[i..].iter().take_while(|t| self.is_text(t)).count() };
            if run > 1 {
                self.run(&items[i..i + run]);
                i += run;
            } else {
                self.node(&items[i], &follows[i], back)?;
                i += 1;
            }
        }
        Ok(())
    }

    /// Whether a node can be part of a text instruction.
    fn is_text(&self, tree: &Tree) -> bool {
        match &tree.kind {
            Kind::Char(c) => !(self.unicode && (0xD800..0xE000).contains(c)),
            Kind::Set(set) => letter_pair(set).is_some(),
            _ => false,
        }
    }

    /// Emits adjacent one-character nodes, forward.
    fn run(&mut self, items: &[Tree]) {
        if let [tree] = items {
            if let Some(one @ (One::Char(_) | One::NotChar(_) | One::Any | One::Dot | One::Pair(_))) = One::of(tree, self.unicode) {
                match one {
                    One::Char(c) => self.asm.word(op::CHAR | c << 8),
                    one => {
                        self.asm.word(op::ONE | one.kind() << 8);
                        self.operand(one);
                    }
                }
                return;
            }
            if !self.is_text(tree) {
                if let Some(set) = tree.as_one() {
                    self.asm.word(op::SET);
                    self.asm.pooled(set_words(&set));
                }
                return;
            }
        }
        // Instructions with masks are for Latin-1 only: cut the text where neither kind would do.
        let mut rest = items;
        while !rest.is_empty() {
            let (mut masked, mut high) = (false, false);
            let fits = rest.iter().take_while(|t| {
                masked |= matches!(t.kind, Kind::Set(_));
                high |= t.first.high;
                !(masked && high)
            });
            let (piece, behind) = rest.split_at(fits.count().max(1));
            if let ([_], true) = (piece, items.len() > 1) {
                self.run(piece);
            } else {
                let masked = piece.iter().any(|t| matches!(t.kind, Kind::Set(_)));
                let high = piece.iter().any(|t| t.first.high);
                self.text(piece, masked, high);
            }
            rest = behind;
        }
    }

    /// Emits one text instruction.
    fn text(&mut self, items: &[Tree], masked: bool, high: bool) {
        // (mask, value) of each unit.
        let mut units: Vec<(u32, u32)> = Vec::with_capacity(items.len());
        for item in items {
            match &item.kind {
                Kind::Char(c) if *c > 0xFFFF => {
                    units.push((0, 0xD800 + ((c - 0x10000) >> 10)));
                    units.push((0, 0xDC00 + ((c - 0x10000) & 0x3FF)));
                }
                Kind::Char(c) => units.push((0, *c)),
                Kind::Set(set) => units.push((0x20, letter_pair(set).unwrap_or(0))),
                _ => {}
            }
        }
        let length = (units.len() as u32) << 8;
        let pack = |chunk: &[u32], bits: u32| chunk.iter().enumerate().fold(0, |word, (i, u)| word | u << (bits * i as u32));
        let (masks, values): (Vec<u32>, Vec<u32>) = units.into_iter().unzip();
        if masked {
            self.asm.word(op::TEXT_MASKED | length);
            for (mask, value) in masks.chunks(4).zip(values.chunks(4)) {
                self.asm.word(pack(mask, 8));
                self.asm.word(pack(value, 8));
            }
        } else if !high {
            self.asm.word(op::TEXT8 | length);
            values.chunks(4).for_each(|chunk| self.asm.word(pack(chunk, 8)));
        } else {
            self.asm.word(op::TEXT16 | length);
            values.chunks(2).for_each(|chunk| self.asm.word(pack(chunk, 16)));
        }
    }

    fn one_back(&mut self, tree: &Tree) {
        if let Some(one) = One::of(tree, self.unicode) {
            self.asm.word(op::ONE_BACK | one.kind() << 8);
            self.operand(one);
        }
    }

    /// Appends the operand word of a one.
    pub(super) fn operand(&mut self, one: One) {
        match one {
            One::Any | One::Dot => self.asm.word(0),
            One::Char(c) | One::NotChar(c) | One::Pair(c) => self.asm.word(c),
            One::Set(set) => self.asm.pooled(set_words(&set)),
        }
    }

    fn capture(&mut self, index: u32, body: &Tree, follow: &First, back: bool) -> Result<()> {
        if !back && body.min == body.max && body.max < 1 << 16 && !body.has_back_refs {
            // Nobody can look at the start before the end is there.
            self.node(body, follow, back)?;
            self.asm.word(op::SAVE_BOTH | index << 8);
            self.asm.word(body.min);
            return Ok(());
        }
        let (before, behind) = if back { (2 * index + 1, 2 * index) } else { (2 * index, 2 * index + 1) };
        self.asm.word(op::SAVE | before << 8);
        self.node(body, follow, back)?;
        self.asm.word(op::SAVE | behind << 8);
        Ok(())
    }

    fn look(&mut self, body: &Tree, behind: bool, negative: bool) -> Result<()> {
        let register = self.new_register();
        self.new_register();
        if negative {
            let after = self.asm.new_label();
            self.asm.word(op::LOOK_NOT | register << 8);
            self.asm.target(after);
            self.node(body, &First::ALL, behind)?;
            self.asm.word(op::LOOK_NOT_END | register << 8);
            self.asm.place(after);
        } else {
            self.asm.word(op::LOOK | register << 8);
            self.node(body, &First::ALL, behind)?;
            self.asm.word(op::LOOK_END | register << 8);
            self.asm.word(u32::from(body.has_captures));
        }
        Ok(())
    }

    /// Emits a choice between going on here and going to `target`, with the look at the next character where that decides something.
    /// `jump_first`: the target is the preferred way.
    pub(super) fn split(&mut self, jump_first: bool, target: Label, next: &First, jump: &First, back: bool) {
        let (preferred, other) = if jump_first { (jump, next) } else { (next, jump) };
        if *preferred == First::ALL && *other == First::ALL {
            self.asm.word(if jump_first { op::SPLIT_JUMP } else { op::SPLIT_NEXT });
            self.asm.target(target);
            return;
        }
        let code = |a: bool, b: bool| u32::from(a) | u32::from(b) << 1;
        let (high, end) = (code(preferred.high, other.high), code(preferred.end, other.end));
        let half = |first: &First, i: usize| spread(first.bits[i / 2] >> (16 * (i & 1)) & 0xFFFF);
        let table = (0..16).map(|i| half(preferred, i) | half(other, i) << 1).collect();
        self.asm.word(if jump_first { op::PEEK_JUMP } else { op::PEEK_NEXT } | high << 8 | end << 10 | u32::from(back) << 12);
        self.asm.target(target);
        self.asm.pooled(table);
    }

    pub(super) fn jump(&mut self, target: Label) {
        self.asm.word(op::JUMP);
        self.asm.target(target);
    }

    fn alternatives(&mut self, arms: &[Tree], follow: &First, back: bool) -> Result<()> {
        let firsts: Vec<First> = arms.iter().map(|arm| arm.first_before(follow)).collect();
        if arms.len() >= MIN_SWITCH_ARMS && self.switch(arms, &firsts, follow, back)? {
            return Ok(());
        }
        // What can come next in this or a later alternative.
        let mut rest = firsts.clone();
        for i in (0..rest.len().saturating_sub(1)).rev() {
            rest[i] = rest[i].union(&rest[i + 1]);
        }
        let end = self.asm.new_label();
        for (i, arm) in arms.iter().enumerate() {
            if i + 1 == arms.len() {
                self.node(arm, follow, back)?;
            } else {
                let next = self.asm.new_label();
                self.split(false, next, &firsts[i], &rest[i + 1], back);
                self.node(arm, follow, back)?;
                self.jump(end);
                self.asm.place(next);
            }
        }
        self.asm.place(end);
        Ok(())
    }

    /// Emits many alternatives behind a table of what can come next. Answers whether it did: not where the table would decide little.
    fn switch(&mut self, arms: &[Tree], firsts: &[First], follow: &First, back: bool) -> Result<bool> {
        // The alternatives each of the 256 Latin-1 characters, all others, and the end allow.
        let mut allowed: Vec<Vec<usize>> = vec![Vec::new(); 258];
        for (arm, first) in firsts.iter().enumerate() {
            first.latin1().for_each(|c| allowed[usize::from(c)].push(arm));
            if first.high {
                allowed[256].push(arm);
            }
            if first.end {
                allowed[257].push(arm);
            }
        }
        // Few choices are different, and neighbours mostly alike: a search from the latest beats hashing.
        let mut choices: Vec<&[usize]> = Vec::new();
        let mut latest = 0;
        let numbered: Vec<u32> = allowed
            .iter()
            .map(|arms| {
                if choices.get(latest) != Some(&arms.as_slice()) {
                    latest = choices.iter().position(|choice| choice == arms).unwrap_or(choices.len());
                    if latest == choices.len() {
                        choices.push(arms);
                    }
                }
                latest as u32
            })
            .collect();
        let total: usize = choices.iter().map(|c| c.len()).sum();
        if choices.len() > 256 || total > 3 * arms.len() + 32 {
            return Ok(false);
        }
        let mut table = vec![0u32; 64];
        for (c, number) in numbered[..256].iter().enumerate() {
            table[c >> 2] |= number << (8 * (c & 3));
        }
        let (high, end) = (numbered[256], numbered[257]);
        self.asm.word(op::SWITCH | u32::from(back) << 8);
        self.asm.pooled(table);
        self.asm.word(high);
        self.asm.word(end);
        self.asm.word(choices.len() as u32);
        let arm_labels: Vec<Label> = arms.iter().map(|_| self.asm.new_label()).collect();
        let chain_labels: Vec<Label> = choices.iter().map(|_| self.asm.new_label()).collect();
        for (choice, &chain) in choices.iter().zip(&chain_labels) {
            match choice {
                [only] => self.asm.target(arm_labels[*only]),
                _ => self.asm.target(chain),
            }
        }
        for (choice, &chain) in choices.iter().zip(&chain_labels) {
            let Some((&last, earlier)) = choice.split_last() else {
                self.asm.place(chain);
                self.asm.word(op::FAIL);
                continue;
            };
            if earlier.is_empty() {
                continue;
            }
            self.asm.place(chain);
            for &arm in earlier {
                // Take this arm; on failure go on with the next in the chain.
                self.asm.word(op::SPLIT_JUMP);
                self.asm.target(arm_labels[arm]);
            }
            self.jump(arm_labels[last]);
        }
        let done = self.asm.new_label();
        for (i, (arm, &label)) in arms.iter().zip(&arm_labels).enumerate() {
            self.asm.place(label);
            self.node(arm, follow, back)?;
            if i + 1 < arms.len() {
                self.jump(done);
            }
        }
        self.asm.place(done);
        Ok(true)
    }
}

/// The low 16 bits, each followed by a zero.
fn spread(bits: u32) -> u32 {
    let bits = (bits | bits << 8) & 0x00FF_00FF;
    let bits = (bits | bits << 4) & 0x0F0F_0F0F;
    let bits = (bits | bits << 2) & 0x3333_3333;
    (bits | bits << 1) & 0x5555_5555
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn spread_puts_each_bit_at_twice_its_place() {
        for bit in 0..16 {
            assert_eq!(spread(1 << bit), 1 << (2 * bit));
        }
        assert_eq!(spread(0xFFFF), 0x5555_5555);
    }
}
