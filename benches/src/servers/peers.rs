//! The servers that are compared, and how each is started.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::scenario::Scenario;
use crate::engines::find_executable;

/// A server under comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Server {
    /// hyper and nothing else.
    Hyper,
    /// Mayfly, a fresh instance per request.
    Mayfly,
    /// Mayfly, one instance for all requests.
    MayflyReuse,
    /// node's http module.
    Node,
    /// Deno.
    Deno,
    /// Bun.
    Bun,
    /// workerd.
    Workerd,
}

/// In what form Mayfly gets a worker. To the others it makes no difference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Built before.
    Image,
    /// As source text.
    Source,
}

impl Server {
    /// All of them, the measure first.
    pub const ALL: [Server; 7] =
        [Server::Hyper, Server::Mayfly, Server::MayflyReuse, Server::Node, Server::Deno, Server::Bun, Server::Workerd];

    /// Name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Server::Hyper => "raw hyper",
            Server::Mayfly => "mayfly, fresh",
            Server::MayflyReuse => "mayfly --reuse",
            Server::Node => "node http",
            Server::Deno => "deno serve",
            Server::Bun => "bun serve",
            Server::Workerd => "workerd",
        }
    }

    /// Name in the keys of ratios.
    pub fn key(self) -> &'static str {
        match self {
            Server::Hyper => "raw_hyper",
            Server::Mayfly => "mayfly",
            Server::MayflyReuse => "mayfly_reuse",
            Server::Node => "node",
            Server::Deno => "deno",
            Server::Bun => "bun",
            Server::Workerd => "workerd",
        }
    }

    /// Whether it is Mayfly in one form or the other.
    pub fn is_own(self) -> bool {
        matches!(self, Server::Mayfly | Server::MayflyReuse)
    }

    /// Whether it is on this machine.
    pub fn is_here(self) -> bool {
        self.executable().is_some()
    }

    /// Where it is.
    pub fn executable(self) -> Option<PathBuf> {
        match self {
            Server::Hyper => std::env::current_exe().ok(),
            Server::Mayfly | Server::MayflyReuse => mayfly_binary(),
            Server::Node => find_executable("node"),
            Server::Deno => find_executable("deno"),
            Server::Bun => find_executable("bun"),
            Server::Workerd => find_executable("workerd"),
        }
    }

    /// The command that serves the worker `name` (its file without `.js`) on `127.0.0.1:port`. `files` has what [`write_files`] wrote.
    ///
    /// # Errors
    /// Where it is not here, or a file cannot be written.
    pub fn command(self, name: &str, form: Form, port: u16, files: &Path) -> Result<Command, String> {
        let worker = files.join(format!("{name}.js"));
        let own = files.join(format!("{name}.{}", if form == Form::Image { "image" } else { "js" }));
        let port = port.to_string();
        let mut command = Command::new(self.executable().ok_or("it is not here")?);
        match self {
            Server::Hyper => match Scenario::named(name) {
                Some(scenario) => command.args(["hyper", scenario.name(), "--port", &port]),
                None => command.args(["hyper", "--port", &port]),
            },
            Server::Mayfly => command.arg("serve").arg(own).args(["--threads", "1", "--port", &port]),
            Server::MayflyReuse => command.arg("serve").arg(own).args(["--reuse", "--threads", "1", "--port", &port]),
            Server::Node => command.arg(files.join("node.mjs")).arg(worker).args([name, &port]),
            Server::Deno => command.args(["serve", "--quiet", "--no-check", "--host", "127.0.0.1", "--port", &port]).arg(worker),
            Server::Bun => command.arg("run").arg(worker).env("PORT", &port).env("HOST", "127.0.0.1"),
            Server::Workerd => {
                let configuration = files.join(format!("{name}-{port}.capnp"));
                write(&configuration, workerd_configuration(&[(name.to_string(), port)]))?;
                command.arg("serve").arg(configuration)
            }
        };
        Ok(command)
    }
}

/// The `mayfly` binary of the same build.
pub fn mayfly_binary() -> Option<PathBuf> {
    let file = std::env::current_exe().ok()?.with_file_name("mayfly");
    file.is_file().then_some(file)
}

/// A configuration of workerd that serves workers, each on a port of its own.
pub fn workerd_configuration(workers: &[(String, String)]) -> String {
    let mut services = String::new();
    let mut sockets = String::new();
    let mut definitions = String::new();
    for (i, (name, port)) in workers.iter().enumerate() {
        services.push_str(&format!("(name = \"s{i}\", worker = .worker{i}), "));
        sockets.push_str(&format!("(name = \"h{i}\", address = \"127.0.0.1:{port}\", http = (), service = \"s{i}\"), "));
        definitions.push_str(&format!(
            "const worker{i} :Workerd.Worker = (modules = [(name = \"{name}.js\", esModule = embed \"{name}.js\")], \
             compatibilityDate = \"2026-01-01\");\n"
        ));
    }
    format!(
        "using Workerd = import \"/workerd/workerd.capnp\";\n\
         const config :Workerd.Config = (\n  services = [{services}],\n  sockets = [{sockets}],\n);\n{definitions}"
    )
}

/// Writes a file.
///
/// # Errors
/// Where it cannot be written.
pub fn write(file: &Path, contents: impl AsRef<[u8]>) -> Result<(), String> {
    std::fs::write(file, contents).map_err(|error| format!("{}: {error}", file.display()))
}

/// Writes workers (name without `.js`, and source), adapters and images into a directory.
///
/// # Errors
/// Where a file cannot be written or an image cannot be built.
pub fn write_files(directory: &Path, workers: &[(&str, &str)]) -> Result<(), String> {
    // node takes the workers for modules then.
    write(&directory.join("package.json"), "{ \"type\": \"module\" }\n")?;
    write(&directory.join("node.mjs"), include_str!("../../servers/node.mjs"))?;
    write(&directory.join("worlds.mjs"), include_str!("../../servers/worlds.mjs"))?;
    let mayfly = mayfly_binary().ok_or("the mayfly binary is not beside this one: cargo build --release -p mayfly")?;
    for (name, source) in workers {
        let file = directory.join(format!("{name}.js"));
        write(&file, source)?;
        let mut build = Command::new(&mayfly);
        build.arg("build").arg(file).arg("-o").arg(directory.join(format!("{name}.image")));
        if let Some(sample) = Scenario::named(name).and_then(Scenario::sample) {
            let file = directory.join(format!("{name}.http"));
            write(&file, sample)?;
            build.arg("--warm-requests").arg(file);
        }
        crate::process::output(&mut build, Duration::from_secs(60))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_of_workerd_have_ports_of_their_own() {
        let text = workerd_configuration(&[("a".to_string(), "1".to_string()), ("b".to_string(), "2".to_string())]);
        for part in ["s1", ".worker1", "127.0.0.1:2", "embed \"b.js\"", "const worker0"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
