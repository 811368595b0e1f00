//! Building images: the base image of engine and worker scope, and from it a worker's.

use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use mayfly_engine::builtins::promise::{self, PromiseState};
use mayfly_engine::heap::{HeapLimits, Kind};
use mayfly_engine::host::NullHost;
use mayfly_engine::{Context, ContextOptions, Image, ImageError, ImageKind, Object, Value};
use mayfly_stdlib::platform::{LogLevel, WorkerHost};

use crate::loader::{FileLoader, SourceKind};
use crate::natives::natives;
use crate::platform::{BuildPlatform, write_line};
use crate::prime;
use crate::report::ErrorReport;
use crate::roots;
use crate::sample::Sample;
use crate::scope;
use crate::source_map::MapTexts;
use crate::stores::Namespace;
use crate::warm;

/// Names and texts that the operator gives a worker: properties of `env`, or globals where the worker listens for events.
pub type Variables = Vec<(String, String)>;

/// How an image is built.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// Key of string hashes. With the same key, the same source gives the same bytes; without one, this process's random key is taken, so
    /// that collisions cannot be computed from the source.
    pub hash_key: Option<u32>,
    /// The base image, made with a hash key of its own; without one, the base image for `hash_key` is made.
    pub base: Option<Arc<Image>>,
    /// Script or module.
    pub kind: SourceKind,
    /// Directory for imports; the current one when empty.
    pub root: PathBuf,
    /// Requests that are run while the image is built, for what inline caches learn from them.
    pub samples: Vec<Sample>,
    /// Requests that the worker answers as a part of its top level: all that they leave is in the image. Before the samples.
    pub primes: Vec<Sample>,
    /// Refuse `eval` and `new Function`.
    pub no_eval: bool,
    /// MiB that the top level may use.
    pub memory_mib: Option<u32>,
    /// What the worker finds in `env`.
    pub variables: Variables,
    /// Key-value stores that the worker finds there too.
    pub namespaces: Vec<Namespace>,
    /// The worker's location: base of relative URLs, `self.location`.
    pub location: Option<String>,
    /// MiB that the worker's caches may hold.
    pub cache_mib: Option<u32>,
    /// Collect garbage at every safepoint.
    pub gc_stress: bool,
}

/// Why no image was built.
#[derive(Debug)]
pub enum BuildError {
    /// The top level threw, or does not parse.
    Uncaught(Box<ErrorReport>),
    /// The top level was stopped.
    Stopped(String),
    /// It is no worker: there is no handler for requests.
    NoHandler(String),
    /// The worker could not answer a request that it was to be primed with, named here.
    Unprimed(String, Box<BuildError>),
    /// No image could be made of the heap.
    Image(ImageError),
}

impl std::fmt::Display for BuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BuildError::Uncaught(report) => write!(f, "Uncaught {}", report.text()),
            BuildError::Stopped(why) | BuildError::NoHandler(why) => f.write_str(why),
            BuildError::Unprimed(request, why) => write!(f, "{why}\nThe image was to be primed with this request: {request}"),
            BuildError::Image(error) => write!(f, "{error}"),
        }
    }
}
impl std::error::Error for BuildError {}

impl BuildError {
    /// The error with places in the files that people wrote.
    fn mapped(self, maps: &MapTexts) -> BuildError {
        match self {
            BuildError::Uncaught(report) => BuildError::Uncaught(Box::new(report.mapped(&maps.decode()))),
            BuildError::Unprimed(request, why) => BuildError::Unprimed(request, Box::new(why.mapped(maps))),
            other => other,
        }
    }
}

impl From<ImageError> for BuildError {
    fn from(error: ImageError) -> Self {
        BuildError::Image(error)
    }
}

/// The base image, by hash key: only the last one is kept, for a process needs no more.
static BASE: Mutex<Option<(u32, Arc<Image>)>> = Mutex::new(None);

/// Options of contexts that are built from nothing or from the base image.
pub(crate) fn context_options(hash_key: u32, memory_mib: u32, allow_eval: bool) -> ContextOptions {
    let memory_bytes = memory_mib.min(3 << 10) << 20;
    ContextOptions { limits: HeapLimits { memory_bytes }, hash_key, allow_eval, becomes_image: false }
}

/// The same of contexts whose heap becomes an image.
fn building_options(hash_key: u32, memory_mib: u32, allow_eval: bool) -> ContextOptions {
    ContextOptions { becomes_image: true, ..context_options(hash_key, memory_mib, allow_eval) }
}

