//! Classes.

use super::private::{PrivateKind, PrivateScope};
use super::{Context, Parser, Result, Use};
use crate::ast::{
    Class, ClassElement, ClassField, ClassMethod, Expr, Function, FunctionKind, Ident, JsStr, PropertyKey, Span, StaticBlock,
};
use crate::lexer::{T, Token};
use crate::names::known;

/// The modifiers before a member's key.
struct Modifiers {
    start: u32,
    is_static: bool,
    is_async: bool,
    is_generator: bool,
    kind: FunctionKind,
}

impl<'a> Parser<'a, '_, '_> {
    #[inline(never)]
    pub(super) fn class_expression(&mut self) -> Result<Expr<'a>> {
        Ok(Expr::Class(self.class(false)?))
    }

    // 15.7 Class Definitions, https://tc39.es/ecma262/#sec-class-definitions
    /// A class at `class`. A declaration needs a name, except after `export default`.
    #[inline(never)]
    pub(super) fn class(&mut self, needs_name: bool) -> Result<&'a Class<'a>> {
        self.enter()?;
        let start = self.start();
        self.advance();
        // All parts of a class are strict mode code.
        let outer_strict = std::mem::replace(&mut self.context.strict, true);
        let mut name = None;
        if needs_name || !matches!(self.token.kind, T::LBrace | T::Extends) {
            name = Some(self.identifier(Use::Binding)?);
        }
        let scope = self.new_scope();
        let mut heritage = None;
        if self.eat(T::Extends) {
            let saved_cover = self.cover.take();
            let saved_high = std::mem::replace(&mut self.high, self.depth);
            let expr = self.left_hand_side()?;
            if Self::is_arrow(expr) {
                return self.error("Unexpected token '=>'", expr.span());
            }
            self.raise_cover()?;
            self.cover = saved_cover;
            self.high = self.high.max(saved_high);
            heritage = Some(expr);
        }
        self.private_scopes.push(PrivateScope::default());
        let (constructor, elements) = self.class_body(heritage.is_some())?;
        self.close_private_scope()?;
        self.context.strict = outer_strict;
        self.leave();
        let span = self.span_from(start);
        Ok(self.alloc(Class { name, heritage, constructor, elements, scope, span }))
    }

    fn class_body(&mut self, is_derived: bool) -> Result<(Option<&'a Function<'a>>, &'a [ClassElement<'a>])> {
        self.expect(T::LBrace)?;
        let mut elements = Vec::new();
        let mut constructor = None;
        while !self.at(T::RBrace) {
            if self.eat(T::Semicolon) {
                continue;
            }
            self.class_element(is_derived, &mut constructor, &mut elements)?;
        }
        self.advance();
        Ok((constructor, self.list(&elements)))
    }

    /// Whether the word just consumed is itself the key of a member, judged by the token after it.
    fn ends_key(&self) -> bool {
        matches!(self.token.kind, T::LParen | T::Assign | T::Semicolon | T::RBrace | T::Eof)
    }

    fn class_element(
        &mut self,
        is_derived: bool,
        constructor: &mut Option<&'a Function<'a>>,
        elements: &mut Vec<ClassElement<'a>>,
    ) -> Result<()> {
        let element_start = self.start();
        let mut modifiers =
            Modifiers { start: element_start, is_static: false, is_async: false, is_generator: false, kind: FunctionKind::Method };
        let mut key = None;
        let mut key_token = self.token;
        if self.at(T::Static) {
            self.advance();
            if self.ends_key() {
                key = Some(self.word_key(key_token));
            } else if self.at(T::LBrace) {
                elements.push(self.static_block(element_start)?);
                return Ok(());
            } else {
                modifiers.is_static = true;
                modifiers.start = self.start();
            }
        }
        if key.is_none() {
            key_token = self.token;
            match self.token.kind {
                T::Async => {
                    self.advance();
                    if self.ends_key() || self.token.newline {
                        key = Some(self.word_key(key_token));
                    } else {
                        modifiers.is_async = true;
                        modifiers.is_generator = self.eat(T::Star);
                    }
                }
                T::Get | T::Set => {
                    self.advance();
                    if self.ends_key() || self.at(T::Star) {
                        key = Some(self.word_key(key_token));
                    } else {
                        modifiers.kind = if key_token.kind == T::Get { FunctionKind::Getter } else { FunctionKind::Setter };
                    }
                }
                T::Star => {
                    self.advance();
                    modifiers.is_generator = true;
                }
                _ => {}
            }
        }
        let key = match key {
            Some(key) => key,
            None if self.at(T::PrivateName) => PropertyKey::Private(self.private_declaration()),
            None => self.property_key()?,
        };
        if self.at(T::LParen) {
            return self.class_method(&modifiers, key, is_derived, constructor, elements);
        }
        if modifiers.is_async || modifiers.is_generator || modifiers.kind != FunctionKind::Method {
            return self.unexpected();
        }
        elements.push(self.field(element_start, modifiers.is_static, key)?);
        Ok(())
    }

    fn word_key(&mut self, token: Token) -> PropertyKey<'a> {
        PropertyKey::Ident(Ident { name: self.name_of(token), span: token.span })
    }

    fn key_is(key: &PropertyKey<'a>, name: crate::names::Name, text: &str) -> bool {
        match key {
            PropertyKey::Ident(ident) => ident.name == name,
            PropertyKey::String(literal) => literal.value == JsStr::Utf8(text),
            _ => false,
        }
    }

    // 15.7.1 Static Semantics: Early Errors, https://tc39.es/ecma262/#sec-class-definitions-static-semantics-early-errors
    fn class_method(
        &mut self,
        modifiers: &Modifiers,
        key: PropertyKey<'a>,
        is_derived: bool,
        constructor: &mut Option<&'a Function<'a>>,
        elements: &mut Vec<ClassElement<'a>>,
    ) -> Result<()> {
        let &Modifiers { start, is_static, is_async, is_generator, kind } = modifiers;
        if is_static && Self::key_is(&key, known::PROTOTYPE, "prototype") {
            return self.error("Classes may not have a static property named 'prototype'", key.span());
        }
        if let PropertyKey::Private(ident) = key {
            let private = match kind {
                FunctionKind::Getter => PrivateKind::Getter { is_static },
                FunctionKind::Setter => PrivateKind::Setter { is_static },
                _ => PrivateKind::Other,
            };
            self.declare_private(ident, private)?;
        }
        if !is_static && Self::key_is(&key, known::CONSTRUCTOR, "constructor") {
            let what = match kind {
                FunctionKind::Getter | FunctionKind::Setter => Some("an accessor"),
                _ if is_async && is_generator => Some("an async generator"),
                _ if is_async => Some("an async method"),
                _ if is_generator => Some("a generator"),
                _ => None,
            };
            if let Some(what) = what {
                return self.error(format!("Class constructor may not be {what}"), key.span());
            }
            if constructor.is_some() {
                return self.error("A class may only have one constructor", key.span());
            }
            let kind = if is_derived { FunctionKind::DerivedConstructor } else { FunctionKind::ClassConstructor };
            *constructor = Some(self.function_rest(start, None, kind, false, false)?);
            return Ok(());
        }
        let function = self.function_rest(start, None, kind, is_async, is_generator)?;
        let span = self.span_from(start);
        elements.push(ClassElement::Method(self.alloc(ClassMethod { key, is_static, function, span })));
        Ok(())
    }

    /// The context of code that runs as a method without parameters.
    fn initializer_context(&self) -> Context {
        Context {
            is_yield: false,
            is_await: false,
            allow_return: false,
            allow_super_call: false,
            allow_super_property: true,
            allow_new_target: true,
            forbid_arguments: true,
            ..self.context
        }
    }

    fn field(&mut self, start: u32, is_static: bool, key: PropertyKey<'a>) -> Result<ClassElement<'a>> {
        if let PropertyKey::Private(ident) = key {
            self.declare_private(ident, PrivateKind::Other)?;
        }
        if Self::key_is(&key, known::CONSTRUCTOR, "constructor") {
            return self.error("Classes may not have a field named 'constructor'", key.span());
        }
        if is_static && Self::key_is(&key, known::PROTOTYPE, "prototype") {
            return self.error("Classes may not have a static property named 'prototype'", key.span());
        }
        let scope = self.new_scope();
        let outer = self.open_code(self.initializer_context());
        let value = if self.eat(T::Assign) { Some(self.assign()?) } else { None };
        let facts = self.close_code(outer);
        let span = Span::new(start, self.previous_end);
        self.semicolon()?;
        Ok(ClassElement::Field(self.alloc(ClassField { key, is_static, value, scope, facts, span })))
    }

    // 15.7 ClassStaticBlock, https://tc39.es/ecma262/#prod-ClassStaticBlock
    #[inline(never)]
    fn static_block(&mut self, start: u32) -> Result<ClassElement<'a>> {
        let scope = self.new_scope();
        let outer = self.open_code(self.initializer_context());
        self.context.in_static_block = true;
        self.advance();
        let body = self.statement_list(T::RBrace)?;
        self.advance();
        let facts = self.close_code(outer);
        let span = self.span_from(start);
        Ok(ClassElement::StaticBlock(self.alloc(StaticBlock { body, scope, facts, span })))
    }
}
