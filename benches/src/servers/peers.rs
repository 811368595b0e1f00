//! The servers that are compared, and how each is started.

use std::path::{Path, PathBuf};
use std::process::Command;

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

    /// Whether it is on this machine.
    pub fn is_here(self) -> bool {
        self.executable().is_some()
    }

    fn executable(self) -> Option<PathBuf> {
        match self {
            Server::Hyper => std::env::current_exe().ok(),
            Server::Mayfly | Server::MayflyReuse => mayfly_binary(),
            Server::Node => find_executable("node"),
            Server::Deno => find_executable("deno"),
            Server::Bun => find_executable("bun"),
            Server::Workerd => find_executable("workerd"),
        }
    }

    /// The command that serves a scenario on `127.0.0.1:port`. `files` has what [`write_files`] wrote.
    pub fn command(self, scenario: Scenario, port: u16, files: &Path) -> Option<Command> {
        let worker = files.join(format!("{}.js", scenario.name()));
        let image = files.join(format!("{}.image", scenario.name()));
        let port = port.to_string();
        let mut command = Command::new(self.executable()?);
        match self {
            Server::Hyper => command.args(["hyper", scenario.name(), "--port", &port]),
            Server::Mayfly => command.arg("serve").arg(image).args(["--threads", "1", "--port", &port]),
            Server::MayflyReuse => command.arg("serve").arg(image).args(["--reuse", "--threads", "1", "--port", &port]),
            Server::Node => command.arg(files.join("node.mjs")).args([scenario.name(), &port]),
            Server::Deno => command.args(["serve", "--quiet", "--no-check", "--host", "127.0.0.1", "--port", &port]).arg(worker),
            Server::Bun => command.arg("run").arg(worker).env("PORT", &port).env("HOST", "127.0.0.1"),
            Server::Workerd => {
                let configuration = files.join(format!("{}-{port}.capnp", scenario.name()));
                std::fs::write(&configuration, workerd_configuration(scenario, &port)).ok()?;
                command.arg("serve").arg(configuration)
            }
        };
        Some(command)
    }
}

/// The `mayfly` binary of the same build.
pub fn mayfly_binary() -> Option<PathBuf> {
    let file = std::env::current_exe().ok()?.with_file_name("mayfly");
    file.is_file().then_some(file)
}

fn workerd_configuration(scenario: Scenario, port: &str) -> String {
    let name = scenario.name();
    format!(
        "using Workerd = import \"/workerd/workerd.capnp\";\n\
         const config :Workerd.Config = (\n  services = [(name = \"main\", worker = .worker)],\n  \
         sockets = [(name = \"http\", address = \"127.0.0.1:{port}\", http = (), service = \"main\")],\n);\n\
         const worker :Workerd.Worker = (\n  modules = [(name = \"{name}.js\", esModule = embed \"{name}.js\")],\n  \
         compatibilityDate = \"2026-01-01\",\n);\n"
    )
}

/// Writes workers, adapters and images into a directory.
///
/// # Errors
/// Where a file cannot be written or an image cannot be built.
pub fn write_files(directory: &Path, scenarios: &[Scenario]) -> Result<(), String> {
    let write = |name: &str, contents: &str| {
        let file = directory.join(name);
        std::fs::write(&file, contents).map_err(|error| format!("{}: {error}", file.display()))
    };
    // node takes the workers for modules then.
    write("package.json", "{ \"type\": \"module\" }\n")?;
    write("node.mjs", include_str!("../../servers/node.mjs"))?;
    write("router.js", Scenario::Router.worker())?;
    let mayfly = mayfly_binary().ok_or("the mayfly binary is not beside this one: cargo build --release -p mayfly")?;
    for scenario in scenarios {
        let name = scenario.name();
        write(&format!("{name}.js"), scenario.worker())?;
        let mut build = Command::new(&mayfly);
        build.arg("build").arg(directory.join(format!("{name}.js"))).arg("-o").arg(directory.join(format!("{name}.image")));
        crate::process::output(&mut build, std::time::Duration::from_secs(30))?;
    }
    Ok(())
}
