//! Evaluating source text: scripts, eval, modules' entry.

use crate::compiler::{EvalContext, Options, SyntaxError, compile_eval, compile_script};
use crate::context::{Context, ErrorKind};
use crate::heap::{Environment, Heap, Ref};
use crate::native::{Result, Thrown};
use crate::object::Object;
use crate::realm::code::{Code, CodeField, code_flag, link};
use crate::realm::function::{closure, new_closure};
use crate::realm::surrogates::SourceTexts;
use crate::string::JsString;
use crate::value::Value;

fn check_regexp(pattern: &str, flags: &str) -> std::result::Result<(), String> {
    mayfly_regexp::validate(pattern, flags).map_err(|error| {
        // The parser puts these words before what it is told.
        let message = error.to_string();
        message.strip_prefix("Invalid regular expression: ").map_or(message.clone(), str::to_string)
    })
}

/// Compiler options: literals of regular expressions are checked early.
pub(crate) fn compile_options() -> Options<'static> {
    Options { check_regexp: Some(&check_regexp), ..Options::default() }
}

/// Throws a SyntaxError (or RangeError for code that is too complex).
pub(crate) fn syntax_error(cx: &mut Context, error: &SyntaxError) -> Thrown {
    let kind = if error.kind == mayfly_syntax::ErrorKind::TooComplex { ErrorKind::RangeError } else { ErrorKind::SyntaxError };
    cx.throw_error(kind, &error.message)
}

/// Throws a SyntaxError for a file: the message carries place and excerpt in the property `stack`.
pub(crate) fn file_syntax_error(cx: &mut Context, error: &SyntaxError, source: &str, name: &str) -> Thrown {
    let thrown = syntax_error(cx, error);
    if let Some(object) = cx.exception.as_object() {
        let rendered = error.render(source, name);
        let stack = cx.heap.new_string(&format!("SyntaxError: {rendered}"));
        crate::realm::error::set_stack(cx, object, stack.value());
    }
    thrown
}

impl Context {
    // 16.1.6 ScriptEvaluation ( scriptRecord ), https://tc39.es/ecma262/#sec-runtime-semantics-scriptevaluation
    /// Evaluates a script in the current realm; its completion value.
    pub fn evaluate_script(&mut self, source: &str, name: &str) -> Result<Value> {
        self.enter(|cx| {
            let block = match compile_script(source, name, &compile_options()) {
                Ok(block) => block,
                Err(error) => return Err(file_syntax_error(cx, &error, source, name)),
            };
            let record = cx.heap.new_source(name, source);
            let code = link(cx, &block, cx.realm(), record)?;
            let function = new_closure(cx, code, Value::UNDEFINED);
            let this = cx.global().value();
            if cx.machine.depth == 0 { cx.call_top(function.value(), this, &[]) } else { cx.call(function.value(), this, &[]) }
        })
    }

    // 19.2.1.1 PerformEval ( x, strictCaller, direct ), https://tc39.es/ecma262/#sec-performeval
    /// Indirect eval.
    pub fn indirect_eval(&mut self, source: JsString) -> Result<Value> {
        check_allowed(self)?;
        let SourceTexts { texts, block: surrogates } = SourceTexts::new(&self.heap, &[source]);
        let text = texts.concat();
        let block = match compile_eval(&text, &EvalContext::default(), &compile_options()) {
            Ok(block) => block,
            Err(error) => return Err(syntax_error(self, &error)),
        };
        let record = self.heap.new_dynamic_source("eval", &text, surrogates, &self.active_referrer());
        let code = link(self, &block, self.realm(), record)?;
        let function = new_closure(self, code, Value::UNDEFINED);
        let this = self.global().value();
        self.call(function.value(), this, &[])
    }
}

fn check_allowed(cx: &mut Context) -> Result<()> {
    if cx.eval_allowed() {
        return Ok(());
    }
    Err(cx.throw_error(ErrorKind::EvalError, "Code generation from strings disallowed for this worker"))
}

impl Context {
    // 9.6.1 GetActiveScriptOrModule ( ), https://tc39.es/ecma262/#sec-getactivescriptormodule
    /// Name of the script or module whose code runs, for import() in code made from strings.
    pub(crate) fn active_referrer(&self) -> String {
        let running = self.stack_frames(1).first().and_then(|(function, _)| function.as_object());
        running.map_or_else(String::new, |function| Code::from_value(function.internal(&self.heap, closure::CODE)).referrer(&self.heap))
    }
}

/// Names that the environments around a direct eval hold.
fn visible_names(heap: &Heap, from: Ref<Environment>) -> Vec<String> {
    let mut names = Vec::new();
    let mut environment = from;
    while environment.exists() {
        let scope = environment.scope(heap);
        if scope.exists() {
            let count = (scope.length(heap).saturating_sub(1)) / 2;
            for i in 0..count {
                if let Some(name) = scope.get(heap, 1 + i).as_string() {
                    names.push(name.to_text(heap));
                }
            }
        }
        environment = environment.parent(heap);
    }
    names
}

/// The function that runs a direct eval's code in `environment`.
pub(crate) fn direct_eval_function(
    cx: &mut Context,
    source: JsString,
    environment: Ref<Environment>,
    caller: Object,
    flags: u8,
) -> Result<Object> {
    check_allowed(cx)?;
    let SourceTexts { texts, block: surrogates } = SourceTexts::new(&cx.heap, &[source]);
    let text = texts.concat();
    let caller_code = Code::from_value(caller.internal(&cx.heap, closure::CODE));
    let names = visible_names(&cx.heap, environment);
    let private_names: Vec<String> = names.iter().filter(|name| name.starts_with('#')).cloned().collect();
    let derived = active_function(cx, environment)
        .is_some_and(|function| Code::from_value(function.internal(&cx.heap, closure::CODE)).has(&cx.heap, code_flag::DERIVED));
    let context = EvalContext {
        direct: true,
        strict: flags & 1 != 0,
        in_function: names.iter().any(|name| name == "new.target"),
        in_method: names.iter().any(|name| name == "%home"),
        in_derived_constructor: derived,
        in_class_field: flags & 2 != 0,
        private_names: &private_names,
    };
    let block = match compile_eval(&text, &context, &compile_options()) {
        Ok(block) => block,
        Err(error) => return Err(syntax_error(cx, &error)),
    };
    let record = cx.heap.new_dynamic_source("eval", &text, surrogates, &caller_code.referrer(&cx.heap));
    let realm = Code(caller_code.0).realm(&cx.heap);
    let code = link(cx, &block, realm, record)?;
    let environment = if environment.is_null() { Value::UNDEFINED } else { Value::cell(environment) };
    let function = new_closure(cx, code, environment);
    function.set_internal(&cx.heap, closure::HOME, caller.internal(&cx.heap, closure::HOME));
    debug_assert!(code.raw(&cx.heap, CodeField::Registers) > 0);
    Ok(function)
}

/// Value of the pseudo binding `%function`, if one is visible.
fn active_function(cx: &Context, from: Ref<Environment>) -> Option<Object> {
    let name = cx.heap.intern_text("%function");
    let mut environment = from;
    while environment.exists() {
        if let Some((slot, _)) = crate::realm::scope::slot_of(&cx.heap, environment, name) {
            return environment.get(&cx.heap, slot).as_object().filter(|object| object.is(&cx.heap, crate::heap::Kind::Closure));
        }
        environment = environment.parent(&cx.heap);
    }
    None
}
