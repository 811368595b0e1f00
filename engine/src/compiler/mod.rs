//! The compiler: source text to [`CodeBlock`], by way of the syntax tree and the scope tables of `mayfly-syntax`.
//!
//! [`compile_script`], [`compile_module`], [`compile_eval`] and [`compile_function`] each parse, analyse scopes and compile. Nothing
//! here knows the heap: names and strings leave as text.
//!
//! # How it works
//! One pass over the tree, function by function; a nested function is compiled where its closure is created.
//! - [`emitter`]: instructions, pools, labels, registers. [`state`]: the function being compiled, helpers. [`scopes`], [`pseudo`]: names.
//! - [`control`]: what break, continue, return and exceptions pass on their way out.
//! - [`expressions`], [`operators`], [`members`], [`assignment`], [`calls`], [`destructuring`], [`generators`]: expressions.
//! - [`statements`], [`loops`], [`switch`], [`regions`]: statements. [`functions`], [`classes`], [`programs`]: code as a whole.
//!
//! # What the engine must know
//! - **Environments** are values in registers. LoadEnv gives the environment of the closure; for a module, the module environment,
//!   which the engine makes from [`ModuleRecord::scope`](crate::bytecode::ModuleRecord::scope) before it runs the code; for direct
//!   eval, the environment that CallEval was given. Scripts start with whatever it gives (only hops within the script are used).
//! - **Pseudo bindings** `this`, `new.target`, `%home`, `%function` and private names (`#x`) stand in environments like other
//!   names. GetName and ResolveName with bit 1 of x set mean one of those: `with` objects and the global object do not hide them.
//!   SetResolved with bit 1 set initialises `this` after `super()` in eval code and throws a ReferenceError if it was initialised.
//! - **Modules** run up to ModuleYield when they are linked, so that functions exist before any module is evaluated. With top-level
//!   await, AsyncStart follows ModuleYield.
//! - **Derived constructors** keep `this` in register 4, the hole until `super()` returns; it is there at every Return.

mod assignment;
mod calls;
mod classes;
mod control;
mod destructuring;
mod emitter;
mod expressions;
mod functions;
mod generators;
mod loops;
mod members;
mod operators;
mod programs;
mod pseudo;
mod regions;
mod scopes;
mod state;
mod statements;
mod switch;

use bumpalo::Bump;
use mayfly_syntax::ast::{Program, Span};
use mayfly_syntax::scope::{ScopeOptions, Surroundings, analyse};
use mayfly_syntax::{ErrorKind, FunctionParts, Names, ParseOptions, function_source, parse_function_parts, parse_module, parse_script};

pub use mayfly_syntax::{RegExpCheck, SyntaxError};

use crate::bytecode::{CodeBlock, verify};
use state::{CodeKind, Compiler, FunctionState};

/// What compilation depends on beside the source.
#[derive(Clone, Copy, Default)]
pub struct Options<'o> {
    /// Checks pattern and flags of every regular expression literal; without it, patterns are first looked at when they are used.
    pub check_regexp: Option<&'o RegExpCheck>,
    /// Sets function-level `var`s to undefined by instructions, though calls do so by filling the window: for data-flow checks.
    pub explicit_undefined: bool,
}

/// Where eval code was called.
#[derive(Clone, Copy, Default, Debug)]
pub struct EvalContext<'o> {
    /// A direct eval, whose LoadEnv gives the caller's environment. All else below is about direct eval only.
    pub direct: bool,
    /// The caller is strict mode code.
    pub strict: bool,
    /// `new.target` is allowed: the caller is (an arrow function in) a function that is no arrow.
    pub in_function: bool,
    /// `super.x` is allowed: the caller is (an arrow function in) a method.
    pub in_method: bool,
    /// `super()` is allowed: the caller is (an arrow function in) a derived constructor.
    pub in_derived_constructor: bool,
    /// `arguments` is a SyntaxError: the caller is a class field initialiser or static block.
    pub in_class_field: bool,
    /// Private names in scope, each with its `#`.
    pub private_names: &'o [String],
}

/// The four kinds of dynamic functions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DynamicFunctionKind {
    /// `new Function`
    Normal,
    /// `new GeneratorFunction`
    Generator,
    /// `new AsyncFunction`
    Async,
    /// `new AsyncGeneratorFunction`
    AsyncGenerator,
}

