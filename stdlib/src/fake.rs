//! A platform with a manual clock, for tests and tools.

use crate::cache::{CacheStore, MemoryCaches};
use crate::fetch::host::{IncomingResponse, OutgoingRequest, deliver_response};
use crate::kv::KeyValueStore;
use crate::platform::{LogLevel, Platform, WorkerHost};
use crate::{report, timers};
use mayfly_engine::context::{Context, Handle};
use mayfly_engine::native::Result;
use std::any::Any;
use std::sync::Arc;

/// A platform whose time passes only when told, whose randomness is a counter, and whose log is a list.
#[derive(Default)]
pub struct FakePlatform {
    /// Milliseconds since the epoch at the start.
    pub epoch_ms: f64,
    /// Milliseconds that have passed.
    pub elapsed_ms: f64,
    /// Waiting timers: due time, order, number.
    pub timers: Vec<(f64, u64, u32)>,
    /// What was logged.
    pub lines: Vec<(LogLevel, String)>,
    /// What was uncaught.
    pub uncaught: Vec<String>,
    /// Why everything is refused, as while an image is built.
    pub refuses: Option<String>,
    /// Timers set so far.
    pub order: u64,
    /// State of the generator.
    pub random: u64,
    /// Caches, made when first asked for.
    pub caches: Option<Arc<MemoryCaches>>,
    /// Key-value stores by binding.
    pub key_values: Vec<(String, Arc<dyn KeyValueStore>)>,
    /// What `fetch` gets, by URL: answered at once, by [`run_until_idle`].
    pub network: Vec<(String, IncomingResponse)>,
    /// Requests sent and not answered.
    pub sent: Vec<(String, Handle)>,
}

impl FakePlatform {
    /// The logged lines joined.
    pub fn output(&self) -> String {
        self.lines.iter().map(|(_, line)| format!("{line}\n")).collect()
    }

    fn check(&self) -> std::result::Result<(), String> {
        match &self.refuses {
            Some(why) => Err(why.clone()),
            None => Ok(()),
        }
    }
}

impl Platform for FakePlatform {
    fn now_ms(&mut self) -> std::result::Result<f64, String> {
        self.check()?;
        Ok(self.epoch_ms + self.elapsed_ms)
    }

    fn monotonic_ms(&mut self) -> std::result::Result<f64, String> {
        self.check()?;
        Ok(self.elapsed_ms)
    }

    fn needs_request(&mut self, what: &str) -> std::result::Result<(), String> {
        self.check().map_err(|why| format!("{what} {why}"))
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> std::result::Result<(), String> {
        self.check()?;
        for byte in bytes {
            self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.random >> 56) as u8;
        }
        Ok(())
    }

    fn set_timer(&mut self, timer: u32, delay_ms: f64) -> std::result::Result<(), String> {
        self.check()?;
        self.order += 1;
        self.timers.push((self.elapsed_ms + delay_ms, self.order, timer));
        Ok(())
    }

    fn clear_timer(&mut self, timer: u32) {
        self.timers.retain(|(_, _, known)| *known != timer);
    }

    fn caches(&mut self) -> std::result::Result<Arc<dyn CacheStore>, String> {
        self.check()?;
        Ok(self.caches.get_or_insert_with(|| Arc::new(MemoryCaches::new(1 << 20))).clone())
    }

    fn key_values(&mut self, binding: &str) -> std::result::Result<Arc<dyn KeyValueStore>, String> {
        self.check()?;
        match self.key_values.iter().find(|(known, _)| known == binding) {
            Some((_, store)) => Ok(store.clone()),
            None => Err(format!("The KV namespace {binding} is not bound to a store")),
        }
    }

    fn fetch(&mut self, request: OutgoingRequest, waiter: Handle) -> std::result::Result<u32, String> {
        self.check()?;
        if self.network.is_empty() {
            return Err("fetch is not available".to_string());
        }
        self.sent.push((request.url, waiter));
        Ok(0)
    }

    fn log(&mut self, level: LogLevel, text: &str) {
        self.lines.push((level, text.to_string()));
    }

    fn uncaught(&mut self, report: &str) {
        self.uncaught.push(report.to_string());
        self.lines.push((LogLevel::Error, report.to_string()));
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

/// The fake platform of a context.
pub fn fake(cx: &mut Context) -> Option<&mut FakePlatform> {
    let host = cx.host().as_any().downcast_mut::<WorkerHost>()?;
    host.platform.as_any().downcast_mut::<FakePlatform>()
}

/// Runs microtasks and timers, letting time pass, until nothing is left or `most_ms` have passed.
pub fn run_until_idle(cx: &mut Context, most_ms: f64) -> Result<()> {
    report::checkpoint(cx)?;
    loop {
        let Some(platform) = fake(cx) else { return Ok(()) };
        if !platform.sent.is_empty() {
            let (url, waiter) = platform.sent.remove(0);
            let found = platform.network.iter().find(|(known, _)| *known == url);
            let outcome = found.map(|(_, response)| response.clone()).ok_or_else(|| format!("nothing is at {url}"));
            deliver_response(cx, waiter, outcome)?;
            report::checkpoint(cx)?;
            continue;
        }
        let next = platform.timers.iter().copied().min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let Some((due, order, timer)) = next.filter(|(due, _, _)| *due <= most_ms) else { return Ok(()) };
        platform.timers.retain(|(_, known, _)| *known != order);
        platform.elapsed_ms = platform.elapsed_ms.max(due);
        timers::fire(cx, timer)?;
        report::checkpoint(cx)?;
    }
}
