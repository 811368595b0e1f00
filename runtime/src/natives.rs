//! The table of native functions, one per thread: images refer to its entries by number.

use std::rc::Rc;

use mayfly_engine::Natives;

thread_local! {
    static NATIVES: Rc<Natives> = Rc::new(Natives::new(&mayfly_stdlib::classes()));
}

/// This thread's table of the engine's and the worker scope's natives.
pub fn natives() -> Rc<Natives> {
    NATIVES.with(Rc::clone)
}
