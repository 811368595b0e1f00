//! Binding patterns, and expressions that become patterns.

use super::{Parser, Result, Use};
use crate::ast::{
    ArrayElement, ArrayLit, ArrayPattern, Expr, Ident, ObjectLit, ObjectPattern, Pattern, PatternElement, PatternProperty, Property,
    PropertyKey, Span,
};
use crate::lexer::{T, Token};
use crate::names::known;

const INVALID_TARGET: &str = "Invalid destructuring assignment target";

impl<'a> Parser<'a, '_, '_> {
    // 14.3.3 Destructuring Binding Patterns, https://tc39.es/ecma262/#sec-destructuring-binding-patterns
    /// A BindingIdentifier or BindingPattern.
    pub(super) fn binding_target(&mut self) -> Result<Pattern<'a>> {
        match self.token.kind {
            T::LBracket | T::LBrace => {
                self.enter()?;
                let saved_in = std::mem::replace(&mut self.context.allow_in, true);
                let pattern = if self.at(T::LBracket) { self.array_binding()? } else { self.object_binding()? };
                self.context.allow_in = saved_in;
                self.leave();
                Ok(pattern)
            }
            _ => Ok(Pattern::Ident(self.identifier(Use::Binding)?)),
        }
    }

    /// A binding with an optional default.
    pub(super) fn binding_element(&mut self) -> Result<PatternElement<'a>> {
        let start = self.start();
        let target = self.binding_target()?;
        let default = if self.eat(T::Assign) { Some(self.assign_in()?) } else { None };
        Ok(PatternElement { target, default, span: self.span_from(start) })
    }

    fn array_binding(&mut self) -> Result<Pattern<'a>> {
        let start = self.start();
        self.advance();
        let (mut elements, mut rest) = (Vec::new(), None);
        while !self.at(T::RBracket) {
            if self.eat(T::Comma) {
                elements.push(None);
                continue;
            }
            if self.eat(T::Ellipsis) {
                rest = Some(self.binding_target()?);
                if self.at(T::Comma) {
                    return self.error("Rest element must be last element", self.token.span);
                }
                break;
            }
            elements.push(Some(self.binding_element()?));
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect(T::RBracket)?;
        Ok(Pattern::Array(self.alloc(ArrayPattern { elements: self.list(&elements), rest, span: self.span_from(start) })))
    }

    fn object_binding(&mut self) -> Result<Pattern<'a>> {
        let start = self.start();
        self.advance();
        let (mut properties, mut rest) = (Vec::new(), None);
        while !self.at(T::RBrace) {
            if self.eat(T::Ellipsis) {
                rest = Some(Pattern::Ident(self.identifier(Use::Binding)?));
                if self.at(T::Comma) {
                    return self.error("Rest element must be last element", self.token.span);
                }
                break;
            }
            properties.push(self.binding_property()?);
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect(T::RBrace)?;
        Ok(Pattern::Object(self.alloc(ObjectPattern { properties: self.list(&properties), rest, span: self.span_from(start) })))
    }

    fn binding_property(&mut self) -> Result<PatternProperty<'a>> {
        let start = self.start();
        if self.token.kind.is_identifier() && self.peek().kind != T::Colon {
            let ident = self.identifier(Use::Binding)?;
            let default = if self.eat(T::Assign) { Some(self.assign_in()?) } else { None };
            let span = self.span_from(start);
            let value = PatternElement { target: Pattern::Ident(ident), default, span };
            return Ok(PatternProperty { key: PropertyKey::Ident(ident), value, shorthand: true, span });
        }
        let word = self.token;
        let key = self.property_key()?;
        if !self.at(T::Colon) && word.kind.is_word() {
            return self.unexpected_token(word);
        }
        self.expect(T::Colon)?;
        let value = self.binding_element()?;
        Ok(PatternProperty { key, value, shorthand: false, span: self.span_from(start) })
    }

    // 8.6.4 Static Semantics: AssignmentTargetType, https://tc39.es/ecma262/#sec-static-semantics-assignmenttargettype
    /// A target that is not a pattern. `web_compat` admits calls in sloppy code.
    pub(super) fn simple_target(&mut self, expr: Expr<'a>, web_compat: bool, message: &'static str) -> Result<Pattern<'a>> {
        match expr {
            Expr::Ident(ident) => {
                self.check_assignable(ident)?;
                Ok(Pattern::Ident(ident))
            }
            Expr::Member(_) | Expr::Index(_) | Expr::PrivateMember(_) | Expr::SuperMember(_) | Expr::SuperIndex(_) => {
                Ok(Pattern::Expr(expr))
            }
            Expr::Paren(_) => match expr.without_parens() {
                Expr::Ident(ident) => {
                    self.check_assignable(ident)?;
                    Ok(Pattern::Expr(expr))
                }
                inner @ (Expr::Object(_) | Expr::Array(_)) => self.error(message, inner.span()),
                inner => self.simple_target(inner, web_compat, message),
            },
            Expr::Call(_) if web_compat && !self.context.strict => Ok(Pattern::Expr(expr)),
            _ => self.error(message, expr.span()),
        }
    }

    fn check_assignable(&self, ident: Ident) -> Result<()> {
        if self.context.strict && (ident.name == known::EVAL || ident.name == known::ARGUMENTS) {
            return self.error("Unexpected eval or arguments in strict mode", ident.span);
        }
        Ok(())
    }

    // 13.15.5 Destructuring Assignment, https://tc39.es/ecma262/#sec-destructuring-assignment
    /// What was parsed as an expression, as an assignment pattern or (`binding`) as arrow parameters.
    pub(super) fn pattern_from(&mut self, expr: Expr<'a>, binding: bool) -> Result<Pattern<'a>> {
        match expr {
            Expr::Object(node) => self.object_pattern_from(node, binding),
            Expr::Array(node) => self.array_pattern_from(node, binding),
            Expr::Ident(_) => self.simple_target(expr, false, INVALID_TARGET),
            _ if binding => self.error(INVALID_TARGET, expr.span()),
            _ => self.simple_target(expr, false, INVALID_TARGET),
        }
    }

    /// The same with a default.
    pub(super) fn element_from(&mut self, expr: Expr<'a>, binding: bool) -> Result<PatternElement<'a>> {
        if let Expr::Assign(node) = expr
            && node.op == crate::ast::AssignOp::Assign
        {
            if binding {
                self.check_binding(node.target)?;
            } else if let Pattern::Expr(Expr::Call(call)) = node.target {
                return self.error(INVALID_TARGET, call.span);
            }
            return Ok(PatternElement { target: node.target, default: Some(node.value), span: node.span });
        }
        Ok(PatternElement { target: self.pattern_from(expr, binding)?, default: None, span: expr.span() })
    }

    /// An assignment pattern that must be a binding pattern after all.
    fn check_binding(&self, pattern: Pattern<'a>) -> Result<()> {
        match pattern {
            Pattern::Ident(_) => Ok(()),
            Pattern::Expr(expr) => self.error(INVALID_TARGET, expr.span()),
            Pattern::Object(node) => {
                node.properties.iter().try_for_each(|property| self.check_binding(property.value.target))?;
                node.rest.map_or(Ok(()), |rest| self.check_binding(rest))
            }
            Pattern::Array(node) => {
                node.elements.iter().flatten().try_for_each(|element| self.check_binding(element.target))?;
                node.rest.map_or(Ok(()), |rest| self.check_binding(rest))
            }
        }
    }

    fn array_pattern_from(&mut self, node: &'a ArrayLit<'a>, binding: bool) -> Result<Pattern<'a>> {
        let mut elements = Vec::with_capacity(node.elements.len());
        let mut rest = None;
        for (index, element) in node.elements.iter().enumerate() {
            match *element {
                ArrayElement::Hole => elements.push(None),
                ArrayElement::Expr(expr) => elements.push(Some(self.element_from(expr, binding)?)),
                ArrayElement::Spread(expr, span) => {
                    if index + 1 < node.elements.len() || self.comma_follows(span) {
                        return self.error("Rest element must be last element", span);
                    }
                    rest = Some(self.pattern_from(expr, binding)?);
                }
            }
        }
        Ok(Pattern::Array(self.alloc(ArrayPattern { elements: self.list(&elements), rest, span: node.span })))
    }

    /// Literals may have a comma after a spread, patterns may not have one after the rest element.
    fn comma_follows(&self, span: Span) -> bool {
        let mut lexer = self.lexer.clone();
        lexer.seek(span.end);
        matches!(lexer.next_token(), Token { kind: T::Comma, .. })
    }

    fn object_pattern_from(&mut self, node: &'a ObjectLit<'a>, binding: bool) -> Result<Pattern<'a>> {
        let mut properties = Vec::with_capacity(node.properties.len());
        let mut rest = None;
        for (index, property) in node.properties.iter().enumerate() {
            let converted = match *property {
                Property::Value { key, value, shorthand, span } => {
                    PatternProperty { key, value: self.element_from(value, binding)?, shorthand, span }
                }
                Property::Proto { value, span } => {
                    let key = PropertyKey::Ident(Ident { name: known::PROTO, span });
                    PatternProperty { key, value: self.element_from(value, binding)?, shorthand: false, span }
                }
                Property::CoverInit(cover) => {
                    let target = self.simple_target(Expr::Ident(cover.ident), false, INVALID_TARGET)?;
                    let value = PatternElement { target, default: Some(cover.value), span: cover.span };
                    PatternProperty { key: PropertyKey::Ident(cover.ident), value, shorthand: true, span: cover.span }
                }
                Property::Method { span, .. } => return self.error(INVALID_TARGET, span),
                Property::Spread(expr, span) => {
                    if index + 1 < node.properties.len() || self.comma_follows(span) {
                        return self.error("Rest element must be last element", span);
                    }
                    rest = Some(self.object_rest_from(expr, binding)?);
                    continue;
                }
            };
            properties.push(converted);
        }
        Ok(Pattern::Object(self.alloc(ObjectPattern { properties: self.list(&properties), rest, span: node.span })))
    }

    /// The rest of an object is never itself a pattern.
    fn object_rest_from(&mut self, expr: Expr<'a>, binding: bool) -> Result<Pattern<'a>> {
        let message = if binding {
            "`...` must be followed by an identifier in declaration contexts"
        } else {
            "`...` must be followed by an assignable reference in assignment contexts"
        };
        match expr {
            Expr::Ident(_) => self.simple_target(expr, false, message),
            _ if binding => self.error(message, expr.span()),
            _ => self.simple_target(expr, false, message),
        }
    }
}
