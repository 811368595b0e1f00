//! Web Platform Tests runner: not written yet.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    eprintln!("wpt: the runner is not written yet");
    std::process::ExitCode::from(2)
}
