//! Commands, options and their help.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use mayfly_runtime::{Limits, SourceKind};

use crate::bindings::BindingArgs;
use crate::cron::Cron;
use crate::routes::RoutedFile;
use crate::variables::VariableArgs;
use crate::{build, commands, dump, profile, repl, serve, types};

const EXAMPLES: &str = "\
Examples:
  mayfly serve examples/hello.js              Serve a worker on http://127.0.0.1:8080
  mayfly build app.js -o app.image            Evaluate a worker's top level once …
  mayfly serve app.image --port 80            … and serve the result: starts in milliseconds
  mayfly run script.js                        Run a script, or a module with imports and top-level await
  mayfly types -o mayfly.d.ts                 TypeScript declarations of what workers find in their scope
  mayfly profile script.js -o flames.svg      Run it and show where the time went
  mayfly eval '[1, 2, 3].map(x => x * x)'     Print what an expression gives
  mayfly repl                                 Read, evaluate, print, loop
  mayfly --dump=ast,bytecode script.js        Show what the engine makes of a file

A worker is a module with `export default { fetch(request, env, ctx) { … } }`, or a script that calls
`addEventListener('fetch', event => event.respondWith(…))`. Each request runs in a fresh instance of it.

Exit codes: 0 done, 1 uncaught error or failure, 2 wrong usage.";

const SERVE_EXAMPLES: &str = "\
Examples:
  mayfly serve hello.js
  mayfly serve app.image --port 3000 --threads 2 --production
  mayfly serve app.js --cpu-ms 50 --memory-mib 64 --log json
  mayfly serve app.js --var API_URL=https://api.example --env-file .env
  mayfly serve site.js --worker '/api/*=api.image' --worker '*.example.com/*=tenants.js'
  mayfly serve app.js --cron '*/5 * * * *' --cron '0 3 * * MON'
  mayfly build src/ -o tenants/ && mayfly serve --workers tenants/
  curl http://127.0.0.1:8080/

Routes are written as [HOST]/PATH, with * only where the host begins or the path ends, and without the query; no host means any.
The workers of a directory are loaded at their first request, in microseconds where they are images; those that nobody asks for give
their memory back. Routes come before the directory, and FILE takes what neither does.
A worker file is built first (see `mayfly build --help`): its top level sees a clock that stands at 0, and may not ask for randomness or I/O.
SIGTERM and SIGINT end the server when the requests in flight are done; a second one ends it at once.
Set MAYFLY_LOG (as in MAYFLY_LOG=debug) for more or fewer log lines.";

const BUILD_EXAMPLES: &str = "\
Examples:
  mayfly build app.js -o app.image
  mayfly build app.js -o app.image --hash-key 7     The same source gives the same bytes
  mayfly build src/ -o images/                      All workers of a directory, over one base image
  mayfly build new.js -o images/                    One more
  mayfly build app.js -o app.image --prime http://localhost/     What a framework prepares at the first request is in the image
  mayfly build app.js -o app.image --warm http://localhost/users/42 --warm-requests orders.http
  printf 'POST /orders HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 12\\r\\n\\r\\n{\"item\":\"a\"}' > orders.http

The image holds the evaluated top level. It fits only the build of mayfly that made it. Where IMAGE is a directory, images hold only what
differs from base.image there, which all of them share on disk and in memory; it is made when it is missing or of another build.";

const TYPES_EXAMPLES: &str = "\
Examples:
  mayfly types -o mayfly.d.ts
  mayfly types --var API_URL= --kv STORE=data -o mayfly.d.ts      With the names that `env` has

