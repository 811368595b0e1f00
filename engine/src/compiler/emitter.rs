//! The emitter: collects the instructions, pools and tables of one code block, allocates its registers and resolves its jumps.
//!
//! Registers are a stack: parameters, then locals, then temporaries. Jumps name labels; when the code is finished, short jumps
//! whose target is out of reach are rewritten as an inverted short jump over a long one.

use hashbrown::HashMap;

use crate::bytecode::{CellConstant, Constant, FRAME_HEADER, Handler, Op, OperandKind, ScopeInfo, StaticText, Word};

/// A register of the window.
pub(super) type Reg = u16;

/// Highest register number handed out; above lies nothing that a `u16` operand could name.
const MAX_REGISTERS: u32 = 65_500;
/// Short jumps are checked one by one only in code longer than this.
const SHORT_REACH: usize = 32_000;
const UNBOUND: u32 = u32::MAX;

/// A place in the code, perhaps not known yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Label(u32);

struct JumpTableFixup {
    pc: u32,
    constant: u32,
    low: i32,
    labels: Vec<Option<Label>>,
}

/// Everything of a code block that the emitter collects.
#[derive(Default)]
pub(super) struct Emitted {
    pub(super) words: Vec<Word>,
    pub(super) constants: Vec<Constant>,
    pub(super) cells: Vec<CellConstant>,
    pub(super) ic_keys: Vec<StaticText>,
    pub(super) handlers: Vec<Handler>,
    pub(super) positions: Vec<(u32, u32)>,
    pub(super) slot_names: Vec<(u32, StaticText)>,
    pub(super) registers: u16,
    pub(super) too_large: bool,
}

/// Builds the code of one function.
pub(super) struct Emitter {
    out: Emitted,
    strings: HashMap<StaticText, u32>,
    numbers: HashMap<u64, u32>,
    labels: Vec<u32>,
    references: Vec<u32>,
    fixups: Vec<(u32, Label)>,
    tables: Vec<JumpTableFixup>,
    next: u32,
    max: u32,
    /// Nothing that was emitted before may be changed by a peephole once a label or range boundary lies here.
    barrier: u32,
    reachable: bool,
}

impl Emitter {
    /// An emitter whose first free register follows `parameters` parameters.
    pub(super) fn new(parameters: u32) -> Emitter {
        let first = FRAME_HEADER as u32 + parameters;
        Emitter {
            out: Emitted::default(),
            strings: HashMap::new(),
            numbers: HashMap::new(),
            labels: Vec::new(),
            references: Vec::new(),
            fixups: Vec::new(),
            tables: Vec::new(),
            next: first,
            max: first,
            barrier: 0,
            reachable: true,
        }
    }

    // ── registers ──

    /// Takes the next register.
    pub(super) fn alloc(&mut self) -> Reg {
        self.alloc_group(1)
    }

    /// Takes `count` consecutive registers and returns the first.
    pub(super) fn alloc_group(&mut self, count: u32) -> Reg {
        if self.next + count > MAX_REGISTERS {
            self.out.too_large = true;
            return FRAME_HEADER as Reg;
        }
        let first = self.next;
        self.next += count;
        self.max = self.max.max(self.next);
        first as Reg
    }

    /// The register that the next allocation gives.
    pub(super) fn mark(&self) -> u32 {
        self.next
    }

    /// Gives back every register from `mark` on.
    pub(super) fn release(&mut self, mark: u32) {
        self.next = mark;
    }

    /// Whether `reg` was allocated after `mark` was taken, that is, is a temporary of the expression being compiled.
    pub(super) fn is_above(&self, reg: Reg, mark: u32) -> bool {
        u32::from(reg) >= mark
    }

    // ── instructions ──

    /// Whether control can get here.
    pub(super) fn reachable(&self) -> bool {
        self.reachable
    }

    /// Word index of the next instruction, where a range may begin or end.
    pub(super) fn here(&mut self) -> u32 {
        self.barrier = self.out.words.len() as u32;
        self.barrier
    }

