//! Left-hand-side expressions: members, calls, `new`, `super`, `import`.

use super::{Parser, Result};
use crate::ast::{
    Argument, Call, Expr, ImportCall, ImportPhase, Index, Member, New, OptionalChain, PrivateMember, SuperCall, SuperIndex, SuperMember,
    TaggedTemplate,
};
use crate::lexer::T;
use crate::names::known;

impl<'a> Parser<'a, '_, '_> {
    // 13.3 Left-Hand-Side Expressions, https://tc39.es/ecma262/#sec-left-hand-side-expressions
    pub(super) fn left_hand_side(&mut self) -> Result<Expr<'a>> {
        let start = self.start();
        let base = match self.token.kind {
            T::New => self.new_expression()?,
            T::Super => self.super_expression()?,
            T::Import => self.import_expression()?,
            _ => self.primary()?,
        };
        if self.continues_chain() && !Self::is_arrow(base) { self.chain(start, base, true) } else { Ok(base) }
    }

    fn continues_chain(&self) -> bool {
        matches!(self.token.kind, T::Dot | T::LParen | T::LBracket | T::QuestionDot | T::Backtick)
    }

    /// The links after `expr`. Without `calls` it is the callee of a `new`, which a call or an optional link ends.
    fn chain(&mut self, start: u32, mut expr: Expr<'a>, calls: bool) -> Result<Expr<'a>> {
        let mut is_optional = false;
        loop {
            let mut optional = false;
            if self.at(T::QuestionDot) {
                if !calls {
                    return self.error("Invalid optional chain from new expression", self.token.span);
                }
                self.advance();
                optional = true;
                is_optional = true;
            }
            expr = match self.token.kind {
                T::LParen if calls => self.call(start, expr, optional)?,
                T::LBracket => self.index(start, expr, optional)?,
                T::Backtick => {
                    if is_optional {
                        return self.error("Invalid tagged template on optional chain", self.token.span);
                    }
                    self.tagged_template(start, expr)?
                }
                T::Dot if !optional => {
                    self.advance();
                    self.member(start, expr, false)?
                }
                _ if optional => self.member(start, expr, true)?,
                _ => break,
            };
            self.deepen()?;
        }
        if is_optional { Ok(Expr::OptionalChain(self.alloc(OptionalChain { expr, span: self.span_from(start) }))) } else { Ok(expr) }
    }

    fn member(&mut self, start: u32, object: Expr<'a>, optional: bool) -> Result<Expr<'a>> {
        if self.at(T::PrivateName) {
            let property = self.private_reference()?;
            return Ok(Expr::PrivateMember(self.alloc(PrivateMember { object, property, optional, span: self.span_from(start) })));
        }
        let property = self.identifier_name()?;
        Ok(Expr::Member(self.alloc(Member { object, property, optional, span: self.span_from(start) })))
    }

    #[inline(never)]
    fn index(&mut self, start: u32, object: Expr<'a>, optional: bool) -> Result<Expr<'a>> {
        self.advance();
        let index = self.expression_in()?;
        self.expect(T::RBracket)?;
        Ok(Expr::Index(self.alloc(Index { object, index, optional, span: self.span_from(start) })))
    }

    #[inline(never)]
    fn call(&mut self, start: u32, callee: Expr<'a>, optional: bool) -> Result<Expr<'a>> {
        let args = self.arguments()?;
        let direct_eval = !optional && matches!(callee.without_parens(), Expr::Ident(ident) if ident.name == known::EVAL);
        self.facts.has_direct_eval |= direct_eval;
        Ok(Expr::Call(self.alloc(Call { callee, args, optional, direct_eval, span: self.span_from(start) })))
    }

    #[inline(never)]
    fn tagged_template(&mut self, start: u32, tag: Expr<'a>) -> Result<Expr<'a>> {
        let quasi = self.template(true)?;
        let site = self.template_sites;
        self.template_sites += 1;
        Ok(Expr::TaggedTemplate(self.alloc(TaggedTemplate { tag, quasi, site, span: self.span_from(start) })))
    }

    // 13.3.8 Argument Lists, https://tc39.es/ecma262/#sec-argument-lists
    fn arguments(&mut self) -> Result<&'a [Argument<'a>]> {
        let saved_in = std::mem::replace(&mut self.context.allow_in, true);
        self.advance();
        let mut args = Vec::new();
        while !self.at(T::RParen) {
            let start = self.start();
            if self.eat(T::Ellipsis) {
                let value = self.assign()?;
                args.push(Argument::Spread(value, self.span_from(start)));
            } else {
                args.push(Argument::Expr(self.assign()?));
            }
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.close_arguments()?;
        self.context.allow_in = saved_in;
        Ok(self.list(&args))
    }

    pub(super) fn close_arguments(&mut self) -> Result<()> {
        match self.token.kind {
            T::RParen => {
                self.advance();
                Ok(())
            }
            T::Eof | T::Error => self.unexpected(),
            _ => self.error("missing ) after argument list", self.token.span),
        }
    }

    // 13.3.5 The new Operator, https://tc39.es/ecma262/#sec-new-operator
    #[inline(never)]
    fn new_expression(&mut self) -> Result<Expr<'a>> {
        let start = self.start();
        self.enter()?;
        self.advance();
        if self.at(T::Dot) {
            self.leave();
            return self.new_target(start);
        }
        let callee_start = self.start();
        let callee = match self.token.kind {
            T::New => self.new_expression()?,
            T::Super => self.super_expression()?,
            T::Import => self.import_expression()?,
            _ => self.primary()?,
        };
        match callee {
            Expr::ImportCall(node) => return self.error("Cannot use new with import", node.span),
            Expr::SuperCall(node) => return self.error("'super' keyword unexpected here", node.span),
            _ => {}
        }
        let callee = self.chain(callee_start, callee, false)?;
        let args = if self.at(T::LParen) { self.arguments()? } else { &[] };
        self.leave();
        Ok(Expr::New(self.alloc(New { callee, args, span: self.span_from(start) })))
    }

    // 13.3.12 Meta Properties, https://tc39.es/ecma262/#sec-meta-properties
    fn new_target(&mut self, start: u32) -> Result<Expr<'a>> {
        self.advance();
        if !self.is_plain_word(self.token, "target") {
            return self.unexpected();
        }
        self.advance();
        let span = self.span_from(start);
        if !self.context.allow_new_target {
            return self.error("new.target expression is not allowed here", span);
        }
        self.facts.uses_new_target = true;
        Ok(Expr::NewTarget(span))
    }

    // 13.3.7 The super Keyword, https://tc39.es/ecma262/#sec-super-keyword
    #[inline(never)]
    fn super_expression(&mut self) -> Result<Expr<'a>> {
        let span = self.token.span;
        let start = span.start;
        self.advance();
        self.facts.uses_this = true;
        match self.token.kind {
            T::LParen if self.context.allow_super_call => {
                self.facts.uses_super_call = true;
                let args = self.arguments()?;
                Ok(Expr::SuperCall(self.alloc(SuperCall { args, span: self.span_from(start) })))
            }
            T::Dot if self.context.allow_super_property => {
                self.facts.uses_super_property = true;
                self.advance();
                if self.at(T::PrivateName) {
                    return self.error("Unexpected private field", self.token.span);
                }
                let property = self.identifier_name()?;
                Ok(Expr::SuperMember(self.alloc(SuperMember { property, span: self.span_from(start) })))
            }
            T::LBracket if self.context.allow_super_property => {
                self.facts.uses_super_property = true;
                self.advance();
                let index = self.expression_in()?;
                self.expect(T::RBracket)?;
                Ok(Expr::SuperIndex(self.alloc(SuperIndex { index, span: self.span_from(start) })))
            }
            _ => self.error("'super' keyword unexpected here", span),
        }
    }

    // 13.3.10 Import Calls, https://tc39.es/ecma262/#sec-import-calls
    #[inline(never)]
    fn import_expression(&mut self) -> Result<Expr<'a>> {
        let start = self.start();
        self.advance();
        let mut phase = ImportPhase::Evaluation;
        if self.eat(T::Dot) {
            let word = self.token;
            if self.is_plain_word(word, "meta") {
                self.advance();
                let span = self.span_from(start);
                if !self.is_module {
                    return self.error("Cannot use 'import.meta' outside a module", span);
                }
                return Ok(Expr::ImportMeta(span));
            }
            phase = if self.is_plain_word(word, "defer") {
                ImportPhase::Defer
            } else if self.is_plain_word(word, "source") {
                ImportPhase::Source
            } else {
                return self.unexpected();
            };
            self.advance();
        }
        if !self.at(T::LParen) {
            return match self.token.kind {
                T::Eof | T::Error => self.unexpected(),
                _ if phase != ImportPhase::Evaluation => self.unexpected(),
                _ => self.error("Cannot use import statement outside a module", self.span_from(start)),
            };
        }
        self.advance();
        let specifier = self.assign_in()?;
        let mut options = None;
        if self.eat(T::Comma) && !self.at(T::RParen) {
            options = Some(self.assign_in()?);
            self.eat(T::Comma);
        }
        self.close_arguments()?;
        Ok(Expr::ImportCall(self.alloc(ImportCall { phase, specifier, options, span: self.span_from(start) })))
    }
}
