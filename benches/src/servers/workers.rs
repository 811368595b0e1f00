//! Many workers in one process: what each costs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::Bench;
use super::peers::{self, Form, Server, mayfly_binary, workerd_configuration};
use super::start::{free_port, get, local, start};
use crate::process::{self, Core, Lines, Memory, memory, output};
use crate::report::{Results, Table, short};

/// What worker `number` of a set answers.
pub fn reply(number: u32) -> String {
    format!("Hello from worker {number}!")
}

fn source(number: u32) -> String {
    format!("export default {{\n  fetch() {{\n    return new Response('{}');\n  }},\n}};\n", reply(number))
}

/// A directory of tiny workers `w0`, `w1` …, each a little different from the others.
pub struct Set {
    directory: PathBuf,
    form: Form,
    /// How many.
    pub count: u32,
}

impl Set {
    /// Writes so many workers, and builds them when images are wanted.
    ///
    /// # Errors
    /// Where a file cannot be written, or the workers cannot be built.
    pub fn write(directory: &Path, count: u32, form: Form) -> Result<Set, String> {
        let set = Set { directory: directory.to_path_buf(), form, count };
        let sources = directory.join("sources");
        std::fs::create_dir_all(&sources).map_err(|error| format!("{}: {error}", sources.display()))?;
        for number in 0..count {
            peers::write(&sources.join(format!("w{number}.js")), source(number))?;
        }
        if form == Form::Image {
            let mut build = Command::new(mayfly_binary().ok_or("there is no mayfly binary")?);
            build.arg("build").arg(&sources).arg("-o").arg(directory.join("images"));
            output(&mut build, Duration::from_secs(300))?;
        }
        Ok(set)
    }

    fn served(&self) -> PathBuf {
        self.directory.join(if self.form == Form::Image { "images" } else { "sources" })
    }

    /// KiB on disk, by worker.
    fn kib_each(&self) -> f64 {
        let files = std::fs::read_dir(self.served()).into_iter().flatten().flatten();
        let bytes: u64 = files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum();
        bytes as f64 / 1024.0 / f64::from(self.count)
    }

    /// The command that serves all of them.
    ///
    /// # Errors
    /// Where the binary is not there.
    pub fn serve(&self, port: u16) -> Result<Command, String> {
        let mut command = Command::new(mayfly_binary().ok_or("there is no mayfly binary")?);
        command.args(["serve", "--threads", "1", "--port", &port.to_string(), "--workers"]).arg(self.served());
        Ok(command)
    }
}