    fn push(&mut self, word: Word) -> u32 {
        let pc = self.out.words.len() as u32;
        if self.reachable {
            self.out.words.push(word);
        }
        pc
    }

    /// Appends an instruction unless control cannot get here.
    pub(super) fn emit(&mut self, op: Op, x: u8, a: u16, b: u16, c: u16) -> u32 {
        self.push(Word::new(op, x, a, b, c))
    }

    /// Appends an instruction with a 32-bit immediate.
    pub(super) fn emit_wide(&mut self, op: Op, x: u8, a: u16, bc: i32) -> u32 {
        self.push(Word::wide(op, x, a, bc))
    }

    /// Says that the next instruction stands at byte `offset` of the source.
    pub(super) fn position(&mut self, offset: u32) {
        if !self.reachable {
            return;
        }
        let pc = self.out.words.len() as u32;
        match self.out.positions.last_mut() {
            Some(last) if last.0 == pc => last.1 = offset,
            _ => self.out.positions.push((pc, offset)),
        }
    }

    /// Gives the next instruction the binding name that its error message mentions.
    pub(super) fn slot_name(&mut self, name: StaticText) {
        if self.reachable {
            self.out.slot_names.push((self.out.words.len() as u32, name));
        }
    }

    /// Whether the code so far ends in something that does not go on.
    pub(super) fn end_path(&mut self) {
        self.reachable = false;
    }

    /// Says that control gets here in a way that no label shows (exception handlers).
    pub(super) fn begin_path(&mut self) {
        self.here();
        self.reachable = true;
    }

    /// `dst = src`
    pub(super) fn mov(&mut self, dst: Reg, src: Reg) {
        if dst != src {
            self.emit(Op::Move, 0, dst, src, 0);
        }
    }

    // ── jumps ──

    /// A label to be bound later.
    pub(super) fn label(&mut self) -> Label {
        self.labels.push(UNBOUND);
        self.references.push(0);
        Label(self.labels.len() as u32 - 1)
    }

    /// Binds `label` here. Control gets here if it did already or if a jump to the label exists.
    pub(super) fn bind(&mut self, label: Label) {
        self.drop_jump_to_here(label);
        if self.references[label.0 as usize] > 0 {
            self.reachable = true;
        }
        self.labels[label.0 as usize] = self.here();
    }

    /// Binds the head of a loop: jumps to it come later.
    pub(super) fn bind_new(&mut self) -> Label {
        let label = self.label();
        self.labels[label.0 as usize] = self.here();
        label
    }

    /// A jump to the very next instruction is no jump.
    fn drop_jump_to_here(&mut self, label: Label) {
        let length = self.out.words.len() as u32;
        let Some(&(pc, target)) = self.fixups.last() else { return };
        let is_plain = self.out.words.last().is_some_and(|word| word.op == Op::Jmp as u8);
        if pc + 1 != length || target != label || !is_plain || self.barrier == length || self.reachable {
            return;
        }
        self.out.words.pop();
        self.fixups.pop();
        self.references[label.0 as usize] -= 1;
        self.reachable = true;
    }

    fn reference(&mut self, pc: u32, label: Label) {
        if self.reachable {
            self.references[label.0 as usize] += 1;
            self.fixups.push((pc, label));
        }
    }

    /// Jumps to `label`.
    pub(super) fn jump(&mut self, label: Label) {
        let pc = self.emit_wide(Op::Jmp, 0, 0, 0);
        self.reference(pc, label);
        self.reachable = false;
    }

    /// Jumps to `label` if `a` is as `op` (an op with a J32 operand) says.
    pub(super) fn jump_if(&mut self, op: Op, a: Reg, label: Label) {
        let pc = self.emit_wide(op, 0, a, 0);
        self.reference(pc, label);
    }

    /// An instruction with a J16 operand in `c`.
    pub(super) fn jump_short(&mut self, op: Op, x: u8, a: u16, b: u16, label: Label) {
        let pc = self.emit(op, x, a, b, 0);
        self.reference(pc, label);
    }

