//! The workers of one process: which of them takes a request, and what concerns all of them.

use std::rc::Rc;
use std::sync::Arc;

use http::Request;
use mayfly_runtime::{Dispatcher, Limits, Worker};

use crate::directory::{Found, LocalDirectory, WorkerDirectory};
use crate::routes::{Route, host_of};

/// A worker and the requests that it takes; without a route it takes those that no other one does.
#[derive(Clone)]
pub struct Site {
    /// Which requests it takes.
    pub route: Option<Route>,
    /// Who answers them.
    pub worker: Worker,
}

/// The dispatchers of one thread, one per worker. Each has its own instances.
pub struct Sites {
    /// The most specific route first.
    routed: Vec<(Route, Rc<Dispatcher>)>,
    directory: Option<LocalDirectory>,
    others: Option<Rc<Dispatcher>>,
}

impl Sites {
    /// Dispatchers for these workers, and for those of a directory when they are asked for. Of several without a route the last one
    /// counts.
    pub fn new(sites: Vec<Site>, directory: Option<Arc<WorkerDirectory>>) -> Sites {
        let mut routed = Vec::new();
        let mut others = None;
        for Site { route, worker } in sites {
            let dispatcher = Dispatcher::new(worker);
            match route {
                Some(route) => routed.push((route, dispatcher)),
                None => others = Some(dispatcher),
            }
        }
        routed.sort_by_key(|(route, _)| std::cmp::Reverse(route.specificity()));
        Sites { routed, directory: directory.map(LocalDirectory::new), others }
    }

    fn all(&self) -> impl Iterator<Item = &Rc<Dispatcher>> {
        self.routed.iter().map(|(_, dispatcher)| dispatcher).chain(&self.others)
    }

    /// Who takes this request: the worker of a route, else one of the directory, else the one without a route.
    pub fn find<B>(&self, request: &Request<B>) -> Option<Found> {
        let path = request.uri().path();
        if !self.routed.is_empty() {
            let host = host_of(request).unwrap_or("");
            if let Some((_, dispatcher)) = self.routed.iter().find(|(route, _)| route.matches(host, path)) {
                return Some(Found::Worker(dispatcher.clone()));
            }
        }
        let found = self.directory.as_ref().and_then(|directory| directory.find(path));
        found.or_else(|| self.others.clone().map(Found::Worker))
    }

    /// The workers that are loaded when they are asked for.
    pub fn directory(&self) -> Option<&LocalDirectory> {
        self.directory.as_ref()
    }

    /// What log lines say that concern no worker in particular.
    pub fn name(&self) -> Arc<str> {
        let mut names = self.all().map(|dispatcher| &dispatcher.worker().name);
        match (names.next(), names.next()) {
            (Some(only), None) if self.directory.is_none() => only.clone(),
            _ => Arc::from("several"),
        }
    }

    /// The widest of the workers' limits, for what happens before a worker is known.
    pub fn limits(&self) -> Limits {
        let of_directory = self.directory.as_ref().map(|directory| directory.shared().options().limits);
        let mut all = self.all().map(|dispatcher| dispatcher.worker().options.limits).chain(of_directory);
        let first = all.next().unwrap_or_default();
        all.fold(first, |widest, limits| Limits {
            wall_ms: widest.wall_ms.max(limits.wall_ms),
            url_bytes: widest.url_bytes.max(limits.url_bytes),
            header_bytes: widest.header_bytes.max(limits.header_bytes),
            ..widest
        })
    }

    /// Makes an instance of each, so that the first requests find one.
    ///
    /// # Errors
    /// Where the system gives no memory.
    pub fn warm_up(&self) -> Result<(), mayfly_engine::ImageError> {
        self.all().try_for_each(|dispatcher| dispatcher.warm_up())
    }

    /// Dispatches `install` and `activate` to the workers that listen for them, before any request. Must run within a `LocalSet`.
    ///
    /// # Errors
    /// Where a worker is not to be served; the message names it.
    pub async fn install(&self) -> Result<(), String> {
        for dispatcher in self.all() {
            dispatcher.install().await.map_err(|why| format!("{}: {why}", dispatcher.worker().name))?;
        }
        Ok(())
    }

    /// Runs the `scheduled` handlers of the workers that have one, but for those of a directory; how many have one.
    ///
    /// # Errors
    /// Where the system gives no memory.
    pub async fn scheduled(&self, cron: &str, time_ms: f64) -> Result<usize, mayfly_engine::ImageError> {
        let mut count = 0;
        for dispatcher in self.all() {
            count += usize::from(dispatcher.scheduled(cron, time_ms).await?);
        }
        Ok(count)
    }

    /// Gives up what has not been needed lately.
    pub fn trim(&self) {
        self.all().for_each(|dispatcher| dispatcher.pool().trim());
        if let Some(directory) = &self.directory {
            directory.trim();
        }
    }

    /// Waits until no request is in a task of its own.
    pub async fn wait_idle(&self) {
        for dispatcher in self.all() {
            dispatcher.wait_idle().await;
        }
        if let Some(directory) = &self.directory {
            directory.wait_idle().await;
        }
    }
}
