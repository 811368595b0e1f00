//! `mayfly serve`: one thread per core, each with its own listener, executor and instances. One more waits for signals.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use mayfly_runtime::{BuildOptions, Worker, WorkerOptions};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::LocalSet;

use crate::cli::Serve;
use crate::commands::fail;
use crate::connections::{Connections, SWEEP_INTERVAL};
use crate::cron::Cron;
use crate::directory::WorkerDirectory;
use crate::settle::settle_soon;
use crate::sites::{Site, Sites};
use crate::{connection, logs, schedule, turn};

/// Connections that the system may keep waiting; it has a limit of its own (`net.core.somaxconn`).
const BACKLOG: i32 = 16 << 10;
/// How often idle instances are looked at.
const TRIM_INTERVAL: Duration = Duration::from_secs(10);
/// Pause after the system refused a connection (no descriptors left).
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);
/// Beyond the wall-clock limit of requests: for the last bytes of replies.
const GRACE: Duration = Duration::from_secs(5);
/// Bytes of a reply that the system may hold before they are sent: what a slow client has not taken stays with the worker, which is held
/// back. Enough for the system to always have something to send.
const UNSENT_BYTES: u32 = 256 << 10;

/// `mayfly serve`
pub fn serve(arguments: &Serve) -> ExitCode {
    logs::start(arguments.log);
    mayfly_runtime::raise_file_limit();
    let options = WorkerOptions {
        limits: arguments.limits.limits(),
        reuse: arguments.reuse,
        production: arguments.production,
        verify_reset: arguments.verify_reset,
        gc_stress: arguments.source.gc_stress,
        no_eval: arguments.source.no_eval,
        frozen_clock: arguments.frozen_clock,
    };
    let variables = match arguments.variables.variables() {
        Ok(variables) => variables,
        Err(error) => return fail(format!("mayfly: {error}")),
    };
    let mut build = BuildOptions {
        kind: arguments.source.kind(),
        no_eval: arguments.source.no_eval,
        gc_stress: arguments.source.gc_stress,
        variables,
        cache_mib: arguments.cache_mib,
        samples: vec![mayfly_runtime::Sample::default()],
        ..BuildOptions::default()
    };
    if let Err(error) = arguments.bindings.apply(&mut build) {
        return fail(format!("mayfly: {error}"));
    }
    let threads = match arguments.threads {
        Some(threads) => usize::from(threads),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let address = SocketAddr::new(arguments.host, arguments.port);
    let open = || listen(address, threads).map_err(|error| fail(format!("mayfly: {address} cannot be listened on: {error}")));
    let mut files = arguments.workers.iter().map(|routed| &routed.file).chain(&arguments.file);
    // Who asks while an image is loaded waits for that millisecond, instead of being refused and asking again. A source may take seconds:
    // there nobody should take an open port for a worker that is ready.
    let early = if files.all(|file| file.is_file() && Worker::loads_at_once(file, &build)) {
        match open() {
            Ok(listeners) => Some(listeners),
            Err(code) => return code,
        }
    } else {
        None
    };
    let load =
        |file: &Path| Worker::load_unsettled(file, &build, options).map_err(|error| fail(format!("mayfly: {}: {error}", file.display())));
    let mut sites = Vec::with_capacity(arguments.workers.len() + 1);
    let routed = arguments.workers.iter().map(|routed| (Some(routed.route.clone()), &routed.file));
    for (route, file) in routed.chain(arguments.file.iter().map(|file| (None, file))) {
        match load(file) {
            Ok(worker) => sites.push(Site { route, worker }),
            Err(code) => return code,
        }
    }
    let directory = match arguments.directory.clone().map(|path| WorkerDirectory::open(path, build, options)).transpose() {
        Ok(directory) => directory,
        Err(error) => return fail(format!("mayfly: {error}")),
    };
    let (listeners, address) = match early.map_or_else(open, Ok) {
        Ok(listeners) => listeners,
        Err(code) => return code,
    };
    run(sites, directory, listeners, address, arguments.cron.clone())
}

/// One listener per thread on the same port, and the address. The system deals connections out.
fn listen(address: SocketAddr, threads: usize) -> std::io::Result<(Vec<TcpListener>, SocketAddr)> {
    let mut address = address;
    let mut listeners = Vec::with_capacity(threads);
    for _ in 0..threads {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        // Only several threads share a port: a second server on it is a mistake to be told of.
        if threads > 1 {
            if listeners.is_empty() && address.port() != 0 {
                drop(TcpListener::bind(address)?);
            }
            socket.set_reuse_port(true)?;
        }
        // Connections inherit these two, which saves a system call each. Replies are written whole: waiting for more helps nobody.
        socket.set_tcp_nodelay(true)?;
        socket.set_tcp_notsent_lowat(UNSENT_BYTES)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        let listener = TcpListener::from(socket);
        address = listener.local_addr()?;
        listeners.push(listener);
    }
    Ok((listeners, address))
}

/// A thread's executor, and its dispatchers with an instance each.
fn prepare(sites: Vec<Site>, directory: Option<Arc<WorkerDirectory>>) -> Result<(Runtime, Rc<Sites>), String> {
    let sites = Sites::new(sites, directory);
    sites.warm_up().map_err(|error| format!("no instance could be made: {error}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok((runtime.map_err(|error| format!("no executor could be started: {error}"))?, Rc::new(sites)))
}

/// Serves on as many threads as there are listeners, of which this one is the first.
fn run(
    sites: Vec<Site>,
    directory: Option<Arc<WorkerDirectory>>,
    listeners: Vec<TcpListener>,
    address: SocketAddr,
    crons: Vec<Cron>,
) -> ExitCode {
    let (stop, stopped) = watch::channel(false);
    let count = listeners.len();
    let (ready, is_ready) = std::sync::mpsc::channel();
    // Nobody serves before workers have been told that they are installed.
    let installed = Arc::new(Installed::default());
    let mut listeners = listeners.into_iter();
    let Some(own_listener) = listeners.next() else { return fail("mayfly: there is no listener") };
    let mut threads = Vec::with_capacity(count);
    for (number, listener) in listeners.enumerate() {
        let (sites, directory, stopped, ready) = (sites.clone(), directory.clone(), stopped.clone(), ready.clone());
        let installed = installed.clone();
        let serve = move || match prepare(sites, directory) {
            Ok((runtime, sites)) => {
                installed.wait();
                turn::block_on(&LocalSet::new(), &runtime, accept(sites, listener, stopped, &ready));
            }
            // Gone is who should hear of it, only when the process ends.
            Err(message) => drop(ready.send(Err(message))),
        };
        let thread = std::thread::Builder::new().name(format!("mayfly-{}", number + 1)).stack_size(crate::STACK_BYTES);
        match thread.spawn(serve) {
            Ok(thread) => threads.push(thread),
            Err(error) => return fail(format!("mayfly: no thread could be started: {error}")),
        }
    }
    let (runtime, own) = match prepare(sites.clone(), directory.clone()) {
        Ok(prepared) => prepared,
        Err(message) => return fail(format!("mayfly: {message}")),
    };
    let local = LocalSet::new();
    if let Err(error) = local.block_on(&runtime, own.install()) {
        return fail(format!("mayfly: {error}"));
    }
    installed.set();
    local.spawn_local(schedule::keep(own.clone(), crons, stopped.clone()));
    for Site { worker, .. } in &sites {
        let settled = settle_soon(worker.clone());
        local.spawn_local(async move {
            if let Err(message) = settled.await {
                end_with(&message);
            }
        });
    }
    let watcher = std::thread::Builder::new().name("mayfly-signals".into()).spawn(move || {
        for _ in 0..count {
            match is_ready.recv() {
                Ok(Ok(())) => {}
                Ok(Err(message)) => end_with(&message),
                Err(_) => end_with("a thread ended at once"),
            }
        }
        println!("Listening on http://{address}");
        for Site { route, worker } in &sites {
            let route = route.as_ref().map_or_else(|| "*".to_string(), ToString::to_string);
            tracing::info!(worker = &*worker.name, route, address = %address, threads = count, reuse = worker.options.reuse, "serving");
        }
        if let Some(directory) = directory {
            tracing::info!(directory = %directory.path().display(), address = %address, threads = count, "serving");
        }
        if let Err(error) = wait_for_signals(&stop) {
            end_with(&format!("signals cannot be received: {error}"));
        }
    });
    if let Err(error) = watcher {
        return fail(format!("mayfly: no thread could be started: {error}"));
    }
    turn::block_on(&local, &runtime, accept(own, own_listener, stopped, &ready));
    let mut code = ExitCode::SUCCESS;
    for thread in threads {
        if thread.join().is_err() {
            code = ExitCode::FAILURE;
        }
    }
    tracing::info!("stopped");
    code
}

/// Ends the process from a thread that nobody waits for.
fn end_with(message: &str) -> ! {
    fail(format!("mayfly: {message}"));
    std::process::exit(1)
}

/// Whether workers have been told that they are installed.
#[derive(Default)]
struct Installed {
    done: Mutex<bool>,
    changed: Condvar,
}

impl Installed {
    fn set(&self) {
        *self.done.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    fn wait(&self) {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.changed.wait_while(done, |done| !*done).unwrap_or_else(PoisonError::into_inner));
    }
}

/// Waits for SIGTERM or SIGINT and tells the threads; from then on another one ends the process.
fn wait_for_signals(stop: &watch::Sender<bool>) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (mut terminate, mut interrupt) =
        runtime.block_on(async { Ok::<_, std::io::Error>((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)) })?;
    runtime.block_on(async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    });
    tracing::info!("stopping: requests in flight are finished first");
    stop.send_replace(true);
    std::thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        });
        tracing::warn!("stopped at once, with requests in flight");
        std::process::exit(1);
    });
    Ok(())
}