    /// `SwitchInt` on `a`: value `low + i` goes to `labels[i]`.
    pub(super) fn switch_int(&mut self, a: Reg, low: i32, labels: Vec<Option<Label>>) {
        if !self.reachable {
            return;
        }
        let constant = self.add_constant(Constant::JumpTable { low, offsets: Vec::new() });
        let pc = self.emit_wide(Op::SwitchInt, 0, a, constant as i32);
        for label in labels.iter().flatten() {
            self.references[label.0 as usize] += 1;
        }
        self.tables.push(JumpTableFixup { pc, constant, low, labels });
    }

    /// Adds an exception-table entry. Inner entries must be added before outer ones.
    pub(super) fn handler(&mut self, start: u32, end: u32, target: u32, register: Reg) {
        if start < end {
            self.out.handlers.push(Handler { start, end, target, register });
        }
    }

    // ── pools ──

    fn add_constant(&mut self, constant: Constant) -> u32 {
        self.out.constants.push(constant);
        self.out.constants.len() as u32 - 1
    }

    /// Index of a string constant.
    pub(super) fn string(&mut self, text: &StaticText) -> i32 {
        if let Some(&index) = self.strings.get(text) {
            return index as i32;
        }
        let index = self.add_constant(Constant::String(text.clone()));
        self.strings.insert(text.clone(), index);
        index as i32
    }

    /// Index of a number constant.
    pub(super) fn number(&mut self, value: f64) -> i32 {
        if let Some(&index) = self.numbers.get(&value.to_bits()) {
            return index as i32;
        }
        let index = self.add_constant(Constant::Number(value));
        self.numbers.insert(value.to_bits(), index);
        index as i32
    }

    /// Index of any other constant, each use its own.
    pub(super) fn constant(&mut self, constant: Constant) -> i32 {
        self.add_constant(constant) as i32
    }

    fn cell(&mut self, cell: CellConstant) -> u16 {
        if self.out.cells.len() >= usize::from(u16::MAX) {
            self.out.too_large = true;
            return 0;
        }
        self.out.cells.push(cell);
        (self.out.cells.len() - 1) as u16
    }

    /// Adds nested code, a scope or declarations.
    pub(super) fn add_cell(&mut self, cell: CellConstant) -> u16 {
        self.cell(cell)
    }

    /// Adds a scope description.
    pub(super) fn scope_cell(&mut self, scope: std::rc::Rc<ScopeInfo>) -> u16 {
        self.cell(CellConstant::Scope(scope))
    }

    /// A new inline cache for `key`; None when the function has used up all of them.
    pub(super) fn try_ic(&mut self, key: &StaticText) -> Option<u16> {
        if !self.reachable {
            // Whatever is emitted with it is dropped.
            return Some(0);
        }
        let index = self.out.ic_keys.len();
        if index >= usize::from(u16::MAX) {
            return None;
        }
        self.out.ic_keys.push(key.clone());
        Some(index as u16)
    }

    /// A new inline cache where there is no other way to name the key.
    pub(super) fn ic(&mut self, key: &StaticText) -> u16 {
        self.try_ic(key).unwrap_or_else(|| {
            self.out.too_large = true;
            0
        })
    }

    // ── the end ──

    /// Takes away the instruction at `pc`, to which nothing jumps.
    pub(super) fn remove(&mut self, pc: u32) {
        self.out.words.remove(pc as usize);
        let shift = |place: &mut u32| {
            if *place > pc && *place != UNBOUND {
                *place -= 1;
            }
        };
        self.labels.iter_mut().for_each(shift);
        self.fixups.iter_mut().for_each(|fixup| shift(&mut fixup.0));
        self.tables.iter_mut().for_each(|table| shift(&mut table.pc));
        self.out.positions.iter_mut().for_each(|entry| shift(&mut entry.0));
        self.out.slot_names.iter_mut().for_each(|entry| shift(&mut entry.0));
        for handler in &mut self.out.handlers {
            shift(&mut handler.start);
            shift(&mut handler.end);
            shift(&mut handler.target);
        }
    }

