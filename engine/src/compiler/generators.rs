//! `yield` and `yield*`.

use mayfly_syntax::ast::{Expr, Yield};

use super::control::ControlKind;
use super::emitter::{Label, Reg};
use super::state::{Compiler, fixed_text};
use crate::bytecode::Op;

/// Registers and labels of a `yield*`.
struct Delegation {
    record: Reg,
    /// The value received by the last resumption; behind it the mode: 0 next, 1 throw, 2 return.
    received: Reg,
    result: Reg,
    done: Reg,
    base: Reg,
    offset: u32,
}

impl<'a> Compiler<'a, '_> {
    // 15.5.5 Runtime Semantics: Evaluation of YieldExpression, https://tc39.es/ecma262/#sec-generator-function-definitions-runtime-semantics-evaluation
    pub(super) fn yield_expression(&mut self, node: &Yield<'a>, dst: Reg) {
        let mark = self.mark();
        let offset = node.span.start;
        if let (true, Some(operand)) = (node.delegate, node.operand) {
            self.yield_delegate(operand, dst, offset);
            self.release(mark);
            return;
        }
        let is_async = self.f.is_async_generator();
        let mut value = match node.operand {
            Some(operand) => self.operand(operand),
            None => {
                let register = self.alloc();
                self.undefined(register);
                register
            }
        };
        if is_async {
            let awaited = self.alloc();
            self.at(offset);
            self.op(Op::Await, awaited, value, 0);
            value = awaited;
        }
        let base = self.f.e.alloc_group(2);
        self.at(offset);
        self.op(Op::Yield, base, value, 0);
        let resumed = self.label();
        self.jump_if(Op::JFalse, base + 1, resumed);
        if is_async {
            // 27.6.3.8 AsyncGeneratorYield, step 12: a return waits for its value.
            self.at(offset);
            self.op(Op::Await, base, base, 0);
        }
        self.return_value(Some(base));
        self.bind(resumed);
        self.mov(dst, base);
        self.release(mark);
    }

    /// `yield*`, the last part of the same section.
    fn yield_delegate(&mut self, operand: Expr<'a>, dst: Reg, offset: u32) {
        let is_async = self.f.is_async_generator();
        let iterable = self.operand(operand);
        let record = self.f.e.alloc_group(3);
        self.at(offset);
        self.opx(Op::GetIterator, if is_async { 1 } else { 2 }, record, iterable, 0);
        let received = self.f.e.alloc_group(2);
        let mode = received + 1;
        let result = self.alloc();
        let done = self.alloc();
        let base = self.f.e.alloc_group(6);
        let do_yield = self.label();
        let parts = Delegation { record, received, result, done, base, offset };
        self.undefined(received);
        self.wide(Op::LoadInt, mode, 0);
        let (end, on_throw, on_return) = (self.label(), self.label(), self.label());
        let top = self.f.e.bind_new();
        self.f.e.jump_short(Op::JSEqI, 0, mode, 1, on_throw);
        self.f.e.jump_short(Op::JSEqI, 0, mode, 2, on_return);

        // next: its result decides whether to go on.
        self.at(offset);
        self.op(Op::IterCallNext, result, record, received);
        self.check_result(&parts, is_async);
        self.jump_if(Op::JFalse, done, do_yield);
        self.get_field(dst, result, &fixed_text("value"), offset);
        self.jump(end);

        // throw: handed on if the iterator takes it.
        self.bind(on_throw);
        let no_throw = self.label();
        self.call_method(&parts, "throw", no_throw);
        self.check_result(&parts, is_async);
        self.jump_if(Op::JFalse, done, do_yield);
        self.get_field(dst, result, &fixed_text("value"), offset);
        self.jump(end);
        self.bind(no_throw);
        if is_async {
            self.async_iterator_close(record);
        } else {
            self.at(offset);
            self.op(Op::IterClose, record, 0, 0);
        }
        self.throw_error(0, "The iterator does not provide a 'throw' method", offset);

        // return: handed on if the iterator takes it, else done here.
        self.bind(on_return);
        let no_return = self.label();
        self.call_method(&parts, "return", no_return);
        self.check_result(&parts, is_async);
        self.jump_if(Op::JFalse, done, do_yield);
        self.get_field(received, result, &fixed_text("value"), offset);
        self.return_value(Some(received));
        self.bind(no_return);
        if is_async {
            self.at(offset);
            self.op(Op::Await, received, received, 0);
        }
        self.return_value(Some(received));

        self.bind(do_yield);
        if is_async {
            self.get_field(result, result, &fixed_text("value"), offset);
            self.at(offset);
            self.opx(Op::Yield, 1, received, result, 0);
            // A return waits for its value; if that is rejected, it is a throw.
            self.f.e.jump_short(Op::JSNeI, 0, mode, 2, top);
            self.push_control(ControlKind::Catch);
            self.at(offset);
            self.op(Op::Await, received, received, 0);
            if let Some(region) = self.pop_control() {
                self.jump(top);
                self.begin_handler(&region, received);
                self.wide(Op::LoadInt, mode, 1);
            }
        } else {
            self.at(offset);
            self.opx(Op::Yield, 1, received, result, 0);
        }
        self.jump(top);
        self.bind(end);
    }

    /// `done = result.done` of an inner result, awaited first in async generators.
    fn check_result(&mut self, parts: &Delegation, is_async: bool) {
        let offset = parts.offset;
        if is_async {
            self.at(offset);
            self.op(Op::Await, parts.result, parts.result, 0);
        }
        self.at(offset);
        self.op(Op::ThrowIfNotObject, parts.result, 0, 0);
        self.get_field(parts.done, parts.result, &fixed_text("done"), offset);
    }

    /// `result = iterator[name](received)`, or a jump to `missing`.
    fn call_method(&mut self, parts: &Delegation, name: &str, missing: Label) {
        let ic = self.f.e.ic(&fixed_text(name));
        self.at(parts.offset);
        self.op(Op::IterGetMethod, parts.base + 2, parts.record, ic);
        self.jump_if(Op::JUndefined, parts.base + 2, missing);
        self.mov(parts.base + 4, parts.record);
        self.mov(parts.base + 5, parts.received);
        self.at(parts.offset);
        self.op(Op::Call, parts.result, parts.base, 1);
    }
}
