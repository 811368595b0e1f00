//! Dumps for people: the tree as S-expressions and the scopes as an outline.
//!
//! Left-deep chains are shown flat, `(binary a + b + c)`, for they may be very long. Parentheses of the source are shown as `(paren …)`
//! because the tree has them.

mod expressions;
mod scopes;
mod sexp;
mod statements;

use crate::ast::Program;
use crate::names::{Name, Names};
use sexp::{Sexp, atom, list};

pub use scopes::dump_scopes;

/// Makes nodes into S-expressions.
struct Dumper<'n> {
    names: &'n Names,
}

impl Dumper<'_> {
    fn name(&self, name: Name) -> Sexp {
        atom(self.names.text(name))
    }
}

/// The syntax tree of a program, one S-expression, indented where a line would be longer than about 100 characters.
pub fn dump_ast(program: &Program<'_>, names: &Names) -> String {
    let dumper = Dumper { names };
    let mut items = vec![atom(format!("{:?}", program.kind).to_lowercase())];
    if program.strict {
        items.push(atom("strict"));
    }
    if program.has_top_level_await {
        items.push(atom("top-level-await"));
    }
    items.extend(dumper.statements(program.body));
    list("program", items).print()
}