    /// Takes away a register that no instruction names: those above move down.
    pub(super) fn remove_register(&mut self, register: Reg) {
        let shift = |field: &mut u16| {
            if *field > register {
                *field -= 1;
            }
        };
        for word in &mut self.out.words {
            let Some(op) = Op::from_u8(word.op) else { continue };
            let kinds = op.kinds();
            for (field, kind) in [&mut word.a, &mut word.b, &mut word.c].into_iter().zip(kinds) {
                if matches!(kind, OperandKind::W | OperandKind::R | OperandKind::M | OperandKind::Base) {
                    shift(field);
                }
            }
        }
        self.out.handlers.iter_mut().for_each(|handler| shift(&mut handler.register));
        self.max -= 1;
    }

    /// Resolves all jumps and hands over what was collected.
    pub(super) fn finish(mut self) -> Emitted {
        if self.out.words.len() > SHORT_REACH {
            self.widen_jumps();
        }
        for &(pc, label) in &self.fixups {
            let offset = i64::from(self.labels[label.0 as usize]) - i64::from(pc) - 1;
            set_offset(&mut self.out.words[pc as usize], offset);
        }
        for table in self.tables {
            let offsets = table
                .labels
                .iter()
                .map(|label| label.map_or(0, |label| (i64::from(self.labels[label.0 as usize]) - i64::from(table.pc) - 1) as i32))
                .collect();
            self.out.constants[table.constant as usize] = Constant::JumpTable { low: table.low, offsets };
        }
        self.out.registers = self.max as u16;
        self.out
    }

