//! A directory of workers, one per file, each loaded at its first request.
//!
//! `NAME.image`, `NAME.js` or `NAME.mjs` takes the requests for `/NAME` and `/NAME/…`. What threads share of a worker (its image, its
//! caches) is loaded once for all of them; dispatchers and instances are each thread's own. Workers that nobody asks for give back their
//! instances first, and then everything.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::{Response, StatusCode};
use mayfly_runtime::{BASE_IMAGE, BuildOptions, Dispatcher, LoadError, ReplyBody, Worker, WorkerOptions, plain_reply};
use tokio::sync::{OnceCell, Semaphore, oneshot};

use crate::settle::settle_soon;

/// Endings of workers' files, the first that exists counts.
const ENDINGS: [&str; 3] = ["image", "js", "mjs"];
/// Longest name of a worker.
const LONGEST_NAME: usize = 128;
/// Sources that are built at the same time.
const BUILDS: usize = 2;
/// For how long a worker that could not be loaded is not tried again.
const RETRY: Duration = Duration::from_secs(2);
/// Calls of [`LocalDirectory::trim`] without a request in between, after which a worker is forgotten.
const FORGOTTEN: u32 = 12;

/// The workers of a directory, for all threads.
pub struct WorkerDirectory {
    path: PathBuf,
    build: BuildOptions,
    options: WorkerOptions,
    entries: Mutex<HashMap<Box<str>, Arc<Entry>>>,
    builds: Semaphore,
}

/// A worker that is loaded or being loaded.
#[derive(Default)]
struct Entry(OnceCell<Result<Worker, Failure>>);

impl Entry {
    /// Whether the worker is to be loaded anew.
    fn is_over(&self) -> bool {
        self.0.get().is_some_and(|loaded| match loaded {
            Ok(worker) => worker.image.is_spoiled(),
            Err(failure) => failure.at.elapsed() > RETRY,
        })
    }
}

/// A worker that could not be loaded.
struct Failure {
    message: String,
    at: Instant,
}

/// The name of the worker that takes requests for this path.
fn name_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix('/')?;
    let name = name.split_once('/').map_or(name, |(name, _)| name);
    let is_name = !name.is_empty()
        && name.len() <= LONGEST_NAME
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'));
    is_name.then_some(name)
}

impl WorkerDirectory {
    /// The workers of the directory at `path`.
    ///
    /// # Errors
    /// Where there is no such directory.
    pub fn open(path: PathBuf, build: BuildOptions, options: WorkerOptions) -> Result<Arc<WorkerDirectory>, String> {
        match std::fs::metadata(&path) {
            Ok(data) if data.is_dir() => {}
            Ok(_) => return Err(format!("{}: it is no directory", path.display())),
            Err(error) => return Err(format!("{}: {error}", path.display())),
        }
        Ok(Arc::new(WorkerDirectory { path, build, options, entries: Mutex::default(), builds: Semaphore::new(BUILDS) }))
    }

    /// How requests are treated.
    pub fn options(&self) -> &WorkerOptions {
        &self.options
    }

    /// Where it lies.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    fn file_of(&self, name: &str) -> Option<PathBuf> {
        let paths = ENDINGS.iter().map(|ending| format!("{name}.{ending}"));
        paths.filter(|file| file != BASE_IMAGE).map(|file| self.path.join(file)).find(|path| path.is_file())
    }

    fn entry(&self, name: &str) -> Arc<Entry> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        match entries.get(name) {
            Some(entry) if !entry.is_over() => entry.clone(),
            _ => {
                let entry = Arc::new(Entry::default());
                entries.insert(name.into(), entry.clone());
                entry
            }
        }
    }

    /// Forgets workers that no thread knows any more.
    fn forget_unused(&self) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|_, entry| match entry.0.get() {
            // It is being loaded.
            None => true,
            Some(Ok(worker)) => worker.is_in_use(),
            Some(Err(failure)) => failure.at.elapsed() <= RETRY,
        });
        entries.shrink_to_fit();
    }

    async fn load(&self, path: PathBuf) -> Result<Worker, String> {
        let described = |error: LoadError| format!("{error}");
        if Worker::loads_at_once(&path, &self.build) {
            return Worker::load_unsettled(&path, &self.build, self.options).map_err(described);
        }
        // Code is evaluated: that may take long, and must not keep the requests of this thread.
        let _turn = self.builds.acquire().await.map_err(|error| error.to_string())?;
        let (sender, receiver) = oneshot::channel();
        let (build, options) = (self.build.clone(), self.options);
        std::thread::Builder::new()
            .name("mayfly-build".into())
            .stack_size(crate::STACK_BYTES)
            .spawn(move || {
                // Nobody waits any more when the request has gone.
                let _ = sender.send(Worker::load(&path, &build, options).map_err(described));
            })
            .map_err(|error| format!("no thread could be started: {error}"))?;
        receiver.await.unwrap_or_else(|_| Err("the thread that built it ended".to_string()))
    }
}

struct Local {
    dispatcher: Rc<Dispatcher>,
    /// Calls of `trim` since the last request.
    rounds: Cell<u32>,
}

