//! Destructuring: patterns of declarations and parameters (which initialise bindings) and of assignments and `var` (which assign).

use mayfly_syntax::ast::{ArrayPattern, Ident, ObjectPattern, Pattern, PatternElement, PropertyKey};

use super::assignment::Reference;
use super::control::ControlKind;
use super::emitter::Reg;
use super::expressions::Key;
use super::state::Compiler;
use crate::bytecode::{Op, StaticText};

/// More keys than this cannot be excluded from a rest object by one instruction.
const MAX_EXCLUDED_KEYS: usize = 255;

/// What happens to the names of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// InitializeReferencedBinding.
    Initialise,
    /// PutValue.
    Assign,
}

/// A target after everything that precedes the value.
enum Target<'a> {
    /// A binding to be initialised.
    Binding(Ident),
    /// A reference.
    Reference(Reference),
    /// A nested pattern.
    Pattern(Pattern<'a>),
}

impl<'a> Compiler<'a, '_> {
    /// Initialises the bindings of a pattern with parts of `value`.
    pub(super) fn bind_pattern(&mut self, pattern: Pattern<'a>, value: Reg) {
        self.pattern(pattern, value, Mode::Initialise);
    }

    /// Assigns parts of `value` to the targets of a pattern.
    pub(super) fn assign_pattern(&mut self, pattern: Pattern<'a>, value: Reg) {
        self.pattern(pattern, value, Mode::Assign);
    }

    fn pattern(&mut self, pattern: Pattern<'a>, value: Reg, mode: Mode) {
        match pattern {
            Pattern::Object(node) => self.object_pattern(node, value, mode),
            Pattern::Array(node) => self.array_pattern(node, value, mode),
            Pattern::Ident(ident) => match mode {
                Mode::Initialise => self.initialise(ident.name, value, ident.span.start),
                Mode::Assign => self.write_name(ident, value),
            },
            Pattern::Expr(_) => {
                let mark = self.mark();
                let reference = self.reference(pattern, &[]);
                self.write_reference(&reference, value);
                self.release(mark);
            }
        }
    }

    /// Evaluates a target as far as it goes before its value is fetched. 13.15.5.5, https://tc39.es/ecma262/#sec-runtime-semantics-keyeddestructuringassignmentevaluation
    fn target(&mut self, pattern: Pattern<'a>, mode: Mode) -> Target<'a> {
        match (pattern, mode) {
            (Pattern::Object(_) | Pattern::Array(_), _) => Target::Pattern(pattern),
            (Pattern::Ident(ident), Mode::Initialise) => Target::Binding(ident),
            _ => Target::Reference(self.reference(pattern, &[])),
        }
    }

    /// The register in which the value for a target is best computed.
    fn value_register(&mut self, target: &Target<'a>, has_default: bool) -> Reg {
        match target {
            Target::Binding(ident) => match self.initialiser_register(ident.name, !has_default) {
                Some(register) => register,
                None => self.alloc(),
            },
            // Without a default, the fetch is the only write.
            Target::Reference(Reference::Name(name)) if !has_default => match name.resolved {
                super::scopes::Resolved::Register { register, check: false, writable: super::scopes::Writable::Yes } => register,
                _ => self.alloc(),
            },
            _ => self.alloc(),
        }
    }

    fn finish_target(&mut self, target: &Target<'a>, element: &PatternElement<'a>, value: Reg, mode: Mode) {
        if let Some(default) = element.default {
            let given = self.label();
            self.jump_if(Op::JNotUndefined, value, given);
            let name: Option<StaticText> = match element.target {
                Pattern::Ident(ident) => Some(self.text(ident.name)),
                _ => None,
            };
            let mark = self.mark();
            self.named_expr(default, name.as_ref(), value);
            self.release(mark);
            self.bind(given);
        }
        self.store_target(target, value, mode);
    }

    fn store_target(&mut self, target: &Target<'a>, value: Reg, mode: Mode) {
        match target {
            Target::Binding(ident) => self.initialise(ident.name, value, ident.span.start),
            Target::Reference(reference) => self.write_reference(reference, value),
            Target::Pattern(pattern) => self.pattern(*pattern, value, mode),
        }
    }

    /// Whether the first property read throws the TypeError for undefined and null by itself.
    fn first_read_checks(node: &ObjectPattern<'a>, mode: Mode) -> bool {
        let has_rest = node.rest.is_some();
        node.properties.first().is_some_and(|first| {
            let is_simple = matches!(first.value.target, Pattern::Object(_) | Pattern::Array(_))
                || (matches!(first.value.target, Pattern::Ident(_)) && mode == Mode::Initialise);
            is_simple && matches!(first.key, PropertyKey::Ident(_)) && !has_rest
        })
    }

    // 8.6.2 / 13.15.5.2 of object patterns, https://tc39.es/ecma262/#sec-runtime-semantics-destructuringassignmentevaluation
    fn object_pattern(&mut self, node: &ObjectPattern<'a>, value: Reg, mode: Mode) {
        let outer_mark = self.mark();
        if !Self::first_read_checks(node, mode) {
            self.at(node.span.start);
            self.op(Op::RequireObjectCoercible, value, 0, 0);
        }
        let excluded = match node.rest {
            Some(_) => Some(self.f.e.alloc_group(node.properties.len() as u32)),
            None => None,
        };
        for (index, property) in node.properties.iter().enumerate() {
            let mark = self.mark();
            let mut key = self.property_key(property.key);
            if let Some(base) = excluded {
                let kept = base + index as Reg;
                match &key {
                    Key::Static(text) => self.load_text(kept, text),
                    Key::Register(register) => {
                        self.mov(kept, *register);
                        key = Key::Register(kept);
                    }
                }
            }
            let target = self.target(property.value.target, mode);
            let part = self.value_register(&target, property.value.default.is_some());
            let offset = property.key.span().start;
            match &key {
                Key::Static(text) => self.get_field(part, value, text, offset),
                Key::Register(key) => {
                    self.at(offset);
                    self.op(Op::GetElem, part, value, *key);
                }
            }
            self.finish_target(&target, &property.value, part, mode);
            self.release(mark);
        }
        if let (Some(rest), Some(base)) = (node.rest, excluded) {
            let target = self.target(rest, mode);
            let object = self.alloc();
            self.op(Op::NewObject, object, 0, 0);
            let count = node.properties.len().min(MAX_EXCLUDED_KEYS);
            self.at(rest.span().start);
            self.opx(Op::CopyDataProperties, count as u8, object, value, base);
            for index in count..node.properties.len() {
                let scratch = self.alloc();
                self.op(Op::DeleteElem, scratch, object, base + index as Reg);
                self.release(u32::from(scratch));
            }
            self.store_target(&target, object, mode);
        }
        self.release(outer_mark);
    }

    // 8.6.3 / 13.15.5.3 of array patterns, https://tc39.es/ecma262/#sec-runtime-semantics-iteratordestructuringassignmentevaluation
    fn array_pattern(&mut self, node: &ArrayPattern<'a>, value: Reg, mode: Mode) {
        let mark = self.mark();
        let record = self.f.e.alloc_group(3);
        let offset = node.span.start;
        self.at(offset);
        self.op(Op::GetIterator, record, value, 0);
        self.push_control(ControlKind::Iterator { record, is_async: false });
        for element in node.elements {
            let inner = self.mark();
            match element {
                None => {
                    let skipped = self.alloc();
                    self.at(offset);
                    self.op(Op::IterStep, skipped, record, 0);
                }
                Some(element) => {
                    let target = self.target(element.target, mode);
                    let part = self.value_register(&target, element.default.is_some());
                    self.at(element.span.start);
                    self.op(Op::IterStep, part, record, 0);
                    self.finish_target(&target, element, part, mode);
                }
            }
            self.release(inner);
        }
        if let Some(rest) = node.rest {
            let target = self.target(rest, mode);
            let array = self.alloc();
            self.at(rest.span().start);
            self.op(Op::IterRest, array, record, 0);
            self.store_target(&target, array, mode);
        }
        let region = self.pop_control();
        let end = self.label();
        if node.rest.is_none() {
            self.at(offset);
            self.op(Op::IterClose, record, 0, 0);
        }
        self.jump(end);
        if let Some(region) = region {
            self.close_on_throw(&region, record, false);
        }
        self.bind(end);
        self.release(mark);
    }

    /// Whether a pattern has defaults or computed keys, which can do anything.
    pub(super) fn pattern_has_code(&self, pattern: Pattern<'a>) -> bool {
        let element = |element: &PatternElement<'a>| element.default.is_some() || self.pattern_has_code(element.target);
        match pattern {
            Pattern::Ident(_) => false,
            Pattern::Expr(_) => true,
            Pattern::Object(node) => {
                node.properties.iter().any(|property| matches!(property.key, PropertyKey::Computed(_)) || element(&property.value))
                    || node.rest.is_some_and(|rest| self.pattern_has_code(rest))
            }
            Pattern::Array(node) => {
                node.elements.iter().flatten().any(element) || node.rest.is_some_and(|rest| self.pattern_has_code(rest))
            }
        }
    }
}
