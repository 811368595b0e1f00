//! Child processes: where they run, and what they used.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
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

/// Moves this thread, and what it starts from now on, to a core. Where the system does not let us it stays where it is.
pub fn stay_on(core: Core) {
    let mut set = rustix::thread::CpuSet::new();
    set.set(core.number());
    if let Err(error) = rustix::thread::sched_setaffinity(None, &set) {
        eprintln!("core {}: {error}", core.number());
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
    match find_executable("taskset") {
        Some(_) => prefixed(command, vec!["taskset".to_string(), "-c".to_string(), core.number().to_string()]),
        None => with_priority(command),
    }
}

/// The same command with real-time priority, where the system lets us.
pub fn with_priority(command: &Command) -> Command {
    prefixed(command, Vec::new())
}

fn prefixed(command: &Command, mut prefix: Vec<String>) -> Command {
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

/// Memory of a process, from `/proc/PID/smaps_rollup`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Memory {
    /// Its share of all that it maps, KiB: a page that several processes map counts by the part.
    pub pss_kib: f64,
    /// What nobody else maps, KiB.
    pub private_kib: f64,
    /// What it maps and is resident, KiB.
    pub resident_kib: f64,
}

/// Reads `/proc/PID/smaps_rollup`.
///
/// # Errors
/// Where the process is gone or the file is of another form.
pub fn memory(pid: u32) -> io::Result<Memory> {
    let text = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("smaps_rollup"))?;
    memory_of(&text).ok_or_else(|| io::Error::other(format!("/proc/{pid}/smaps_rollup is of an unknown form")))
}

fn memory_of(text: &str) -> Option<Memory> {
    let kib = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.trim().strip_suffix(" kB")?.parse::<f64>().ok()
    };
    Some(Memory { pss_kib: kib("Pss")?, private_kib: kib("Private_Clean")? + kib("Private_Dirty")?, resident_kib: kib("Rss")? })
}

/// Lets this process, and what it starts, open as many files as the system allows. How many that is.
pub fn raise_file_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limits = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limits.maximum, maximum: limits.maximum };
    let current = if setrlimit(Resource::Nofile, raised).is_ok() { limits.maximum } else { limits.current };
    current.unwrap_or(u64::MAX)
}

/// How long a killed process may take to end.
const KILL_LIMIT: Duration = Duration::from_secs(5);

/// A child that is ended with its owner.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        // A process that the kernel does not let go of is left behind rather than waited for.
        let begun = Instant::now();
        while matches!(self.0.try_wait(), Ok(None)) {
            if begun.elapsed() > KILL_LIMIT {
                eprintln!("process {} does not end", self.0.id());
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Reads a pipe to its end, on a thread of its own: a grandchild may hold it open for ever.
fn read_apart(pipe: Option<impl io::Read + Send + 'static>) -> std::sync::mpsc::Receiver<io::Result<Vec<u8>>> {
    let (done, is_done) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.map_or(Ok(0), |mut pipe| pipe.read_to_end(&mut bytes));
        // Nobody listens any more when it took too long.
        let _ = done.send(read.map(|_| bytes));
    });
    is_done
}

