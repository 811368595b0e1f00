//! Randomness, taken from the system in blocks and given out once.

use std::cell::RefCell;

/// Bytes per system call. Ids and seeds are small: one call serves dozens of requests.
const BLOCK: usize = 1024;

struct Pool {
    bytes: [u8; BLOCK],
    used: usize,
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; BLOCK], used: BLOCK }) };
}

/// Fills `target` from the system's secure generator.
///
/// # Errors
/// Where the system has none.
pub fn fill(target: &mut [u8]) -> Result<(), String> {
    let failed = |error: getrandom::Error| format!("The system has no randomness: {error}");
    if target.len() > BLOCK / 4 {
        return getrandom::fill(target).map_err(failed);
    }
    POOL.with_borrow_mut(|pool| {
        if pool.used + target.len() > BLOCK {
            getrandom::fill(&mut pool.bytes).map_err(failed)?;
            pool.used = 0;
        }
        let part = &mut pool.bytes[pool.used..pool.used + target.len()];
        target.copy_from_slice(part);
        // What was given out must not be found in memory again.
        part.fill(0);
        pool.used += target.len();
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn blocks_do_not_repeat() {
        let mut seen = std::collections::HashSet::new();
        for size in [16, 16, 1, 255, 256, 257, 4096] {
            let mut bytes = vec![0; size];
            super::fill(&mut bytes).unwrap();
            if size >= 16 {
                assert!(seen.insert(bytes[..16].to_vec()));
            }
        }
        for _ in 0..1000 {
            let mut id = [0; 16];
            super::fill(&mut id).unwrap();
            assert!(seen.insert(id.to_vec()));
        }
    }
}
