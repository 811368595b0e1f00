//! The disassembler behind `--dump=bytecode`.

use std::fmt::Write;

use super::{CellConstant, CodeBlock, Constant, Op, OperandKind, StaticText};

impl std::fmt::Display for StaticText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StaticText::Utf8(text) => f.write_str(text),
            StaticText::Utf16(units) => f.write_str(&String::from_utf16_lossy(units)),
        }
    }
}

/// Readable text of `block` and everything nested in it.
pub fn disassemble(block: &CodeBlock) -> String {
    let mut out = String::new();
    write_block(&mut out, block, 0);
    out
}

fn write_block(out: &mut String, block: &CodeBlock, depth: usize) {
    let indent = "  ".repeat(depth);
    let name = block.name.as_ref().map_or_else(|| "(anonymous)".to_string(), ToString::to_string);
    let _ = writeln!(out, "{indent}{name}: {} registers, {} parameters, length {}", block.registers, block.parameters, block.length);
    for (pc, word) in block.words.iter().enumerate() {
        let _ = write!(out, "{indent}{pc:5} ");
        let Some(op) = Op::from_u8(word.op) else {
            let _ = writeln!(out, "?? {:#018x}", word.to_bits());
            continue;
        };
        let _ = write!(out, "{:<20}", op.name());
        if word.x != 0 {
            let _ = write!(out, " x{}", word.x);
        }
        let fields = [word.a, word.b, word.c];
        for (i, kind) in op.kinds().into_iter().enumerate() {
            match kind {
                OperandKind::None => {}
                OperandKind::W | OperandKind::R | OperandKind::M | OperandKind::Base => {
                    let _ = write!(out, " r{}", fields[i]);
                }
                OperandKind::I16 => {
                    let _ = write!(out, " #{}", fields[i] as i16);
                }
                OperandKind::N => {
                    let _ = write!(out, " n{}", fields[i]);
                }
                OperandKind::Slot => {
                    let _ = write!(out, " s{}", fields[i]);
                }
                OperandKind::Ic => {
                    let key = block.ic_keys.get(fields[i] as usize).map_or_else(|| "?".to_string(), ToString::to_string);
                    let _ = write!(out, " ic{}({key})", fields[i]);
                }
                OperandKind::Cell => {
                    let _ = write!(out, " cell{}", fields[i]);
                }
                OperandKind::J16 => {
                    let _ = write!(out, " ->{}", pc as i64 + 1 + i64::from(fields[i] as i16));
                }
                OperandKind::J32 => {
                    let _ = write!(out, " ->{}", pc as i64 + 1 + i64::from(word.bc()));
                }
                OperandKind::I32 => {
                    let _ = write!(out, " #{}", word.bc());
                }
                OperandKind::K => {
                    let constant = block.constants.get(word.bc() as u32 as usize);
                    let _ = write!(out, " k{}({})", word.bc(), constant.map_or_else(|| "?".to_string(), constant_text));
                }
            }
        }
        out.push('\n');
    }
    for handler in &block.handlers {
        let _ = writeln!(out, "{indent}  try {}..{} -> {} r{}", handler.start, handler.end, handler.target, handler.register);
    }
    for (i, cell) in block.cells.iter().enumerate() {
        match cell {
            CellConstant::Code(code) => {
                let _ = writeln!(out, "{indent}  cell{i}:");
                write_block(out, code, depth + 2);
            }
            CellConstant::Scope(scope) => {
                let names: Vec<String> = scope.bindings.iter().map(|binding| binding.name.to_string()).collect();
                let _ = writeln!(out, "{indent}  cell{i}: {:?} scope [{}]", scope.kind, names.join(", "));
            }
            CellConstant::Declarations(declarations) => {
                let _ = writeln!(out, "{indent}  cell{i}: {declarations:?}");
            }
        }
    }
}

fn constant_text(constant: &Constant) -> String {
    match constant {
        Constant::Number(number) => number.to_string(),
        Constant::String(text) => format!("{:?}", text.to_string()),
        Constant::BigInt(digits) => format!("{digits}n"),
        Constant::RegExp { pattern, flags } => format!("/{pattern}/{flags}"),
        Constant::Template { raw, .. } => format!("template of {}", raw.len()),
        Constant::JumpTable { low, offsets } => format!("jump table from {low}, {} entries", offsets.len()),
    }
}
