//! A worker as it is served: its image and how its requests are treated.

use std::path::Path;
use std::sync::Arc;

use mayfly_engine::{Image, ImageError};

use crate::image::{BuildError, BuildOptions, build_image, with_bindings};
use crate::limits::Limits;
use crate::natives::natives;
use crate::source_map::WorkerMaps;
use crate::stores::Stores;

/// How requests to a worker are treated.
#[derive(Clone, Copy, Debug, Default)]
pub struct WorkerOptions {
    /// Limits of each request.
    pub limits: Limits,
    /// Keep instances across requests, with all that requests leave in them, in place of a fresh world for each.
    pub reuse: bool,
    /// Tell clients nothing about errors.
    pub production: bool,
    /// After each request compare the instance with its image, byte for byte.
    pub verify_reset: bool,
    /// Collect garbage at every safepoint.
    pub gc_stress: bool,
    /// Refuse `eval` and `new Function`.
    pub no_eval: bool,
    /// Clocks stand still while code runs.
    pub frozen_clock: bool,
}

/// A worker that can be served by any number of threads.
#[derive(Clone)]
pub struct Worker {
    /// Name for logs.
    pub name: Arc<str>,
    /// The evaluated top level.
    pub image: Arc<Image>,
    /// How its requests are treated.
    pub options: WorkerOptions,
    /// What its requests share.
    pub stores: Stores,
    /// Its source maps, decoded by the first thread that needs them.
    pub(crate) maps: Arc<WorkerMaps>,
}

/// Whether a file's contents are an image rather than source text.
pub fn is_image(bytes: &[u8]) -> bool {
    bytes.starts_with(b"MAYFLYIM")
}

/// Why a worker cannot be served.
#[derive(Debug)]
pub enum LoadError {
    /// The file cannot be read.
    Io(std::io::Error),
    /// It is neither an image nor text.
    NotText,
    /// Its image was refused.
    Image(ImageError),
    /// Its top level failed.
    Build(BuildError),
    /// A directory of a store cannot be read; a message.
    Store(String),
    /// A location was given for an image, whose top level has been evaluated without.
    LateLocation,
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LoadError::Io(error) => write!(f, "{error}"),
            LoadError::NotText => f.write_str("it is neither an image nor UTF-8 text"),
            LoadError::Image(error) => write!(f, "{error}"),
            LoadError::Build(error) => write!(f, "{error}"),
            LoadError::Store(message) => f.write_str(message),
            LoadError::LateLocation => f.write_str("an image has the location that it was built with: give --location to `mayfly build`"),
        }
    }
}
impl std::error::Error for LoadError {}

impl Worker {
    /// Loads an image, or builds one from a source file.
    ///
    /// # Errors
    /// Where the file cannot be read, its image is damaged or of another build, or its top level fails.
    pub fn load(path: &Path, build: &BuildOptions, options: WorkerOptions) -> Result<Worker, LoadError> {
        let bytes = std::fs::read(path).map_err(LoadError::Io)?;
        let name = path.to_string_lossy();
        let stores = Stores::open(&build.namespaces, build.cache_mib).map_err(LoadError::Store)?;
        if is_image(&bytes) {
            let worker = Worker::from_image_bytes(&bytes, &name, options).map_err(LoadError::Image)?;
            if build.location.is_some() {
                return Err(LoadError::LateLocation);
            }
            if build.variables.is_empty() && build.namespaces.is_empty() {
                return Ok(Worker { stores, ..worker });
            }
            let image = with_bindings(&worker.image, &build.variables, &build.namespaces).map_err(LoadError::Build)?;
            let worker = Worker::from_image_bytes(&image, &name, options).map_err(LoadError::Image)?;
            return Ok(Worker { stores, ..worker });
        }
        let source = String::from_utf8(bytes).map_err(|_| LoadError::NotText)?;
        let image = build_image(&source, &name, build).map_err(LoadError::Build)?;
        let worker = Worker::from_image_bytes(&image, &name, options).map_err(LoadError::Image)?;
        Ok(Worker { stores, ..worker })
    }

    /// A worker from an image's bytes.
    ///
    /// # Errors
    /// Where the image is damaged or of another build.
    pub fn from_image_bytes(bytes: &[u8], name: &str, options: WorkerOptions) -> Result<Worker, ImageError> {
        Ok(Worker {
            name: Arc::from(name),
            image: Image::from_bytes(bytes, &natives())?,
            options,
            stores: Stores::default(),
            maps: Arc::default(),
        })
    }
}
