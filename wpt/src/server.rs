//! The suite's servers: a child process with wptserve and pywebsocket3 from PyPI, where a Python that has them can be found.
//!
//! Names of the suite and the authority of its certificates reach the runtime through the environment, which is read when a process starts:
//! so the runner starts itself again under the servers, with the same arguments.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use crate::substitute;

/// Environment variable with the ports, for the runner under the servers.
const PORTS_VARIABLE: &str = "MAYFLY_WPT_PORTS";

const HOW_TO: &str = "python3 -m venv target/wpt-venv && target/wpt-venv/bin/pip install wptserve==4.0.3 pywebsocket3==4.0.2";

/// Whether this process runs under the servers. Takes over their ports.
pub fn is_running() -> bool {
    let Some(text) = std::env::var(PORTS_VARIABLE).ok() else { return false };
    let Ok(ports) = serde_json::from_str::<serde_json::Value>(&text) else { return false };
    substitute::set_ports(&ports);
    true
}

/// A Python that has both packages.
fn python() -> Option<PathBuf> {
    [PathBuf::from("target/wpt-venv/bin/python"), PathBuf::from("python3")].into_iter().find(|python| {
        let check = Command::new(python).args(["-c", "import wptserve, pywebsocket3"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        check.is_ok_and(|status| status.success())
    })
}

/// The servers; they end with their standard input.
struct Servers {
    child: Child,
    ports: String,
    authority: String,
}

impl Drop for Servers {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn start(python: &Path, root: &Path) -> Result<Servers, String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/server/serve.py");
    let work = std::env::temp_dir().join(format!("mayfly-wpt-{}", std::process::id()));
    let mut child = Command::new(python)
        .arg(script)
        .args([root, &work])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{}: {error}", python.display()))?;
    let mut line = String::new();
    let read = child.stdout.as_mut().map(|stdout| BufReader::new(stdout).read_line(&mut line));
    let told = serde_json::from_str::<serde_json::Value>(&line).ok();
    let servers = |ports: String, authority: String| Servers { child, ports, authority };
    match (read, told) {
        (Some(Ok(_)), Some(told)) => Ok(servers(told["ports"].to_string(), told["authority"].as_str().unwrap_or_default().to_string())),
        _ => {
            drop(servers(String::new(), String::new()));
            Err(format!("the suite's servers did not start: run `{} {script} SUITE DIR` to see why", python.display()))
        }
    }
}

/// Runs this program again under the servers; its exit code. `None`, with a word about it, where there are none.
pub fn run_under(root: &Path) -> Result<Option<ExitCode>, String> {
    let Some(python) = python() else {
        eprintln!("wpt: no Python with the suite's servers: the tests that need them count as failed. For the servers:\n    {HOW_TO}");
        return Ok(None);
    };
    let servers = start(&python, root)?;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let names = format!("nonexistent.{0}=,nonexistent.{1}=,{0}=127.0.0.1,{1}=127.0.0.1", substitute::HOST, substitute::ALTERNATIVE_HOST);
    let status = Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(PORTS_VARIABLE, &servers.ports)
        .env("SSL_CERT_FILE", &servers.authority)
        .env("MAYFLY_RESOLVE", names)
        .env("NO_PROXY", "*")
        .status()
        .map_err(|error| error.to_string())?;
    drop(servers);
    Ok(Some(status.code().map_or(ExitCode::FAILURE, |code| ExitCode::from(u8::try_from(code).unwrap_or(1)))))
}
