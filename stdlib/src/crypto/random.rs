//! Randomness for operations that may run on another thread.

use crate::platform::with_platform;
use chacha20::ChaCha20Rng;
use mayfly_engine::context::Context;
use mayfly_engine::native::Result;
use rand_core::SeedableRng;

/// A generator for one operation: ChaCha20 under a key from the platform's generator.
pub(crate) type Random = ChaCha20Rng;

/// A generator; refused while an image is built.
pub(crate) fn generator(cx: &mut Context) -> Result<Random> {
    let mut seed = [0; 32];
    with_platform(cx, |platform| platform.fill_random(&mut seed))?;
    Ok(ChaCha20Rng::from_seed(seed))
}
