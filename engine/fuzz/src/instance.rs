//! An instance that is reset between runs, kept per thread.

use std::cell::RefCell;
use std::rc::Rc;

use mayfly_engine::host::{FUEL_QUANTUM, Host, ModuleSource, Refuel};
use mayfly_engine::{Context, ContextOptions, Image, Natives};

/// Quanta that one run may use: about a fifth of a second.
const QUANTA: u32 = 200;

/// A host that prints into a list and stops what runs for long.
#[derive(Default)]
pub struct FuzzHost {
    /// Texts printed.
    pub printed: Vec<String>,
    quanta: u32,
}

impl Host for FuzzHost {
    fn now_ms(&mut self) -> Result<f64, String> {
        Ok(0.0)
    }

    fn random_seed(&mut self) -> Result<[u64; 2], String> {
        Ok([1, 2])
    }

    fn load_module(&mut self, specifier: &str, _: &str, _: &[(String, String)]) -> Result<ModuleSource, String> {
        Err(format!("Cannot find module '{specifier}'"))
    }

    fn print(&mut self, text: &str) {
        self.printed.push(text.to_string());
    }

    fn as_any(&mut self) -> &mut dyn std::any::Any {
        self
    }

    fn refuel(&mut self) -> Refuel {
        self.quanta += 1;
        if self.quanta > QUANTA { Refuel::Stop } else { Refuel::Continue(FUEL_QUANTUM) }
    }
}

fn new_instance() -> Context {
    let natives = Rc::new(Natives::new(&crate::differential::NATIVES));
    let mut base = Context::new(Box::new(FuzzHost::default()), natives.clone(), ContextOptions::default()).expect("a cage");
    let bytes = base.to_image_bytes().expect("an image");
    let image = Image::from_bytes(&bytes, &natives).expect("the image just made");
    Context::from_image(&image, Box::new(FuzzHost::default()), natives, ContextOptions::default()).expect("a cage")
}

thread_local! {
    static INSTANCE: RefCell<Option<Context>> = const { RefCell::new(None) };
}

/// Runs `body` in a fresh instance.
pub fn with_instance<T>(body: impl FnOnce(&mut Context) -> T) -> T {
    // Taken out while it is used: a panic leaves none behind.
    let mut cx = INSTANCE.with(|instance| instance.borrow_mut().take()).unwrap_or_else(new_instance);
    if let Some(host) = cx.host().as_any().downcast_mut::<FuzzHost>() {
        *host = FuzzHost::default();
    }
    let result = body(&mut cx);
    cx.reset();
    INSTANCE.with(|instance| *instance.borrow_mut() = Some(cx));
    result
}
