//! What the engine needs from outside: it knows no clocks, files, sockets or threads itself.

use crate::object::Object;
use crate::realm::error::FramePosition;
use crate::value::Value;

/// A module's source, as the host found it.
pub enum ModuleSource {
    /// JavaScript.
    JavaScript {
        /// Source text.
        text: String,
        /// Resolved name: identifies the module, shown in stack traces.
        name: String,
    },
    /// JSON text (`with { type: 'json' }`).
    Json {
        /// JSON text.
        text: String,
        /// Resolved name.
        name: String,
    },
    /// Text module.
    Text {
        /// The text.
        text: String,
        /// Resolved name.
        name: String,
    },
    /// A module that has no exports, and a source (`import source x from`) of which only the class's name is known.
    Opaque {
        /// [[ModuleSourceClassName]]
        class_name: String,
        /// Resolved name.
        name: String,
    },
    /// Bytes module.
    Bytes {
        /// The bytes.
        bytes: Vec<u8>,
        /// Resolved name.
        name: String,
    },
}

/// What happened to a promise. https://tc39.es/ecma262/#sec-host-promise-rejection-tracker
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RejectionEvent {
    /// Rejected without a handler.
    Reject,
    /// A handler was added to a rejected promise that had none.
    Handle,
}

/// The embedder of an engine.
pub trait Host {
    /// Milliseconds since 1970-01-01 UTC. An error (with a message for the user) where time is refused. A clock that stands still shows 0.
    fn now_ms(&mut self) -> std::result::Result<f64, String>;

    /// Whether to call [`Host::clock_reader`]. Asked when a clock shows 0.
    fn wants_clock_reader(&mut self) -> bool {
        false
    }

    /// The frames, innermost first, of code that has read a clock which shows 0.
    fn clock_reader(&mut self, frames: Vec<FramePosition>) {
        let _ = frames;
    }

    /// Seed for `Math.random`, asked for on first use in an instance. An error where randomness is refused.
    fn random_seed(&mut self) -> std::result::Result<[u64; 2], String>;

    /// Minutes east of UTC of local time at a UTC time in milliseconds.
    fn local_offset_minutes(&mut self, utc_ms: f64) -> f64 {
        let _ = utc_ms;
        0.0
    }

    /// Identifier of the time zone of local time, as `Temporal.Now` tells it: an IANA name or an offset such as `+01:00`. Where
    /// [`Host::local_offset_minutes`] is given, this must be too.
    fn time_zone_id(&mut self) -> String {
        "UTC".to_string()
    }

    /// Resolves and loads a module synchronously. `attributes` are the import attributes (key, value).
    fn load_module(
        &mut self,
        specifier: &str,
        referrer: &str,
        attributes: &[(String, String)],
    ) -> std::result::Result<ModuleSource, String>;

    /// `import.meta.url` of the module with this name.
    fn module_url(&mut self, name: &str) -> String {
        name.to_string()
    }

    /// HostPromiseRejectionTracker. https://tc39.es/ecma262/#sec-host-promise-rejection-tracker
    fn promise_rejection(&mut self, promise: Object, event: RejectionEvent) {
        let _ = (promise, event);
    }

    /// Whether rejections and errors of jobs are kept for `Context::take_reports` instead of being told to [`Host::promise_rejection`]
    /// and [`Host::report_error`] at once.
    fn tracks_rejections(&self) -> bool {
        false
    }

    /// Called with each value printed by engine-level `print` (test harnesses); workers use console.
    fn print(&mut self, text: &str) {
        println!("{text}");
    }

    /// The embedder's own state.
    fn as_any(&mut self) -> &mut dyn std::any::Any;

    /// Called when the CPU quantum ends: whether the instance may go on, and with how much fuel.
    fn refuel(&mut self) -> Refuel {
        Refuel::Continue(FUEL_QUANTUM)
    }

    /// Asked from time to time while Atomics.wait blocks the instance: false stops it.
    fn keep_waiting(&mut self) -> bool {
        true
    }

    /// Value printed by uncaught errors of jobs (FinalizationRegistry cleanup and the like).
    fn report_error(&mut self, error: Value) {
        let _ = error;
    }
}

/// Fuel of one quantum: about a millisecond of interpretation.
pub const FUEL_QUANTUM: i64 = 50_000;

/// Answer of [`Host::refuel`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refuel {
    /// Go on with this much.
    Continue(i64),
    /// Give the core back where possible (no native frame below), else go on with this much.
    Yield(i64),
    /// Stop the instance: CPU limit.
    Stop,
}

/// A host without clocks, randomness or modules; for tests of the engine.
#[derive(Default)]
pub struct NullHost {
    /// What `print` received.
    pub printed: Vec<String>,
}

impl Host for NullHost {
    fn now_ms(&mut self) -> std::result::Result<f64, String> {
        Ok(0.0)
    }

    fn random_seed(&mut self) -> std::result::Result<[u64; 2], String> {
        Ok([1, 2])
    }

    fn load_module(&mut self, specifier: &str, _: &str, _: &[(String, String)]) -> std::result::Result<ModuleSource, String> {
        Err(format!("Cannot find module '{specifier}'"))
    }

    fn print(&mut self, text: &str) {
        self.printed.push(text.to_string());
    }

    fn as_any(&mut self) -> &mut dyn std::any::Any {
        self
    }
}
