//! What the worker scope needs from outside, and the engine's `Host` made from it.
//!
//! [`Platform`] is implemented by the runtime, and by [`crate::fake::FakePlatform`] for tests. Natives reach it through the helpers here;
//! whatever is refused while an image is built comes back as an error with a message for the user.

use crate::blocking::{Completion, Work};
use crate::cache::CacheStore;
use crate::fetch::host::{BodyChunk, OutgoingRequest, Sending};
use crate::kv::KeyValueStore;
use crate::websocket::host::{OutgoingSocket, SocketMessage};
use mayfly_engine::context::{Context, ErrorKind, Handle};
use mayfly_engine::heap::Heap;
use mayfly_engine::host::{FUEL_QUANTUM, Host, ModuleSource, Refuel};
use mayfly_engine::native::{Result, Thrown};
use mayfly_engine::realm::error::FramePosition;
use mayfly_engine::value::Value;
use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;

/// Severity of a line that `console` writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogLevel {
    /// console.debug
    Debug,
    /// console.log, console.table, …
    Log,
    /// console.info
    Info,
    /// console.warn, console.assert
    Warn,
    /// console.error, console.trace, uncaught errors
    Error,
}

/// Makes a text for people of a value that was thrown.
pub type Describer = Rc<dyn Fn(&mut Context, Value) -> String>;