async fn accept(
    sites: Rc<Sites>,
    listener: TcpListener,
    mut stopped: watch::Receiver<bool>,
    ready: &std::sync::mpsc::Sender<Result<(), String>>,
) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            let _ = ready.send(Err(format!("the listener cannot be used: {error}")));
            return;
        }
    };
    let _ = ready.send(Ok(()));
    let limits = sites.limits();
    let protocol = Rc::new(connection::protocol(&limits));
    let connections = Rc::new(Connections::default());
    let swept = connections.clone();
    tokio::task::spawn_local(async move {
        loop {
            tokio::time::sleep(SWEEP_INTERVAL).await;
            swept.sweep();
        }
    });
    let trimmed = sites.clone();
    tokio::task::spawn_local(async move {
        loop {
            tokio::time::sleep(TRIM_INTERVAL).await;
            trimmed.trim();
        }
    });
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.wait_for(|stops| *stops) => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let (protocol, sites, open) = (protocol.clone(), sites.clone(), connections.open());
                tokio::task::spawn_local(async move { connection::serve(stream, &protocol, sites, open).await });
            }
            Err(error) => {
                tracing::warn!("a connection was not accepted: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    let finished = async {
        connections.stop().await;
        sites.wait_idle().await;
    };
    if tokio::time::timeout(Duration::from_millis(limits.wall_ms) + GRACE, finished).await.is_err() {
        tracing::warn!("requests in flight were not done in time");
    }
}
