//! Running workers by the clock.

use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use crate::cron::Cron;
use crate::sites::Sites;

/// Longest sleep: the system's clock may be set meanwhile.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn minute_now() -> i64 {
    i64::try_from(since_1970().as_secs() / 60).unwrap_or(i64::MAX)
}

/// The first time after `minute`, and the expressions that it is a time of.
fn next(crons: &[Cron], minute: i64) -> Option<(i64, Vec<&Cron>)> {
    let times: Vec<(i64, &Cron)> = crons.iter().filter_map(|cron| Some((cron.next_after(minute)?, cron))).collect();
    let first = times.iter().map(|(time, _)| *time).min()?;
    Some((first, times.into_iter().filter(|(time, _)| *time == first).map(|(_, cron)| cron).collect()))
}

/// Runs the workers' `scheduled` handlers until the server stops. What was missed while the machine slept is not made up for. Must run within
/// a `LocalSet`.
pub async fn keep(sites: Rc<Sites>, crons: Vec<Cron>, mut stopped: watch::Receiver<bool>) {
    let mut last = minute_now();
    while let Some((minute, due)) = next(&crons, last) {
        let at = Duration::from_secs(u64::try_from(minute).unwrap_or(0).saturating_mul(60));
        let wait = at.saturating_sub(since_1970());
        if !wait.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(wait.min(LONGEST_SLEEP)) => continue,
                _ = stopped.wait_for(|stops| *stops) => return,
            }
        }
        for cron in due {
            let (sites, cron) = (sites.clone(), cron.to_string());
            tokio::task::spawn_local(async move {
                match sites.scheduled(&cron, at.as_secs_f64() * 1000.0).await {
                    Ok(0) => tracing::warn!(cron, "no worker has a scheduled handler"),
                    Ok(_) => {}
                    Err(error) => tracing::error!(cron, "no instance could be made: {error}"),
                }
            });
        }
        last = minute.max(minute_now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_of_several_comes_first() {
        let crons: Vec<Cron> = ["*/10 * * * *", "5 * * * *", "*/5 * * * *"].iter().map(|cron| cron.parse().unwrap()).collect();
        let texts = |minute| next(&crons, minute).map(|(at, due)| (at, due.iter().map(ToString::to_string).collect::<Vec<_>>()));
        assert_eq!(texts(0), Some((5, vec!["5 * * * *".to_string(), "*/5 * * * *".to_string()])));
        assert_eq!(texts(5), Some((10, vec!["*/10 * * * *".to_string(), "*/5 * * * *".to_string()])));
        assert_eq!(next(&[], 0), None);
    }
}
