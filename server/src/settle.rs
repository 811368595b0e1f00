//! Image files that are mapped as they are, so that serving begins at once, are copied into memory a little later.
//!
//! Until then a file that is cut ends the process, and one that is written to changes running instances. `mayfly build` does neither: it
//! writes a new file and gives it the old one's name.

use std::time::Duration;

use mayfly_engine::ImageError;
use mayfly_runtime::Worker;
use tokio::sync::oneshot;

/// How long after loading: the first requests come first.
const DELAY: Duration = Duration::from_millis(100);

/// Copies a worker's image soon, on a thread of its own, if it is mapped from a file. Errors are logged.
///
/// # Errors
/// Where the file has been written to or cut meanwhile: the worker is not to be served any more. The message says so.
pub async fn settle_soon(worker: Worker) -> Result<(), String> {
    if worker.image.is_settled() {
        return Ok(());
    }
    tokio::time::sleep(DELAY).await;
    let name = worker.name.clone();
    let (sender, receiver) = oneshot::channel();
    let copy = move || {
        // Nobody waits any more when the server has stopped.
        let _ = sender.send(worker.image.settle());
    };
    let settled = match std::thread::Builder::new().name("mayfly-images".into()).spawn(copy) {
        Ok(_) => receiver.await.unwrap_or_else(|_| Err(ImageError::NotReady("the thread that copied it ended".to_string()))),
        Err(error) => Err(ImageError::Io(error)),
    };
    match settled {
        Ok(()) => Ok(()),
        Err(error @ ImageError::Damaged(_)) => Err(format!("{name}: {error}")),
        Err(error) => {
            tracing::warn!(worker = &*name, "its image is not copied; nobody may write to the file while it is served: {error}");
            Ok(())
        }
    }
}
