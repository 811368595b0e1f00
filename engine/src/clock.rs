//! The time, as the host gives it.
//!
//! A host whose clock stands still, as while an image is built, gives 0 and may ask to be told who reads it ([`Host::wants_clock_reader`]):
//! a time that is part of an image is probably not what its author means.
//!
//! [`Host::wants_clock_reader`]: crate::host::Host::wants_clock_reader

use crate::context::{Context, ErrorKind};
use crate::native::Result;
use crate::realm::error;

/// Most frames that a host is told.
const MOST_FRAMES: usize = 10;

/// Milliseconds since 1970-01-01 UTC, for the code that runs.
///
/// # Errors
/// Where the host refuses it.
pub fn now_ms(cx: &mut Context) -> Result<f64> {
    match cx.host().now_ms() {
        Ok(time) => {
            if time == 0.0 {
                note_reader(cx);
            }
            Ok(time)
        }
        Err(message) => Err(cx.throw_error(ErrorKind::Error, &message)),
    }
}

/// Tells the host, if it wants to know, what code has read a clock that shows 0.
#[cold]
pub fn note_reader(cx: &mut Context) {
    if cx.host().wants_clock_reader() {
        let frames = error::positions(&cx.heap, &cx.stack_frames(MOST_FRAMES));
        cx.host().clock_reader(frames);
    }
}
