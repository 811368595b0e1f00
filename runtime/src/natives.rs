//! The table of native functions, one per process: images refer to its entries by number.

use std::rc::Rc;
use std::sync::OnceLock;

use mayfly_engine::Natives;

static TABLE: OnceLock<Natives> = OnceLock::new();

thread_local! {
    /// Counted without atomic operations, since every instance holds it.
    static NATIVES: Rc<Natives> = Rc::new(TABLE.get_or_init(|| Natives::new(&mayfly_stdlib::NATIVES)).clone());
}

/// This thread's handle on the table of the engine's and the worker scope's natives.
pub fn natives() -> Rc<Natives> {
    NATIVES.with(Rc::clone)
}
