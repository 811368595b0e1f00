//! A worker as it is served: its image and how its requests are treated.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use mayfly_engine::{Delta, Image, ImageError, ImageKind};

use crate::image::{BuildError, BuildOptions, build_delta, with_bindings};
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
    ImageKind::of(bytes).is_some()
}

/// Name of the file of the base image, beside the deltas that were made over it.
pub const BASE_IMAGE: &str = "base.image";

/// Why a worker cannot be served.
#[derive(Debug)]
pub enum LoadError {
    /// The file cannot be read.
    Io(std::io::Error),
    /// It is neither an image nor text.
    NotText,
    /// Its image was refused.
    Image(ImageError),
    /// The base of its image cannot be used; a message.
    Base(String),
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
            LoadError::Store(message) | LoadError::Base(message) => f.write_str(message),
            LoadError::LateLocation => f.write_str("an image has the location that it was built with: give --location to `mayfly build`"),
        }
    }
}
impl std::error::Error for LoadError {}

impl From<ImageError> for LoadError {
    fn from(error: ImageError) -> Self {
        LoadError::Image(error)
    }
}

/// The base images that workers of this process share.
static BASES: Mutex<Vec<Weak<Image>>> = Mutex::new(Vec::new());

/// The base image with this checksum: one that is in use, or the file in `directory`.
fn base_of_directory(directory: &Path, checksum: u64) -> Result<Arc<Image>, LoadError> {
    let mut bases = BASES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(base) = bases.iter().filter_map(Weak::upgrade).find(|base| base.checksum() == checksum) {
        return Ok(base);
    }
    let path = directory.join(BASE_IMAGE);
    let base = Image::open(&path, &natives()).map_err(|error| LoadError::Base(format!("its base image {}: {error}", path.display())))?;
    if base.checksum() != checksum {
        let message = format!("it was made over another base image than {}: build all workers of a directory together", path.display());
        return Err(LoadError::Base(message));
    }
    bases.retain(|base| base.strong_count() > 0);
    bases.push(Arc::downgrade(&base));
    Ok(base)
}

/// The image of a file, and the image whose pages it shares; `None` where the file is no image.
fn open_image(mut file: File, directory: &Path) -> Result<Option<(Arc<Image>, Option<Arc<Image>>)>, LoadError> {
    let mut start = [0; 8];
    match file.read_exact(&mut start) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(LoadError::Io(error)),
    }
    file.rewind().map_err(LoadError::Io)?;
    match ImageKind::of(&start) {
        None => Ok(None),
        Some(ImageKind::Whole) => Ok(Some((Image::from_file(file, &natives())?, None))),
        Some(ImageKind::Delta) => {
            // Checked first: a damaged delta is told from one whose base is missing.
            let delta = Delta::from_file(file, &natives())?;
            let base = base_of_directory(directory, delta.base_checksum())?;
            Ok(Some((delta.over(&base)?, Some(base))))
        }
    }
}

impl Worker {
    /// Loads an image, or builds one from a source file. A delta finds its base in its directory, as [`BASE_IMAGE`].
    ///
    /// # Errors
    /// Where the file cannot be read, its image is damaged or of another build, or its top level fails.
    pub fn load(path: &Path, build: &BuildOptions, options: WorkerOptions) -> Result<Worker, LoadError> {
        let worker = Worker::load_unsettled(path, build, options)?;
        worker.image.settle()?;
        Ok(worker)
    }

    /// The same in no time: large images are mapped as they are. Whoever serves the worker calls [`Image::settle`] soon.
    ///
    /// # Errors
    /// As for [`Worker::load`].
    pub fn load_unsettled(path: &Path, build: &BuildOptions, options: WorkerOptions) -> Result<Worker, LoadError> {
        let name = path.to_string_lossy();
        let stores = Stores::open(&build.namespaces, build.cache_mib).map_err(LoadError::Store)?;
        let file = File::open(path).map_err(LoadError::Io)?;
        let image = match open_image(file, path.parent().unwrap_or(Path::new("")))? {
            Some(_) if build.location.is_some() => return Err(LoadError::LateLocation),
            Some((image, _)) if build.variables.is_empty() && build.namespaces.is_empty() => image,
            Some((image, base)) => {
                let bytes = with_bindings(&image, &build.variables, &build.namespaces).map_err(LoadError::Build)?;
                let base = base.unwrap_or(image);
                Image::over(&base, &Image::delta(&bytes, &base, &natives())?, &natives())?
            }
            None => {
                let source = String::from_utf8(std::fs::read(path).map_err(LoadError::Io)?).map_err(|_| LoadError::NotText)?;
                let base = build.base().map_err(LoadError::Build)?;
                let build = BuildOptions { base: Some(base.clone()), ..build.clone() };
                let delta = build_delta(&source, &name, &build).map_err(LoadError::Build)?;
                Image::over(&base, &delta, &natives())?
            }
        };
        // What is to be kept for good has no later time at which it could be exchanged.
        if options.reuse {
            image.settle()?;
        }
        Ok(Worker { stores, ..Worker::from_image(image, &name, options) })
    }

    /// Whether loading this file takes no evaluation of code.
    pub fn loads_at_once(path: &Path, build: &BuildOptions) -> bool {
        let mut start = [0; 8];
        let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
        read.is_ok() && is_image(&start) && build.variables.is_empty() && build.namespaces.is_empty()
    }

    /// A worker from the bytes of a whole image.
    ///
    /// # Errors
    /// Where the image is damaged or of another build.
    pub fn from_image_bytes(bytes: &[u8], name: &str, options: WorkerOptions) -> Result<Worker, ImageError> {
        Ok(Worker::from_image(Image::from_bytes(bytes, &natives())?, name, options))
    }

    /// A worker from an image.
    pub fn from_image(image: Arc<Image>, name: &str, options: WorkerOptions) -> Worker {
        Worker { name: Arc::from(name), image, options, stores: Stores::default(), maps: Arc::default() }
    }

    /// Whether anything but this value needs what it stands for, or requests have left something in its caches: it would be lost.
    pub fn is_in_use(&self) -> bool {
        Arc::strong_count(&self.image) > 1 || self.stores.has_caches()
    }
}
