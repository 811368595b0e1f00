//! How a program is measured inside one process: the same for every engine.
//!
//! A process evaluates the program's source once, calls `run(size)` to warm up, then some more times with the clock running, and prints one
//! line. `harness.mjs` does in JavaScript what this file does in Rust. Only `std` is used here: the package in `peers/` includes this file.

use std::time::{Duration, Instant};

/// Warm-up goes on for at least this long, and at least one call.
pub const WARM_UP: Duration = Duration::from_millis(50);

/// What one process measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    /// What every call gave, as a string.
    pub checksum: String,
    /// Milliseconds of each call after warm-up.
    pub times_ms: Vec<f64>,
}

impl Timing {
    /// The line that a process prints.
    pub fn to_line(&self) -> String {
        let times: Vec<String> = self.times_ms.iter().map(|time| format!("{time:.4}")).collect();
        format!("{}\t{}", self.checksum, times.join(" "))
    }

    /// Reads what [`Timing::to_line`] wrote; `None` for anything else.
    pub fn from_line(line: &str) -> Option<Timing> {
        let (checksum, times) = line.trim_end().split_once('\t')?;
        let times_ms: Vec<f64> = times.split(' ').map(|time| time.parse().ok()).collect::<Option<_>>()?;
        let is_usable = !times_ms.is_empty() && times_ms.iter().all(|time| time.is_finite() && *time >= 0.0);
        is_usable.then(|| Timing { checksum: checksum.to_string(), times_ms })
    }
}

/// Warms up and measures `calls` calls.
///
/// # Errors
/// What `call` failed with, or that its results differ.
pub fn measure(calls: u32, mut call: impl FnMut() -> Result<String, String>) -> Result<Timing, String> {
    let begun = Instant::now();
    let checksum = call()?;
    while begun.elapsed() < WARM_UP {
        call()?;
    }
    let mut times_ms = Vec::new();
    for _ in 0..calls {
        let start = Instant::now();
        let result = call()?;
        times_ms.push(start.elapsed().as_secs_f64() * 1e3);
        if result != checksum {
            return Err(format!("a call gave {result}, an earlier one {checksum}"));
        }
    }
    Ok(Timing { checksum, times_ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_back() {
        let timing = Timing { checksum: "1/2 x".to_string(), times_ms: vec![1.5, 0.25] };
        assert_eq!(Timing::from_line(&timing.to_line()), Some(timing));
        for line in ["", "1", "1\t", "1\tx", "1\t1 NaN", "1\t-1"] {
            assert_eq!(Timing::from_line(line), None, "{line:?}");
        }
    }

    #[test]
    fn results_must_agree() {
        let mut calls = 0;
        let timing = measure(2, || {
            calls += 1;
            Ok("same".to_string())
        });
        assert_eq!(timing.unwrap().times_ms.len(), 2);
        assert!(calls >= 3);
        let mut count = 0;
        let differs = measure(3, || {
            count += 1;
            std::thread::sleep(WARM_UP);
            Ok(count.to_string())
        });
        assert!(differs.unwrap_err().contains("earlier"));
        assert_eq!(measure(1, || Err("boom".to_string())), Err("boom".to_string()));
    }
}
