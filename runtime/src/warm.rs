//! Profile-warmed images: sample requests run on a scratch instance while an image is built, and of all that they do only what inline
//! caches learned is kept.
//!
//! Samples see a world that is always the same: clocks that stand still, random bytes that are no secret, no network, no stores. So the
//! same source gives the same image. What the sample's handler comes to is of no interest; a handler that fails has taught what it ran.

use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use mayfly_engine::context::Handle;
use mayfly_engine::host::{FUEL_QUANTUM, ModuleSource, Refuel};
use mayfly_engine::{Context, Image, ImageError};
use mayfly_stdlib::cache::CacheStore;
use mayfly_stdlib::fetch::host::OutgoingRequest;
use mayfly_stdlib::kv::KeyValueStore;
use mayfly_stdlib::platform::{LogLevel, Platform, WorkerHost};
use mayfly_stdlib::websocket::host::OutgoingSocket;

use crate::instance::{Instance, Progress, RequestHead};
use crate::limits::Limits;
use crate::natives::natives;
use crate::sample::Sample;
use crate::scope::BodyInit;
use crate::state::HostState;
use crate::stores::Stores;
use crate::worker::{Worker, WorkerOptions};

/// Quanta of fuel for all samples of an image: some hundred milliseconds. Not a time, so that every machine comes equally far.
const QUANTA: u32 = 2_000;
/// What sample requests are sent twice for: the second time around, more is in the caches.
const ROUNDS: usize = 2;

/// A world in which nothing happens.
struct SamplePlatform {
    stores: Stores,
    quanta: Rc<Cell<u32>>,
    random: u8,
}

fn nothing(what: &str) -> String {
    format!("{what} while an image is warmed")
}

impl Platform for SamplePlatform {
    fn now_ms(&mut self) -> Result<f64, String> {
        Ok(1_700_000_000_000.0)
    }

    fn monotonic_ms(&mut self) -> Result<f64, String> {
        Ok(0.0)
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), String> {
        for byte in bytes {
            self.random = self.random.wrapping_mul(5).wrapping_add(113);
            *byte = self.random;
        }
        Ok(())
    }

    fn set_timer(&mut self, _: u32, _: f64) -> Result<(), String> {
        Ok(())
    }

    fn clear_timer(&mut self, _: u32) {}

    fn log(&mut self, _: LogLevel, _: &str) {}

    fn fetch(&mut self, _: OutgoingRequest, _: Handle) -> Result<u32, String> {
        Err(nothing("Requests cannot be sent"))
    }

    fn open_socket(&mut self, _: OutgoingSocket, _: Handle) -> Result<u32, String> {
        Err(nothing("WebSockets cannot be opened"))
    }

    fn caches(&mut self) -> Result<Arc<dyn CacheStore>, String> {
        Ok(self.stores.caches())
    }

    fn key_values(&mut self, _: &str) -> Result<Arc<dyn KeyValueStore>, String> {
        Err(nothing("KV namespaces cannot be used"))
    }

    fn load_module(&mut self, specifier: &str, _: &str, _: &[(String, String)]) -> Result<ModuleSource, String> {
        Err(format!("Cannot find module '{specifier}'"))
    }

    fn module_url(&mut self, name: &str) -> String {
        crate::loader::module_url(None, name)
    }

