//! `mayfly build`: one image by itself, or a directory of images over one base.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use mayfly_engine::Image;
use mayfly_runtime::{BASE_IMAGE, BuildOptions, Sample, build_base_image, build_delta, build_image, natives};

use crate::cli::Build;
use crate::commands::{fail, read_source};

/// `mayfly build`
pub fn build(arguments: &Build) -> ExitCode {
    let variables = match arguments.variables.variables() {
        Ok(variables) => variables,
        Err(error) => return fail(format!("mayfly: {error}")),
    };
    let (samples, primes) = match samples(arguments).and_then(|samples| Ok((samples, primes(arguments)?))) {
        Ok(requests) => requests,
        Err(message) => return fail(message),
    };
    let mut options = BuildOptions {
        hash_key: arguments.hash_key,
        kind: arguments.source.kind(),
        no_eval: arguments.source.no_eval,
        gc_stress: arguments.source.gc_stress,
        variables,
        samples,
        primes,
        ..BuildOptions::default()
    };
    if let Err(error) = arguments.bindings.apply(&mut options) {
        return fail(format!("mayfly: {error}"));
    }
    let built = if arguments.file.is_dir() || arguments.output.is_dir() {
        build_directory(&arguments.file, &arguments.output, options)
    } else {
        build_file(&arguments.file, &arguments.output, &options)
    };
    match built {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(message),
    }
}

/// Plain requests first, then recorded ones.
fn requests(urls: &[String], files: &[PathBuf]) -> Result<Vec<Sample>, String> {
    let mut samples: Vec<Sample> = urls.iter().map(|url| Sample::get(url)).collect();
    for path in files {
        let named = |error: &dyn std::fmt::Display| format!("mayfly: {}: {error}", path.display());
        let file = std::fs::read(path).map_err(|error| named(&error))?;
        samples.append(&mut Sample::recorded(&file).map_err(|error| named(&error))?);
    }
    Ok(samples)
}

/// What the image is primed with.
fn primes(arguments: &Build) -> Result<Vec<Sample>, String> {
    requests(&arguments.prime, &arguments.prime_requests)
}

/// What the image is warmed with.
fn samples(arguments: &Build) -> Result<Vec<Sample>, String> {
    if arguments.cold {
        return Ok(Vec::new());
    }
    let mut samples = requests(&arguments.warm, &arguments.warm_requests)?;
    if samples.is_empty() {
        samples.push(Sample::default());
    }
    Ok(samples)
}

/// Writes an image beside and renames it, so that a running server never sees half of it.
fn write(path: &Path, image: &[u8]) -> Result<(), String> {
    let beside = path.with_extension("image.part");
    let written = std::fs::write(&beside, image).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| format!("mayfly: {}: {error}", path.display()))
}

fn build_file(file: &Path, output: &Path, options: &BuildOptions) -> Result<(), String> {
    let (source, name) = read_source(file)?;
    let image = build_image(&source, &name, options).map_err(|error| format!("mayfly: {name} was not built.\n{error}"))?;
    write(output, &image)?;
    println!("{}: {} KiB", output.display(), image.len().div_ceil(1024));
    Ok(())
}

/// The sources of a directory, by name. Of what lies in directories below, only what workers import counts.
fn sources(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_file() && path.extension().is_some_and(|ending| ending == "js" || ending == "mjs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The base image of a directory: the one that is there, if this build of mayfly made it, or a new one.
fn base(directory: &Path, hash_key: Option<u32>) -> Result<Arc<Image>, String> {
    let path = directory.join(BASE_IMAGE);
    let described = |error: &dyn std::fmt::Display| format!("mayfly: {}: {error}", path.display());
    if path.exists() && hash_key.is_none() {
        match Image::open(&path, &natives()) {
            Ok(base) => return Ok(base),
            Err(error) => eprintln!("{}: it is made anew, and with it all images of the directory must be: {error}", path.display()),
        }
    }
    let bytes = build_base_image(hash_key).map_err(|error| described(&error))?;
    write(&path, &bytes)?;
    println!("{}: {} KiB", path.display(), bytes.len().div_ceil(1024));
    Image::from_bytes(&bytes, &natives()).map_err(|error| described(&error))
}

fn build_directory(from: &Path, output: &Path, options: BuildOptions) -> Result<(), String> {
    let described = |error: std::io::Error| format!("mayfly: {}: {error}", from.display());
    let files = if from.is_dir() { sources(from).map_err(described)? } else { vec![from.to_path_buf()] };
    if files.is_empty() {
        return Err(format!("mayfly: {}: there are no workers (*.js, *.mjs)", from.display()));
    }
    std::fs::create_dir_all(output).map_err(|error| format!("mayfly: {}: {error}", output.display()))?;
    let base = base(output, options.hash_key)?;
    let options = BuildOptions { base: Some(base), ..options };
    let (mut failures, mut bytes, count) = (Vec::new(), 0, files.len());
    for file in files {
        let Some(image) = file.file_stem().map(|stem| output.join(stem).with_added_extension("image")) else { continue };
        let built = read_source(&file).and_then(|(source, name)| {
            if image.ends_with(BASE_IMAGE) {
                return Err(format!(
                    "mayfly: {name}: a worker cannot have this name: {BASE_IMAGE} is what all workers of a directory share"
                ));
            }
            let delta = build_delta(&source, &name, &options).map_err(|error| format!("mayfly: {name} was not built.\n{error}"))?;
            write(&image, &delta).map(|()| delta.len())
        });
        match built {
            Ok(length) => bytes += length,
            Err(message) => failures.push(message),
        }
    }
    println!("{}: {} workers, {} KiB", output.display(), count - failures.len(), bytes.div_ceil(1024));
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}
