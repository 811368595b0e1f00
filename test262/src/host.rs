//! The host of a test: `print`, modules from the suite, `$262`. See INTERPRETING.md of the suite.

use mayfly_engine::native;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mayfly_engine::builtins::typed_array;
use mayfly_engine::context::Handle;
use mayfly_engine::host::{FUEL_QUANTUM, Host, ModuleSource, Refuel};
use mayfly_engine::native::{Args, ClassSpec, KeySpec, Result, table};
use mayfly_engine::object::attribute;
use mayfly_engine::realm::Intrinsic;
use mayfly_engine::{Context, Natives, Value};

use crate::agents::{self, Cluster};

/// Longest CPU time of one variant, on its thread.
const CPU_LIMIT: Duration = Duration::from_secs(10);
/// Longest time for one variant by the wall, for those that wait for other agents.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// CPU time that this thread has used.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Specifier of the module that has a source and nothing else.
const MODULE_SOURCE: &str = "<module source>";

/// State of the running test.
pub struct TestHost {
    /// Texts printed.
    pub printed: Vec<String>,
    /// When the test is stopped, however little it does.
    pub deadline: Instant,
    /// CPU time of its thread at which the test is stopped.
    cpu_deadline: Duration,
    /// The agents of the test.
    pub cluster: Arc<Cluster>,
    /// In an agent: the function that gets the broadcast.
    pub receiver: Option<Handle>,
    /// In an agent: it has said that it is done.
    pub is_leaving: bool,
}

impl Default for TestHost {
    fn default() -> Self {
        TestHost {
            printed: Vec::new(),
            deadline: Instant::now() + TIME_LIMIT,
            cpu_deadline: cpu_time() + CPU_LIMIT,
            cluster: Arc::default(),
            receiver: None,
            is_leaving: false,
        }
    }
}

impl TestHost {
    /// Makes it the host of another test.
    pub fn restart(&mut self) {
        *self = TestHost::default();
    }

    /// The host of an agent of a test that ends at `deadline`.
    pub fn of_agent(cluster: Arc<Cluster>, deadline: Instant) -> TestHost {
        TestHost { cluster, deadline, ..TestHost::default() }
    }
}

impl Host for TestHost {
    fn now_ms(&mut self) -> std::result::Result<f64, String> {
        Ok(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0.0, |since| since.as_millis() as f64))
    }

    fn random_seed(&mut self) -> std::result::Result<[u64; 2], String> {
        Ok([0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F])
    }

    fn load_module(
        &mut self,
        specifier: &str,
        referrer: &str,
        attributes: &[(String, String)],
    ) -> std::result::Result<ModuleSource, String> {
        if specifier == MODULE_SOURCE {
            return Ok(ModuleSource::Opaque { class_name: "Test262Source".to_string(), name: MODULE_SOURCE.to_string() });
        }
        let base = Path::new(referrer).parent().map_or_else(PathBuf::new, Path::to_path_buf);
        let path = base.join(specifier);
        let path = path.canonicalize().map_err(|_| format!("Cannot find module '{specifier}'"))?;
        let name = path.to_string_lossy().into_owned();
        let read = |path: &Path| std::fs::read(path).map_err(|error| format!("Cannot read module '{specifier}': {error}"));
        let bytes = read(&path)?;
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        match attributes.iter().find(|(key, _)| key == "type").map(|(_, value)| value.as_str()) {
            Some("json") => Ok(ModuleSource::Json { text: text(), name }),
            Some("text") => Ok(ModuleSource::Text { text: text(), name }),
            Some("bytes") => Ok(ModuleSource::Bytes { bytes, name }),
            Some(other) => Err(format!("Unknown module type '{other}'")),
            None => Ok(ModuleSource::JavaScript { text: text(), name }),
        }
    }

    fn print(&mut self, text: &str) {
        self.printed.push(text.to_string());
    }

    fn keep_waiting(&mut self) -> bool {
        cpu_time() <= self.cpu_deadline && Instant::now() <= self.deadline && !self.cluster.has_ended()
    }

    fn as_any(&mut self) -> &mut dyn std::any::Any {
        self
    }

    fn refuel(&mut self) -> Refuel {
        if self.keep_waiting() { Refuel::Continue(FUEL_QUANTUM) } else { Refuel::Stop }
    }
}

