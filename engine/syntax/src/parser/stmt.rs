//! Statements and declarations.

use super::{Label, Parser, Result, Use};
use crate::ast::{
    Block, Case, Catch, Declarator, Expr, ExprStmt, Ident, If, IfBranch, Labeled, MAX_DEPTH, Pattern, Return, ScopeId, Span, Stmt, Switch,
    Throw, Try, VarDecl, VarKind, While, With,
};
use crate::lexer::T;
use crate::names::known;

const LEXICAL_IN_STATEMENT: &str = "Lexical declaration cannot appear in a single-statement context";

impl<'a> Parser<'a, '_, '_> {
    // 14.2 Block (StatementListItem), https://tc39.es/ecma262/#prod-StatementListItem
    pub(super) fn statement_list_item(&mut self) -> Result<Stmt<'a>> {
        match self.token.kind {
            T::Function => {
                self.enter()?;
                let function = self.function_declaration(true)?;
                self.leave();
                Ok(Stmt::Function(function))
            }
            T::Async if self.is_async_function() => {
                self.enter()?;
                let function = self.function_declaration(true)?;
                self.leave();
                Ok(Stmt::Function(function))
            }
            T::Class => {
                self.enter()?;
                let class = self.class(true)?;
                self.leave();
                Ok(Stmt::Class(class))
            }
            T::Const | T::Let | T::Using | T::Await => match self.lexical_kind() {
                Some(kind) => self.lexical_declaration(kind),
                None => self.statement(),
            },
            T::Export => self.error("Unexpected token 'export'", self.token.span),
            _ => self.statement(),
        }
    }

    fn is_async_function(&self) -> bool {
        let next = self.peek();
        next.kind == T::Function && !next.newline
    }

    /// Which lexical declaration starts here, if one does.
    pub(super) fn lexical_kind(&self) -> Option<VarKind> {
        match self.token.kind {
            T::Const => Some(VarKind::Const),
            T::Let => {
                let next = self.peek();
                (next.kind.is_identifier() || matches!(next.kind, T::LBracket | T::LBrace | T::EscapedKeyword)).then_some(VarKind::Let)
            }
            T::Using => {
                let next = self.peek();
                (next.kind.is_identifier() && !next.newline).then_some(VarKind::Using)
            }
            T::Await if self.context.is_await => {
                let mut lexer = self.lexer.clone();
                let using = lexer.next_token();
                let name = lexer.next_token();
                let is_declaration = using.kind == T::Using && !using.newline && name.kind.is_identifier() && !name.newline;
                is_declaration.then_some(VarKind::AwaitUsing)
            }
            _ => None,
        }
    }

    #[inline(never)]
    fn lexical_declaration(&mut self, kind: VarKind) -> Result<Stmt<'a>> {
        self.enter()?;
        let declaration = self.var_declaration(kind, false)?;
        self.leave();
        Ok(Stmt::Var(declaration))
    }

    // 14.3 Declarations and the Variable Statement, https://tc39.es/ecma262/#sec-declarations-and-the-variable-statement
    /// A declaration from its keyword on; in the head of a `for` without a semicolon, and initialisers may be missing.
    pub(super) fn var_declaration(&mut self, kind: VarKind, in_for: bool) -> Result<&'a VarDecl<'a>> {
        let start = self.start();
        self.advance();
        if kind == VarKind::AwaitUsing {
            self.note_await_using(Span::new(start, self.previous_end));
            self.advance();
        }
        if matches!(kind, VarKind::Using | VarKind::AwaitUsing) && !self.context.allow_using {
            return self.error("Using declaration is not allowed here", Span::new(start, self.previous_end));
        }
        let mut declarators = Vec::new();
        loop {
            declarators.push(self.declarator(kind, in_for)?);
            if !self.eat(T::Comma) {
                break;
            }
        }
        if !in_for {
            self.semicolon()?;
        }
        Ok(self.alloc(VarDecl { kind, declarators: self.list(&declarators), span: self.span_from(start) }))
    }

    fn note_await_using(&mut self, span: Span) {
        self.facts.has_suspension = true;
        self.suspension_at = self.suspension_at.or(Some(span));
        self.has_top_level_await |= self.context.at_module_top;
    }

    fn declarator(&mut self, kind: VarKind, in_for: bool) -> Result<Declarator<'a>> {
        let start = self.start();
        let target = if matches!(kind, VarKind::Using | VarKind::AwaitUsing) {
            Pattern::Ident(self.identifier(Use::Binding)?)
        } else {
            self.binding_target()?
        };
        if kind != VarKind::Var {
            self.check_lexical_names(target)?;
        }
        let init = if self.eat(T::Assign) { Some(self.assign()?) } else { None };
        let span = self.span_from(start);
        let is_for_in_or_of = in_for && (matches!(self.token.kind, T::In | T::Of));
        if init.is_none() && !is_for_in_or_of {
            match (kind, target) {
                (_, Pattern::Object(_) | Pattern::Array(_)) => return self.error("Missing initializer in destructuring declaration", span),
                (VarKind::Const, _) => return self.error("Missing initializer in const declaration", span),
                (VarKind::Using | VarKind::AwaitUsing, _) => return self.error("Missing initializer in using declaration", span),
                _ => {}
            }
        }
        Ok(Declarator { target, init, span })
    }

    // 14.3.1.1 Static Semantics: Early Errors, https://tc39.es/ecma262/#sec-let-and-const-declarations-static-semantics-early-errors
    fn check_lexical_names(&self, target: Pattern<'a>) -> Result<()> {
        let mut found: Option<Ident> = None;
        target.for_each_name(&mut |ident| {
            if ident.name == known::LET {
                found = Some(ident);
            }
        });
        match found {
            Some(ident) => self.error("let is disallowed as a lexically bound name", ident.span),
            None => Ok(()),
        }
    }

    /// Statements up to, not including, `end`.
    pub(super) fn statement_list(&mut self, end: T) -> Result<&'a [Stmt<'a>]> {
        let mark = self.statements.len();
        while !self.at(end) {
            let statement = self.statement_list_item()?;
            self.statements.push(statement);
        }
        Ok(self.take_statements(mark))
    }

    // 14 ECMAScript Language: Statements and Declarations, https://tc39.es/ecma262/#sec-ecmascript-language-statements-and-declarations
    /// A statement that is not a declaration.
    pub(super) fn statement(&mut self) -> Result<Stmt<'a>> {
        self.enter()?;
        let statement = match self.token.kind {
            T::LBrace => Stmt::Block(self.block()?),
            T::Semicolon => {
                let span = self.token.span;
                self.advance();
                Stmt::Empty(span)
            }
            T::Var => Stmt::Var(self.var_declaration(VarKind::Var, false)?),
            T::If => self.if_statement()?,
            T::For => self.for_statement()?,
            T::While => self.while_statement()?,
            T::Do => self.do_while_statement()?,
            T::Continue | T::Break => self.jump_statement()?,
            T::Return => self.return_statement()?,
            T::With => self.with_statement()?,
            T::Switch => self.switch_statement()?,
            T::Throw => self.throw_statement()?,
            T::Try => self.try_statement()?,
            T::Debugger => {
                let start = self.start();
                self.advance();
                self.semicolon()?;
                Stmt::Debugger(self.span_from(start))
            }
            _ => self.expression_or_labelled()?,
        };
        self.leave();
        Ok(statement)
    }

    /// What may not be a statement on its own although it could be an expression.
    fn check_expression_start(&self) -> Result<()> {
        let span = self.token.span;
        match self.token.kind {
            T::Function if self.context.strict => {
                self.error("In strict mode code, functions can only be declared at top level or inside a block.", span)
            }
            T::Function => self.error(
                "In non-strict mode code, functions can only be declared at top level, inside a block, or as the body of an if statement.",
                span,
            ),
            T::Async if self.is_async_function() => {
                self.error("Async functions can only be declared at the top level or inside a block.", span)
            }
            T::Const => self.error(LEXICAL_IN_STATEMENT, span),
            T::Let => {
                let next = self.peek();
                let is_declaration = next.kind == T::LBracket || (!next.newline && (next.kind.is_identifier() || next.kind == T::LBrace));
                if is_declaration { self.error(LEXICAL_IN_STATEMENT, span) } else { Ok(()) }
            }
            T::Using | T::Await if self.lexical_kind().is_some() => self.error(LEXICAL_IN_STATEMENT, span),
            T::Class => self.unexpected(),
            T::Import if !self.is_module || !matches!(self.peek().kind, T::LParen | T::Dot) => match self.peek().kind {
                T::LParen | T::Dot => Ok(()),
                _ if self.is_module => self.error("Unexpected token 'import'", span),
                _ => self.error("Cannot use import statement outside a module", span),
            },
            _ => Ok(()),
        }
    }

    // 14.5 Expression Statement, https://tc39.es/ecma262/#sec-expression-statement
    fn expression_or_labelled(&mut self) -> Result<Stmt<'a>> {
        let start = self.start();
        if self.token.kind.is_word() {
            self.check_expression_start()?;
        }
        let expr = self.expression()?;
        if self.at(T::Colon)
            && let Expr::Ident(label) = expr
        {
            return self.labelled_statement(label);
        }
        self.semicolon()?;
        Ok(Stmt::Expr(self.alloc(ExprStmt { expr, directive: false, span: self.span_from(start) })))
    }

    // 14.13 Labelled Statements, https://tc39.es/ecma262/#sec-labelled-statements
    #[inline(never)]
    fn labelled_statement(&mut self, first: Ident) -> Result<Stmt<'a>> {
        let mark = self.labels.len();
        let mut labels = Vec::new();
        let mut label = first;
        loop {
            if self.label_names().iter().any(|other| other.name == label.name) {
                return self.error(format!("Label '{}' has already been declared", self.names.text(label.name)), label.span);
            }
            // Nobody writes that many, and each is compared with all before it.
            if self.label_names().len() >= MAX_DEPTH as usize {
                return self.too_complex();
            }
            self.labels.push(Label { name: label.name, is_loop: false });
            labels.push(label);
            self.expect(T::Colon)?;
            if !self.token.kind.is_identifier() || self.peek().kind != T::Colon {
                break;
            }
            label = self.identifier(Use::Label)?;
        }
        let is_loop = matches!(self.token.kind, T::For | T::While | T::Do);
        self.labels[mark..].iter_mut().for_each(|label| label.is_loop = is_loop);
        let body = if self.at(T::Function) && !self.context.strict {
            if self.peek().kind == T::Star {
                return self.error("Generators can only be declared at the top level or inside a block.", self.token.span);
            }
            Stmt::Function(self.function_declaration(true)?)
        } else {
            self.statement()?
        };
        self.labels.truncate(mark);
        Ok(Stmt::Labeled(self.alloc(Labeled { labels: self.list(&labels), body, span: self.span_from(first.span.start) })))
    }

    // 14.2 Block, https://tc39.es/ecma262/#sec-block
    #[inline(never)]
    pub(super) fn block(&mut self) -> Result<&'a Block<'a>> {
        let start = self.start();
        self.expect(T::LBrace)?;
        let scope = self.new_scope();
        let outer_using = std::mem::replace(&mut self.context.allow_using, true);
        let body = self.statement_list(T::RBrace)?;
        self.context.allow_using = outer_using;
        self.advance();
        Ok(self.alloc(Block { body, scope, span: self.span_from(start) }))
    }

    fn condition(&mut self) -> Result<Expr<'a>> {
        self.expect(T::LParen)?;
        let expr = self.expression()?;
        self.expect(T::RParen)?;
        Ok(expr)
    }

    /// The body of an `if`, loop or `with`: not a labelled function.
    fn substatement(&mut self) -> Result<Stmt<'a>> {
        let statement = self.statement()?;
        match statement {
            Stmt::Labeled(node) if matches!(node.body, Stmt::Function(_)) => self.error(
                "In non-strict mode code, functions can only be declared at top level, inside a block, or as the body of an if statement.",
                node.body.span(),
            ),
            _ => Ok(statement),
        }
    }

    // 14.6 The if Statement, https://tc39.es/ecma262/#sec-if-statement
    #[inline(never)]
    fn if_statement(&mut self) -> Result<Stmt<'a>> {
        let start = self.start();
        let mut branches = Vec::new();
        let mut otherwise = None;
        let mut otherwise_scope = None;
        loop {
            let branch_start = self.start();
            self.advance();
            let test = self.condition()?;
            let (body, scope) = self.if_body()?;
            branches.push(IfBranch { test, body, scope, span: self.span_from(branch_start) });
            if !self.eat(T::Else) {
                break;
            }
            if !self.at(T::If) {
                let (body, scope) = self.if_body()?;
                otherwise = Some(body);
                otherwise_scope = Some(scope);
                break;
            }
        }
        let otherwise_scope = otherwise_scope.unwrap_or(ScopeId(0));
        let branches = self.list(&branches);
        Ok(Stmt::If(self.alloc(If { branches, otherwise, otherwise_scope, span: self.span_from(start) })))
    }

    // B.3.3 FunctionDeclarations in IfStatement Statement Clauses, https://tc39.es/ecma262/#sec-functiondeclarations-in-ifstatement-statement-clauses
    fn if_body(&mut self) -> Result<(Stmt<'a>, ScopeId)> {
        let scope = self.new_scope();
        if self.at(T::Function) && !self.context.strict {
            if self.peek().kind == T::Star {
                return self.error("Generators can only be declared at the top level or inside a block.", self.token.span);
            }
            self.enter()?;
            let function = self.function_declaration(true)?;
            self.leave();
            return Ok((Stmt::Function(function), scope));
        }
        Ok((self.substatement()?, scope))
    }

    /// The body of an iteration statement.
    pub(super) fn loop_body(&mut self) -> Result<Stmt<'a>> {
        self.context.loops += 1;
        let body = self.substatement()?;
        self.context.loops -= 1;
        Ok(body)
    }

    // 14.7.3 The while Statement, https://tc39.es/ecma262/#sec-while-statement
    #[inline(never)]
    fn while_statement(&mut self) -> Result<Stmt<'a>> {
        let start = self.start();
        self.advance();
        let test = self.condition()?;
        let body = self.loop_body()?;
        Ok(Stmt::While(self.alloc(While { test, body, span: self.span_from(start) })))
    }

    // 14.7.2 The do-while Statement, https://tc39.es/ecma262/#sec-do-while-statement
    #[inline(never)]
    fn do_while_statement(&mut self) -> Result<Stmt<'a>> {
        let start = self.start();
        self.advance();
        let body = self.loop_body()?;
        self.expect(T::While)?;
        let test = self.condition()?;
        // A semicolon is inserted here even without a line terminator.
        self.eat(T::Semicolon);
        Ok(Stmt::DoWhile(self.alloc(While { test, body, span: self.span_from(start) })))
    }

    // 14.8 The continue Statement, 14.9 The break Statement, https://tc39.es/ecma262/#sec-break-statement
    #[inline(never)]
    fn jump_statement(&mut self) -> Result<Stmt<'a>> {
        let start = self.start();
        let is_break = self.at(T::Break);
        self.advance();
        let mut label = None;
        if self.token.kind.is_identifier() && !self.token.newline {
            let ident = self.identifier(Use::Label)?;
            let text = self.names.text(ident.name);
            match self.label_names().iter().find(|label| label.name == ident.name) {
                None => return self.error(format!("Undefined label '{text}'"), ident.span),
                Some(found) if !is_break && !found.is_loop => {
                    let message = format!("Illegal continue statement: '{text}' does not denote an iteration statement");
                    return self.error(message, ident.span);
                }
                Some(_) => {}
            }
            label = Some(self.alloc(ident) as &Ident);
        } else if is_break && self.context.loops == 0 && self.context.switches == 0 {
            return self.error("Illegal break statement", self.span_from(start));
        } else if !is_break && self.context.loops == 0 {
            return self.error("Illegal continue statement: no surrounding iteration statement", self.span_from(start));
        }
        self.semicolon()?;
        let span = self.span_from(start);
        Ok(if is_break { Stmt::Break(label, span) } else { Stmt::Continue(label, span) })
    }

    fn ends_statement(&self) -> bool {
        self.token.newline || matches!(self.token.kind, T::Semicolon | T::RBrace | T::Eof)
    }

    // 14.10 The return Statement, https://tc39.es/ecma262/#sec-return-statement
    #[inline(never)]
    fn return_statement(&mut self) -> Result<Stmt<'a>> {
        let start = self.start();
        if !self.context.allow_return {
            return self.error("Illegal return statement", self.token.span);
        }
        self.advance();
        let value = if self.ends_statement() { None } else { Some(self.expression()?) };
        self.semicolon()?;
        Ok(Stmt::Return(self.alloc(Return { value, span: self.span_from(start) })))
    }

    // 14.14 The throw Statement, https://tc39.es/ecma262/#sec-throw-statement
    #[inline(never)]
    fn throw_statement(&mut self) -> Result<Stmt<'a>> {
        let start = self.start();
        self.advance();
        if self.token.newline {
            return self.error("Illegal newline after throw", self.span_from(start));
        }
        let value = self.expression()?;
        self.semicolon()?;
        Ok(Stmt::Throw(self.alloc(Throw { value, span: self.span_from(start) })))
    }

    // 14.11 The with Statement, https://tc39.es/ecma262/#sec-with-statement
    #[inline(never)]
    fn with_statement(&mut self) -> Result<Stmt<'a>> {
        let start = self.start();
        if self.context.strict {
            return self.error("Strict mode code may not include a with statement", self.token.span);
        }
        self.advance();
        let object = self.condition()?;
        let scope = self.new_scope();
        let body = self.substatement()?;
        Ok(Stmt::With(self.alloc(With { object, body, scope, span: self.span_from(start) })))
    }

    // 14.12 The switch Statement, https://tc39.es/ecma262/#sec-switch-statement
    #[inline(never)]
    fn switch_statement(&mut self) -> Result<Stmt<'a>> {
        let start = self.start();
        self.advance();
        let discriminant = self.condition()?;
        let scope = self.new_scope();
        self.expect(T::LBrace)?;
        self.context.switches += 1;
        let outer_using = std::mem::replace(&mut self.context.allow_using, false);
        let mut cases = Vec::new();
        let mut has_default = false;
        while !self.at(T::RBrace) {
            let case = self.case(&mut has_default)?;
            cases.push(case);
        }
        self.context.allow_using = outer_using;
        self.context.switches -= 1;
        self.advance();
        Ok(Stmt::Switch(self.alloc(Switch { discriminant, cases: self.list(&cases), scope, span: self.span_from(start) })))
    }

    fn case(&mut self, has_default: &mut bool) -> Result<Case<'a>> {
        let start = self.start();
        let test = if self.at(T::Default) {
            if *has_default {
                return self.error("More than one default clause in switch statement", self.token.span);
            }
            *has_default = true;
            self.advance();
            None
        } else {
            self.expect(T::Case)?;
            Some(self.expression()?)
        };
        self.expect(T::Colon)?;
        let mark = self.statements.len();
        while !matches!(self.token.kind, T::Case | T::Default | T::RBrace) {
            let statement = self.statement_list_item()?;
            self.statements.push(statement);
        }
        Ok(Case { test, body: self.take_statements(mark), span: self.span_from(start) })
    }

    // 14.15 The try Statement, https://tc39.es/ecma262/#sec-try-statement
    #[inline(never)]
    fn try_statement(&mut self) -> Result<Stmt<'a>> {
        let start = self.start();
        self.advance();
        let block = self.block()?;
        let handler = if self.at(T::Catch) { Some(self.catch()?) } else { None };
        let finalizer = if self.eat(T::Finally) { Some(self.block()?) } else { None };
        if handler.is_none() && finalizer.is_none() {
            return match self.token.kind {
                T::Eof | T::Error => self.unexpected(),
                _ => self.error("Missing catch or finally after try", self.token.span),
            };
        }
        Ok(Stmt::Try(self.alloc(Try { block, handler, finalizer, span: self.span_from(start) })))
    }

    fn catch(&mut self) -> Result<&'a Catch<'a>> {
        let start = self.start();
        self.advance();
        let scope = self.new_scope();
        let mut param = None;
        if self.eat(T::LParen) {
            param = Some(self.binding_target()?);
            self.expect(T::RParen)?;
        }
        let body = self.block()?;
        Ok(self.alloc(Catch { param, body, scope, span: self.span_from(start) }))
    }
}
