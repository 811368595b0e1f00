//! Where log lines go: standard error, as text or JSON.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::cli::LogForm;

/// Starts logging. `MAYFLY_LOG` chooses what is logged, as `RUST_LOG` does elsewhere.
pub fn start(form: LogForm) {
    let builder = tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false);
    let filter = std::env::var("MAYFLY_LOG").ok();
    // Filters cost time at start, so none is made unless asked for.
    let done = match (form, filter) {
        (LogForm::Text, None) => builder.with_max_level(LevelFilter::INFO).try_init(),
        (LogForm::Json, None) => builder.json().with_max_level(LevelFilter::INFO).try_init(),
        (LogForm::Text, Some(filter)) => builder.with_env_filter(EnvFilter::new(filter)).try_init(),
        (LogForm::Json, Some(filter)) => builder.json().with_env_filter(EnvFilter::new(filter)).try_init(),
    };
    if let Err(error) = done {
        eprintln!("mayfly: logging could not be started: {error}");
    }
}