/// A hash key that nobody can know beforehand, the same for all that this process builds, so that all of it shares one base image.
pub(crate) fn random_hash_key() -> Result<u32, BuildError> {
    static KEY: OnceLock<u32> = OnceLock::new();
    if let Some(key) = KEY.get() {
        return Ok(*key);
    }
    let mut key = [0; 4];
    crate::random::fill(&mut key).map_err(BuildError::Stopped)?;
    Ok(*KEY.get_or_init(|| u32::from_le_bytes(key)))
}

/// The image of engine and worker scope alone, as the bytes of a file. Without a key it is made with a random one.
///
/// # Errors
/// Where the system gives no memory.
pub fn build_base_image(hash_key: Option<u32>) -> Result<Vec<u8>, BuildError> {
    let hash_key = hash_key.map_or_else(random_hash_key, Ok)?;
    let host = Box::new(WorkerHost::new(Box::new(BuildPlatform::new(None))));
    let mut cx = Context::new(host, natives(), building_options(hash_key, 128, true)).map_err(ImageError::from)?;
    match cx.enter(scope::install) {
        Ok(()) => Ok(cx.to_image_bytes()?),
        Err(_) => Err(uncaught(&mut cx)),
    }
}

/// The image of engine and worker scope alone.
///
/// # Errors
/// Where the system gives no memory.
pub fn base_image(hash_key: u32) -> Result<Arc<Image>, BuildError> {
    let mut base = BASE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((key, image)) = &*base
        && *key == hash_key
    {
        return Ok(image.clone());
    }
    let image = Image::from_bytes(&build_base_image(Some(hash_key))?, &natives())?;
    *base = Some((hash_key, image.clone()));
    Ok(image)
}

impl BuildOptions {
    /// The base over which images are built.
    ///
    /// # Errors
    /// Where it has to be made, and the system gives no memory.
    pub fn base(&self) -> Result<Arc<Image>, BuildError> {
        match (&self.base, self.hash_key) {
            (Some(base), _) => Ok(base.clone()),
            (None, Some(key)) => base_image(key),
            (None, None) => base_image(random_hash_key()?),
        }
    }
}

/// The pending exception, or why the instance was stopped.
pub(crate) fn uncaught(cx: &mut Context) -> BuildError {
    match cx.take_exception() {
        Some(thrown) => BuildError::Uncaught(Box::new(ErrorReport::new(cx, thrown))),
        None => BuildError::Stopped(match cx.termination() {
            Some(why) => format!("The worker's top level was stopped: {why}"),
            None => "The worker's top level was stopped".to_string(),
        }),
    }
}

/// Evaluates a worker's top level and gives its heap as an image. `name` is shown in stack traces, and imports are resolved against it.
///
/// # Errors
/// Where the top level throws, asks for randomness or I/O, or leaves no handler for requests.
pub fn build_image(source: &str, name: &str, options: &BuildOptions) -> Result<Vec<u8>, BuildError> {
    build_warmed(source, name, options).map(|(image, _)| image)
}

/// The same, and how many entries of inline caches were learned from samples.
pub(crate) fn build_warmed(source: &str, name: &str, options: &BuildOptions) -> Result<(Vec<u8>, usize), BuildError> {
    let base = options.base()?;
    let loader = FileLoader { root: options.root.clone(), maps: Rc::default() };
    loader.note_source_map(source, name);
    let host = Box::new(WorkerHost::new(Box::new(BuildPlatform::new(Some(loader.clone())))));
    let building_options = building_options(0, options.memory_mib.unwrap_or(512), !options.no_eval);
    let mut cx = Context::from_image(&base, host, natives(), building_options).map_err(ImageError::from)?;
    if options.gc_stress {
        cx.heap.stress.set(true);
        cx.set_quantum(1);
    }
    let evaluated = evaluate(&mut cx, source, name, options).and_then(|()| {
        roots::reserve(&mut cx);
        prime::run(&mut cx, &options.primes)
    });
    evaluated.map_err(|error| error.mapped(&loader.maps))?;
    loader.maps.keep(&mut cx);
    let cold = cx.to_image_bytes()?;
    if options.samples.is_empty() {
        return Ok((cold, 0));
    }
    let over_base = |whole: &[u8]| Image::over(&base, &Image::delta(whole, &base, &natives())?, &natives());
    let image = over_base(&cold)?;
    let mut instance = warm::run(&image, &options.samples)?;
    if cx.adopt_sizes(&instance.cx) {
        // Objects of another size have other shapes, which caches are to know.
        instance = warm::run(&over_base(&cx.to_image_bytes()?)?, &options.samples)?;
    }
    let learned = cx.adopt_feedback(&instance.cx);
    let warmed = cx.to_image_bytes()?;
    let Some(changed) = warm::difference(&cx, &image)? else { return Ok((warmed, learned)) };
    let why = format!("warming changed the worker's state at {changed:#x}");
    if cfg!(debug_assertions) {
        return Err(ImageError::NotReady(why).into());
    }
    // A fault of ours, and no reason to serve nothing: the image from before is as good, but for its speed.
    write_line(LogLevel::Warn, &format!("Warning: the image stays cold: {why}. This is a fault of mayfly; please report it"));
    Ok((cold, 0))
}

