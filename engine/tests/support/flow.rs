//! A data-flow check of bytecode: every register that is read was written before, on every path.

use mayfly_engine::bytecode::{CellConstant, CodeBlock, Constant, FRAME_HEADER, Op, OperandKind, Word};

type Set = Vec<u64>;

fn insert(set: &mut Set, register: usize) {
    if let Some(word) = set.get_mut(register / 64) {
        *word |= 1 << (register % 64);
    }
}

fn contains(set: &Set, register: usize) -> bool {
    set.get(register / 64).is_some_and(|word| word >> (register % 64) & 1 == 1)
}

/// Registers read and written by an instruction.
fn effects(word: Word, op: Op) -> (Vec<usize>, Vec<usize>) {
    let (a, b, c) = (word.a as usize, word.b as usize, word.c as usize);
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    for (field, kind) in [a, b, c].into_iter().zip(op.kinds()) {
        match kind {
            OperandKind::R => reads.push(field),
            OperandKind::W => writes.push(field),
            OperandKind::M => {
                reads.push(field);
                writes.push(field);
            }
            _ => {}
        }
    }
    let arguments = |base: usize| base + FRAME_HEADER..base + FRAME_HEADER + c;
    match op {
        Op::Call if word.x == 1 => reads.extend([b + 2].into_iter().chain(arguments(b))),
        Op::Call => reads.extend([b + 2, b + 4].into_iter().chain(arguments(b))),
        Op::CallEval => reads.extend([b, b + 2, b + 4].into_iter().chain(arguments(b))),
        Op::New => reads.extend([b + 2].into_iter().chain(arguments(b))),
        Op::SuperCall => reads.extend([b + 2, b + 3].into_iter().chain(arguments(b))),
        Op::CallSpread => reads.extend([b + 2, b + 4, b + 5]),
        Op::CallEvalSpread => reads.extend([b, b + 2, b + 4, b + 5]),
        Op::NewSpread => reads.extend([b + 2, b + 5]),
        Op::SuperCallSpread => reads.extend([b + 2, b + 3, b + 5]),
        Op::NewArrayFrom | Op::Concat => reads.extend(b..b + c),
        Op::GetIterator => writes.extend(a..a + 3),
        Op::IterNext | Op::IterStep | Op::IterRest | Op::IterCallNext | Op::IterGetMethod => reads.extend(b..b + 3),
        Op::IterClose => reads.extend(a..a + 3),
        Op::GetNameForCall | Op::GetMethod => writes.extend([a, a + 2]),
        Op::SetWithReceiver => reads.extend([a, a + 1]),
        Op::NewClass => {
            reads.push(a);
            writes.extend([a, a + 1]);
        }
        Op::Yield => writes.extend([a, a + 1]),
        Op::DisposeStep | Op::DisposeError => {
            reads.push(a + 1);
            writes.push(a);
        }
        Op::CopyDataProperties => reads.extend(c..c + word.x as usize),
        _ => {}
    }
    (reads, writes)
}

fn successors(block: &CodeBlock, pc: usize, op: Op) -> Vec<usize> {
    let word = block.words[pc];
    let mut next = Vec::new();
    if !matches!(op, Op::Return | Op::ReturnUndefined | Op::Throw | Op::Jmp | Op::ThrowError | Op::ThrowConstAssign) {
        next.push(pc + 1);
    }
    for (field, kind) in [word.a, word.b, word.c].into_iter().zip(op.kinds()) {
        match kind {
            OperandKind::J16 => next.push((pc as i64 + 1 + i64::from(field as i16)) as usize),
            OperandKind::J32 => next.push((pc as i64 + 1 + i64::from(word.bc())) as usize),
            OperandKind::K if op == Op::SwitchInt => {
                if let Some(Constant::JumpTable { offsets, .. }) = block.constants.get(word.bc() as usize) {
                    next.extend(offsets.iter().map(|&offset| (pc as i64 + 1 + i64::from(offset)) as usize));
                }
            }
            _ => {}
        }
    }
    next
}

/// Complaints about `block` and everything nested in it.
pub fn check(block: &CodeBlock, complaints: &mut Vec<String>) {
    for cell in &block.cells {
        if let CellConstant::Code(code) = cell {
            check(code, complaints);
        }
    }
    let (length, registers) = (block.words.len(), block.registers as usize);
    if length * (registers / 64 + 1) > 400_000 {
        return;
    }
    let mut states: Vec<Option<Set>> = vec![None; length];
    let mut entry: Set = vec![0; registers / 64 + 1];
    (0..FRAME_HEADER + block.parameters as usize).for_each(|register| insert(&mut entry, register));
    let mut work = vec![(0usize, entry)];
    while let Some((pc, state)) = work.pop() {
        if pc >= length {
            complaints.push(format!("{:?}: control leaves the code", block.name));
            return;
        }
        let merged = match &states[pc] {
            None => state,
            Some(old) => {
                let merged: Set = old.iter().zip(&state).map(|(a, b)| a & b).collect();
                if merged == *old {
                    continue;
                }
                merged
            }
        };
        states[pc] = Some(merged.clone());
        let word = block.words[pc];
        let Some(op) = Op::from_u8(word.op) else { continue };
        // Only the innermost handler catches.
        for handler in block.handlers.iter().filter(|handler| (handler.start as usize..handler.end as usize).contains(&pc)).take(1) {
            let mut caught = merged.clone();
            insert(&mut caught, handler.register as usize);
            work.push((handler.target as usize, caught));
        }
        let mut after = merged;
        effects(word, op).1.into_iter().for_each(|register| insert(&mut after, register));
        for next in successors(block, pc, op) {
            work.push((next, after.clone()));
        }
    }
    for (pc, state) in states.iter().enumerate() {
        let (Some(state), Some(op)) = (state, Op::from_u8(block.words[pc].op)) else {
            let is_shadowed_handler = |pc: usize| block.handlers.iter().any(|handler| handler.target as usize == pc);
            if state.is_none() && !is_shadowed_handler(pc) {
                complaints.push(format!("{:?}: word {pc} cannot be reached: {:?}", block.name, block.words[pc]));
            }
            continue;
        };
        // The value of a completion is there when its kind, just compared, says so.
        let is_completion = matches!(op, Op::Return | Op::Throw) && pc > 0 && block.words[pc - 1].op == Op::JSNeI as u8;
        if is_completion {
            continue;
        }
        for register in effects(block.words[pc], op).0 {
            if !contains(state, register) {
                complaints.push(format!("{:?}: word {pc} reads r{register}, perhaps never written: {:?}", block.name, block.words[pc]));
            }
        }
    }
}
