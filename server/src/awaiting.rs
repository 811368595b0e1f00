//! Top-level `await` in code whose value is wanted: `mayfly eval` and the REPL.
//!
//! Scripts have no `await`; modules have it, but give no value and keep their names to themselves. So code that awaits becomes an async
//! function that is called at once, as in browsers' consoles: what it declares is declared around it, its last expression is returned.

use bumpalo::Bump;
use mayfly_engine::syntax::ast::{Ident, Stmt, VarDecl, VarKind};
use mayfly_engine::syntax::{Names, ParseOptions, parse_module, parse_script};

/// Code that awaits, rewritten.
#[derive(Debug, PartialEq, Eq)]
pub struct Awaiting {
    /// A script that declares its names; empty where there are none.
    pub declarations: String,
    /// A script that is the call: its value is a promise.
    pub call: String,
}

/// Rewrites code that is no script but would be a module that awaits at its top level and neither imports nor exports.
pub fn rewrite(source: &str) -> Option<Awaiting> {
    let (arena, mut names, options) = (Bump::new(), Names::new(), ParseOptions::default());
    if parse_script(&arena, &mut names, source, &options).is_ok() {
        return None;
    }
    let program = parse_module(&arena, &mut names, source, &options).ok()?;
    if !program.has_top_level_await {
        return None;
    }
    let mut declared = Vec::new();
    let mut note = |ident: Ident| {
        let name = ident.span.text(source);
        if !declared.contains(&name) {
            declared.push(name);
        }
    };
    // On a line of its own, so that errors show lines as they were written.
    let mut call = String::from("(async () => {\n");
    let mut end = 0;
    let last = program.body.iter().rposition(|statement| !matches!(statement, Stmt::Empty(_)));
    for (at, statement) in program.body.iter().enumerate() {
        let (span, text) = match statement {
            Stmt::Import(_) | Stmt::ExportNamed(_) | Stmt::ExportAll(_) | Stmt::ExportDefault(_) | Stmt::ExportDecl(_) => return None,
            Stmt::Var(node) if !matches!(node.kind, VarKind::Using | VarKind::AwaitUsing) => {
                node.declarators.iter().for_each(|declarator| declarator.target.for_each_name(&mut note));
                (node.span, assignments(node, source))
            }
            Stmt::Class(node) => {
                let name = node.name?;
                note(name);
                (node.span, format!("{} = {};", name.span.text(source), node.span.text(source)))
            }
            Stmt::Function(node) => {
                let name = node.name?.span.text(source);
                (node.span, format!("{} globalThis.{name} = {name};", node.span.text(source)))
            }
            Stmt::Expr(node) if Some(at) == last => (node.span, format!("return ({});", node.expr.span().text(source))),
            _ => continue,
        };
        call.push_str(source.get(end..span.start as usize)?);
        call.push_str(&text);
        end = span.end as usize;
    }
    call.push_str(source.get(end..)?);
    // A comment may be last.
    call.push_str("\n})()");
    let declarations = if declared.is_empty() { String::new() } else { format!("let {};", declared.join(", ")) };
    Some(Awaiting { declarations, call })
}

/// The assignments of a declaration.
fn assignments(node: &VarDecl<'_>, source: &str) -> String {
    let text = |at: &mayfly_engine::syntax::ast::Declarator<'_>| match at.init {
        Some(_) => format!("({})", at.span.text(source)),
        None => format!("({} = undefined)", at.span.text(source)),
    };
    format!("void ({});", node.declarators.iter().map(text).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call_of(source: &str) -> Option<(String, String)> {
        let awaiting = rewrite(source)?;
        let call = awaiting.call.strip_prefix("(async () => {\n")?.strip_suffix("\n})()")?.to_string();
        Some((awaiting.declarations, call))
    }

    fn pair(declarations: &str, call: &str) -> Option<(String, String)> {
        Some((declarations.to_string(), call.to_string()))
    }

    #[test]
    fn values_are_returned_and_names_declared_outside() {
        assert_eq!(call_of("await f()"), pair("", "return (await f());"));
        assert_eq!(call_of("1; await f(); // x"), pair("", "1; return (await f()); // x"));
        assert_eq!(
            call_of("const a = await f(), { b, ...c } = a\nb"),
            pair("let a, b, c;", "void ((a = await f()), ({ b, ...c } = a));\nreturn (b);")
        );
        assert_eq!(call_of("let a; await 1;"), pair("let a;", "void ((a = undefined)); return (await 1);"));
        assert_eq!(call_of("class A {}; await 1"), pair("let A;", "A = class A {};; return (await 1);"));
        assert_eq!(call_of("function f() {} await f()"), pair("", "function f() {} globalThis.f = f; return (await f());"));
        assert_eq!(call_of("for await (const x of y) x"), pair("", "for await (const x of y) x"));
        assert_eq!(call_of("{ let hidden = await 1 }"), pair("", "{ let hidden = await 1 }"));
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for source in
            ["1", "await", "await (1)", "var await = 1", "async () => { await 1 }", "import a from 'b'; await a", "await 1 +", "1 +"]
        {
            assert_eq!(rewrite(source), None, "{source}");
        }
    }
}
