//! The verifier: a code block it accepts cannot make the interpreter read or write outside its window, pools or code.

use super::{CellConstant, CodeBlock, Constant, FRAME_HEADER, Op, OperandKind};

/// Why a code block was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyError {
    /// Word index.
    pub pc: usize,
    /// What is wrong there.
    pub message: String,
}

impl std::fmt::Display for VerifyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "bytecode word {}: {}", self.pc, self.message)
    }
}

impl std::error::Error for VerifyError {}

/// How many registers a `Base` operand of `op` covers.
fn group_size(op: Op, c: u16) -> usize {
    match op {
        Op::Call | Op::CallEval | Op::New | Op::SuperCall => FRAME_HEADER + c as usize,
        Op::CallSpread | Op::CallEvalSpread | Op::NewSpread | Op::SuperCallSpread => FRAME_HEADER + 1,
        Op::NewArrayFrom | Op::Concat => c as usize,
        Op::GetIterator
        | Op::IterNext
        | Op::IterStep
        | Op::IterRest
        | Op::IterClose
        | Op::IterCallNext
        | Op::IterGetMethod
        | Op::DisposeStep
        | Op::DisposeError => 3,
        Op::GetNameForCall | Op::GetMethod => 3,
        Op::SetWithReceiver | Op::NewClass | Op::Yield => 2,
        _ => 1,
    }
}

/// Whether control never goes on to the next word.
fn is_terminator(op: Op) -> bool {
    matches!(op, Op::Return | Op::ReturnUndefined | Op::Throw | Op::Jmp | Op::ThrowError | Op::ThrowConstAssign)
}

/// Checks `block` and everything nested in it.
pub fn verify(block: &CodeBlock) -> Result<(), VerifyError> {
    let length = block.words.len();
    let fail = |pc: usize, message: String| Err(VerifyError { pc, message });
    if (block.registers as usize) < FRAME_HEADER + block.parameters as usize {
        return fail(0, format!("{} registers cannot hold {} parameters", block.registers, block.parameters));
    }
    for (pc, word) in block.words.iter().enumerate() {
        let Some(op) = Op::from_u8(word.op) else { return fail(pc, format!("unknown opcode {}", word.op)) };
        let fields = [word.a, word.b, word.c];
        for (i, kind) in op.kinds().into_iter().enumerate() {
            let field = fields[i] as usize;
            let jump = |offset: i64| {
                let target = pc as i64 + 1 + offset;
                if target < 0 || target >= length as i64 { fail(pc, format!("jump to {target} leaves the code")) } else { Ok(()) }
            };
            match kind {
                OperandKind::None | OperandKind::I16 | OperandKind::N | OperandKind::Slot | OperandKind::I32 => {}
                OperandKind::W | OperandKind::M | OperandKind::R => {
                    if field < 2 || field >= block.registers as usize {
                        return fail(pc, format!("{} uses register {field} of {}", op.name(), block.registers));
                    }
                }
                OperandKind::Base => {
                    let size = if op == Op::CopyDataProperties { word.x as usize } else { group_size(op, word.c) };
                    let is_call_window = size >= FRAME_HEADER && matches!(i, 1);
                    if (field < 2 && size > 0 && !is_call_window) || field + size > block.registers as usize {
                        return fail(pc, format!("{} uses registers {field}..{} of {}", op.name(), field + size, block.registers));
                    }
                    if is_call_window && field < FRAME_HEADER {
                        return fail(pc, format!("{} overlaps the frame header", op.name()));
                    }
                }
                OperandKind::Ic => {
                    if field >= block.ic_keys.len() {
                        return fail(pc, format!("inline cache {field} of {}", block.ic_keys.len()));
                    }
                }
                OperandKind::Cell => verify_cell(block, op, pc, field)?,
                OperandKind::J16 => jump(i64::from(fields[i] as i16))?,
                OperandKind::J32 => jump(i64::from(word.bc()))?,
                OperandKind::K => verify_constant(block, op, pc, word.bc() as u32 as usize)?,
            }
        }
    }
    match block.words.last().and_then(|word| Op::from_u8(word.op)) {
        Some(op) if is_terminator(op) => {}
        _ => return fail(length, "code runs off its end".to_string()),
    }
    for handler in &block.handlers {
        if handler.start > handler.end
            || handler.end as usize > length
            || handler.target as usize >= length
            || !(2..block.registers).contains(&handler.register)
        {
            return fail(handler.start as usize, "bad exception handler".to_string());
        }
    }
    for cell in &block.cells {
        if let CellConstant::Code(code) = cell {
            verify(code)?;
        }
    }
    Ok(())
}

fn verify_cell(block: &CodeBlock, op: Op, pc: usize, index: usize) -> Result<(), VerifyError> {
    let fits = match block.cells.get(index) {
        Some(CellConstant::Code(_)) => matches!(op, Op::Closure | Op::NewClass),
        Some(CellConstant::Scope(_)) => op == Op::NewEnv,
        Some(CellConstant::Declarations(_)) => matches!(op, Op::GlobalInstantiate | Op::EvalInstantiate),
        None => false,
    };
    if fits { Ok(()) } else { Err(VerifyError { pc, message: format!("{} with unfit cell {index}", op.name()) }) }
}

fn verify_constant(block: &CodeBlock, op: Op, pc: usize, index: usize) -> Result<(), VerifyError> {
    let fits = match block.constants.get(index) {
        Some(Constant::RegExp { .. }) => op == Op::NewRegExp,
        Some(Constant::Template { .. }) => op == Op::TemplateObject,
        Some(Constant::JumpTable { offsets, .. }) => {
            op == Op::SwitchInt
                && offsets.iter().all(|&offset| {
                    let target = pc as i64 + 1 + i64::from(offset);
                    target >= 0 && target < block.words.len() as i64
                })
        }
        Some(Constant::String(_)) => !matches!(op, Op::NewRegExp | Op::TemplateObject | Op::SwitchInt),
        Some(Constant::Number(_) | Constant::BigInt(_)) => op == Op::LoadConst,
        None => false,
    };
    if fits { Ok(()) } else { Err(VerifyError { pc, message: format!("{} with unfit constant {index}", op.name()) }) }
}
