//! TZif data: transitions in a table, and a rule for the time after the last of them. https://www.rfc-editor.org/rfc/rfc9636

use super::posix_rule::Rule;

/// The second block of a TZif file, which is read in place.
pub(super) struct Zone {
    /// Times of the transitions: eight bytes each, ascending.
    times: &'static [u8],
    /// For each transition the type that begins there.
    types: &'static [u8],
    /// Types: six bytes each, of which the first four are the offset.
    records: &'static [u8],
    /// What holds after the last transition.
    rule: Option<Rule>,
}

/// Counts of a header: UT/local indicators, standard/wall indicators, leap seconds, transitions, types, characters.
fn header(data: &[u8]) -> Option<([usize; 6], &[u8])> {
    let (header, rest) = data.split_at_checked(44)?;
    if !header.starts_with(b"TZif") || *header.get(4)? < b'2' {
        return None;
    }
    let mut counts = [0; 6];
    for (count, bytes) in counts.iter_mut().zip(header.get(20..)?.chunks_exact(4)) {
        *count = u32::from_be_bytes(bytes.try_into().ok()?) as usize;
    }
    Some((counts, rest))
}

impl Zone {
    /// Finds the parts of a file of version 2 or later; `None` where it is none.
    pub(super) fn parse(data: &'static [u8]) -> Option<Zone> {
        // The first block, with times of four bytes, is for old readers.
        let ([ut, standard, leaps, times, types, characters], rest) = header(data)?;
        let rest = rest.get(times * 5 + types * 6 + characters + leaps * 8 + standard + ut..)?;
        let ([ut, standard, leaps, times, types, characters], rest) = header(rest)?;
        let (time_bytes, rest) = rest.split_at_checked(times * 8)?;
        let (type_bytes, rest) = rest.split_at_checked(times)?;
        let (records, rest) = rest.split_at_checked(types * 6)?;
        let footer = rest.get(characters + leaps * 12 + standard + ut..)?;
        let text = footer.strip_prefix(b"\n")?.split(|&byte| byte == b'\n').next()?;
        let rule = if text.is_empty() { None } else { Some(Rule::parse(text)?) };
        if records.is_empty() {
            return None;
        }
        Some(Zone { times: time_bytes, types: type_bytes, records, rule })
    }

    fn len(&self) -> usize {
        self.types.len()
    }

    /// When transition `index` happens; past the table the end of time.
    fn time(&self, index: usize) -> i64 {
        let bytes = self.times.get(index * 8..index * 8 + 8).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(i64::MAX, i64::from_be_bytes)
    }

    /// Offset of the type with this number.
    fn record(&self, number: usize) -> i64 {
        let bytes = self.records.get(number * 6..number * 6 + 4).and_then(|bytes| bytes.try_into().ok());
        i64::from(bytes.map_or(0, i32::from_be_bytes))
    }

    /// Offset between transition `count - 1` and the next one of the table.
    fn offset_after(&self, count: usize) -> i64 {
        let number = count.checked_sub(1).and_then(|index| self.types.get(index)).copied().unwrap_or(0);
        self.record(usize::from(number))
    }

    /// Number of transitions at or before `time`.
    fn count_until(&self, time: i64) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = (low + high) / 2;
            if self.time(middle) <= time { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The last transition of the table; the beginning of time without one.
    fn last_time(&self) -> i64 {
        self.len().checked_sub(1).map_or(i64::MIN, |last| self.time(last))
    }

    /// Offset of local time from UTC, in seconds, at an epoch time in seconds.
    pub(super) fn offset_at(&self, time: i64) -> i64 {
        let count = self.count_until(time);
        match &self.rule {
            Some(rule) if count == self.len() => rule.offset_at(time),
            _ => self.offset_after(count),
        }
    }

    /// The first time after `time` at which the offset changes.
    pub(super) fn next_transition(&self, time: i64) -> Option<i64> {
        for index in self.count_until(time)..self.len() {
            let at = self.time(index);
            if self.offset_at(at) != self.offset_after(index) {
                return Some(at);
            }
        }
        self.rule.as_ref()?.next_transition(time.max(self.last_time()))
    }

    /// The last time before `time` at which the offset changes.
    pub(super) fn previous_transition(&self, time: i64) -> Option<i64> {
        let last = self.last_time();
        if time > last
            && let Some(at) = self.rule.as_ref().and_then(|rule| rule.previous_transition(time))
            && at > last
        {
            return Some(at);
        }
        let count = self.count_until(time.saturating_sub(1));
        (0..count).rev().find(|&index| self.offset_at(self.time(index)) != self.offset_after(index)).map(|index| self.time(index))
    }
}