The declarations take the place of TypeScript's libraries dom and webworker. In tsconfig.json:
  { \"compilerOptions\": { \"lib\": [\"esnext\"], \"types\": [], \"strict\": true }, \"files\": [\"mayfly.d.ts\", \"worker.ts\"] }
A module worker is checked by `export default { fetch(request, env, ctx) { … } } satisfies ExportedHandler`. TypeScript 5.7 or later.";

const PROFILE_EXAMPLES: &str = "\
Examples:
  mayfly profile script.js                              Tables on standard output, script.svg as a flame graph
  mayfly profile worker.js --requests 10000 --path /users/42
  mayfly profile app.image --requests 10000 -o app.svg --top 40

Instructions, slow paths of property accesses (inline caches that missed) and bytes are counted exactly; time is sampled. Counting slows
every instruction down by the same few nanoseconds, so that cheap ones look dearer than they are, against natives. Waiting is not counted.";

const RUN_EXAMPLES: &str = "\
Examples:
  mayfly run script.js                      What workers have in their scope is there too: fetch, crypto, streams, timers, …
  mayfly run main.mjs                       A module: top-level await, relative imports, JSON and text by import attributes
  echo 'console.log(1)' | mayfly run -

It ends when nothing is left to do. Files are modules if they are called *.mjs, or if they import, export or await at their top.";

const EVAL_EXAMPLES: &str = "\
Examples:
  mayfly eval '[1, 2, 3].map(x => x * x)'
  mayfly eval 'await (await fetch(\"https://example.com/\")).text()'";

const REPL_HELP: &str = "\
Statements may take several lines, `await` may stand at the top, and `_` is the last result. .help says more. Ctrl-D ends.";

/// Every request in a world of its own: a JavaScript worker server.
#[derive(Parser)]
#[command(name = "mayfly", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct Cli {
    /// Show what the engine makes of FILE
    #[arg(long, value_name = "WHAT", value_delimiter = ',', requires = "file")]
    dump: Vec<Dump>,
    /// File for --dump
    #[arg(requires = "dump")]
    file: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What `--dump` shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Dump {
    /// Tokens, one a line
    Tokens,
    /// Syntax tree as S-expressions
    Ast,
    /// Bytecode
    Bytecode,
    /// Header of the worker's image
    Image,
}

// Only the command that is asked for is described in full: a server's first reply waits for this.
#[derive(Subcommand)]
#[command(defer = true)]
enum Command {
    /// Serve a worker or an image over HTTP
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(Serve),
    /// Evaluate a worker's top level and write it as an image
    #[command(after_help = BUILD_EXAMPLES)]
    Build(Build),
    /// Write TypeScript declarations of what workers find in their scope
    #[command(after_help = TYPES_EXAMPLES)]
    Types(Types),
    /// Run a script or module
    #[command(after_help = RUN_EXAMPLES)]
    Run(Run),
    /// Run a program, or requests to a worker, and show where the interpreter spends its time
    #[command(after_help = PROFILE_EXAMPLES)]
    Profile(Profile),
    /// Evaluate code and print what it gives
    #[command(after_help = EVAL_EXAMPLES)]
    Eval(Eval),
    /// Read, evaluate, print, loop
    #[command(after_help = REPL_HELP)]
    Repl,
}

/// How sources are read.
#[derive(Args, Clone, Copy, Debug)]
pub struct SourceArgs {
    /// Take the file as a module, whatever its name and contents
    #[arg(long, conflicts_with = "script")]
    module: bool,
    /// Take the file as a classic script
    #[arg(long)]
    script: bool,
    /// Refuse eval and new Function
    #[arg(long)]
    pub no_eval: bool,
    /// Collect garbage as often as possible (for tests)
    #[arg(long)]
    pub gc_stress: bool,
}

impl SourceArgs {
    /// Script or module.
    pub fn kind(&self) -> SourceKind {
        match (self.module, self.script) {
            (true, _) => SourceKind::Module,
            (_, true) => SourceKind::Script,
            _ => SourceKind::Detect,
        }
    }
}

/// Limits of each request.
#[derive(Args, Clone, Copy, Debug)]
pub struct LimitArgs {
    /// CPU time of a request, in milliseconds
    #[arg(long, default_value_t = Limits::default().cpu_ms, value_name = "MS", help_heading = "Limits")]
    cpu_ms: u64,
    /// Time of a request from its arrival to the end of its reply and of waitUntil, in milliseconds
    #[arg(long, default_value_t = Limits::default().wall_ms, value_name = "MS", help_heading = "Limits")]
    wall_ms: u64,
    /// Heap of a request, in MiB
    #[arg(long, default_value_t = Limits::default().memory_mib, value_name = "MIB", help_heading = "Limits", value_parser = clap::value_parser!(u32).range(1..=3000))]
    memory_mib: u32,
    /// Length of a request's body, in bytes
    #[arg(long, default_value_t = Limits::default().body_bytes, value_name = "BYTES", help_heading = "Limits")]
    body_bytes: u64,
    /// Length of a request's URL without scheme and host, in bytes
    #[arg(long, default_value_t = Limits::default().url_bytes, value_name = "BYTES", help_heading = "Limits")]
    url_bytes: usize,
    /// Length of all headers of a request, in bytes
    #[arg(long, default_value_t = Limits::default().header_bytes, value_name = "BYTES", help_heading = "Limits")]
    header_bytes: usize,
    /// Requests and sockets that a request may open itself, redirects included
    #[arg(long, default_value_t = Limits::default().subrequests, value_name = "COUNT", help_heading = "Limits")]
    subrequests: u32,
}

impl LimitArgs {
    /// As the runtime takes them.
    pub fn limits(&self) -> Limits {
        Limits {
            cpu_ms: self.cpu_ms,
            wall_ms: self.wall_ms,
            memory_mib: self.memory_mib,
            body_bytes: self.body_bytes,
            url_bytes: self.url_bytes,
            header_bytes: self.header_bytes,
            subrequests: self.subrequests,
        }
    }
}

/// Form of log lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum LogForm {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

/// `mayfly serve`
#[derive(Args, Debug)]
pub struct Serve {
    /// A worker (JavaScript) or an image made by `mayfly build`
    #[arg(required_unless_present_any = ["workers", "directory"])]
    pub file: Option<PathBuf>,
    /// Another worker, for requests to ROUTE; FILE takes the rest. May be given many times; the most specific route counts
    #[arg(short, long = "worker", value_name = "ROUTE=FILE")]
    pub workers: Vec<RoutedFile>,
    /// A directory of workers, each loaded at its first request: NAME.image, NAME.js or NAME.mjs takes requests for /NAME and /NAME/…
    #[arg(long = "workers", value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// Port to listen on; 0 takes a free one
    #[arg(short, long, default_value_t = 8080)]
    pub port: u16,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// Threads, each with its own connections and instances; by default one per core
    #[arg(short, long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Keep instances across requests instead of a fresh one for each
    #[arg(long)]
    pub reuse: bool,
    /// Memory for the caches of each worker, in MiB; 64 by default
    #[arg(long, value_name = "MIB", help_heading = "Limits", value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    pub cache_mib: Option<u32>,
    /// Run the workers' `scheduled` handlers at these times (UTC): minute, hour, day, month, day of the week. May be given many times
    #[arg(long, value_name = "CRON")]
    pub cron: Vec<Cron>,
    /// Tell clients nothing about errors
    #[arg(long)]
    pub production: bool,
    /// Compare each instance with its image after every request (for tests)
    #[arg(long)]
    pub verify_reset: bool,
    /// Clocks stand still while code runs and go on only when something from outside comes, so that nothing can be timed
    #[arg(long)]
    pub frozen_clock: bool,
    /// Form of log lines
    #[arg(long, value_enum, default_value_t = LogForm::Text)]
    pub log: LogForm,
    #[command(flatten)]
    pub variables: VariableArgs,
    #[command(flatten)]
    pub bindings: BindingArgs,
    #[command(flatten)]
    pub source: SourceArgs,
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// `mayfly build`
#[derive(Args, Debug)]
pub struct Build {
    /// The worker, or a directory of workers (*.js, *.mjs)
    pub file: PathBuf,
    /// Where the image goes: a file, or a directory of images that share a base
    #[arg(short, long, value_name = "IMAGE")]
    pub output: PathBuf,
    /// Key of string hashes; random by default, so that collisions cannot be computed from the source
    #[arg(long, value_name = "NUMBER")]
    pub hash_key: Option<u32>,
    /// Let the worker answer a GET request for URL as a part of its top level: all that it leaves is in the image, such as a router that
    /// a framework makes at the first request. The rules of the top level hold (no I/O, no randomness). May be given many times
    #[arg(long, value_name = "URL")]
    pub prime: Vec<String>,
    /// The same with recorded requests, as for --warm-requests
    #[arg(long, value_name = "FILE")]
    pub prime_requests: Vec<PathBuf>,
    /// Run a GET request for URL while the image is built, so that inline caches are warm and regular expressions compiled; no other trace of
    /// it is kept. May be given many times; by default one for http://localhost/
    #[arg(long, value_name = "URL")]
    pub warm: Vec<String>,
    /// The same with the requests of FILE: HTTP/1.1 as it goes over a connection, one request after the other, each with its method, its
    /// headers, and a body as long as its Content-Length. May be given many times
    #[arg(long, value_name = "FILE")]
    pub warm_requests: Vec<PathBuf>,
    /// Keep inline caches and regular expressions as the top level leaves them
    #[arg(long, conflicts_with_all = ["warm", "warm_requests"])]
    pub cold: bool,
    #[command(flatten)]
    pub variables: VariableArgs,
    #[command(flatten)]
    pub bindings: BindingArgs,
    #[command(flatten)]
    pub source: SourceArgs,
}

/// `mayfly types`
#[derive(Args, Debug)]
pub struct Types {
    /// Where they go; standard output by default
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// For a classic script, which finds variables and namespaces as globals instead of in `env`
    #[arg(long)]
    pub script: bool,
    #[command(flatten)]
    pub variables: VariableArgs,
    #[command(flatten)]
    pub bindings: BindingArgs,
}

/// `mayfly run`
#[derive(Args, Debug)]
pub struct Run {
    /// Script or module; `-` reads standard input
    pub file: PathBuf,
    /// Heap, in MiB
    #[arg(long, default_value_t = 2048, value_parser = clap::value_parser!(u32).range(1..=3000))]
    pub memory_mib: u32,
    #[command(flatten)]
    pub source: SourceArgs,
}

/// `mayfly profile`
#[derive(Args, Debug)]
pub struct Profile {
    /// Script or module; with --requests a worker or an image
    pub file: PathBuf,
    /// Where the flame graph goes; by default the file's name with .svg, in the current directory
    #[arg(short, long, value_name = "SVG")]
    pub output: Option<PathBuf>,
    /// Make so many GET requests to a worker, one after the other, each in a fresh instance
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub requests: Option<u32>,
    /// Path of these requests
    #[arg(long, default_value = "/", requires = "requests")]
    pub path: String,
    /// Time between samples, in microseconds
    #[arg(long, default_value_t = 500, value_name = "US", value_parser = clap::value_parser!(u32).range(50..=1_000_000))]
    interval_us: u32,
    /// Rows of each table
    #[arg(long, default_value_t = 20, value_name = "ROWS")]
    pub top: usize,
    #[command(flatten)]
    pub source: SourceArgs,
}

impl Profile {
    /// Time between samples.
    pub fn interval(&self) -> std::time::Duration {
        std::time::Duration::from_micros(u64::from(self.interval_us))
    }
}

/// `mayfly eval`
#[derive(Args, Debug)]
pub struct Eval {
    /// A script; `await` may stand at its top
    pub code: String,
    /// Collect garbage as often as possible (for tests)
    #[arg(long)]
    pub gc_stress: bool,
}

/// Runs what the command line asks for.
pub fn run(cli: Cli) -> ExitCode {
    match (cli.command, cli.file) {
        (Some(Command::Serve(arguments)), _) => serve::serve(&arguments),
        (Some(Command::Build(arguments)), _) => build::build(&arguments),
        (Some(Command::Types(arguments)), _) => types::types(&arguments),
        (Some(Command::Run(arguments)), _) => commands::run(&arguments),
        (Some(Command::Profile(arguments)), _) => profile::profile(&arguments),
        (Some(Command::Eval(arguments)), _) => commands::eval(&arguments),
        (Some(Command::Repl), _) => repl::repl(),
        (None, Some(file)) => dump::dump(&file, &cli.dump),
        (None, None) => {
            let _ = Cli::command().print_help();
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn usage_errors() {
        for arguments in [
            &["mayfly", "a.js"][..],
            &["mayfly", "--dump=nonsense", "a.js"],
            &["mayfly", "--dump=ast"],
            &["mayfly", "serve"],
            &["mayfly", "serve", "a.js", "--port", "70000"],
            &["mayfly", "serve", "--worker", "a.js"],
            &["mayfly", "serve", "--workers"],
            &["mayfly", "serve", "a.js", "--worker", "http://x/=b.js"],
            &["mayfly", "serve", "a.js", "--memory-mib", "0"],
            &["mayfly", "serve", "a.js", "--cron", "61 * * * *"],
            &["mayfly", "run", "a.js", "--module", "--script"],
            &["mayfly", "build", "a.js"],
            &["mayfly", "build", "a.js", "-o", "a.image", "--cold", "--warm-requests", "a.http"],
            &["mayfly", "profile"],
            &["mayfly", "profile", "a.js", "--path", "/x"],
            &["mayfly", "profile", "a.js", "--requests", "0"],
        ] {
            let error = Cli::try_parse_from(arguments).err().unwrap_or_else(|| panic!("{arguments:?} was accepted"));
            assert_eq!(error.exit_code(), 2, "{arguments:?}");
        }
    }

    #[test]
    fn limits_arrive() {
        let cli = Cli::try_parse_from(["mayfly", "serve", "a.js", "--cpu-ms", "7", "--body-bytes=9"]).unwrap();
        let Some(Command::Serve(serve)) = cli.command else { panic!("no serve") };
        let limits = serve.limits.limits();
        assert_eq!((limits.cpu_ms, limits.body_bytes, limits.wall_ms), (7, 9, Limits::default().wall_ms));
    }
}
