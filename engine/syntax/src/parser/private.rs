//! Private names: each used must be declared by a class around it.

use super::{Parser, Result};
use crate::ast::{Ident, Span};
use crate::names::{Name, known};
use hashbrown::HashMap;

/// How a private name is declared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PrivateKind {
    Other,
    Getter { is_static: bool },
    Setter { is_static: bool },
    Both,
}

/// The private names of a class body.
#[derive(Default)]
pub(super) struct PrivateScope {
    declared: HashMap<Name, PrivateKind>,
    used: Vec<Ident>,
}

impl Parser<'_, '_, '_> {
    /// Consumes a private name where one is declared.
    pub(super) fn private_declaration(&mut self) -> Ident {
        let ident = Ident { name: self.name_of(self.token), span: self.token.span };
        self.advance();
        ident
    }

    // 15.7.1 Static Semantics: Early Errors (ClassBody), https://tc39.es/ecma262/#sec-class-definitions-static-semantics-early-errors
    pub(super) fn declare_private(&mut self, ident: Ident, kind: PrivateKind) -> Result<()> {
        if ident.name == known::PRIVATE_CONSTRUCTOR {
            return self.error("Classes may not have a private field named '#constructor'", ident.span);
        }
        let Some(scope) = self.private_scopes.last_mut() else { return Ok(()) };
        let merged = match (scope.declared.get(&ident.name).copied(), kind) {
            (None, kind) => kind,
            (Some(PrivateKind::Getter { is_static: a }), PrivateKind::Setter { is_static: b })
            | (Some(PrivateKind::Setter { is_static: a }), PrivateKind::Getter { is_static: b })
                if a == b =>
            {
                PrivateKind::Both
            }
            _ => {
                let message = format!("Identifier '{}' has already been declared", self.names.text(ident.name));
                return self.error(message, ident.span);
            }
        };
        scope.declared.insert(ident.name, merged);
        Ok(())
    }

    // 13.3.1.1, 13.10.1: AllPrivateIdentifiersValid, https://tc39.es/ecma262/#sec-static-semantics-allprivateidentifiersvalid
    /// Consumes a private name where one is used.
    pub(super) fn private_reference(&mut self) -> Result<Ident> {
        let ident = self.private_declaration();
        match self.private_scopes.last_mut() {
            Some(scope) => {
                scope.used.push(ident);
                Ok(ident)
            }
            None if self.options.private_names.contains(&ident.name) => Ok(ident),
            None => self.undeclared_private(ident.name, ident.span),
        }
    }

    fn undeclared_private<R>(&self, name: Name, span: Span) -> Result<R> {
        self.error(format!("Private field '{}' must be declared in an enclosing class", self.names.text(name)), span)
    }

    /// Ends a class body: what it uses and does not declare, a class around it must.
    pub(super) fn close_private_scope(&mut self) -> Result<()> {
        let Some(scope) = self.private_scopes.pop() else { return Ok(()) };
        for ident in scope.used {
            if scope.declared.contains_key(&ident.name) {
                continue;
            }
            match self.private_scopes.last_mut() {
                Some(outer) => outer.used.push(ident),
                None if self.options.private_names.contains(&ident.name) => {}
                None => return self.undeclared_private(ident.name, ident.span),
            }
        }
        Ok(())
    }
}