/// `$262`
pub static HOST_OBJECT: ClassSpec = ClassSpec {
    name: "$262",
    constructor: None,
    intrinsic: Some(Intrinsic::embedder(0)),
    prototype: None,
    parent_prototype: None,
    parent_constructor: None,
    is_global: true,
    members: &[
        table::method(true, KeySpec::Name("createRealm"), 0, native!(create_realm)),
        table::method(true, KeySpec::Name("detachArrayBuffer"), 1, native!(detach_array_buffer)),
        table::method(true, KeySpec::Name("evalScript"), 1, native!(eval_script)),
        table::method(true, KeySpec::Name("gc"), 0, native!(gc)),
        table::hidden("print", 1, native!(print)),
    ],
};

/// Completes the host object of the current realm, and adds `print`.
pub fn install(cx: &mut Context) -> Result<()> {
    let global = cx.global();
    let object = cx.realm().intrinsic(&cx.heap, Intrinsic::embedder(0));
    let key = cx.key("global");
    cx.create_data_property_or_throw(object, key, global.value())?;
    let print = cx.new_native(print);
    let key = cx.key("print");
    global.add_property(&cx.heap, key, print.value(), attribute::METHOD);
    let html_dda = cx.new_native(html_dda);
    html_dda.add_flags(&cx.heap, mayfly_engine::heap::object_flag::HTML_DDA);
    let key = cx.key("IsHTMLDDA");
    cx.create_data_property_or_throw(object, key, html_dda.value())?;
    let key = cx.key("AbstractModuleSource");
    let class = cx.intrinsic(Intrinsic::AbstractModuleSource);
    cx.create_data_property_or_throw(object, key, class.value())?;
    let agent = cx.new_plain_object();
    for &(name, method) in agents::METHODS {
        let key = cx.key(name);
        let method = cx.new_native(method);
        cx.create_data_property_or_throw(agent, key, method.value())?;
    }
    let key = cx.key("agent");
    cx.create_data_property_or_throw(object, key, agent.value())
}

mayfly_engine::native_table! {
    /// The engine's natives and this host's.
    static NATIVES = &[&HOST_OBJECT, &HIDDEN];
}

/// The table of natives with this host's.
pub fn natives() -> Natives {
    Natives::new(&NATIVES)
}

/// [[Call]] of `$262.IsHTMLDDA` returns null.
fn html_dda(_: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    Ok(Value::NULL)
}

/// Natives that only `install` makes objects of.
pub static HIDDEN: ClassSpec = ClassSpec {
    name: "%262%",
    constructor: None,
    intrinsic: Some(Intrinsic::embedder(1)),
    prototype: None,
    parent_prototype: None,
    parent_constructor: None,
    is_global: false,
    members: &[
        table::hidden("IsHTMLDDA", 0, native!(html_dda)),
        table::hidden("start", 1, native!(agents::start)),
        table::hidden("broadcast", 2, native!(agents::broadcast)),
        table::hidden("getReport", 0, native!(agents::get_report)),
        table::hidden("sleep", 1, native!(agents::sleep)),
        table::hidden("monotonicNow", 0, native!(agents::monotonic_now)),
        table::hidden("receiveBroadcast", 1, native!(agents::receive_broadcast)),
        table::hidden("report", 1, native!(agents::report)),
        table::hidden("leaving", 0, native!(agents::leaving)),
    ],
};

fn print(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let text = cx.to_text(args.at(0))?;
    cx.host().print(&text);
    Ok(Value::UNDEFINED)
}

fn create_realm(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    let realm = cx.create_realm();
    cx.with_realm(realm, |cx| {
        install(cx)?;
        Ok(cx.realm().intrinsic(&cx.heap, Intrinsic::embedder(0)).value())
    })
}

fn detach_array_buffer(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(buffer) = args.at(0).as_object() {
        typed_array::detach(cx, buffer);
    }
    Ok(Value::NULL)
}

fn eval_script(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let source = cx.to_text(args.at(0))?;
    let _ = this;
    cx.evaluate_script(&source, "evalScript")
}

fn gc(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    cx.collect_garbage();
    Ok(Value::UNDEFINED)
}
