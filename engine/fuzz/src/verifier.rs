//! Compiled programs with words changed: whatever the verifier says, it says it without panicking, and what the compiler makes it accepts.

use mayfly_engine::bytecode::{CellConstant, CodeBlock, Word, disassemble, verify};
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
    // Either answer will do, but there must be one; and what is accepted can be shown.
    if verify(&block).is_ok() {
        assert!(!disassemble(&block).is_empty());
    }
}