    fn refuel(&mut self) -> Refuel {
        match self.quanta.get().checked_sub(1) {
            Some(left) => {
                self.quanta.set(left);
                Refuel::Continue(FUEL_QUANTUM)
            }
            None => Refuel::Stop,
        }
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

/// An instance of the image that has been asked for the samples. What it learned can be adopted by the context that the image was just made
/// of, and is in the image that is made of that next; see [`difference`] for that image.
pub(crate) fn run(image: &Arc<Image>, samples: &[Sample]) -> Result<Instance, ImageError> {
    let worker = Worker::from_image(image.clone(), "sample", WorkerOptions::default());
    let quanta = Rc::new(Cell::new(QUANTA));
    let platform = SamplePlatform { stores: Stores::default(), quanta: quanta.clone(), random: 0 };
    let state = Rc::new(HostState::new(worker.name.clone(), Limits::default(), false, true));
    let mut instance = Instance::with_host(&worker, &natives(), Box::new(WorkerHost::new(Box::new(platform))), state)?;
    'samples: for sample in samples.iter().cycle().take(ROUNDS * samples.len()) {
        instance.state.begin();
        let body = if sample.body.is_empty() { BodyInit::None } else { BodyInit::Bytes(sample.body.clone()) };
        let has_cookies = sample.headers.contains_key(http::header::COOKIE);
        let head = RequestHead { method: &sample.method, url: &sample.url, headers: &sample.headers, has_cookies };
        if instance.start(&head, body).is_err() {
            break;
        }
        loop {
            match instance.advance() {
                Ok(Progress::Idle) => break,
                Ok(Progress::Yield) => {}
                Err(_) => break 'samples,
            }
        }
        // As a server does it: the reply's parts are read too.
        crate::dispatcher::take_reply(&mut instance, sample.method == "HEAD", &mut http::HeaderMap::new());
        if instance.cx.termination().is_some() || quanta.get() == 0 {
            break;
        }
        mayfly_stdlib::platform::end_request(&mut instance.cx);
    }
    Ok(instance)
}

/// Where warming left a trace in what scripts can see, `cx` against the image as it was before: nowhere, or something is wrong.
pub(crate) fn difference(cx: &Context, image: &Arc<Image>) -> Result<Option<u32>, ImageError> {
    let platform = SamplePlatform { stores: Stores::default(), quanta: Rc::default(), random: 0 };
    let options = crate::image::context_options(0, 128, true);
    let before = Context::from_image(image, Box::new(WorkerHost::new(Box::new(platform))), natives(), options)?;
    Ok(cx.state_difference(&before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{BuildOptions, build_warmed};

    const SHOP: &str = "\
        const price = item => item.count * item.cost.cents;
        const total = order => { let sum = 0; for (const item of order.items) sum += price(item); return { customer: order.customer.name, sum } };
        export default {
            async fetch(request) {
                if (request.method !== 'POST') return new Response('A shop');
                if (request.headers.get('content-type') !== 'application/json') return new Response('', { status: 415 });
                return Response.json(total(await request.json()));
            },
        };";

    const ORDER: &str = "POST /orders HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\nContent-Length: 71\r\n\r\n\
        {\"customer\":{\"name\":\"Ida\"},\"items\":[{\"count\":2,\"cost\":{\"cents\":150}}]}\n";

    fn built(samples: Vec<Sample>) -> (Vec<u8>, usize) {
        let options = BuildOptions { hash_key: Some(7), samples, ..BuildOptions::default() };
        build_warmed(SHOP, "shop.mjs", &options).expect("it builds")
    }

    #[test]
    fn recorded_requests_warm_what_plain_ones_do_not_reach() {
        let recorded = || Sample::recorded(ORDER.as_bytes()).expect("a request");
        let (cold, nothing) = built(Vec::new());
        let (_, plain) = built(vec![Sample::default()]);
        let (warm, learned) = built(recorded());
        assert_eq!(nothing, 0);
        assert!(plain > 0 && learned > plain + 10, "{learned} entries against {plain}");
        // Each part of the request counts: without the header, or with another body, less is run.
        let mut mistyped = recorded();
        mistyped[0].headers.remove("content-type");
        let mut empty = recorded();
        empty[0].body = b"{}".to_vec();
        for other in [mistyped, empty] {
            let (_, fewer) = built(other);
            assert!(fewer < learned, "{fewer} entries against {learned}");
        }
        assert!(warm != cold);
        assert!(built(recorded()).0 == warm, "the same requests gave another image");
    }

    #[test]
    fn all_samples_count() {
        let mut both = vec![Sample::default()];
        let (_, one) = built(both.clone());
        both.append(&mut Sample::recorded(ORDER.as_bytes()).expect("a request"));
        let (_, two) = built(both);
        assert!(two > one, "{two} entries against {one}");
    }
}
