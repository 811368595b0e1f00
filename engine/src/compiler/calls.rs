//! Calls of every kind. A call's window lies on top of the temporaries: five registers for the frame's own data, then arguments,
//! evaluated in place.

use mayfly_syntax::ast::{Argument, Call, Expr, ImportCall, ImportPhase, New, SuperCall, TaggedTemplate};

use super::emitter::Reg;
use super::members::PropertyReference;
use super::scopes::Resolved;
use super::state::{Compiler, fixed_text, static_text};
use crate::bytecode::{Constant, FRAME_HEADER, Op, StaticText};

/// More arguments than this are collected in an array, so that a window never fills the register file.
const MAX_ARGUMENTS_IN_REGISTERS: usize = 1000;

const CALLEE: Reg = 2;
const NEW_TARGET: Reg = 3;
const THIS: Reg = 4;

/// How the arguments of a call were laid out.
#[derive(Clone, Copy)]
enum Arguments {
    /// In registers from base + 5 on.
    Registers(u16),
    /// In an array in base + 5.
    Spread,
}

impl<'a> Compiler<'a, '_> {
    /// A window for a call whose result goes to `dst`: where `dst` lies, if nothing lies above and nobody minds (the window's
    /// first register holds no value, and is garbage should the call throw).
    fn window(&mut self, dst: Reg) -> Reg {
        if self.is_top_temporary(dst) {
            self.release(u32::from(dst));
        }
        self.f.e.alloc_group(FRAME_HEADER as u32)
    }

    /// Evaluates the arguments behind a window whose header has just been allocated.
    fn arguments(&mut self, args: &'a [Argument<'a>]) -> Arguments {
        let has_spread = args.iter().any(|argument| matches!(argument, Argument::Spread(..)));
        if !has_spread && args.len() <= MAX_ARGUMENTS_IN_REGISTERS {
            for argument in args {
                if let Argument::Expr(expr) = *argument {
                    let register = self.alloc();
                    let mark = self.mark();
                    self.expr(expr, register);
                    self.release(mark);
                }
            }
            return Arguments::Registers(args.len() as u16);
        }
        let array = self.alloc();
        if let [Argument::Spread(expr, span)] = *args {
            let mark = self.mark();
            let value = self.operand(expr);
            self.at(span.start);
            self.op(Op::SpreadList, array, value, 0);
            self.release(mark);
            return Arguments::Spread;
        }
        // `f(a, ...xs)`: an array literal like any other.
        self.wide(Op::NewArray, array, args.len() as i32);
        for argument in args {
            let mark = self.mark();
            match *argument {
                Argument::Expr(expr) => {
                    let value = self.operand(expr);
                    self.op(Op::ArrayPush, array, value, 0);
                }
                Argument::Spread(expr, span) => {
                    let value = self.operand(expr);
                    self.at(span.start);
                    self.op(Op::ArraySpread, array, value, 0);
                }
            }
            self.release(mark);
        }
        Arguments::Spread
    }

    /// Evaluates a callee into `base + 2` and its `this` into `base + 4`, unless that is undefined. Gives the offset that errors of
    /// the call mention, and whether `this` is undefined and not set.
    fn callee(&mut self, callee: Expr<'a>, base: Reg) -> (u32, bool) {
        let mark = self.mark();
        let mut this_is_undefined = false;
        let offset = match callee {
            Expr::Paren(node) => match node.expr.without_parens() {
                inner @ (Expr::Member(_) | Expr::Index(_) | Expr::PrivateMember(_) | Expr::SuperMember(_) | Expr::SuperIndex(_)) => {
                    self.callee(inner, base).0
                }
                Expr::OptionalChain(chain) => {
                    // `(a?.b)()`: the chain ends, its `this` stays.
                    let (nullish, end) = (self.label(), self.label());
                    self.f.chains.push(nullish);
                    let offset = self.callee_and_this(chain.expr, base);
                    self.f.chains.pop();
                    self.jump(end);
                    self.bind(nullish);
                    self.undefined(base + CALLEE);
                    self.undefined(base + THIS);
                    self.bind(end);
                    offset
                }
                inner => {
                    let (offset, undefined) = self.callee(inner, base);
                    this_is_undefined = undefined;
                    offset
                }
            },
            Expr::Member(node) => {
                let key = self.text(node.property.name);
                self.method_callee(node.object, node.optional, &key, node.property.span.start, base);
                node.property.span.start
            }
            Expr::Index(node) => {
                let offset = node.index.span().start;
                match node.index {
                    Expr::String(literal) if literal.value.as_str().is_none_or(|text| !super::expressions::is_array_index(text)) => {
                        self.method_callee(node.object, node.optional, &static_text(literal.value), offset, base);
                    }
                    _ => {
                        self.expr(node.object, base + THIS);
                        self.leave_chain_if_nullish(node.optional, base + THIS);
                        let key = self.operand(node.index);
                        self.at(offset);
                        self.op(Op::GetElem, base + CALLEE, base + THIS, key);
                    }
                }
                offset
            }
            Expr::PrivateMember(node) => {
                self.expr(node.object, base + THIS);
                self.leave_chain_if_nullish(node.optional, base + THIS);
                let name = self.private_name(node.property);
                self.at(node.property.span.start);
                self.op(Op::GetPrivate, base + CALLEE, base + THIS, name);
                node.property.span.start
            }
            Expr::SuperMember(_) | Expr::SuperIndex(_) => match self.property_reference(callee, &[]) {
                Some((reference, offset)) => {
                    if let PropertyReference::Super { receiver, .. } = reference {
                        self.mov(base + THIS, receiver);
                    }
                    self.get_property(&reference, base + CALLEE, offset);
                    offset
                }
                None => callee.span().start,
            },
            Expr::Ident(ident) => {
                match self.resolve(ident.name, Some(ident.span.start)) {
                    Resolved::Dynamic { env } => {
                        let text = self.text(ident.name);
                        let ic = self.f.e.ic(&text);
                        self.at(ident.span.start);
                        // Writes the function to base + 2 and the object of a `with`, or undefined, to base + 4.
                        self.op(Op::GetNameForCall, base + CALLEE, env, ic);
                    }
                    resolved => {
                        self.read_resolved(resolved, ident, base + CALLEE, false);
                        this_is_undefined = true;
                    }
                }
                ident.span.start
            }
            _ => {
                self.expr(callee, base + CALLEE);
                this_is_undefined = true;
                callee.span().start
            }
        };
        self.release(mark);
        (offset, this_is_undefined)
    }

    /// Like [`Self::callee`], with `this` always set.
    fn callee_and_this(&mut self, callee: Expr<'a>, base: Reg) -> u32 {
        let (offset, this_is_undefined) = self.callee(callee, base);
        if this_is_undefined {
            self.undefined(base + THIS);
        }
        offset
    }

    /// `object.key` as a callee with its `this`.
    fn method_callee(&mut self, object: Expr<'a>, optional: bool, key: &StaticText, offset: u32, base: Reg) {
        let mark = self.mark();
        let object = match object {
            Expr::Ident(_) | Expr::This(_) => self.operand(object),
            _ => {
                self.expr(object, base + THIS);
                base + THIS
            }
        };
        self.leave_chain_if_nullish(optional, object);
        let cache = if object == base + THIS { None } else { self.f.e.try_ic(key) };
        match cache {
            Some(ic) => {
                self.at(offset);
                self.op(Op::GetMethod, base + CALLEE, object, ic);
            }
            None => {
                self.mov(base + THIS, object);
                self.get_field(base + CALLEE, base + THIS, key, offset);
            }
        }
        self.release(mark);
    }

    fn leave_chain_if_nullish(&mut self, optional: bool, register: Reg) {
        if optional && let Some(&nullish) = self.f.chains.last() {
            self.jump_if(Op::JNullish, register, nullish);
        }
    }

    // 13.3.6 Function Calls, https://tc39.es/ecma262/#sec-function-calls
    pub(super) fn call(&mut self, call: &'a Call<'a>, dst: Reg) {
        let mark = self.mark();
        let base = self.window(dst);
        let (offset, this_is_undefined) = self.callee(call.callee, base);
        self.leave_chain_if_nullish(call.optional, base + CALLEE);
        let arguments = self.arguments(call.args);
        let mut x = 0;
        let (plain, spread) = if call.direct_eval {
            let env = self.current_env();
            self.mov(base, env);
            x = self.strict_bit() | u8::from(self.f.in_field) << 1;
            if this_is_undefined {
                self.undefined(base + THIS);
            }
            (Op::CallEval, Op::CallEvalSpread)
        } else {
            match arguments {
                Arguments::Registers(_) => x = u8::from(this_is_undefined),
                Arguments::Spread if this_is_undefined => self.undefined(base + THIS),
                Arguments::Spread => {}
            }
            (Op::Call, Op::CallSpread)
        };
        self.at(offset);
        match arguments {
            Arguments::Registers(count) => self.opx(plain, x, dst, base, count),
            Arguments::Spread => self.opx(spread, x, dst, base, 0),
        }
        self.release(mark);
    }

    // 13.3.5 The new Operator, https://tc39.es/ecma262/#sec-new-operator
    pub(super) fn new_expression(&mut self, node: &'a New<'a>, dst: Reg) {
        let mark = self.mark();
        let base = self.window(dst);
        self.expr(node.callee, base + CALLEE);
        let arguments = self.arguments(node.args);
        self.at(node.span.start);
        match arguments {
            Arguments::Registers(count) => self.op(Op::New, dst, base, count),
            Arguments::Spread => self.op(Op::NewSpread, dst, base, 0),
        }
        self.release(mark);
    }

    // 13.3.7.1 SuperCall : super Arguments, https://tc39.es/ecma262/#sec-super-keyword-runtime-semantics-evaluation
    pub(super) fn super_call(&mut self, call: &'a SuperCall<'a>, dst: Reg) {
        let mark = self.mark();
        let offset = call.span.start;
        let base = self.f.e.alloc_group(FRAME_HEADER as u32);
        self.read_new_target(base + NEW_TARGET, offset);
        self.read_active_function(base + CALLEE, offset);
        self.op(Op::GetSuperConstructor, base + CALLEE, base + CALLEE, 0);
        let arguments = self.arguments(call.args);
        let result = self.alloc();
        self.at(offset);
        match arguments {
            Arguments::Registers(count) => self.op(Op::SuperCall, result, base, count),
            Arguments::Spread => self.op(Op::SuperCallSpread, result, base, 0),
        }
        self.bind_this(result, offset);
        let active = self.alloc();
        self.read_active_function(active, offset);
        self.at(offset);
        self.op(Op::RunFieldInitialiser, result, active, 0);
        self.mov(dst, result);
        self.release(mark);
    }

    /// `super(...arguments)` of a derived class without a constructor of its own.
    pub(super) fn default_super_call(&mut self, offset: u32) {
        let mark = self.mark();
        let base = self.f.e.alloc_group(FRAME_HEADER as u32);
        self.mov(base + NEW_TARGET, crate::bytecode::REG_NEW_TARGET);
        self.op(Op::GetSuperConstructor, base + CALLEE, crate::bytecode::REG_CALLEE, 0);
        let array = self.alloc();
        self.op(Op::CreateRest, array, 0, 0);
        self.f.needs_arguments = true;
        self.at(offset);
        self.op(Op::SuperCallSpread, crate::bytecode::REG_THIS, base, 0);
        self.at(offset);
        self.op(Op::RunFieldInitialiser, crate::bytecode::REG_THIS, crate::bytecode::REG_CALLEE, 0);
        self.release(mark);
    }

    // 13.3.11 Tagged Templates, https://tc39.es/ecma262/#sec-tagged-templates
    pub(super) fn tagged_template(&mut self, node: &'a TaggedTemplate<'a>, dst: Reg) {
        let mark = self.mark();
        let base = self.window(dst);
        let offset = self.callee_and_this(node.tag, base);
        let object = self.alloc();
        let cooked = node.quasi.quasis.iter().map(|element| element.cooked.map(static_text)).collect();
        let raw = node.quasi.quasis.iter().map(|element| fixed_text(element.raw)).collect();
        let constant = self.f.e.constant(Constant::Template { cooked, raw });
        self.wide(Op::TemplateObject, object, constant);
        let count = node.quasi.exprs.len();
        if count < MAX_ARGUMENTS_IN_REGISTERS {
            for &expr in node.quasi.exprs {
                let register = self.alloc();
                let inner = self.mark();
                self.expr(expr, register);
                self.release(inner);
            }
            self.at(offset);
            self.op(Op::Call, dst, base, count as u16 + 1);
        } else {
            self.op(Op::NewArrayFrom, object, object, 1);
            for &expr in node.quasi.exprs {
                let inner = self.mark();
                let value = self.operand(expr);
                self.op(Op::ArrayPush, object, value, 0);
                self.release(inner);
            }
            self.at(offset);
            self.op(Op::CallSpread, dst, base, 0);
        }
        self.release(mark);
    }

    // 13.3.10 Import Calls, https://tc39.es/ecma262/#sec-import-calls
    pub(super) fn import_call(&mut self, node: &'a ImportCall<'a>, dst: Reg) {
        let mark = self.mark();
        let later: Vec<Expr<'a>> = node.options.into_iter().collect();
        let specifier = self.kept_operand(node.specifier, &later);
        let options = match node.options {
            Some(options) => self.operand(options),
            None => {
                let register = self.alloc();
                self.undefined(register);
                register
            }
        };
        let phase = match node.phase {
            ImportPhase::Evaluation => 0,
            ImportPhase::Defer => 1,
            ImportPhase::Source => 2,
        };
        self.at(node.span.start);
        self.opx(Op::ImportCall, phase, dst, specifier, options);
        self.release(mark);
    }
}
