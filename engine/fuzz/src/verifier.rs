//! Compiled programs with words changed: whatever the verifier says, it says it without panicking, what the compiler makes it accepts, and
//! what it accepts leads nowhere outside the block. (Damaged code is not run: registers may hold other kinds of values than instructions
//! expect, which no verifier here promises.)

use mayfly_engine::bytecode::{CellConstant, CodeBlock, Constant, FRAME_HEADER, Op, OperandKind, Word, disassemble, verify};
use mayfly_engine::compiler::{Options, compile_script};

use crate::choices::Choices;
use crate::program;

/// Number of code blocks, the nested ones included.
fn count(block: &CodeBlock) -> usize {
    let nested = block.cells.iter().map(|cell| if let CellConstant::Code(code) = cell { count(code) } else { 0 });
    1 + nested.sum::<usize>()
}

/// Changes a word of the block with this number.
fn damage(block: &mut CodeBlock, number: &mut usize, choices: &mut Choices<'_>) {
    if *number == 0 {
        let length = block.words.len();
        if length > 0 {
            let at = choices.below(length);
            let bits = block.words[at].to_bits();
            let changed = match choices.below(4) {
                0 => bits & !0xFF | u64::from(choices.byte()),
                1 => bits ^ 1 << choices.below(64),
                2 => u64::from(choices.word()) | u64::from(choices.word()) << 32,
                _ => block.words[choices.below(length)].to_bits(),
            };
            block.words[at] = Word::from_bits(changed);
        }
        match choices.below(12) {
            0 => block.registers = u16::from(choices.byte()),
            1 => block.words.truncate(choices.below(length + 1)),
            2 => block.constants.truncate(choices.below(block.constants.len() + 1)),
            3 => block.cells.truncate(choices.below(block.cells.len() + 1)),
            4 => block.ic_keys.truncate(choices.below(block.ic_keys.len() + 1)),
            5 => {
                if let Some(handler) = block.handlers.first_mut() {
                    handler.target = choices.word() % 300;
                    handler.end = choices.word() % 300;
                    handler.register = u16::from(choices.byte());
                }
            }
            _ => {}
        }
    }
    *number = number.wrapping_sub(1);
    for cell in &mut block.cells {
        if let CellConstant::Code(code) = cell {
            damage(code, number, choices);
        }
    }
}

/// What leads out of the block's window, pools or code, if anything does: the verifier's promise, checked another way. The first two
/// registers are the frame's links, which no instruction names.
fn stray(block: &CodeBlock) -> Option<String> {
    let (length, registers) = (block.words.len() as i64, usize::from(block.registers));
    if length == 0 || registers < FRAME_HEADER + usize::from(block.parameters) {
        return Some("no room".to_string());
    }
    for handler in &block.handlers {
        let places = [i64::from(handler.start), i64::from(handler.end) - 1, i64::from(handler.target)];
        let covers = handler.start < handler.end;
        if (covers && places[..2].iter().any(|place| !(0..length).contains(place))) || !(0..length).contains(&places[2]) {
            return Some(format!("{handler:?}"));
        }
        if !(2..registers).contains(&usize::from(handler.register)) {
            return Some(format!("{handler:?}"));
        }
    }
    for (pc, word) in block.words.iter().enumerate() {
        let complaint = || Some(format!("word {pc}: {word:?}"));
        let Some(op) = Op::from_u8(word.op) else { return complaint() };
        let follows = |offset: i64| (0..length).contains(&(pc as i64 + 1 + offset));
        let ends = matches!(op, Op::Return | Op::ReturnUndefined | Op::Throw | Op::Jmp | Op::ThrowError | Op::ThrowConstAssign);
        if !ends && !follows(0) {
            return complaint();
        }
        for (field, kind) in [word.a, word.b, word.c].into_iter().zip(op.kinds()) {
            let index = word.bc() as u32 as usize;
            let fits = match kind {
                OperandKind::W | OperandKind::R | OperandKind::M => (2..registers).contains(&usize::from(field)),
                OperandKind::J16 => follows(i64::from(field as i16)),
                OperandKind::J32 => follows(i64::from(word.bc())),
                OperandKind::Ic => usize::from(field) < block.ic_keys.len(),
                OperandKind::Cell => usize::from(field) < block.cells.len(),
                OperandKind::K => match block.constants.get(index) {
                    Some(Constant::JumpTable { offsets, .. }) => offsets.iter().all(|&offset| follows(i64::from(offset))),
                    constant => constant.is_some(),
                },
                OperandKind::Base => usize::from(field) <= registers,
                OperandKind::None | OperandKind::I16 | OperandKind::N | OperandKind::Slot | OperandKind::I32 => true,
            };
            if !fits {
                return complaint();
            }
        }
    }
    block.cells.iter().find_map(|cell| if let CellConstant::Code(code) = cell { stray(code) } else { None })
}

/// One run.
pub fn run(data: &[u8]) {
    let mut choices = Choices::new(data);
    let source = program::program(&mut choices);
    let Ok(mut block) = compile_script(&source, "fuzz.js", &Options::default()) else { return };
    assert_eq!(verify(&block), Ok(()), "the compiler's own code is refused:\n{source}");
    for _ in 0..=choices.below(4) {
        let mut number = choices.below(count(&block));
        damage(&mut block, &mut number, &mut choices);
    }
    // Either answer will do, but there must be one; and what is accepted can be shown and goes nowhere it must not.
    if verify(&block).is_ok() {
        assert!(!disassemble(&block).is_empty());
        assert_eq!(stray(&block), None, "accepted");
    }
}