/// Declares [`Platform`], and [`Layer`] with the same methods: nothing can be in the one and forgotten in the other.
macro_rules! platform {
    (
        required { $($(#[$asked:meta])* fn $ask:ident(&mut $me:ident $(, $input:ident: $of:ty)*) $(-> $answer:ty)?;)* }
        provided { $($(#[$doc:meta])* fn $name:ident(&mut $self:ident $(, $argument:ident: $type:ty)*) $(-> $result:ty)? $body:block)* }
    ) => {
        /// The world around an instance: clocks, randomness, timers, logs, modules.
        pub trait Platform {
            $($(#[$asked])* fn $ask(&mut $me $(, $input: $of)*) $(-> $answer)?;)*
            $($(#[$doc])* fn $name(&mut $self $(, $argument: $type)*) $(-> $result)? $body)*
        }

        platform! { layer
            $(fn $ask(&mut $me $(, $input: $of)*) $(-> $answer)?;)*
            $(fn $name(&mut $self $(, $argument: $type)*) $(-> $result)?;)*
        }
    };
    (layer $(fn $name:ident(&mut $self:ident $(, $argument:ident: $type:ty)*) $(-> $result:ty)?;)*) => {
        /// A platform around another one, to which everything goes that the layer does not answer itself.
        pub trait Layer {
            /// The platform around which this one is.
            fn inner(&mut self) -> &mut dyn Platform;

            $(
                #[doc = concat!("See [`Platform::", stringify!($name), "`].")]
                fn $name(&mut $self $(, $argument: $type)*) $(-> $result)? {
                    $self.inner().$name($($argument),*)
                }
            )*
        }

        impl<L: Layer> Platform for L {
            $(fn $name(&mut $self $(, $argument: $type)*) $(-> $result)? {
                Layer::$name($self $(, $argument)*)
            })*
        }
    };
}

platform! {
    required {
        /// Milliseconds since 1970-01-01 UTC; 0 where the clock stands still, as while an image is built.
        fn now_ms(&mut self) -> std::result::Result<f64, String>;

        /// Milliseconds since the request (or program) began; never goes back.
        fn monotonic_ms(&mut self) -> std::result::Result<f64, String>;

        /// Fills a buffer with bytes of a cryptographically secure generator.
        fn fill_random(&mut self, bytes: &mut [u8]) -> std::result::Result<(), String>;

        /// Asks for [`crate::timers::fire`] with this number in `delay_ms`. Timers that are due at the same time fire in the order of these
        /// calls. A repeating timer is set anew after each run.
        fn set_timer(&mut self, timer: u32, delay_ms: f64) -> std::result::Result<(), String>;

        /// Forgets a timer; unknown numbers are no error.
        fn clear_timer(&mut self, timer: u32);

        /// A line from `console`, without line end.
        fn log(&mut self, level: LogLevel, text: &str);

        /// The implementor itself.
        fn as_any(&mut self) -> &mut dyn Any;
    }
    provided {
        /// Whether to call [`Platform::clock_reader`]. Asked when a clock shows 0.
        fn wants_clock_reader(&mut self) -> bool {
            false
        }

        /// The frames, innermost first, of code that has read a clock which shows 0.
        fn clock_reader(&mut self, frames: Vec<FramePosition>) {
            let _ = frames;
        }

        /// Asked before something comes to be that belongs to one request, as state that lies outside the instance does. An error where
        /// there is no request, as while an image is built; `what` begins a sentence.
        fn needs_request(&mut self, what: &str) -> std::result::Result<(), String> {
            let _ = what;
            Ok(())
        }

        /// URL of the request that is being answered. Asked where no Request object was made of it.
        fn request_url(&mut self) -> Option<String> {
            None
        }

        /// How the text for [`Platform::uncaught`] is made of what was thrown; by default, as `console.error` shows it.
        fn describer(&mut self) -> Option<Describer> {
            None
        }

        /// An uncaught exception or unhandled rejection that no listener handled: name, message and stack as text.
        fn uncaught(&mut self, report: &str) {
            self.log(LogLevel::Error, report);
        }

        /// Minutes east of UTC of local time at a UTC time.
        fn local_offset_minutes(&mut self, utc_ms: f64) -> f64 {
            let _ = utc_ms;
            0.0
        }

        /// Identifier of the time zone of local time; a platform that gives offsets must give this too.
        fn time_zone_id(&mut self) -> String {
            "UTC".to_string()
        }

        /// The next bytes of a body that the host receives. When nothing is there yet ([`BodyChunk::Pending`]) the host keeps `waiter` and calls
        /// [`crate::fetch::host::deliver_body`] with it later.
        fn read_body(&mut self, body: u32, waiter: Handle) -> BodyChunk {
            let _ = (body, waiter);
            BodyChunk::Failed("Bodies of the host are not available".to_string())
        }

        /// The stream that the host reads with [`crate::streams::host_read()`] has given these bytes; whether there is room for more, so that
        /// the next chunk may be asked for at once.
        fn reply_chunk(&mut self, bytes: &[u8]) -> bool {
            let _ = bytes;
            false
        }

        /// Nobody will read on in this body; unknown numbers are no error.
        fn cancel_body(&mut self, body: u32) {
            let _ = body;
        }

        /// Sends a request. The result is a number for [`Platform::abort_fetch`]; the host keeps `waiter` and calls
        /// [`crate::fetch::host::deliver_response`] with it, never from within this call.
        fn fetch(&mut self, request: OutgoingRequest, waiter: Handle) -> std::result::Result<u32, String> {
            let _ = (request, waiter);
            Err("fetch is not available".to_string())
        }

        /// Nobody waits for this request any more; its waiter is still to be handed to [`crate::fetch::host::deliver_response`], with any outcome.
        fn abort_fetch(&mut self, operation: u32) {
            let _ = operation;
        }

        /// The caches of the worker, shared by all its instances.
        fn caches(&mut self) -> std::result::Result<Arc<dyn CacheStore>, String> {
            Err("Caches are not available".to_string())
        }

        /// The key-value store bound under this name.
        fn key_values(&mut self, binding: &str) -> std::result::Result<Arc<dyn KeyValueStore>, String> {
            Err(format!("The KV namespace {binding} is not bound to a store"))
        }

        /// Does work on another thread and later calls [`crate::blocking::deliver`] with what it returned and `waiter`, never from within this
        /// call; then the result is `None`. By default it is done at once.
        fn run_blocking(&mut self, work: Work, waiter: Handle) -> Option<Completion> {
            let _ = waiter;
            Some(work())
        }

        /// A chunk of the body of a request whose body is a stream. When there is no room for more ([`Sending::Full`]) the host keeps `waiter`
        /// and calls [`crate::fetch::host::deliver_room`] with it later.
        fn send_chunk(&mut self, operation: u32, bytes: Vec<u8>, waiter: Handle) -> Sending {
            let _ = (operation, bytes, waiter);
            Sending::Closed
        }

        /// No chunk follows: the body is complete, or has failed. Unknown numbers are no error.
        fn end_chunks(&mut self, operation: u32, complete: bool) {
            let _ = (operation, complete);
        }

        /// Opens a WebSocket. The result is its number; the host keeps `waiter` and calls [`crate::websocket::host::deliver`] with it for whatever
        /// happens, never from within this call, until the socket is closed.
        fn open_socket(&mut self, socket: OutgoingSocket, waiter: Handle) -> std::result::Result<u32, String> {
            let _ = (socket, waiter);
            Err("WebSockets are not available".to_string())
        }

        /// Sends a message through a WebSocket; unknown numbers are no error.
        fn send_message(&mut self, socket: u32, message: SocketMessage) {
            let _ = (socket, message);
        }

        /// Starts the closing handshake of a WebSocket, or gives up one that is not open yet.
        fn close_socket(&mut self, socket: u32, code: Option<u16>, reason: &str) {
            let _ = (socket, code, reason);
        }

        /// Number of cores to report.
        fn hardware_concurrency(&mut self) -> u32 {
            1
        }

        /// Resolves and loads a module.
        fn load_module(
            &mut self,
            specifier: &str,
            referrer: &str,
            attributes: &[(String, String)]
        ) -> std::result::Result<ModuleSource, String> {
            let _ = (referrer, attributes);
            Err(format!("Cannot find module '{specifier}'"))
        }

        /// `import.meta.url` of the module with this name.
        fn module_url(&mut self, name: &str) -> String {
            name.to_string()
        }

        /// Called when a quantum of fuel ends.
        fn refuel(&mut self) -> Refuel {
            Refuel::Continue(FUEL_QUANTUM)
        }
    }
}

/// State of natives that cannot lie in the cage, by number. All of it belongs to one request and is dropped with it
/// ([`WorkerHost::end_request`]). Numbers are not given twice.
#[derive(Default)]
pub struct Resources {
    list: Vec<(u32, Box<dyn Any>)>,
    last: u32,
}

impl Resources {
    /// Keeps a resource; the result is its number, from 1.
    pub fn add(&mut self, resource: Box<dyn Any>) -> u32 {
        self.last += 1;
        self.list.push((self.last, resource));
        self.last
    }

    /// The resource of this number and type.
    pub fn get<T: 'static>(&mut self, number: u32) -> Option<&mut T> {
        self.list.iter_mut().find(|(known, _)| *known == number).and_then(|(_, resource)| resource.downcast_mut())
    }

    /// Drops a resource; unknown numbers are no error.
    pub fn remove(&mut self, number: u32) {
        self.list.retain(|(known, _)| *known != number);
    }
}

/// The engine's host of a worker.
pub struct WorkerHost {
    /// The world around it.
    pub platform: Box<dyn Platform>,
    /// State of natives outside the cage.
    pub resources: Resources,
}

impl WorkerHost {
    /// A host on this platform.
    pub fn new(platform: Box<dyn Platform>) -> WorkerHost {
        WorkerHost { platform, resources: Resources::default() }
    }

    /// Drops what belongs to the request. The runtime calls it before the instance is reset.
    pub fn end_request(&mut self) {
        self.resources.list.clear();
    }
}

impl Host for WorkerHost {
    fn now_ms(&mut self) -> std::result::Result<f64, String> {
        self.platform.now_ms()
    }

    fn wants_clock_reader(&mut self) -> bool {
        self.platform.wants_clock_reader()
    }

    fn clock_reader(&mut self, frames: Vec<FramePosition>) {
        self.platform.clock_reader(frames);
    }

    fn random_seed(&mut self) -> std::result::Result<[u64; 2], String> {
        let mut bytes = [0; 16];
        self.platform.fill_random(&mut bytes)?;
        let (low, high) = bytes.split_at(8);
        let word = |half: &[u8]| half.iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
        Ok([word(low), word(high)])
    }

    fn local_offset_minutes(&mut self, utc_ms: f64) -> f64 {
        self.platform.local_offset_minutes(utc_ms)
    }

    fn time_zone_id(&mut self) -> String {
        self.platform.time_zone_id()
    }

    fn load_module(
        &mut self,
        specifier: &str,
        referrer: &str,
        attributes: &[(String, String)],
    ) -> std::result::Result<ModuleSource, String> {
        self.platform.load_module(specifier, referrer, attributes)
    }

    fn module_url(&mut self, name: &str) -> String {
        self.platform.module_url(name)
    }

    fn tracks_rejections(&self) -> bool {
        true
    }

    fn print(&mut self, text: &str) {
        self.platform.log(LogLevel::Log, text);
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn refuel(&mut self) -> Refuel {
        self.platform.refuel()
    }
}

/// The platform of a context whose host is a [`WorkerHost`].
pub fn try_platform(cx: &mut Context) -> Option<&mut (dyn Platform + 'static)> {
    cx.host().as_any().downcast_mut::<WorkerHost>().map(|host| &mut *host.platform)
}

/// Runs `use_it` with the platform of a context whose host is a [`WorkerHost`], and the heap; `None` with any other host.
pub fn with_platform_and_heap<T>(cx: &mut Context, use_it: impl FnOnce(&mut dyn Platform, &Heap) -> T) -> Option<T> {
    let (host, heap) = cx.host_and_heap();
    host.as_any().downcast_mut::<WorkerHost>().map(|host| use_it(&mut *host.platform, heap))
}

/// The resources of a context whose host is a [`WorkerHost`].
pub fn resources(cx: &mut Context) -> Option<&mut Resources> {
    cx.host().as_any().downcast_mut::<WorkerHost>().map(|host| &mut host.resources)
}

/// Drops the state outside the cage that belongs to the request which the context served. The runtime calls it before a reset.
pub fn end_request(cx: &mut Context) {
    if let Some(host) = cx.host().as_any().downcast_mut::<WorkerHost>() {
        host.end_request();
    }
}

/// An Error that says why the platform refused.
#[cold]
pub fn refused(cx: &mut Context, why: &str) -> Thrown {
    cx.throw_error(ErrorKind::Error, why)
}

/// Runs `ask` on the platform; what it refuses is thrown as an Error.
pub fn with_platform<T>(cx: &mut Context, ask: impl FnOnce(&mut dyn Platform) -> std::result::Result<T, String>) -> Result<T> {
    let outcome = match try_platform(cx) {
        Some(platform) => ask(platform),
        None => Err("This host has no platform".to_string()),
    };
    outcome.map_err(|why| refused(cx, &why))
}

/// Writes a line to the log.
pub fn log(cx: &mut Context, level: LogLevel, text: &str) {
    if let Some(platform) = try_platform(cx) {
        platform.log(level, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::FakePlatform;

    struct Quiet(FakePlatform);

    impl Layer for Quiet {
        fn inner(&mut self) -> &mut dyn Platform {
            &mut self.0
        }

        fn log(&mut self, _: LogLevel, _: &str) {}
    }

    #[test]
    fn a_layer_answers_what_it_wants_to_and_passes_the_rest_on() {
        let mut layer = Quiet(FakePlatform { epoch_ms: 5.0, ..FakePlatform::default() });
        let platform: &mut dyn Platform = &mut layer;
        platform.log(LogLevel::Log, "unheard");
        platform.uncaught("heard");
        assert_eq!(platform.now_ms(), Ok(5.0));
        assert_eq!(platform.as_any().downcast_ref::<FakePlatform>().map(|fake| fake.lines.len()), Some(1));
        assert_eq!(layer.0.uncaught, ["heard"]);
    }
}
