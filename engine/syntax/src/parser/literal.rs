//! Primary expressions: literals, arrays, objects, templates, regular expressions.

use super::{CoverError, Parser, Result, Use};
use crate::ast::{
    ArrayElement, ArrayLit, BigIntLit, CoverInit, Expr, FunctionKind, Ident, NumberLit, ObjectLit, Property, PropertyKey, RegExpLit, Span,
    StringLit, Template, TemplateElement,
};
use crate::lexer::{T, Token, bigint_digits, cook};
use crate::names::known;

impl<'a> Parser<'a, '_, '_> {
    // 13.2 Primary Expression, https://tc39.es/ecma262/#sec-primary-expression
    pub(super) fn primary(&mut self) -> Result<Expr<'a>> {
        let span = self.token.span;
        match self.token.kind {
            T::Async => return self.async_primary(),
            kind if kind.is_identifier() => return self.identifier_primary(),
            T::LParen => return self.parenthesized(),
            T::LBrace => return self.object_literal(),
            T::LBracket => return self.array_literal(),
            T::Number => return Ok(Expr::Number(self.number()?)),
            T::String => return Ok(Expr::String(self.string()?)),
            T::BigInt => return Ok(Expr::BigInt(self.bigint())),
            T::Function => return self.function_expression(),
            T::Class => return self.class_expression(),
            T::Backtick => return Ok(Expr::Template(self.template(false)?)),
            T::Slash | T::SlashAssign => return self.regexp(),
            _ => {}
        }
        let expr = match self.token.kind {
            T::This => {
                self.facts.uses_this = true;
                Expr::This(span)
            }
            T::Null => Expr::Null(span),
            T::True => Expr::Bool(true, span),
            T::False => Expr::Bool(false, span),
            _ => return self.unexpected(),
        };
        self.advance();
        Ok(expr)
    }

    #[inline(never)]
    fn identifier_primary(&mut self) -> Result<Expr<'a>> {
        let start = self.start();
        let ident = self.identifier(Use::Reference)?;
        if self.at(T::Arrow) && self.arrow_start == start && !self.token.newline {
            return self.arrow_from_identifier(start, ident, false);
        }
        Ok(Expr::Ident(ident))
    }

    #[inline(never)]
    pub(super) fn number(&mut self) -> Result<&'a NumberLit> {
        let token = self.token;
        if token.leading_zero && self.context.strict {
            let has_decimal_digits = token.span.text(self.source).bytes().any(|b| b > b'7' || b == b'.');
            let message = if has_decimal_digits {
                "Decimals with leading zeros are not allowed in strict mode."
            } else {
                "Octal literals are not allowed in strict mode."
            };
            return self.error(message, token.span);
        }
        self.advance();
        Ok(self.alloc(NumberLit { value: token.number, span: token.span }))
    }

    #[inline(never)]
    pub(super) fn bigint(&mut self) -> &'a BigIntLit<'a> {
        let span = self.token.span;
        self.advance();
        let (digits, radix) = bigint_digits(span.text(self.source));
        self.alloc(BigIntLit { digits: self.arena.alloc_str(&digits), radix, span })
    }

    // 12.9.4 String Literals, https://tc39.es/ecma262/#sec-literals-string-literals
    #[inline(never)]
    pub(super) fn string(&mut self) -> Result<&'a StringLit<'a>> {
        let span = self.token.span;
        let text = Span::new(span.start + 1, span.end - 1).text(self.source);
        let cooked = match cook(self.arena, text, false) {
            Ok(cooked) => cooked,
            Err(error) => {
                return self.error(error.message, Span::new(span.start + 1 + error.at as u32, span.start + 1 + error.end as u32));
            }
        };
        if let Some((at, is_eight)) = cooked.legacy {
            let at = span.start + 1 + at as u32;
            self.check_legacy_escape(Span::new(at, at + 2), is_eight)?;
        }
        self.advance();
        Ok(self.alloc(StringLit { value: cooked.value, span }))
    }

    // 13.2.5 Array Initializer is 13.2.4, https://tc39.es/ecma262/#sec-array-initializer
    #[inline(never)]
    fn array_literal(&mut self) -> Result<Expr<'a>> {
        let saved_in = std::mem::replace(&mut self.context.allow_in, true);
        let start = self.start();
        self.advance();
        let mut elements = Vec::new();
        while !self.at(T::RBracket) {
            if self.eat(T::Comma) {
                elements.push(ArrayElement::Hole);
                continue;
            }
            elements.push(self.array_element()?);
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect(T::RBracket)?;
        self.context.allow_in = saved_in;
        Ok(Expr::Array(self.alloc(ArrayLit { elements: self.list(&elements), span: self.span_from(start) })))
    }

    fn array_element(&mut self) -> Result<ArrayElement<'a>> {
        let start = self.start();
        if self.eat(T::Ellipsis) {
            let value = self.assign_or_pattern(true)?;
            return Ok(ArrayElement::Spread(value, self.span_from(start)));
        }
        Ok(ArrayElement::Expr(self.assign_or_pattern(true)?))
    }

    // 13.2.5 Object Initializer, https://tc39.es/ecma262/#sec-object-initializer
    #[inline(never)]
    fn object_literal(&mut self) -> Result<Expr<'a>> {
        let saved_in = std::mem::replace(&mut self.context.allow_in, true);
        let start = self.start();
        self.advance();
        let mut properties = Vec::new();
        let mut has_proto = false;
        while !self.at(T::RBrace) {
            let property = self.property()?;
            if let Property::Proto { span, .. } = property {
                if has_proto {
                    let message = "Duplicate __proto__ fields are not allowed in object literals";
                    self.cover = self.cover.or(Some(CoverError { span, message }));
                }
                has_proto = true;
            }
            properties.push(property);
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect(T::RBrace)?;
        self.context.allow_in = saved_in;
        Ok(Expr::Object(self.alloc(ObjectLit { properties: self.list(&properties), span: self.span_from(start) })))
    }

    fn property(&mut self) -> Result<Property<'a>> {
        let start = self.start();
        let token = self.token;
        match token.kind {
            T::Ellipsis => {
                self.advance();
                let value = self.assign_or_pattern(true)?;
                return Ok(Property::Spread(value, self.span_from(start)));
            }
            T::Star => {
                self.advance();
                let key = self.property_key()?;
                return self.object_method(start, key, FunctionKind::Method, false, true);
            }
            T::Async | T::Get | T::Set => {
                if let Some(method) = self.modified_property(token)? {
                    return Ok(method);
                }
            }
            _ => {}
        }
        let key = self.property_key()?;
        self.property_rest(token, key)
    }

    /// A property that starts with `async`, `get` or `set` as a modifier; None if that is the name itself.
    fn modified_property(&mut self, token: Token) -> Result<Option<Property<'a>>> {
        let next = self.peek();
        let is_name = matches!(next.kind, T::LParen | T::Comma | T::Colon | T::RBrace | T::Assign);
        if is_name || (token.kind == T::Async && next.newline) {
            return Ok(None);
        }
        self.advance();
        let kind = match token.kind {
            T::Get => FunctionKind::Getter,
            T::Set => FunctionKind::Setter,
            _ => FunctionKind::Method,
        };
        let is_async = token.kind == T::Async;
        let is_generator = is_async && self.eat(T::Star);
        let key = self.property_key()?;
        self.object_method(token.span.start, key, kind, is_async, is_generator).map(Some)
    }

    fn object_method(
        &mut self,
        start: u32,
        key: PropertyKey<'a>,
        kind: FunctionKind,
        is_async: bool,
        is_generator: bool,
    ) -> Result<Property<'a>> {
        let function = self.function_rest(start, None, kind, is_async, is_generator)?;
        Ok(Property::Method { key, function, span: self.span_from(start) })
    }

    fn property_rest(&mut self, token: Token, key: PropertyKey<'a>) -> Result<Property<'a>> {
        let start = token.span.start;
        match self.token.kind {
            T::LParen => self.object_method(start, key, FunctionKind::Method, false, false),
            T::Colon => {
                self.advance();
                let value = self.assign_or_pattern(true)?;
                let span = self.span_from(start);
                let is_proto = match key {
                    PropertyKey::Ident(ident) => ident.name == known::PROTO,
                    PropertyKey::String(literal) => literal.value.as_str() == Some("__proto__"),
                    _ => false,
                };
                Ok(if is_proto { Property::Proto { value, span } } else { Property::Value { key, value, shorthand: false, span } })
            }
            _ => self.shorthand(token, key),
        }
    }

    fn shorthand(&mut self, token: Token, key: PropertyKey<'a>) -> Result<Property<'a>> {
        let PropertyKey::Ident(ident) = key else { return self.unexpected() };
        if !token.kind.is_identifier() {
            return if token.kind == T::EscapedKeyword { self.unexpected_token(token) } else { self.unexpected() };
        }
        self.check_reference(token, ident)?;
        if self.at(T::Assign) {
            let message = "Invalid shorthand property initializer";
            self.cover = self.cover.or(Some(CoverError { span: self.token.span, message }));
            self.advance();
            let value = self.assign_in()?;
            return Ok(Property::CoverInit(self.alloc(CoverInit { ident, value, span: self.span_from(token.span.start) })));
        }
        if !matches!(self.token.kind, T::Comma | T::RBrace) {
            return self.unexpected();
        }
        Ok(Property::Value { key, value: Expr::Ident(ident), shorthand: true, span: token.span })
    }

    /// The checks of an identifier reference for one already consumed.
    pub(super) fn check_reference(&mut self, token: Token, ident: Ident) -> Result<()> {
        if token.kind != T::Ident || token.escaped {
            self.check_contextual(token, ident)?;
        }
        if ident.name == known::ARGUMENTS {
            self.check_eval_or_arguments(ident, Use::Reference)?;
        }
        Ok(())
    }

    /// A property name, not private.
    pub(super) fn property_key(&mut self) -> Result<PropertyKey<'a>> {
        match self.token.kind {
            T::String => Ok(PropertyKey::String(self.string()?)),
            T::Number => Ok(PropertyKey::Number(self.number()?)),
            T::BigInt => Ok(PropertyKey::BigInt(self.bigint())),
            T::LBracket => {
                self.advance();
                let expr = self.assign_in()?;
                self.expect(T::RBracket)?;
                Ok(PropertyKey::Computed(expr))
            }
            _ => Ok(PropertyKey::Ident(self.identifier_name()?)),
        }
    }

    // 13.2.8 Template Literals, https://tc39.es/ecma262/#sec-template-literals
    #[inline(never)]
    pub(super) fn template(&mut self, tagged: bool) -> Result<&'a Template<'a>> {
        let saved_in = std::mem::replace(&mut self.context.allow_in, true);
        let start = self.start();
        let (mut quasis, mut exprs) = (Vec::new(), Vec::new());
        loop {
            // The token is the backtick or the brace that closes a substitution.
            let (element, tail, end) = self.template_element(tagged)?;
            quasis.push(element);
            self.resume_at(end);
            if tail {
                break;
            }
            exprs.push(self.expression()?);
            if !self.at(T::RBrace) {
                return self.unexpected();
            }
        }
        self.context.allow_in = saved_in;
        Ok(self.alloc(Template { quasis: self.list(&quasis), exprs: self.list(&exprs), span: self.span_from(start) }))
    }

    #[inline(never)]
    fn template_element(&mut self, tagged: bool) -> Result<(TemplateElement<'a>, bool, u32)> {
        let from = self.token.span.end;
        let Some(part) = self.lexer.template_part(from) else {
            let end = self.source.len() as u32;
            return self.error("Unterminated template literal", Span::new(end, end));
        };
        let cooked = match cook(self.arena, part.text, true) {
            Ok(cooked) => Some(cooked.value),
            Err(_) if tagged => None,
            Err(error) => return self.error(error.message, Span::new(from + error.at as u32, from + error.end as u32)),
        };
        let raw =
            if part.text.contains('\r') { self.arena.alloc_str(&part.text.replace("\r\n", "\n").replace('\r', "\n")) } else { part.text };
        let span = Span::new(from, from + part.text.len() as u32);
        Ok((TemplateElement { cooked, raw, span }, part.tail, part.end))
    }

    // 13.2.7 Regular Expression Literals, https://tc39.es/ecma262/#sec-primary-expression-regular-expression-literals-static-semantics-early-errors
    #[inline(never)]
    fn regexp(&mut self) -> Result<Expr<'a>> {
        let start = self.start();
        let parts = match self.lexer.regexp(start) {
            Ok(parts) => parts,
            Err(end) => return self.error("Invalid regular expression: missing /", Span::new(start, end)),
        };
        let span = Span::new(start, parts.end);
        let is_repeated = |(index, flag): (usize, char)| parts.flags[..index].contains(flag);
        let is_unknown = |flag: char| !"dgimsuvy".contains(flag);
        if parts.flags.contains(is_unknown)
            || parts.flags.char_indices().any(is_repeated)
            || (parts.flags.contains('u') && parts.flags.contains('v'))
        {
            return self.error("Invalid regular expression flags", span);
        }
        if let Some(check) = self.options.check_regexp
            && let Err(message) = check(parts.pattern, parts.flags)
        {
            return self.error(format!("Invalid regular expression: {message}"), span);
        }
        self.resume_at(parts.end);
        Ok(Expr::RegExp(self.alloc(RegExpLit { pattern: parts.pattern, flags: parts.flags, span })))
    }
}