/// The same as a delta over the base image of the options.
///
/// # Errors
/// As for [`build_image`].
pub fn build_delta(source: &str, name: &str, options: &BuildOptions) -> Result<Vec<u8>, BuildError> {
    let base = options.base()?;
    let whole = build_image(source, name, &BuildOptions { base: Some(base.clone()), ..options.clone() })?;
    Ok(Image::delta(&whole, &base, &natives())?)
}

/// Fails where an error or a rejection was left that nobody handled.
pub(crate) fn settled(cx: &mut Context) -> Result<(), BuildError> {
    match scope::unhandled(cx).into_iter().next() {
        Some(report) => Err(BuildError::Uncaught(Box::new(report))),
        None => Ok(()),
    }
}

/// Evaluates the top level, and sets the roots that requests need.
fn evaluate(cx: &mut Context, source: &str, name: &str, options: &BuildOptions) -> Result<(), BuildError> {
    let environment = cx.new_plain_object();
    cx.set_embedder_root(roots::ENVIRONMENT, environment.value());
    if let Some(location) = &options.location {
        cx.enter(|cx| mayfly_stdlib::location::set(cx, location)).map_err(|_| uncaught(cx))?;
    }
    let exports = match options.kind.resolve(source, name) {
        SourceKind::Script => {
            // A script can only listen for events, where variables are globals: its top level may use them already.
            let global = cx.global();
            define(cx, global, &options.variables, &options.namespaces)?;
            if cx.evaluate_script(source, name).is_err() || cx.enter(|cx| cx.run_jobs()).is_err() {
                return Err(uncaught(cx));
            }
            None
        }
        _ => Some(evaluate_module(cx, source, name)?),
    };
    settled(cx)?;
    let handler = find_handler(cx, exports)?;
    cx.set_embedder_root(roots::EXPORT, handler);
    set_bindings(cx, &options.variables, &options.namespaces)
}

fn set_bindings(cx: &mut Context, variables: &Variables, namespaces: &[Namespace]) -> Result<(), BuildError> {
    let target = match (cx.embedder_root(roots::EXPORT).as_object(), cx.embedder_root(roots::ENVIRONMENT).as_object()) {
        (Some(_), Some(environment)) => environment,
        _ => cx.global(),
    };
    define(cx, target, variables, namespaces)
}

/// Defines variables and namespaces as properties.
fn define(cx: &mut Context, target: Object, variables: &Variables, namespaces: &[Namespace]) -> Result<(), BuildError> {
    let defined = cx.enter(|cx| {
        for (name, text) in variables {
            let (key, value) = (cx.key(name), cx.new_string(text));
            cx.create_data_property_or_throw(target, key, value)?;
        }
        for namespace in namespaces {
            let (key, value) = (cx.key(&namespace.name), mayfly_stdlib::kv::create(cx, &namespace.name));
            cx.create_data_property_or_throw(target, key, value.value())?;
        }
        Ok(())
    });
    defined.map_err(|_| uncaught(cx))
}

/// The image of a worker with more variables and namespaces, or with others of the same name. Made once, when a server starts, so that requests find them
/// in their image like everything else.
///
/// # Errors
/// Where a variable's name is that of a global that cannot be replaced.
pub fn with_bindings(image: &Arc<Image>, variables: &Variables, namespaces: &[Namespace]) -> Result<Vec<u8>, BuildError> {
    let host = Box::new(WorkerHost::new(Box::new(BuildPlatform::new(None))));
    let mut cx = Context::from_image(image, host, natives(), building_options(0, 512, true)).map_err(ImageError::from)?;
    set_bindings(&mut cx, variables, namespaces)?;
    Ok(cx.to_image_bytes()?)
}

