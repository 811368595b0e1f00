//! The timers of one instance, by due time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use hashbrown::HashMap;

/// Longest delay: longer ones would overflow an [`Instant`] on some systems.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Timers that wait. Those due at the same instant fire in the order in which they were set.
#[derive(Default)]
pub struct TimerQueue {
    by_time: BinaryHeap<Reverse<(Instant, u64, u32)>>,
    /// The sequence number under which each timer counts; entries of `by_time` with another one were cleared or set anew.
    current: HashMap<u32, u64>,
    sequence: u64,
}

impl TimerQueue {
    /// Sets timer `number` to fire `delay_ms` after `now`.
    pub fn set(&mut self, number: u32, delay_ms: f64, now: Instant) {
        let delay = Duration::try_from_secs_f64((delay_ms / 1000.0).max(0.0)).unwrap_or(LONGEST).min(LONGEST);
        self.sequence += 1;
        self.current.insert(number, self.sequence);
        self.by_time.push(Reverse((now + delay, self.sequence, number)));
    }

    /// Forgets a timer; unknown numbers are no error.
    pub fn clear(&mut self, number: u32) {
        self.current.remove(&number);
        if self.current.is_empty() {
            self.by_time.clear();
        }
    }

    /// Forgets all.
    pub fn clear_all(&mut self) {
        if self.sequence > 0 {
            *self = TimerQueue::default();
        }
    }

    /// When the next timer is due.
    pub fn next_due(&mut self) -> Option<Instant> {
        while let Some(Reverse((due, sequence, number))) = self.by_time.peek() {
            if self.current.get(number) == Some(sequence) {
                return Some(*due);
            }
            self.by_time.pop();
        }
        None
    }

    /// Takes the first timer that is due at `now`.
    pub fn take_due(&mut self, now: Instant) -> Option<u32> {
        if self.next_due()? > now {
            return None;
        }
        let Reverse((_, _, number)) = self.by_time.pop()?;
        self.current.remove(&number);
        Some(number)
    }

    /// Numbers of the timers that wait.
    pub fn waiting(&self) -> Vec<u32> {
        self.current.keys().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_in_order_of_time_then_of_setting() {
        let now = Instant::now();
        let mut queue = TimerQueue::default();
        queue.set(1, 20.0, now);
        queue.set(2, 10.0, now);
        queue.set(3, 10.0, now);
        queue.set(4, 0.0, now);
        queue.clear(4);
        queue.clear(99);
        assert_eq!(queue.take_due(now), None);
        let later = now + Duration::from_millis(15);
        assert_eq!((queue.take_due(later), queue.take_due(later), queue.take_due(later)), (Some(2), Some(3), None));
        assert_eq!(queue.next_due(), Some(now + Duration::from_millis(20)));
        assert_eq!(queue.waiting(), [1]);
    }

    #[test]
    fn set_anew_counts_once() {
        let now = Instant::now();
        let mut queue = TimerQueue::default();
        queue.set(1, 0.0, now);
        queue.set(1, 5.0, now);
        assert_eq!(queue.take_due(now), None);
        assert_eq!(queue.take_due(now + Duration::from_millis(5)), Some(1));
        assert_eq!(queue.next_due(), None);
    }

    #[test]
    fn absurd_delays() {
        let now = Instant::now();
        let mut queue = TimerQueue::default();
        for delay in [f64::NAN, f64::INFINITY, f64::MAX, -1.0] {
            queue.set(7, delay, now);
            assert!(queue.next_due().is_some());
        }
        queue.clear_all();
        assert_eq!(queue.next_due(), None);
    }
}