    /// Rewrites short jumps that cannot reach their target: `JLt a b L` becomes `JNLt a b +1; Jmp L`, and what cannot be inverted
    /// becomes `IterNext a b +1; Jmp +1; Jmp L`.
    fn widen_jumps(&mut self) {
        let length = self.out.words.len();
        let mut extra = vec![0u8; length];
        loop {
            let moved = moved_places(&extra);
            let mut changed = false;
            for &(pc, label) in &self.fixups {
                let word = self.out.words[pc as usize];
                if extra[pc as usize] > 0 || !is_short(word) {
                    continue;
                }
                let target = moved[self.labels[label.0 as usize] as usize];
                let offset = i64::from(target) - i64::from(moved[pc as usize]) - 1;
                if i16::try_from(offset).is_err() {
                    extra[pc as usize] = if inverse(word).is_some() { 1 } else { 2 };
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        let moved = moved_places(&extra);
        let mut words = Vec::with_capacity(length + length / 8);
        for (pc, &word) in self.out.words.iter().enumerate() {
            let jump = Word::wide(Op::Jmp, 0, 0, 0);
            match (extra[pc], inverse(word)) {
                (0, _) => words.push(word),
                (1, Some(op)) => words.extend([Word { op: op as u8, c: 1, ..word }, jump]),
                _ => words.extend([Word { c: 1, ..word }, Word::wide(Op::Jmp, 0, 0, 1), jump]),
            }
        }
        self.out.words = words;
        let place = |pc: &mut u32| *pc = moved[*pc as usize];
        for fixup in &mut self.fixups {
            fixup.0 = moved[fixup.0 as usize] + u32::from(extra[fixup.0 as usize]);
        }
        self.labels.iter_mut().filter(|label| **label != UNBOUND).for_each(place);
        self.tables.iter_mut().for_each(|table| place(&mut table.pc));
        self.out.positions.iter_mut().for_each(|entry| place(&mut entry.0));
        self.out.slot_names.iter_mut().for_each(|entry| place(&mut entry.0));
        for handler in &mut self.out.handlers {
            place(&mut handler.start);
            place(&mut handler.end);
            place(&mut handler.target);
        }
    }
}

/// Where each word lies after `extra[pc]` words were inserted behind each; one entry more than words.
fn moved_places(extra: &[u8]) -> Vec<u32> {
    let mut places = Vec::with_capacity(extra.len() + 1);
    let mut place = 0u32;
    for &count in extra {
        places.push(place);
        place += 1 + u32::from(count);
    }
    places.push(place);
    places
}

fn is_short(word: Word) -> bool {
    Op::from_u8(word.op).is_some_and(|op| op.kinds()[2] == OperandKind::J16)
}

fn set_offset(word: &mut Word, offset: i64) {
    if is_short(*word) {
        word.c = offset as i16 as u16;
    } else {
        let wide = offset as i32 as u32;
        word.b = wide as u16;
        word.c = (wide >> 16) as u16;
    }
}

/// The comparing jump that jumps exactly when this one does not.
fn inverse(word: Word) -> Option<Op> {
    Some(match Op::from_u8(word.op)? {
        Op::JLt => Op::JNLt,
        Op::JNLt => Op::JLt,
        Op::JLe => Op::JNLe,
        Op::JNLe => Op::JLe,
        Op::JGt => Op::JNGt,
        Op::JNGt => Op::JGt,
        Op::JGe => Op::JNGe,
        Op::JNGe => Op::JGe,
        Op::JEq => Op::JNe,
        Op::JNe => Op::JEq,
        Op::JSEq => Op::JSNe,
        Op::JSNe => Op::JSEq,
        Op::JLtI => Op::JNLtI,
        Op::JNLtI => Op::JLtI,
        Op::JLeI => Op::JNLeI,
        Op::JNLeI => Op::JLeI,
        Op::JGtI => Op::JNGtI,
        Op::JNGtI => Op::JGtI,
        Op::JGeI => Op::JNGeI,
        Op::JNGeI => Op::JGeI,
        Op::JSEqI => Op::JSNeI,
        Op::JSNeI => Op::JSEqI,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_to_the_next_instruction_vanishes() {
        let mut emitter = Emitter::new(0);
        let label = emitter.label();
        emitter.emit(Op::LoadTrue, 0, 5, 0, 0);
        emitter.jump(label);
        assert!(!emitter.reachable());
        emitter.bind(label);
        assert!(emitter.reachable());
        emitter.emit(Op::ReturnUndefined, 0, 0, 0, 0);
        assert_eq!(emitter.finish().words.len(), 2);
    }

    #[test]
    fn code_after_a_jump_is_dropped() {
        let mut emitter = Emitter::new(0);
        let label = emitter.bind_new();
        emitter.emit(Op::Nop, 0, 0, 0, 0);
        emitter.jump(label);
        emitter.emit(Op::Nop, 0, 0, 0, 0);
        let words = emitter.finish().words;
        assert_eq!(words.len(), 2);
        assert_eq!(words[1].bc(), -2);
    }

    #[test]
    fn far_short_jumps_are_inverted() {
        let mut emitter = Emitter::new(2);
        let (far, next) = (emitter.label(), emitter.label());
        emitter.jump_short(Op::JLt, 0, 5, 6, far);
        emitter.jump_short(Op::IterNext, 0, 5, 6, far);
        emitter.jump_short(Op::JLt, 0, 5, 6, next);
        emitter.bind(next);
        let start = emitter.here();
        for _ in 0..40_000 {
            emitter.emit(Op::Nop, 0, 0, 0, 0);
        }
        let end = emitter.here();
        emitter.bind(far);
        emitter.emit(Op::ReturnUndefined, 0, 0, 0, 0);
        emitter.handler(start, end, end, 5);
        let out = emitter.finish();
        assert_eq!(out.words.len(), 40_000 + 4 + 3);
        assert_eq!((out.words[0].op, out.words[0].c), (Op::JNLt as u8, 1));
        assert_eq!(out.words[1].bc(), 40_004);
        assert_eq!((out.words[2].op, out.words[2].c), (Op::IterNext as u8, 1));
        assert_eq!(out.words[3].bc(), 1);
        assert_eq!(out.words[4].bc(), 40_001);
        assert_eq!((out.words[5].op, out.words[5].c), (Op::JLt as u8, 0));
        assert_eq!((out.handlers[0].start, out.handlers[0].end), (6, 40_006));
    }
}