/// What one thread has of the directory's workers.
pub struct LocalDirectory {
    shared: Arc<WorkerDirectory>,
    loaded: RefCell<HashMap<Box<str>, Local>>,
}

/// Who takes a request.
pub enum Found {
    /// A worker of this thread.
    Worker(Rc<Dispatcher>),
    /// One that has to be loaded first: its name.
    Unloaded(Box<str>, PathBuf),
}

impl LocalDirectory {
    /// Nothing is loaded yet.
    pub fn new(shared: Arc<WorkerDirectory>) -> LocalDirectory {
        LocalDirectory { shared, loaded: RefCell::default() }
    }

    /// The directory.
    pub fn shared(&self) -> &WorkerDirectory {
        &self.shared
    }

    /// Who takes requests for this path.
    pub fn find(&self, path: &str) -> Option<Found> {
        let name = name_of(path)?;
        if let Some(local) = self.loaded.borrow().get(name).filter(|local| !local.dispatcher.worker().image.is_spoiled()) {
            local.rounds.set(0);
            return Some(Found::Worker(local.dispatcher.clone()));
        }
        let file = self.shared.file_of(name)?;
        Some(Found::Unloaded(name.into(), file))
    }

    /// Loads a worker, if no other request has done so meanwhile. Must run within a `LocalSet`.
    ///
    /// # Errors
    /// The reply to give where it cannot be loaded.
    pub async fn load(&self, name: Box<str>, path: PathBuf) -> Result<Rc<Dispatcher>, Response<ReplyBody>> {
        let entry = self.shared.entry(&name);
        let mut made = None;
        let loading = async {
            let loaded = async {
                let worker = self.shared.load(path.clone()).await?;
                let dispatcher = Dispatcher::new(worker.clone());
                dispatcher.install().await?;
                made = Some(dispatcher);
                Ok(worker)
            };
            loaded.await.map_err(|message: String| {
                tracing::error!(worker = %path.display(), "not loaded: {message}");
                Failure { message, at: Instant::now() }
            })
        };
        let worker = match entry.0.get_or_init(|| loading).await {
            Ok(worker) => worker.clone(),
            Err(_) if self.shared.options.production => {
                return Err(plain_reply(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error\n"));
            }
            Err(failure) => {
                let text = format!("The worker {name} cannot be loaded.\n{}\n", failure.message);
                return Err(plain_reply(StatusCode::INTERNAL_SERVER_ERROR, &text));
            }
        };
        if made.is_some() {
            let settled = settle_soon(worker.clone());
            tokio::task::spawn_local(async move {
                if let Err(message) = settled.await {
                    tracing::error!("to be loaded anew: {message}");
                }
            });
        }
        let mut loaded = self.loaded.borrow_mut();
        if loaded.get(&name).is_some_and(|local| local.dispatcher.worker().image.is_spoiled()) {
            loaded.remove(&name);
        }
        let local = loaded
            .entry(name)
            .or_insert_with(|| Local { dispatcher: made.unwrap_or_else(|| Dispatcher::new(worker)), rounds: Cell::new(0) });
        local.rounds.set(0);
        Ok(local.dispatcher.clone())
    }

    /// To be called now and then. The instances of workers that had no request since the last call are dropped; those of others are
    /// trimmed. Workers that had none for long are forgotten.
    pub fn trim(&self) {
        let mut loaded = self.loaded.borrow_mut();
        loaded.retain(|_, local| {
            let rounds = local.rounds.get() + 1;
            local.rounds.set(rounds);
            if rounds > 1 {
                local.dispatcher.pool().clear();
            } else {
                local.dispatcher.pool().trim();
            }
            // Connections and tasks hold dispatchers while requests are under way.
            rounds <= FORGOTTEN || Rc::strong_count(&local.dispatcher) > 1
        });
        loaded.shrink_to_fit();
        drop(loaded);
        self.shared.forget_unused();
    }

    /// Waits until no request is in a task of its own.
    pub fn wait_idle(&self) -> impl Future<Output = ()> + use<> {
        let dispatchers: Vec<_> = self.loaded.borrow().values().map(|local| local.dispatcher.clone()).collect();
        async move {
            for dispatcher in dispatchers {
                dispatcher.wait_idle().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (path, wanted) in [
            ("/a", Some("a")),
            ("/a/", Some("a")),
            ("/a/b/c", Some("a")),
            ("/a.b-c_d~1/x", Some("a.b-c_d~1")),
            ("/", None),
            ("//a", None),
            ("", None),
            ("a", None),
            ("*", None),
            ("/.", None),
            ("/..", None),
            ("/../a", None),
            ("/.hidden", None),
            ("/a%2fb", None),
            ("/a%00", None),
            ("/a\\b", None),
            ("/é", None),
        ] {
            assert_eq!(name_of(path), wanted, "{path}");
        }
        assert_eq!(name_of(&format!("/{}", "a".repeat(LONGEST_NAME))).map(str::len), Some(LONGEST_NAME));
        assert_eq!(name_of(&format!("/{}", "a".repeat(LONGEST_NAME + 1))), None);
    }
}