/// Evaluates a module to its end; its namespace.
fn evaluate_module(cx: &mut Context, source: &str, name: &str) -> Result<Object, BuildError> {
    let Ok(evaluation) = cx.evaluate_module(source, name) else { return Err(uncaught(cx)) };
    let kept = cx.push_temporary(evaluation.namespace.value());
    cx.push_temporary(evaluation.promise.value());
    promise::mark_handled(cx, evaluation.promise);
    if cx.enter(|cx| cx.run_jobs()).is_err() {
        return Err(uncaught(cx));
    }
    cx.pop_temporaries(kept);
    match promise::state(cx, evaluation.promise) {
        (PromiseState::Fulfilled, _) => Ok(evaluation.namespace),
        (PromiseState::Rejected, reason) => Err(BuildError::Uncaught(Box::new(ErrorReport::new(cx, reason)))),
        (PromiseState::Pending, _) => Err(BuildError::Stopped(
            "The worker's top level waits (top-level await) for something that cannot happen while an image is built".to_string(),
        )),
    }
}

const NO_HANDLER: &str = "There is no handler for requests. A worker has `export default { fetch(request) { … } }`, or it calls \
`addEventListener('fetch', event => event.respondWith(…))`";

/// The default export that has a `fetch` method, or undefined where a listener takes requests.
fn find_handler(cx: &mut Context, exports: Option<Object>) -> Result<Value, BuildError> {
    if let Some(exports) = exports {
        let found = cx.enter(|cx| {
            let key = cx.key("default");
            if !cx.has_property(exports, key)? {
                return Ok(None);
            }
            let export = cx.get(exports, key)?;
            let key = cx.key("fetch");
            let fetch = if export.is_object() { cx.get_v(export, key)? } else { Value::UNDEFINED };
            Ok(cx.is_callable(fetch).then_some(export))
        });
        match found {
            Ok(Some(export)) => return Ok(export),
            Ok(None) => {}
            Err(_) => return Err(uncaught(cx)),
        }
    }
    if scope::has_fetch_listener(cx) { Ok(Value::UNDEFINED) } else { Err(BuildError::NoHandler(NO_HANDLER.to_string())) }
}

/// The header of an image as lines of text, after checking it: a whole image against itself, a delta as far as that goes without its base.
/// Of whole images, also what their heap is made of. The offsets are those of the image format (see the engine's `image`).
///
/// # Errors
/// Where the image is damaged or of another build.
pub fn describe_image(bytes: &[u8], natives: &mayfly_engine::Natives) -> Result<String, ImageError> {
    let kind = Image::check(bytes, natives)?;
    let word = |at: usize| u64::from_le_bytes(bytes.get(at..at + 8).and_then(|word| word.try_into().ok()).unwrap_or_default());
    let half = |at: usize| word(at) as u32;
    let mut text = format!(
        "layout version      {}\nheader              {} bytes\nnatives             {} (fingerprint {:016x})\nopcodes fingerprint {:016x}\n\
         heap                {} bytes, cells end at {:#x}\nrealm               at {:#x}\nchecksum            {:016x}\n\
         texts               {} bytes, checksum {:016x}\n",
        half(8),
        half(12),
        natives.len(),
        word(16),
        word(24),
        word(32),
        half(40),
        half(44),
        word(48),
        word(72),
        word(80)
    );
    if kind == ImageKind::Delta {
        text +=
            &format!("base                {} bytes, checksum {:016x}\ncards               {} of its own\n", half(64), word(56), half(68));
    } else {
        text += &describe_cells(&Image::from_bytes(bytes, natives)?)?;
    }
    Ok(text)
}

/// How many cells of each kind an image has, and their bytes, most first.
fn describe_cells(image: &Arc<Image>) -> Result<String, ImageError> {
    let cx = Context::from_image(image, Box::new(NullHost::default()), crate::natives::natives(), context_options(0, 512, true))?;
    let mut kinds: HashMap<Kind, (usize, u64)> = HashMap::new();
    for cell in cx.heap.cells() {
        let (count, bytes) = kinds.entry(cx.heap.kind(cell)).or_default();
        *count += 1;
        *bytes += u64::from(cx.heap.cell_size(cell));
    }
    let mut kinds: Vec<(Kind, (usize, u64))> = kinds.into_iter().collect();
    kinds.sort_by_key(|&(kind, (_, bytes))| (std::cmp::Reverse(bytes), kind));
    let mut text = "\nbytes     cells   kind\n".to_string();
    for (kind, (count, bytes)) in kinds {
        text += &format!("{bytes:<9} {count:<7} {kind:?}\n");
    }
    Ok(text)
}
