//! Imports and exports.

use super::function::first_duplicate;
use super::{Parser, Result, Use};
use crate::ast::{
    DefaultExport, ExportAll, ExportDecl, ExportDefault, ExportName, ExportNamed, ExportSpecifier, Ident, ImportAttribute, ImportDecl,
    ImportKind, ImportPhase, ImportSpecifier, JsStr, ModuleRequest, Stmt, VarKind,
};
use crate::lexer::{T, Token};
use crate::names::{Name, known};

impl<'a> Parser<'a, '_, '_> {
    // 16.2 Modules, https://tc39.es/ecma262/#sec-modules
    pub(super) fn module_body(&mut self) -> Result<&'a [Stmt<'a>]> {
        let mark = self.statements.len();
        while !self.at(T::Eof) {
            let statement = match self.token.kind {
                T::Import if !matches!(self.peek().kind, T::LParen | T::Dot) => self.import_declaration()?,
                T::Export => self.export_declaration()?,
                _ => self.statement_list_item()?,
            };
            self.statements.push(statement);
        }
        Ok(self.take_statements(mark))
    }

    // 16.2.2 Imports, https://tc39.es/ecma262/#sec-imports
    #[inline(never)]
    fn import_declaration(&mut self) -> Result<Stmt<'a>> {
        let start = self.start();
        self.advance();
        let mut specifiers = Vec::new();
        let mut phase = ImportPhase::Evaluation;
        if !self.at(T::String) {
            phase = self.import_phase();
            self.import_clause(phase, &mut specifiers)?;
            if !self.eat(T::From) {
                return self.unexpected();
            }
        }
        let request = self.module_request(phase)?;
        self.semicolon()?;
        Ok(Stmt::Import(self.alloc(ImportDecl { specifiers: self.list(&specifiers), request, span: self.span_from(start) })))
    }

    /// Consumes `defer` or `source` where it is not itself the name of the default import.
    fn import_phase(&mut self) -> ImportPhase {
        let mut lexer = self.lexer.clone();
        let next = lexer.next_token();
        let phase = if self.is_plain_word(self.token, "defer") && next.kind == T::Star {
            ImportPhase::Defer
        } else if self.is_plain_word(self.token, "source")
            && next.kind.is_identifier()
            && (next.kind != T::From || lexer.next_token().kind == T::From)
        {
            ImportPhase::Source
        } else {
            return ImportPhase::Evaluation;
        };
        self.advance();
        phase
    }

    fn import_clause(&mut self, phase: ImportPhase, specifiers: &mut Vec<ImportSpecifier>) -> Result<()> {
        if self.token.kind.is_identifier() {
            let local = self.identifier(Use::Binding)?;
            specifiers.push(ImportSpecifier { kind: ImportKind::Default, local, span: local.span });
            if phase == ImportPhase::Source || !self.eat(T::Comma) {
                return Ok(());
            }
        }
        match self.token.kind {
            T::Star => {
                let start = self.start();
                self.advance();
                if !self.eat(T::As) {
                    return self.unexpected();
                }
                let local = self.identifier(Use::Binding)?;
                specifiers.push(ImportSpecifier { kind: ImportKind::Namespace, local, span: self.span_from(start) });
                Ok(())
            }
            T::LBrace if phase == ImportPhase::Evaluation => self.named_imports(specifiers),
            _ => self.unexpected(),
        }
    }

    fn named_imports(&mut self, specifiers: &mut Vec<ImportSpecifier>) -> Result<()> {
        self.advance();
        while !self.at(T::RBrace) {
            let token = self.token;
            let imported = self.export_name()?;
            let local = if self.eat(T::As) {
                self.identifier(Use::Binding)?
            } else {
                // Without `as` the imported name is the binding.
                if !token.kind.is_identifier() {
                    return self.unexpected_token(if imported.is_string { self.token } else { token });
                }
                let ident = Ident { name: imported.name, span: imported.span };
                self.check_contextual(token, ident)?;
                if matches!(ident.name, known::EVAL | known::ARGUMENTS) {
                    return self.error("Unexpected eval or arguments in strict mode", ident.span);
                }
                ident
            };
            let span = self.span_from(token.span.start);
            specifiers.push(ImportSpecifier { kind: ImportKind::Named(imported), local, span });
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect(T::RBrace)
    }

    /// A ModuleExportName.
    fn export_name(&mut self) -> Result<ExportName> {
        if !self.at(T::String) {
            let ident = self.identifier_name()?;
            return Ok(ExportName { name: ident.name, is_string: false, span: ident.span });
        }
        let literal = self.string()?;
        match literal.value {
            JsStr::Utf8(text) => Ok(ExportName { name: self.names.intern(text), is_string: true, span: literal.span }),
            JsStr::Utf16(_) => self.error("Invalid module export name: contains unpaired surrogate character", literal.span),
        }
    }

    fn module_request(&mut self, phase: ImportPhase) -> Result<ModuleRequest<'a>> {
        if !self.at(T::String) {
            return self.unexpected();
        }
        let literal = self.string()?;
        let attributes = if self.eat(T::With) { self.attributes()? } else { &[] };
        Ok(ModuleRequest { specifier: literal.value, attributes, phase, span: literal.span })
    }

    // 16.2.2 WithClause, https://tc39.es/ecma262/#prod-WithClause
    fn attributes(&mut self) -> Result<&'a [ImportAttribute<'a>]> {
        self.expect(T::LBrace)?;
        let mut attributes = Vec::new();
        let mut keys = hashbrown::HashSet::new();
        while !self.at(T::RBrace) {
            let start = self.start();
            let key = if self.at(T::String) {
                self.string()?.value
            } else {
                let ident = self.identifier_name()?;
                JsStr::Utf8(self.arena.alloc_str(self.names.text(ident.name)))
            };
            let key_span = self.span_from(start);
            if !keys.insert(key) {
                let text = String::from_utf16_lossy(&key.to_utf16());
                return self.error(format!("Import attributes has a duplicate key '{text}'"), key_span);
            }
            self.expect(T::Colon)?;
            if !self.at(T::String) {
                return self.unexpected();
            }
            let value = self.string()?.value;
            attributes.push(ImportAttribute { key, value, span: self.span_from(start) });
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect(T::RBrace)?;
        Ok(self.list(&attributes))
    }

    // 16.2.3 Exports, https://tc39.es/ecma262/#sec-exports
    #[inline(never)]
    fn export_declaration(&mut self) -> Result<Stmt<'a>> {
        let start = self.start();
        self.advance();
        match self.token.kind {
            T::Star => return self.export_all(start),
            T::LBrace => return self.export_named(start),
            T::Default => return self.export_default(start),
            _ => {}
        }
        let kind = match self.token.kind {
            T::Var => Some(VarKind::Var),
            T::Let => Some(VarKind::Let),
            T::Const => Some(VarKind::Const),
            _ => None,
        };
        let decl = match self.token.kind {
            T::Function => Stmt::Function(self.function_declaration(true)?),
            T::Class => Stmt::Class(self.class(true)?),
            T::Async if self.peek().kind == T::Function && !self.peek().newline => Stmt::Function(self.function_declaration(true)?),
            _ => match kind {
                Some(kind) => Stmt::Var(self.var_declaration(kind, false)?),
                None => return self.unexpected(),
            },
        };
        let mut names = Vec::new();
        match decl {
            Stmt::Var(node) => node.declarators.iter().for_each(|d| d.target.for_each_name(&mut |ident| names.push(ident))),
            Stmt::Function(node) => names.extend(node.name),
            Stmt::Class(node) => names.extend(node.name),
            _ => {}
        }
        // The same name twice within one declaration is the scope pass's to report unless it is exported twice, which it is.
        if let Some(ident) = first_duplicate(&names).filter(|_| !matches!(decl, Stmt::Var(node) if node.kind == VarKind::Var)) {
            return self.duplicate_export(ident.name, ident.span);
        }
        for ident in names {
            self.declare_export(ident.name, ident.span)?;
        }
        Ok(Stmt::ExportDecl(self.alloc(ExportDecl { decl, span: self.span_from(start) })))
    }

    // 16.2.1.1 Static Semantics: Early Errors (ExportedNames), https://tc39.es/ecma262/#sec-module-semantics-static-semantics-early-errors
    fn declare_export(&mut self, name: Name, span: crate::ast::Span) -> Result<()> {
        match self.exported.insert(name, span) {
            Some(_) => self.duplicate_export(name, span),
            None => Ok(()),
        }
    }

    fn duplicate_export<R>(&self, name: Name, span: crate::ast::Span) -> Result<R> {
        self.error(format!("Duplicate export of '{}'", self.names.text(name)), span)
    }

    fn export_all(&mut self, start: u32) -> Result<Stmt<'a>> {
        self.advance();
        let mut exported = None;
        if self.eat(T::As) {
            let name = self.export_name()?;
            self.declare_export(name.name, name.span)?;
            exported = Some(name);
        }
        if !self.eat(T::From) {
            return self.unexpected();
        }
        let from = self.module_request(ImportPhase::Evaluation)?;
        self.semicolon()?;
        Ok(Stmt::ExportAll(self.alloc(ExportAll { exported, from, span: self.span_from(start) })))
    }

    fn export_named(&mut self, start: u32) -> Result<Stmt<'a>> {
        self.advance();
        let mut specifiers = Vec::new();
        // The first local name that is none; an error unless a `from` follows.
        let mut not_local: Option<Token> = None;
        while !self.at(T::RBrace) {
            let token = self.token;
            let local = self.export_name()?;
            let is_reserved = !token.kind.is_identifier() || {
                let ident = Ident { name: local.name, span: local.span };
                self.check_contextual(token, ident).is_err()
            };
            if is_reserved && not_local.is_none() {
                not_local = Some(token);
            }
            let exported = if self.eat(T::As) { self.export_name()? } else { local };
            self.declare_export(exported.name, exported.span)?;
            specifiers.push(ExportSpecifier { local, exported, span: self.span_from(token.span.start) });
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect(T::RBrace)?;
        let from = if self.eat(T::From) { Some(self.module_request(ImportPhase::Evaluation)?) } else { None };
        if let Some(token) = not_local.filter(|_| from.is_none()) {
            return self.unexpected_token(token);
        }
        self.semicolon()?;
        Ok(Stmt::ExportNamed(self.alloc(ExportNamed { specifiers: self.list(&specifiers), from, span: self.span_from(start) })))
    }

    fn export_default(&mut self, start: u32) -> Result<Stmt<'a>> {
        self.declare_export(known::DEFAULT, self.token.span)?;
        self.advance();
        let is_async_function = self.at(T::Async) && {
            let next = self.peek();
            next.kind == T::Function && !next.newline
        };
        let value = match self.token.kind {
            T::Class => DefaultExport::Class(self.class(false)?),
            kind if kind == T::Function || is_async_function => DefaultExport::Function(self.function_declaration(false)?),
            _ => {
                let expr = self.assign()?;
                self.semicolon()?;
                DefaultExport::Expr(expr)
            }
        };
        Ok(Stmt::ExportDefault(self.alloc(ExportDefault { value, span: self.span_from(start) })))
    }
}
