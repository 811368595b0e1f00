//! Child processes: where they run, and what they used.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::engines::find_executable;

/// Core for what is measured, and core for what measures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Core {
    /// What is measured.
    Measured,
    /// What measures.
    Measuring,
}

impl Core {
    fn number(self) -> usize {
        let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        match self {
            Core::Measured => 0,
            Core::Measuring => 1 % count,
        }
    }
}

/// Whether processes can be given real-time priority here (`chrt`, which needs privileges).
pub fn has_real_time() -> bool {
    static KNOWN: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *KNOWN.get_or_init(|| {
        Command::new("chrt").args(["-r", "5", "true"]).stderr(std::process::Stdio::null()).status().is_ok_and(|status| status.success())
    })
}

/// The same command on a core of its own and with real-time priority, where the system lets us.
pub fn pinned(command: &Command, core: Core) -> Command {
    let mut prefix: Vec<String> = Vec::new();
    if find_executable("taskset").is_some() {
        prefix.extend(["taskset".to_string(), "-c".to_string(), core.number().to_string()]);
    }
    if has_real_time() {
        prefix.extend(["chrt", "-r", "5"].map(str::to_string));
    }
    let mut words = prefix.iter().map(OsStr::new).chain(std::iter::once(command.get_program())).chain(command.get_args());
    let mut pinned = Command::new(words.next().unwrap_or(command.get_program()));
    pinned.args(words);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => pinned.env(name, value),
            None => pinned.env_remove(name),
        };
    }
    if let Some(directory) = command.get_current_dir() {
        pinned.current_dir(directory);
    }
    pinned
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Seconds of CPU time of all its threads, user and system.
    pub cpu_s: f64,
    /// Most memory that was resident, MiB.
    pub peak_mib: f64,
    /// Memory that is resident, MiB.
    pub resident_mib: f64,
}

/// Reads `/proc/PID`.
///
/// # Errors
/// Where the process is gone or the files are of another form.
pub fn usage(pid: u32) -> io::Result<Usage> {
    let directory = Path::new("/proc").join(pid.to_string());
    let form = |what: &str| io::Error::other(format!("/proc/{pid}/{what} is of an unknown form"));
    let stat = std::fs::read_to_string(directory.join("stat"))?;
    let ticks = cpu_ticks(&stat).ok_or_else(|| form("stat"))?;
    let status = std::fs::read_to_string(directory.join("status"))?;
    let mib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.trim().strip_suffix(" kB")?.parse::<f64>().ok().map(|kib| kib / 1024.0)
    };
    Ok(Usage {
        cpu_s: ticks as f64 / rustix::param::clock_ticks_per_second() as f64,
        peak_mib: mib("VmHWM").ok_or_else(|| form("status"))?,
        resident_mib: mib("VmRSS").ok_or_else(|| form("status"))?,
    })
}

/// utime + stime of a line of `/proc/PID/stat`. The name in parentheses may hold anything, parentheses too.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(user + system)
}

/// A child that is ended with its owner.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a command to its end; its standard output.
///
/// # Errors
/// Where it cannot be started, takes longer than `limit`, or fails: with what it wrote to its standard error.
pub fn output(command: &mut Command, limit: Duration) -> Result<String, String> {
    let named = format!("{command:?}");
    let child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).stdin(std::process::Stdio::null()).spawn();
    let child = child.map_err(|error| format!("{named}: {error}"))?;
    let pid = rustix::process::Pid::from_child(&child);
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        let timed_out = is_done.recv_timeout(limit) == Err(std::sync::mpsc::RecvTimeoutError::Timeout);
        // The child is waited for only after its output has ended, so the number is still its own.
        timed_out && rustix::process::kill_process(pid, rustix::process::Signal::KILL).is_ok()
    });
    let begun = Instant::now();
    let output = child.wait_with_output();
    drop(done);
    let timed_out = watch.join().unwrap_or(false);
    let output = output.map_err(|error| format!("{named}: {error}"))?;
    if timed_out {
        return Err(format!("{named}: not done after {:.0} s", begun.elapsed().as_secs_f64()));
    }
    if !output.status.success() {
        let how = output.status.signal().map_or(output.status.to_string(), |signal| format!("signal {signal}"));
        return Err(format!("{named}: {how}\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("{named}: its output is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_usage() {
        let usage = usage(std::process::id()).unwrap();
        assert!(usage.resident_mib > 0.5 && usage.peak_mib >= usage.resident_mib * 0.9, "{usage:?}");
        assert_eq!(cpu_ticks("1 (a) b) c) S 1 2 3 4 5 6 7 8 9 10 40 2 0 0"), Some(42));
        assert_eq!(cpu_ticks("1 (a) S 1"), None);
        assert!(super::usage(u32::MAX).is_err());
    }

    #[test]
    fn commands_end_or_are_ended() {
        assert_eq!(output(Command::new("echo").arg("x"), Duration::from_secs(5)), Ok("x\n".to_string()));
        assert!(output(Command::new("sleep").arg("30"), Duration::from_millis(50)).unwrap_err().contains("not done"));
        let failed = output(Command::new("sh").args(["-c", "echo why >&2; exit 3"]), Duration::from_secs(5)).unwrap_err();
        assert!(failed.contains("why") && failed.contains('3'), "{failed}");
        assert!(output(&mut Command::new("/nowhere/at-all"), Duration::from_secs(5)).is_err());
    }
}
