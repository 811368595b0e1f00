//! Drives a target with random bytes for a time, keeps what it finds, and runs it again:
//! `drive TARGET [--seconds N] [--seed N] [--length BYTES]`, `drive TARGET --replay FILE`. The target `differential` needs node;
//! `drive differential --program FILE` prints the program that the file's bytes choose.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use mayfly_fuzz::TARGETS;
use mayfly_fuzz::choices::Random;

/// Native stack of the driver's thread: that of a server's threads.
const STACK_BYTES: usize = 16 << 20;
/// Runs stop after so many finds.
const MOST_FINDS: usize = 20;

struct Options {
    target: String,
    seconds: u64,
    seed: u64,
    length: usize,
    replay: Option<String>,
    program: Option<String>,
}

fn options() -> Result<Options, String> {
    let mut arguments = std::env::args().skip(1);
    let target = arguments.next().ok_or("which target? parser, regexp, json, verifier or differential")?;
    let mut options = Options { target, seconds: 60, seed: 1, length: 400, replay: None, program: None };
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{argument} wants a value"))?;
        let number = || value.parse::<u64>().map_err(|error| format!("{argument}: {error}"));
        match argument.as_str() {
            "--seconds" => options.seconds = number()?,
            "--seed" => options.seed = number()?,
            "--length" => options.length = number()? as usize,
            "--replay" => options.replay = Some(value),
            "--program" => options.program = Some(value),
            other => return Err(format!("unknown option {other}")),
        }
    }
    Ok(options)
}

/// What a run found, as text.
type Target = Box<dyn FnMut(&[u8]) -> Option<String>>;

fn target(name: &str) -> Result<Target, String> {
    let run = TARGETS.iter().find(|(known, _)| *known == name).ok_or_else(|| format!("no target {name}"))?.1;
    Ok(Box::new(move |data| {
        let payload = std::panic::catch_unwind(|| run(data)).err()?;
        let text = payload.downcast_ref::<String>().cloned().or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string));
        Some(text.unwrap_or_else(|| "panicked".to_string()))
    }))
}

fn drive(options: &Options) -> Result<usize, String> {
    if let Some(path) = &options.program {
        let data = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
        println!("{}", mayfly_fuzz::differential::source_of(&data));
        return Ok(0);
    }
    let mut run = target(&options.target)?;
    if let Some(path) = &options.replay {
        let data = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
        return Ok(match run(&data) {
            Some(found) => {
                println!("{found}");
                1
            }
            None => 0,
        });
    }
    std::panic::set_hook(Box::new(|_| {}));
    let end = Instant::now() + Duration::from_secs(options.seconds);
    let mut random = Random(options.seed);
    let (mut runs, mut finds) = (0u64, 0);
    while Instant::now() < end && finds < MOST_FINDS {
        let length = 1 + (random.number() as usize) % options.length.max(1);
        let data = random.bytes(length);
        runs += 1;
        if let Some(found) = run(&data) {
            finds += 1;
            std::fs::create_dir_all("finds").map_err(|error| error.to_string())?;
            let path = format!("finds/{}-{}-{runs}", options.target, options.seed);
            std::fs::write(&path, &data).and_then(|()| std::fs::write(format!("{path}.txt"), &found)).map_err(|error| error.to_string())?;
            println!("{path}: {}", found.lines().next().unwrap_or_default());
        }
    }
    println!("{}: {runs} runs, {finds} finds, seed {}", options.target, options.seed);
    Ok(finds)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(message) => {
            eprintln!("drive: {message}");
            return ExitCode::from(2);
        }
    };
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || drive(&options));
    match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(0))) => ExitCode::SUCCESS,
        Ok(Ok(Ok(_))) => ExitCode::FAILURE,
        Ok(Ok(Err(message))) => {
            eprintln!("drive: {message}");
            ExitCode::from(2)
        }
        Ok(Err(_)) | Err(_) => ExitCode::from(2),
    }
}