impl Drop for Set {
    fn drop(&mut self) {
        // Thousands of images are not left lying about until the end.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Memory of a Mayfly process in which so many workers have been loaded and asked.
fn own(set: &Set, loaded: u32, bench: &Bench) -> Result<Memory, String> {
    let port = free_port()?;
    let address = local(port);
    let mut command = process::pinned(&set.serve(port)?, Core::Measured);
    let (running, _) = start(&mut command, address, &get("/w0"), 200, &bench.log())?;
    if loaded > 1 {
        let mut client = Command::new(std::env::current_exe().map_err(|error| error.to_string())?);
        client.args(["first-bytes", "--address", &address.to_string(), "--from", "1", "--count", &(loaded - 1).to_string()]);
        output(&mut process::pinned(&client, Core::Measuring), Duration::from_secs(120))?;
    }
    memory(running.0.id()).map_err(|error| error.to_string())
}

/// Memory of a peer's process with so many worlds.
fn peer(server: Server, count: u32, bench: &Bench) -> Result<Memory, String> {
    let files = &bench.directory.0;
    let program = server.executable().ok_or("it is not here")?;
    let worker = files.join("hello.js");
    if server == Server::Workerd {
        let ports = (0..count).map(|_| free_port()).collect::<Result<Vec<u16>, String>>()?;
        let workers: Vec<(String, String)> = ports.iter().map(|port| ("hello".to_string(), port.to_string())).collect();
        let configuration = files.join("worlds.capnp");
        peers::write(&configuration, workerd_configuration(&workers))?;
        let mut command = Command::new(program);
        command.arg("serve").arg(configuration);
        let (running, _) = start(&mut command, local(ports[0]), &get("/"), 200, &bench.log())?;
        for port in &ports {
            super::start::ask_once(local(*port), &get("/")).ok_or("a worker of workerd does not answer")?;
        }
        return memory(running.0.id()).map_err(|error| error.to_string());
    }
    let mut command = Command::new(program);
    if server == Server::Deno {
        command.args(["run", "--quiet", "--allow-all"]);
    }
    command.arg(files.join("worlds.mjs")).arg(worker).arg(count.to_string());
    let lines = Lines::start(&mut process::pinned(&command, Core::Measured))?;
    match lines.next(Duration::from_secs(60))? {
        Some(line) if line == "ready" => memory(lines.running.0.id()).map_err(|error| error.to_string()),
        other => Err(format!("{}: not ready: {other:?}", server.name())),
    }
}

/// Memory per loaded worker: 1 … 5,000 in Mayfly; 1 and some in the peers, whose worlds are threads or isolates.
///
/// # Errors
/// Where Mayfly cannot be measured.
pub fn run(bench: &Bench, results: &mut Results) -> Result<(), String> {
    const COUNTS: [u32; 5] = [1, 10, 100, 1000, 5000];
    const PEERS: u32 = 21;
    let most = COUNTS[COUNTS.len() - 1].min(bench.options.workers);
    eprintln!("memory per worker: {most} images are built");
    let set = Set::write(&bench.directory.0.join("many"), most, Form::Image)?;
    println!("{} images of {:.1} KiB each on disk", set.count, set.kib_each());
    let mut table = Table::new(&["memory", "worlds", "PSS MiB", "private MiB", "PSS per further world, KiB"]);
    let mut measured = Map::new();
    let mut first = Memory::default();
    let mut own_each = f64::NAN;
    let mut row = |name: &str, count: u32, memory: Memory, each: f64| {
        let cells = [short(memory.pss_kib / 1024.0), short(memory.private_kib / 1024.0), short(each)];
        table.row([name.to_string(), count.to_string()].into_iter().chain(cells).collect());
        json!({ "worlds": count, "pss_kib": memory.pss_kib, "private_kib": memory.private_kib, "pss_kib_per_further_world": each })
    };
    let mut values = Vec::new();
    for count in COUNTS.into_iter().filter(|count| *count <= most) {
        eprintln!("memory per worker: {count}");
        let memory = own(&set, count, bench)?;
        if count == 1 {
            first = memory;
        } else {
            own_each = (memory.pss_kib - first.pss_kib) / f64::from(count - 1);
        }
        values.push(row("mayfly", count, memory, if count == 1 { f64::NAN } else { own_each }));
    }
    measured.insert("mayfly".to_string(), Value::Array(values));
    for server in bench.servers.iter().filter(|server| !server.is_own() && **server != Server::Hyper) {
        eprintln!("memory per world: {}", server.name());
        match peer(*server, 1, bench).and_then(|one| Ok((one, peer(*server, PEERS, bench)?))) {
            Ok((one, many)) => {
                let each = (many.pss_kib - one.pss_kib) / f64::from(PEERS - 1);
                let values = vec![row(server.key(), 1, one, f64::NAN), row(server.key(), PEERS, many, each)];
                measured.insert(server.key().to_string(), Value::Array(values));
                results.ratio(&format!("memory_per_worker_vs_{}", server.key()), each / own_each);
            }
            Err(error) => eprintln!("{}: {error}", server.name()),
        }
    }
    println!("{table}");
    measured.insert("image_kib_on_disk".to_string(), json!(set.kib_each()));
    results.scenarios.insert("memory_per_worker".to_string(), Value::Object(measured));
    Ok(())
}