/// Runs a command to its end; its standard output. Never takes longer than `limit` and some seconds: its whole process group is ended then.
///
/// # Errors
/// Where it cannot be started, takes longer than `limit`, or fails: with what it wrote to its standard error.
pub fn output(command: &mut Command, limit: Duration) -> Result<String, String> {
    let named = format!("{command:?}");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null()).process_group(0).spawn();
    let mut child = Running(child.map_err(|error| format!("{named}: {error}"))?);
    let (stdout, stderr) = (read_apart(child.0.stdout.take()), read_apart(child.0.stderr.take()));
    let begun = Instant::now();
    let mut pause = Duration::from_micros(200);
    let status = loop {
        match child.0.try_wait().map_err(|error| format!("{named}: {error}"))? {
            Some(status) => break Some(status),
            None if begun.elapsed() > limit => break None,
            None => std::thread::sleep(pause),
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    let group = rustix::process::Pid::from_child(&child.0);
    // Whatever of the group is left; it may be nothing.
    let end_group = || {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    };
    if status.is_none() {
        end_group();
    }
    drop(child);
    let read = |pipe: std::sync::mpsc::Receiver<io::Result<Vec<u8>>>| match pipe.recv_timeout(KILL_LIMIT) {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(format!("{named}: {error}")),
        Err(_) => {
            end_group();
            Err(format!("{named}: something that it started keeps its output open"))
        }
    };
    let Some(status) = status else {
        let said = read(stderr).unwrap_or_default();
        return Err(format!("{named}: not done after {:.0} s\n{}", begun.elapsed().as_secs_f64(), String::from_utf8_lossy(&said)));
    };
    if !status.success() {
        let how = status.signal().map_or(status.to_string(), |signal| format!("signal {signal}"));
        return Err(format!("{named}: {how}\n{}", String::from_utf8_lossy(&read(stderr)?)));
    }
    String::from_utf8(read(stdout)?).map_err(|_| format!("{named}: its output is not UTF-8"))
}

/// A child whose standard output is read line by line, with a limit for each.
pub struct Lines {
    /// The child; ended with this.
    pub running: Running,
    lines: std::sync::mpsc::Receiver<io::Result<String>>,
}

impl Lines {
    /// Starts a command. What it writes to its standard error goes where ours goes.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn start(command: &mut Command) -> Result<Lines, String> {
        let child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn();
        let mut running = Running(child.map_err(|error| format!("{command:?}: {error}"))?);
        let (sender, lines) = std::sync::mpsc::channel();
        let pipe = running.0.stdout.take();
        std::thread::spawn(move || {
            for line in pipe.into_iter().flat_map(|pipe| io::BufRead::lines(io::BufReader::new(pipe))) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Lines { running, lines })
    }

    /// The next line, if one comes within `limit`; an error when none can come any more.
    ///
    /// # Errors
    /// Where the output has ended.
    pub fn next(&self, limit: Duration) -> Result<Option<String>, String> {
        use std::sync::mpsc::RecvTimeoutError;
        match self.lines.recv_timeout(limit) {
            Ok(Ok(line)) => Ok(Some(line)),
            Ok(Err(error)) => Err(error.to_string()),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err("the process ended too soon".to_string()),
        }
    }
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

    /// What a command leaves behind with its output open does not hold us up.
    #[test]
    fn grandchildren_are_not_waited_for() {
        let begun = Instant::now();
        let left = output(Command::new("sh").args(["-c", "sleep 60 & echo x"]), Duration::from_secs(5));
        assert!(left.unwrap_err().contains("keeps its output open"));
        let killed = output(Command::new("sh").args(["-c", "sleep 60 & sleep 60"]), Duration::from_millis(100));
        assert!(killed.unwrap_err().contains("not done"));
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    }

    #[test]
    fn own_memory() {
        let memory = memory(std::process::id()).unwrap();
        assert!(memory.private_kib > 100.0 && memory.pss_kib >= memory.private_kib && memory.resident_kib >= memory.pss_kib, "{memory:?}");
        assert_eq!(memory_of("Rss: 1 kB\nPss: x kB\n"), None);
    }

    #[test]
    fn lines_come_or_do_not() {
        let lines = Lines::start(Command::new("sh").args(["-c", "echo a; sleep 0.3; echo b"])).unwrap();
        assert_eq!(lines.next(Duration::from_secs(5)), Ok(Some("a".to_string())));
        assert_eq!(lines.next(Duration::from_millis(1)), Ok(None));
        assert_eq!(lines.next(Duration::from_secs(5)), Ok(Some("b".to_string())));
        assert!(lines.next(Duration::from_secs(5)).is_err());
    }
}