fn parse_options<'o>(options: &Options<'o>) -> ParseOptions<'o> {
    ParseOptions { check_regexp: options.check_regexp, ..ParseOptions::default() }
}

/// Analyses and compiles a parsed program.
fn compile(program: &Program<'_>, names: &Names, kind: CodeKind, name: &str, options: &Options<'_>) -> Result<CodeBlock, SyntaxError> {
    let surroundings = match kind {
        CodeKind::DirectEval => Surroundings::DirectEval,
        CodeKind::IndirectEval => Surroundings::IndirectEval,
        _ => Surroundings::Global,
    };
    let tree = analyse(program, names, ScopeOptions { surroundings })?;
    let mut compiler = Compiler::new(names, &tree, FunctionState::new(kind, 0, program.strict, 0));
    compiler.explicit_undefined = options.explicit_undefined;
    let code = compiler.program(program, name);
    if compiler.too_large {
        let message = "Function too large".to_owned();
        return Err(SyntaxError { message, span: Span::default(), kind: ErrorKind::Syntax });
    }
    if cfg!(debug_assertions)
        && let Err(error) = verify(&code)
    {
        panic!("compiler made bad code for {name}: {error}\n{}", crate::bytecode::disassemble(&code));
    }
    Ok(code)
}

/// Compiles a script. Its completion value is what the code returns.
///
/// # Errors
/// The first syntax error or early error.
pub fn compile_script(source: &str, name: &str, options: &Options<'_>) -> Result<CodeBlock, SyntaxError> {
    let arena = Bump::new();
    let mut names = Names::new();
    let program = parse_script(&arena, &mut names, source, &parse_options(options))?;
    compile(&program, &names, CodeKind::Script, name, options)
}

/// Compiles a module; [`CodeBlock::module`] has its requests, imports and exports.
///
/// # Errors
/// The first syntax error or early error.
pub fn compile_module(source: &str, name: &str, options: &Options<'_>) -> Result<CodeBlock, SyntaxError> {
    let arena = Bump::new();
    let mut names = Names::new();
    let program = parse_module(&arena, &mut names, source, &parse_options(options))?;
    compile(&program, &names, CodeKind::Module, name, options)
}

/// Compiles the text of an eval. Its completion value is what the code returns.
///
/// # Errors
/// The first syntax error or early error.
pub fn compile_eval(source: &str, context: &EvalContext<'_>, options: &Options<'_>) -> Result<CodeBlock, SyntaxError> {
    let arena = Bump::new();
    let mut names = Names::new();
    let private_names: Vec<_> = context.private_names.iter().map(|name| names.intern(name)).collect();
    let parse = ParseOptions {
        strict: context.direct && context.strict,
        eval: true,
        allow_new_target: context.direct && context.in_function,
        allow_super_property: context.direct && context.in_method,
        allow_super_call: context.direct && context.in_derived_constructor,
        forbid_arguments: context.direct && context.in_class_field,
        private_names: if context.direct { &private_names } else { &[] },
        check_regexp: options.check_regexp,
    };
    let program = parse_script(&arena, &mut names, source, &parse)?;
    let kind = if context.direct { CodeKind::DirectEval } else { CodeKind::IndirectEval };
    compile(&program, &names, kind, "eval", options)
}

/// Compiles a dynamic function from its parameters (joined by commas) and body. The result is the code of the function itself, to
/// be closed over the global environment. Also gives the source text that the code's offsets refer to.
///
/// # Errors
/// The first syntax error or early error.
pub fn compile_function(
    params: &str,
    body: &str,
    kind: DynamicFunctionKind,
    options: &Options<'_>,
) -> Result<(CodeBlock, String), SyntaxError> {
    let parts = FunctionParts {
        is_async: matches!(kind, DynamicFunctionKind::Async | DynamicFunctionKind::AsyncGenerator),
        is_generator: matches!(kind, DynamicFunctionKind::Generator | DynamicFunctionKind::AsyncGenerator),
        params,
        body,
    };
    let source = function_source(&parts);
    let arena = Bump::new();
    let mut names = Names::new();
    let program = parse_function_parts(&arena, &mut names, &parts, &source, &parse_options(options))?;
    let code = compile(&program, &names, CodeKind::Script, "anonymous", options)?;
    Ok((code, source))
}
