//! Facts of the scope pass, and its errors.

use bumpalo::Bump;
use mayfly_syntax::ast::ScopeId;
use mayfly_syntax::dump::{dump_ast, dump_scopes};
use mayfly_syntax::scope::{ArgumentsUse, Binding, BindingKind, ScopeKind, ScopeOptions, ScopeTree, Storage, Surroundings, analyse};
use mayfly_syntax::{Names, ParseOptions, SyntaxError, parse_module, parse_script};

#[derive(Clone, Copy, PartialEq)]
enum Goal {
    Script,
    Module,
    Eval { strict: bool, surroundings: Surroundings },
}

const DIRECT: Goal = Goal::Eval { strict: false, surroundings: Surroundings::DirectEval };

fn check<R>(goal: Goal, source: &str, look: impl FnOnce(&ScopeTree<'_>, &Names) -> R) -> Result<R, SyntaxError> {
    let arena = Bump::new();
    let mut names = Names::new();
    let mut options = ParseOptions::default();
    let mut surroundings = Surroundings::Global;
    if let Goal::Eval { strict, surroundings: around } = goal {
        options.eval = true;
        options.strict = strict;
        surroundings = around;
    }
    let program = if goal == Goal::Module {
        parse_module(&arena, &mut names, source, &options)?
    } else {
        parse_script(&arena, &mut names, source, &options)?
    };
    let tree = analyse(&program, &names, ScopeOptions { surroundings })?;
    Ok(look(&tree, &names))
}

/// The first binding of this name in order of scope numbers, and its scope.
fn find(tree: &ScopeTree<'_>, names: &Names, name: &str) -> Option<(ScopeId, Binding)> {
    let name = names.get(name)?;
    (0..tree.scopes.len() as u32).map(ScopeId).find_map(|id| tree.binding(id, name).map(|binding| (id, *binding)))
}

fn binding(goal: Goal, source: &str, name: &str) -> Binding {
    check(goal, source, |tree, names| find(tree, names, name))
        .unwrap_or_else(|error| panic!("{source}: {}", error.message))
        .unwrap_or_else(|| panic!("{source}: nothing binds {name}"))
        .1
}

fn script_binding(source: &str, name: &str) -> Binding {
    binding(Goal::Script, source, name)
}

/// Which of the mentions of `name` (by number, declarations included) need a check for early use.
fn early(source: &str, name: &str) -> Vec<usize> {
    check(Goal::Script, source, |tree, _| {
        let starts = source.match_indices(name).map(|(start, _)| start as u32);
        starts.enumerate().filter(|(_, start)| tree.may_be_uninitialised(*start)).map(|(number, _)| number).collect()
    })
    .unwrap_or_else(|error| panic!("{source}: {}", error.message))
}

fn arguments(parameters_and_body: &str) -> ArgumentsUse {
    let source = format!("function f{parameters_and_body}");
    check(Goal::Script, &source, |tree, _| {
        let functions = tree.scopes.iter().filter(|scope| scope.kind == ScopeKind::Function);
        functions.filter_map(|scope| scope.function_facts).map(|facts| facts.arguments).find(|it| *it != ArgumentsUse::None)
    })
    .unwrap_or_else(|error| panic!("{source}: {}", error.message))
    .unwrap_or_default()
}

#[test]
fn captured_means_mentioned_from_another_function() {
    assert!(!script_binding("function f() { let x; { x } }", "x").captured);
    assert!(script_binding("function f() { let x; () => x }", "x").captured);
    assert!(script_binding("function f() { let x; () => () => { x } }", "x").captured);
    assert!(!script_binding("function f() { let x; (x) => x }", "x").captured);
    assert!(script_binding("function f() { let x; class C { y = x } }", "x").captured);
    assert!(!script_binding("function f() { let x; class C { [x] = 1 } }", "x").captured);
    assert!(script_binding("function f() { let x; class C { static { x } } }", "x").captured);
    assert!(!script_binding("function f() { let x; class C extends x {} }", "x").captured);
    assert!(script_binding("function f(x, y = () => x) {}", "x").captured);
    assert!(script_binding("function f(x) { with (o) x }", "x").captured);
    assert!(!script_binding("function f(x) { with (x) ; }", "x").captured);
    assert!(!script_binding("function f() { with (o) { let x; x } }", "x").captured);
    assert!(script_binding("function f(x) { eval('') }", "x").captured);
    assert!(script_binding("function f(x) { () => { eval('') } }", "x").captured);
    assert!(!script_binding("function f(x) { (0, eval)('') }", "x").captured);
    assert!(!script_binding("function f(x) { eval?.('') }", "x").captured);
    assert!(!script_binding("function f() { { let x } { eval('') } }", "x").captured);
}

#[test]
fn own_name_of_a_function_is_no_capture() {
    let source = "(function self() { self })";
    assert_eq!(script_binding(source, "self").kind, BindingKind::FunctionName);
    assert!(!script_binding(source, "self").captured);
    assert!(script_binding("(function self() { () => self })", "self").captured);
    assert_eq!(script_binding("(function self(self) { self })", "self").kind, BindingKind::FunctionName);
    assert!(check(Goal::Script, "(function () {})", |tree, names| find(tree, names, "anonymous").is_none()).unwrap_or(false));
}

#[test]
fn assigned_means_written_after_initialisation() {
    assert!(!script_binding("function f() { let x = 1; x }", "x").assigned);
    for write in ["x = 1", "x += 1", "x++", "[x] = y", "({ x } = y)", "({ a: x = 1 } = y)", "for (x of y);", "for (x in y);", "(x) = 1"] {
        assert!(script_binding(&format!("function f() {{ let x; {write} }}"), "x").assigned, "{write}");
    }
    assert!(script_binding("function f() { var x = 1 }", "x").assigned);
    assert!(!script_binding("function f() { var x }", "x").assigned);
    assert!(!script_binding("function f(x) { x.y = 1; x[0]++ }", "x").assigned);
    assert!(script_binding("function f(x) { function x() {} }", "x").assigned);
    assert!(script_binding("function f(x) { eval('x = 1') }", "x").assigned);
}

#[test]
fn early_uses_in_straight_lines() {
    assert_eq!(early("function f() { q; let q; q; }", "q"), [0]);
    assert_eq!(early("function f() { let q = q; }", "q"), [1]);
    assert_eq!(early("function f() { let q = 1, r = q; }", "q"), [] as [usize; 0]);
    assert_eq!(early("function f() { let [q, r = q] = []; }", "q"), [1]);
    assert_eq!(early("function f() { for (const [q, r = q] of []); }", "q"), [] as [usize; 0]);
    assert_eq!(early("function f() { for (let q of q) q; }", "q"), [1]);
    assert_eq!(early("function f() { for (let q in q) q; }", "q"), [1]);
    assert_eq!(early("function f() { for (let q = 0; q < 1; q++) { q } }", "q"), [] as [usize; 0]);
    assert_eq!(early("function f() { class q {} q }", "q"), [] as [usize; 0]);
    assert_eq!(early("function f() { q; class q {} }", "q"), [0]);
    assert_eq!(early("function f() { typeof q; let q }", "q"), [0]);
    assert_eq!(early("function f() { q = 1; let q }", "q"), [0]);
    assert_eq!(early("function f() { var q; q }", "q"), [] as [usize; 0]);
}

#[test]
fn early_uses_in_closures() {
    assert_eq!(early("function f() { let q; () => q }", "q"), [] as [usize; 0]);
    assert_eq!(early("function f() { () => q; let q }", "q"), [0]);
    assert_eq!(early("function f() { let q; function g() { q } }", "q"), [1], "declarations can be called before");
    assert_eq!(early("function f() { let q; { function g() { q } } }", "q"), [] as [usize; 0], "blocks come after");
    assert_eq!(early("function f() { { function g() { q } } let q; }", "q"), [0]);
    assert_eq!(early("function f() { let q; function g() { return () => q } }", "q"), [1]);
    assert_eq!(early("function f() { let q; (() => { function g() { q } })() }", "q"), [] as [usize; 0]);
    assert_eq!(early("function f() { while (1) { h(() => q); let q } }", "q"), [0]);
}

#[test]
fn early_uses_in_switch_parameters_and_classes() {
    assert_eq!(early("function f() { switch (1) { case 0: let q; q; case 1: q; default: () => q } }", "q"), [2, 3]);
    assert_eq!(early("function f() { switch (1) { case 0: let q; { let r; r } } }", "r;"), [] as [usize; 0]);
    assert_eq!(early("function f(a = q, q, b = q) { q }", "q"), [0]);
    assert_eq!(early("function f(q = q) {}", "q"), [1]);
    assert_eq!(early("function f({ q, r = q }) { q }", "q"), [] as [usize; 0]);
    assert_eq!(early("function f(a = () => q, q) { q }", "q"), [0]);
    assert_eq!(early("(class q extends q { [q]() { q } static x = q; static { q } })", "q"), [1, 2]);
    assert!(script_binding("function f() { q; let q }", "q").needs_hole);
    assert!(!script_binding("function f() { let q; q }", "q").needs_hole);
    assert!(script_binding("function f() { let q; eval('') }", "q").needs_hole, "eval may look too early");
    assert!(!script_binding("function f(q) { eval('') }", "q").needs_hole);
}

#[test]
fn arguments_objects() {
    assert_eq!(arguments("(a) { a }"), ArgumentsUse::None);
    assert_eq!(arguments("(a) { arguments }"), ArgumentsUse::Mapped { live: true });
    assert_eq!(arguments("() { arguments }"), ArgumentsUse::Mapped { live: false });
    assert_eq!(arguments("(a) { arguments.length; g(...arguments) }"), ArgumentsUse::Mapped { live: false });
    assert_eq!(arguments("(a) { a = 1; arguments.length }"), ArgumentsUse::Mapped { live: true });
    assert_eq!(arguments("(a) { arguments.length = 1 }"), ArgumentsUse::Mapped { live: true });
    assert_eq!(arguments("(a) { arguments[0] }"), ArgumentsUse::Mapped { live: true });
    assert_eq!(arguments("(a) { arguments.slice() }"), ArgumentsUse::Mapped { live: true });
    assert_eq!(arguments("(a) { arguments.length() }"), ArgumentsUse::Mapped { live: true });
    assert_eq!(arguments("(a) { eval('') }"), ArgumentsUse::Mapped { live: true });
    assert_eq!(arguments("(a) { () => arguments }"), ArgumentsUse::Mapped { live: true });
    assert_eq!(arguments("(a = 1) { arguments }"), ArgumentsUse::Unmapped);
    assert_eq!(arguments("({ a }) { arguments }"), ArgumentsUse::Unmapped);
    assert_eq!(arguments("(...a) { arguments }"), ArgumentsUse::Unmapped);
    assert_eq!(arguments("(a) { 'use strict'; arguments }"), ArgumentsUse::Unmapped);
    assert_eq!(arguments("(arguments) { arguments }"), ArgumentsUse::None);
    assert_eq!(arguments("() { let arguments; arguments }"), ArgumentsUse::None);
    assert_eq!(arguments("() { function arguments() {} arguments }"), ArgumentsUse::None);
    assert_eq!(arguments("(a = arguments) { let arguments }"), ArgumentsUse::Unmapped);
    assert_eq!(arguments("() { var arguments; }"), ArgumentsUse::Mapped { live: false });
    assert!(script_binding("function f(p) { arguments }", "p").captured, "mapped parameters live in the environment");
    assert!(!script_binding("function f(p) { 'use strict'; arguments }", "p").captured);
}

#[test]
fn this_is_captured_for_arrows_and_eval() {
    let has =
        |source: &str, name: &str| check(Goal::Script, source, |tree, names| find(tree, names, name).map(|(id, _)| tree.scope(id).kind));
    assert_eq!(has("function f() { this }", "this"), Ok(None));
    assert_eq!(has("function f() { () => this }", "this"), Ok(Some(ScopeKind::Function)));
    assert_eq!(has("() => this", "this"), Ok(Some(ScopeKind::Script)));
    assert_eq!(has("class A { x = () => this }", "this"), Ok(Some(ScopeKind::Field)));
    assert_eq!(has("class A { static { () => this } }", "this"), Ok(Some(ScopeKind::StaticBlock)));
    assert_eq!(has("function f() { () => new.target }", "new.target"), Ok(Some(ScopeKind::Function)));
    assert_eq!(has("({ m() { () => super.x } })", "%home"), Ok(Some(ScopeKind::Function)));
    assert_eq!(has("class A extends B { constructor() { () => super() } }", "%function"), Ok(Some(ScopeKind::Function)));
    assert_eq!(has("class A extends B { constructor() { super() } }", "%function"), Ok(None));
    assert_eq!(has("function f() { eval('') }", "this"), Ok(Some(ScopeKind::Function)));
    assert_eq!(has("function f() { eval('') }", "%home"), Ok(None));
    assert_eq!(has("function f() { class A { [() => this] = 1 } }", "this"), Ok(Some(ScopeKind::Function)));
    let in_eval = check(DIRECT, "() => this", |tree, names| find(tree, names, "this").is_none());
    assert_eq!(in_eval, Ok(true), "the caller's this is found at run time");
}

#[test]
fn direct_eval_makes_scopes_dynamic() {
    let dynamic = |source: &str| {
        check(Goal::Script, source, |tree, _| {
            tree.scopes.iter().filter(|scope| scope.is_dynamic).map(|scope| scope.kind).collect::<Vec<_>>()
        })
    };
    assert_eq!(dynamic("function f() { { eval('') } }"), Ok(vec![ScopeKind::Function]));
    assert_eq!(dynamic("function f() { 'use strict'; eval('') }"), Ok(vec![]));
    assert_eq!(dynamic("function f(a = 1) { eval('') }"), Ok(vec![ScopeKind::FunctionBody]));
    assert_eq!(dynamic("function f(a = eval('')) { }"), Ok(vec![ScopeKind::Function]));
    assert_eq!(dynamic("function f() { class A { m = eval('') } }"), Ok(vec![]));
    assert_eq!(dynamic("eval('')"), Ok(vec![]), "vars of eval at the top level are global");
    assert_eq!(dynamic("function f() { () => eval('') }"), Ok(vec![ScopeKind::Function]), "the arrow function's own");
    assert!(script_binding("function f(a, b = eval('')) {}", "a").is_lexical, "var a in that eval is an error");
    assert!(!script_binding("function f(a) { eval('') }", "a").is_lexical);
}

#[test]
fn storage_follows_the_kind_of_code() {
    let strict = Goal::Eval { strict: true, surroundings: Surroundings::DirectEval };
    let indirect = Goal::Eval { strict: false, surroundings: Surroundings::IndirectEval };
    assert_eq!(script_binding("var v; () => v", "v").storage, Storage::Global);
    assert_eq!(script_binding("let v; () => v", "v").storage, Storage::Global);
    assert_eq!(script_binding("{ let v }", "v").storage, Storage::Register);
    assert_eq!(script_binding("{ let u; let v; () => v }", "v").storage, Storage::Slot(0));
    assert_eq!(script_binding("{ let u; let v; () => v + u }", "v").storage, Storage::Slot(1));
    assert_eq!(binding(DIRECT, "var v", "v").storage, Storage::Dynamic);
    assert_eq!(binding(DIRECT, "let v", "v").storage, Storage::Register);
    assert_eq!(binding(DIRECT, "function v() {}", "v").storage, Storage::Dynamic);
    assert_eq!(binding(strict, "var v; () => v", "v").storage, Storage::Slot(0));
    assert_eq!(binding(indirect, "var v", "v").storage, Storage::Global);
    assert_eq!(binding(Goal::Module, "var v", "v").storage, Storage::Register);
    assert_eq!(binding(Goal::Module, "export var v", "v").storage, Storage::Slot(0));
    assert_eq!(binding(Goal::Module, "import v from 'm'", "v").storage, Storage::Slot(0), "import cells live in slots");
    assert!(binding(Goal::Module, "export let v = 1", "v").needs_hole, "another module may look too early");
    assert!(!binding(Goal::Module, "export var v = 1", "v").needs_hole);
}

#[test]
fn functions_are_instantiated_once_each() {
    let order = check(Goal::Script, "function a() {} function b() {} function a() {} var b, c; { function d() {} }", |tree, names| {
        let text = |list: &[_]| list.iter().map(|name| names.text(*name).to_owned()).collect::<Vec<_>>();
        (text(&tree.top_level.functions), text(&tree.top_level.vars), text(&tree.top_level.annex_b_functions))
    });
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(order, Ok((list(&["b", "a"]), list(&["c"]), list(&["d"]))));
}

#[test]
fn annex_b_functions() {
    let hoisted = |source: &str| {
        check(Goal::Script, source, |tree, _| {
            tree.scopes.iter().filter(|scope| scope.function_facts.is_some_and(|facts| facts.annex_b_hoisted)).count()
        })
    };
    assert_eq!(hoisted("{ function g() {} }"), Ok(1));
    assert_eq!(hoisted("function f() { { function g() {} } }"), Ok(1));
    assert_eq!(hoisted("function f() { 'use strict'; { function g() {} } }"), Ok(0));
    assert_eq!(hoisted("function f() { let g; { function g() {} } }"), Ok(0));
    assert_eq!(hoisted("function f() { { function g() {} } let g; }"), Ok(0));
    assert_eq!(hoisted("function f(g) { { function g() {} } }"), Ok(0));
    assert_eq!(hoisted("function f(g = 1) { { function g() {} } }"), Ok(0));
    assert_eq!(hoisted("function f() { { function* g() {} async function h() {} } }"), Ok(0));
    assert_eq!(hoisted("function f() { { { function g() {} } let g } }"), Ok(0));
    assert_eq!(hoisted("function f() { { { function g() {} } function g() {} } }"), Ok(1), "the outer one only");
    assert_eq!(hoisted("function f() { try {} catch (g) { { function g() {} } } }"), Ok(1));
    assert_eq!(hoisted("function f() { try {} catch ([g]) { { function g() {} } } }"), Ok(0));
    assert_eq!(hoisted("function f() { for (let g of []) { { function g() {} } } }"), Ok(0));
    assert_eq!(hoisted("function f() { if (1) function g() {} else function g() {} }"), Ok(2));
    assert_eq!(hoisted("function f() { switch (1) { case 1: function g() {} } }"), Ok(1));
    assert!(script_binding("function f() { var v; { function v() {} } }", "v").assigned);
}

#[test]
fn separate_bodies() {
    let copied = |source: &str| {
        check(Goal::Script, source, |tree, _| {
            tree.scopes.iter().flat_map(|scope| &scope.bindings).filter(|binding| binding.starts_as_param).count()
        })
    };
    assert_eq!(copied("function f(a) { var a }"), Ok(0));
    assert_eq!(copied("function f({ a }) { var a }"), Ok(0));
    assert_eq!(copied("function f(a = 1) { var a }"), Ok(1));
    assert_eq!(copied("function f(a = 1) { var a; function a() {} }"), Ok(0));
    assert_eq!(copied("function f({ [x]: a }) { var a, b }"), Ok(1));
    assert_eq!(copied("function f(a = 1) { var arguments }"), Ok(1));
}

#[test]
fn private_names_are_captured_by_use() {
    assert!(script_binding("class C { #x; m() { this.#x } }", "#x").captured);
    assert!(!script_binding("class C { static #x() {} }", "#x").captured);
    assert!(script_binding("class C { static #x() {} static m() { C.#x() } }", "#x").captured);
    assert!(script_binding("class C { static #x() {} static y = eval('C.#x') }", "#x").captured);
    assert!(script_binding("class C { static #x() {} m() { #x in this } }", "#x").captured);
    let count = check(Goal::Script, "class C { get #x() {} set #x(v) {} }", |tree, _| {
        tree.scopes.iter().flat_map(|scope| &scope.bindings).filter(|binding| binding.kind == BindingKind::PrivateName).count()
    });
    assert_eq!(count, Ok(1));
}

#[test]
fn exports_name_bindings() {
    let source = "export { a as b, c as 'd e' }; var a; import { c } from 'x'; export default 1; export { f } from 'y'; export class K {}";
    let exports = check(Goal::Module, source, |tree, names| {
        let one = |export: &mayfly_syntax::scope::LocalExport| {
            let binding = &tree.scope(tree.top).bindings[export.binding as usize];
            (names.text(export.exported).to_owned(), names.text(binding.name).to_owned(), binding.captured)
        };
        tree.exports.iter().map(one).collect::<Vec<_>>()
    });
    let expected = [("b", "a"), ("d e", "c"), ("default", "*default*"), ("K", "K")];
    assert_eq!(exports, Ok(expected.map(|(exported, local)| (exported.to_owned(), local.to_owned(), true)).to_vec()));
}

/// What is wrong with a program, if anything: V8's message.
fn error(goal: Goal, source: &str) -> Option<String> {
    check(goal, source, |_, _| ()).err().map(|error| error.message)
}

#[test]
fn redeclarations_in_scripts() {
    let clashes = [
        "let x; let x",
        "let x; var x",
        "var x; let x",
        "let x; function x() {}",
        "function x() {} let x",
        "const x = 1; class x {}",
        "let x; { var x }",
        "{ var x } let x",
        "{ let x; var x }",
        "{ var x; let x }",
        "{ { var x } let x }",
        "{ let x; { var x } }",
        "{ function x() {} var x }",
        "{ var x; function x() {} }",
        "{ function x() {} let x }",
        "{ function x() {} function* x() {} }",
        "{ async function x() {} function x() {} }",
        "'use strict'; { function x() {} function x() {} }",
        "{ class x {} function x() {} }",
        "let [x, x] = []",
        "let { x, y: x } = {}",
        "for (let x, x;;);",
        "for (let [x, x] of []);",
        "for (let x of []) var x;",
        "for (const x in {}) { { var x } }",
        "for (let x;;) { var x }",
        "for (let x;;) for (var x;;);",
        "switch (0) { case 1: let x; case 2: let x }",
        "switch (0) { case 1: let x; case 2: var x }",
        "switch (0) { case 1: function x() {} default: let x }",
        "switch (0) { default: let x; { var x } }",
        "try {} catch (x) { let x }",
        "try {} catch (x) { function x() {} }",
        "try {} catch ([x]) { var x }",
        "try {} catch ([x, x]) {}",
        "try {} catch ({ x }) { let x }",
        "try {} catch ({ x }) { for (var x of []); }",
        "try {} catch (x) { { let x; var x } }",
        "function f(x) { let x }",
        "function f(x) { const x = 1 }",
        "function f(x) { class x {} }",
        "function f({ x }) { let x }",
        "function f(x = 1) { let x }",
        "function f(...x) { let x }",
        "(x) => { let x }",
        "async x => { let x }",
        "({ m(x) { let x } })",
        "({ set m(x) { let x } })",
        "class C { m(x) { let x } }",
        "function f() { let x; var x }",
        "function f() { var x; let x }",
        "function f() { function x() {} let x }",
        "function f() { let x; { var x } }",
        "function f(y = 1) { let x; { var x } }",
        "class C { static { let x; var x } }",
        "class C { static { let x; let x } }",
        "label: { let x; var x }",
        "if (1) { let x; var x }",
        "while (0) { let x; var x }",
        "with (o) { let x; var x }",
        "let x; if (1) { for (;;) { switch (0) { case 0: var x } } }",
        "let x; label: function x() {}",
        "() => { let x; let x }",
        "[function () { let x; let x }]",
        "`${() => { let x; let x }}`",
    ];
    for source in clashes {
        assert_eq!(error(Goal::Script, source).as_deref(), Some("Identifier 'x' has already been declared"), "{source}");
    }
}

#[test]
fn no_redeclarations_in_scripts() {
    let fine = [
        "var x; var x",
        "var x; function x() {}",
        "function x() {} function x() {}",
        "function x() {} var x",
        "let x; { let x }",
        "{ let x } var x",
        "{ let x } { var x }",
        "{ function x() {} function x() {} }",
        "let x; { function x() {} }",
        "switch (0) { case 1: function x() {} case 2: function x() {} }",
        "for (let x of []) { let x }",
        "for (let x;;) { let x }",
        "for (var x of []) { var x }",
        "for (var x of []) { let x }",
        "let x; for (let x of x);",
        "let x; switch (x) { case 0: let x }",
        "try {} catch (x) { var x }",
        "try {} catch (x) { { let x } }",
        "try {} catch (x) { for (var x of []); }",
        "try {} catch (x) { for (var x in {}); }",
        "try {} catch (x) { { var x } }",
        "try { let x } catch (x) {} finally { let x }",
        "try {} catch { let x }",
        "let x; try {} catch (x) {}",
        "function f(x) { var x }",
        "function f(x) { function x() {} }",
        "function f(x) { { let x } }",
        "function f(x, x) {}",
        "function f(x = 1) { var x }",
        "(function x() { let x })",
        "(function x(x) {})",
        "function x() { let x }",
        "class x { static x; m() { let x } }",
        "(class x { static { let x } })",
        "class C { static { var x; var x } }",
        "class C { static { function x() {} function x() {} } }",
        "let arguments; function f() { let arguments }",
        "label: { let x } let x",
        "let x; () => { var x }",
        "let x; function f() { var x }",
        "(x) => { var x }",
        "var let",
        "if (1) function x() {} else function x() {}",
        "function f() { { function x() {} } let x }",
        "let x; (function x() {})",
        "let x; (class x {})",
        "{ label: function x() {} function x() {} }",
    ];
    for source in fine {
        assert_eq!(error(Goal::Script, source), None, "{source}");
    }
}

#[test]
fn redeclarations_elsewhere() {
    let redeclared = Some("Identifier 'x' has already been declared");
    let clashes = [
        "import x from 'a'; let x",
        "import x from 'a'; var x",
        "import x from 'a'; function x() {}",
        "import x, { x } from 'a'",
        "import x from 'a'; import * as x from 'b'",
        "function x() {} function x() {}",
        "var x; function x() {}",
        "function x() {} var x",
        "let x; { var x }",
        "export let x; export { y }; let y, x",
        "export default function x() {} let x",
        "export default class x {} var x",
        "{ var x } import { x } from 'a'",
        "{ function x() {} function x() {} }",
    ];
    for source in clashes {
        assert_eq!(error(Goal::Module, source).as_deref(), redeclared, "{source}");
    }
    for source in [
        "export default function () {} let x",
        "import { x as y } from 'x'; let x",
        "export { x as z }; var x; { let x }",
        "export { x }; let x",
    ] {
        assert_eq!(error(Goal::Module, source), None, "{source}");
    }
    for source in ["export { x }", "export { x as y }; { let x }", "export { x as y }; function f() { var x }"] {
        assert_eq!(error(Goal::Module, source).as_deref(), Some("Export 'x' is not defined in module"), "{source}");
    }
    assert_eq!(error(DIRECT, "let x; var x").as_deref(), redeclared);
    assert_eq!(error(DIRECT, "var x; function x() {}"), None);
    for source in ["let let", "const [let] = []", "for (let let;;);", "for (const let of []);"] {
        assert_eq!(error(Goal::Script, source).as_deref(), Some("let is disallowed as a lexically bound name"), "{source}");
    }
}

#[test]
fn the_error_points_at_the_second_declaration() {
    let found = check(Goal::Script, "let x;\n  var x = 1;", |_, _| ()).map_err(|error| (error.span.start, error.span.end));
    assert_eq!(found, Err((13, 14)));
}

/// A chain of a hundred thousand terms, a name mentioned everywhere: no deep recursion, no quadratic time.
#[test]
fn long_programs() {
    let chain = format!("function f() {{ let x; () => {} }}", vec!["x"; 100_000].join(" + "));
    assert!(script_binding(&chain, "x").captured);
    let logical = format!("function f() {{ let x; () => {} }}", vec!["x"; 100_000].join(" && "));
    assert!(script_binding(&logical, "x").captured);
    let functions = "function same() {} ".repeat(50_000);
    assert_eq!(check(Goal::Script, &functions, |tree, _| tree.top_level.functions.len()), Ok(1));
    let blocks = format!("{{ {} }}", "function same() {} ".repeat(50_000));
    assert_eq!(check(Goal::Script, &blocks, |tree, _| tree.top_level.annex_b_functions.len()), Ok(1));
    let many: String = (0..50_000).map(|number| format!("let v{number} = v{}; ", number.max(1) - 1)).collect();
    assert_eq!(check(Goal::Script, &many, |tree, _| tree.top_level.lexical.len()), Ok(50_000));
    let nested = |what: String| format!("{}{what}{}", "{".repeat(500), "}".repeat(500));
    let vars: String = (0..50_000).map(|number| format!("var v{number}; ")).collect();
    assert_eq!(check(Goal::Script, &nested(vars), |tree, _| tree.top_level.vars.len()), Ok(50_000));
    let functions: String = (0..50_000).map(|number| format!("function f{number}() {{}} ")).collect();
    assert_eq!(check(Goal::Script, &nested(functions), |tree, _| tree.top_level.annex_b_functions.len()), Ok(50_000));
}

/// Programs as deeply nested as the parser lets them be are analysed and dumped on a small stack.
#[test]
fn deep_programs() {
    let shapes: [(&str, &str, &str); 12] = [
        ("() => ", "0", ""),
        ("(", "0", ")"),
        ("[", "0", "]"),
        ("{", "", "}"),
        ("(function () {", "", "})"),
        ("class A { x = ", "0", "}"),
        ("({ m(a = ", "0", ") {} })"),
        ("if (a) {", "", "}"),
        ("for (;;) ", ";", ""),
        ("f(", "0", ")"),
        ("`${", "0", "}`"),
        ("x = a ? b : ", "0", ""),
    ];
    let run = move || {
        for (before, middle, after) in shapes {
            let nested = |depth: usize| format!("{}{middle}{}", before.repeat(depth), after.repeat(depth));
            let result = |depth: usize| check(Goal::Script, &nested(depth), |tree, names| dump_scopes(tree, names).len());
            let (mut low, mut high) = (1, 4000);
            while low + 1 < high {
                let middle = (low + high) / 2;
                if result(middle).is_ok() { low = middle } else { high = middle }
            }

            assert!(low > 100, "{before}: only {low} levels");
            let arena = Bump::new();
            let mut names = Names::new();
            let source = nested(low);
            let program =
                parse_script(&arena, &mut names, &source, &ParseOptions::default()).map(|program| dump_ast(&program, &names).len());
            assert!(program.is_ok_and(|length| length > low), "{before}");
        }
    };
    let stack_size = if cfg!(debug_assertions) { 2 << 20 } else { 1 << 20 };
    let thread = std::thread::Builder::new().stack_size(stack_size).spawn(run).expect("a thread can be started");
    assert!(thread.join().is_ok());
}
