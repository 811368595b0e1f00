//! Modules: records, loading, linking, evaluation, namespaces, import(), import.meta. https://tc39.es/ecma262/#sec-modules
//!
//! A module record is a Values cell; all of them are listed in the heap's roots. Modules load synchronously through the host, so a whole
//! graph is there before anything of it is linked or runs. Linking and evaluation follow the specification's algorithms step by step,
//! asynchronous graphs and deferred evaluation (https://tc39.es/proposal-defer-import-eval/) included.
//!
//! | file | what |
//! |---|---|
//! | `load.rs` | records out of the host's sources |
//! | `link.rs` | resolution of exports, namespaces, environments |
//! | `evaluate.rs` | evaluation, top-level await |
//! | `defer.rs` | deferred namespaces |
//! | `import.rs` | import(), import.meta |

mod defer;
mod evaluate;
mod import;
mod link;
mod load;

pub(crate) use import::{import_call, import_meta};

use crate::context::Context;
use crate::heap::{Ref, Root, Values};
use crate::native::Result;
use crate::natives;
use crate::object::Object;
use crate::realm::code::{Code, CodeField};
use crate::value::Value;

/// Fields of a module record.
#[derive(Clone, Copy)]
#[repr(u32)]
enum Field {
    /// Linked code; undefined for synthetic modules.
    Code,
    Environment,
    /// [[Namespace]]
    Namespace,
    /// [[DeferredNamespace]]
    DeferredNamespace,
    /// [[Status]], one of [`status`].
    Status,
    /// Frame that waits for evaluation.
    Frame,
    /// Values: loaded modules by request.
    Requested,
    Name,
    /// [[EvaluationError]]; the hole while there is none.
    Error,
    Meta,
    /// Type attribute: "", "json", "text", "bytes".
    Type,
    /// Value of a synthetic module's default export; the hole when it has none.
    Default,
    /// [[ModuleSource]]: object, or undefined.
    Source,
    /// Promise of [[TopLevelCapability]].
    Promise,
    DfsIndex,
    DfsAncestorIndex,
    CycleRoot,
    /// [[AsyncEvaluationOrder]]: undefined (unset), a number, or null (done).
    AsyncEvaluationOrder,
    /// Values: [[AsyncParentModules]].
    AsyncParentModules,
    PendingAsyncDependencies,
    Count,
}

/// [[Status]] of cyclic module records; synthetic ones are evaluated from the start.
mod status {
    pub const NEW: i32 = 0;
    pub const LOADING: i32 = 1;
    pub const UNLINKED: i32 = 2;
    pub const LINKING: i32 = 3;
    pub const LINKED: i32 = 4;
    pub const EVALUATING: i32 = 5;
    pub const EVALUATING_ASYNC: i32 = 6;
    pub const EVALUATED: i32 = 7;
}

/// Phases of module requests, as the compiler numbers them.
mod phase {
    pub const DEFER: u8 = 1;
    pub const SOURCE: u8 = 2;
}

type Module = Ref<Values>;

natives! { pub static MODULE_SUPPORT: namespace "%modules%", GlobalFunctions, not_global; {
    hidden "" / 1 => evaluate::async_execution_fulfilled,
    hidden "" / 1 => evaluate::async_execution_rejected,
    hidden "" / 3 => import::link_and_evaluate,
    hidden "" / 1 => import::give_namespace,
    hidden "" / 1 => import::dependency_evaluated,
    hidden "" / 1 => import::dependency_failed,
}}

/// What evaluating a module gives.
#[derive(Clone, Copy, Debug)]
pub struct ModuleEvaluation {
    /// The module's namespace object.
    pub namespace: Object,
    /// Settles when evaluation, top-level await included, is done.
    pub promise: Object,
}

fn field(cx: &Context, module: Module, field: Field) -> Value {
    module.get(&cx.heap, field as u32)
}

fn set_field(cx: &Context, module: Module, field: Field, value: Value) {
    module.set(&cx.heap, field as u32, value);
}

fn number_field(cx: &Context, module: Module, which: Field) -> i32 {
    field(cx, module, which).as_int().unwrap_or(0)
}

fn module_field(cx: &Context, module: Module, which: Field) -> Option<Module> {
    field(cx, module, which).as_cell()
}

fn status_of(cx: &Context, module: Module) -> i32 {
    field(cx, module, Field::Status).as_int().unwrap_or(status::NEW)
}

fn set_status(cx: &Context, module: Module, status: i32) {
    set_field(cx, module, Field::Status, Value::int(status));
}

/// Whether it is a cyclic module record: one with code. The others are synthetic.
fn is_cyclic(cx: &Context, module: Module) -> bool {
    field(cx, module, Field::Code).is_cell()
}

fn modules(cx: &Context) -> Vec<Module> {
    list(cx, cx.heap.root(Root::Modules))
}

/// The cells of a list of records.
fn list(cx: &Context, value: Value) -> Vec<Ref<Values>> {
    let Some(list) = value.as_cell::<Values>() else { return Vec::new() };
    (0..list.length(&cx.heap)).map(|i| cx.record(list.get(&cx.heap, i))).collect()
}

fn find(cx: &Context, name: &str, kind: &str) -> Option<Module> {
    let list = cx.heap.root(Root::Modules).as_cell::<Values>()?;
    (0..list.length(&cx.heap)).map(|i| cx.record(list.get(&cx.heap, i))).find(|&module| {
        field(cx, module, Field::Name).as_string().is_some_and(|known| known.equals_text(name, &cx.heap))
            && field(cx, module, Field::Type).as_string().is_some_and(|known| known.equals_text(kind, &cx.heap))
    })
}

fn new_record(cx: &mut Context, name: &str, kind: &str) -> Module {
    let module = cx.heap.new_values(Field::Count as u32);
    module.set_length(&cx.heap, Field::Count as u32);
    for i in 0..Field::Count as u32 {
        module.set(&cx.heap, i, Value::UNDEFINED);
    }
    set_status(cx, module, status::NEW);
    set_field(cx, module, Field::Error, Value::HOLE);
    set_field(cx, module, Field::Default, Value::HOLE);
    set_field(cx, module, Field::Name, cx.heap.intern_text(name).value());
    set_field(cx, module, Field::Type, cx.heap.intern_text(kind).value());
    let list = cx.heap.root(Root::Modules).as_cell::<Values>().unwrap_or_else(|| cx.heap.new_values(8));
    let list = list.push(&cx.heap, Value::cell(module));
    cx.heap.set_root(Root::Modules, Value::cell(list));
    module
}

/// Part of a linked module record: 0 requests, 1 imports, 2 exports, 3 scope, 4 has top-level await.
fn part(cx: &Context, module: Module, index: u32) -> Value {
    let code = field(cx, module, Field::Code);
    if !code.is_cell() {
        return Value::UNDEFINED;
    }
    let record = Code::from_value(code).field(&cx.heap, CodeField::Module);
    cx.record(record).get(&cx.heap, index)
}

/// [[HasTLA]]
fn has_top_level_await(cx: &Context, module: Module) -> bool {
    part(cx, module, 4) == Value::TRUE
}

/// Phase of a module's request by number.
fn request_phase(cx: &Context, module: Module, index: u32) -> u8 {
    let requests = cx.record(part(cx, module, 0));
    cx.record(requests.get(&cx.heap, index)).get(&cx.heap, 1).as_int().unwrap_or(0) as u8
}

/// The module that a request by number loaded.
fn requested(cx: &Context, module: Module, index: u32) -> Module {
    let list = cx.record(field(cx, module, Field::Requested));
    cx.record(list.get(&cx.heap, index))
}

/// Loaded modules with the phases of their requests, in order.
fn all_requested(cx: &Context, module: Module) -> Vec<(Module, u8)> {
    let modules = list(cx, field(cx, module, Field::Requested));
    modules.into_iter().enumerate().map(|(i, target)| (target, request_phase(cx, module, i as u32))).collect()
}

impl Context {
    /// Loads, links and starts evaluating a module given as text. Jobs must be run for top-level await to go on.
    pub fn evaluate_module(&mut self, source: &str, name: &str) -> Result<ModuleEvaluation> {
        self.enter(|cx| {
            let module = match find(cx, name, "") {
                Some(known) => known,
                None => load::parse_module(cx, source, name)?,
            };
            load::load_requested_modules(cx, module)?;
            link::link(cx, module)?;
            let promise = evaluate::evaluate(cx, module)?;
            let namespace = link::namespace(cx, module, false)?;
            Ok(ModuleEvaluation { namespace, promise })
        })
    }
}
