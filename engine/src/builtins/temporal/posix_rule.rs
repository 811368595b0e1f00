//! Rules such as `CET-1CEST,M3.5.0,M10.5.0/3`, which go on for ever.
//! https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html with the extensions of
//! https://www.rfc-editor.org/rfc/rfc9636#section-3.3.2

use crate::calendar;

const DAY: i64 = 86_400;

/// Offset of standard time, and when and by how much it is changed. Offsets are seconds east of UTC.
pub(super) struct Rule {
    standard: i64,
    saving: Option<Saving>,
}

/// Daylight saving time.
struct Saving {
    offset: i64,
    start: Date,
    end: Date,
}

/// A day of every year with a local time in seconds, which may lie outside of the day.
#[derive(Clone, Copy)]
struct Date {
    day: Day,
    time: i64,
}

#[derive(Clone, Copy)]
enum Day {
    /// `J` and 1 to 365; the 29th of February is not counted.
    Julian(i64),
    /// 0 to 365.
    OfYear(i64),
    /// Month, week (5 is the last), day of the week from Sunday on.
    OfMonth(i64, i64, i64),
}

/// What is left of the text.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn next_is(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((&first, rest)) if first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn number(&mut self) -> Option<i64> {
        let length = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// Skips a name of a kind of time: letters, or anything in angle brackets.
    fn name(&mut self) -> Option<()> {
        let length = if self.next_is(b'<') {
            self.0.iter().position(|&byte| byte == b'>')? + 1
        } else {
            self.0.iter().take_while(|byte| byte.is_ascii_alphabetic()).count()
        };
        self.0 = self.0.get(length..)?;
        Some(())
    }

    /// `[+-]hours[:minutes[:seconds]]` in seconds.
    fn time(&mut self) -> Option<i64> {
        let sign = if self.next_is(b'-') { -1 } else { 1 };
        if sign == 1 {
            self.next_is(b'+');
        }
        let mut seconds = self.number()? * 3600;
        for unit in [60, 1] {
            if !self.next_is(b':') {
                break;
            }
            seconds += self.number()? * unit;
        }
        Some(sign * seconds)
    }

    fn date(&mut self) -> Option<Date> {
        let day = if self.next_is(b'J') {
            Day::Julian(self.number()?)
        } else if self.next_is(b'M') {
            let month = self.number()?;
            let week = self.next_is(b'.').then(|| self.number())??;
            let day = self.next_is(b'.').then(|| self.number())??;
            Day::OfMonth(month, week, day)
        } else {
            Day::OfYear(self.number()?)
        };
        let time = if self.next_is(b'/') { self.time()? } else { 2 * 3600 };
        Some(Date { day, time })
    }
}

/// Days from the epoch to a day of a year; `month` from 1.
fn days_to(year: i64, month: i64, day: i64) -> i64 {
    calendar::make_day(year as f64, (month - 1) as f64, day as f64) as i64
}

impl Date {
    /// Seconds from the epoch to this date in a year, in local time.
    fn in_year(self, year: i64) -> i64 {
        let first = days_to(year, 1, 1);
        let days = match self.day {
            // The 1st of March is day 60 in every year.
            Day::Julian(day) if day >= 60 => days_to(year, 3, 1) + day - 60,
            Day::Julian(day) => first + day - 1,
            Day::OfYear(day) => first + day,
            Day::OfMonth(month, week, day) => {
                let first = days_to(year, month, 1);
                // The epoch was a Thursday.
                let weekday = (first + 4).rem_euclid(7);
                let found = first + (day - weekday).rem_euclid(7) + (week - 1) * 7;
                if found < days_to(year, month + 1, 1) { found } else { found - 7 }
            }
        };
        days * DAY + self.time
    }
}

impl Rule {
    /// Reads the text of a rule; `None` where it is none.
    pub(super) fn parse(text: &[u8]) -> Option<Rule> {
        let mut reader = Reader(text);
        reader.name()?;
        // In these texts west is positive.
        let standard = -reader.time()?;
        if reader.0.is_empty() {
            return Some(Rule { standard, saving: None });
        }
        reader.name()?;
        let offset = if reader.0.first() == Some(&b',') { standard + 3600 } else { -reader.time()? };
        let start = reader.next_is(b',').then(|| reader.date())??;
        let end = reader.next_is(b',').then(|| reader.date())??;
        Some(Rule { standard, saving: Some(Saving { offset, start, end }) })
    }

    /// The changes around a time, with the offsets that begin there, ascending: those of its year and of the years beside it.
    fn around(&self, time: i64) -> Vec<(i64, i64)> {
        let Some(saving) = &self.saving else { return Vec::new() };
        let year = calendar::Fields::of((time + self.standard) as f64 * 1000.0).year;
        let mut changes: Vec<(i64, i64)> = (year - 1..=year + 1)
            .flat_map(|year| {
                [(saving.end.in_year(year) - saving.offset, self.standard), (saving.start.in_year(year) - self.standard, saving.offset)]
            })
            .collect();
        // Where saving time ends as it begins anew, it goes on.
        changes.sort_by_key(|&(at, offset)| (at, offset == saving.offset));
        changes
    }

    /// Offset at an epoch time in seconds.
    pub(super) fn offset_at(&self, time: i64) -> i64 {
        let changes = self.around(time);
        changes.iter().rev().find(|&&(at, _)| at <= time).map_or(self.standard, |&(_, offset)| offset)
    }

    /// The first time after `time` at which the offset changes.
    pub(super) fn next_transition(&self, time: i64) -> Option<i64> {
        let changes = self.around(time);
        changes.iter().map(|&(at, _)| at).find(|&at| at > time && self.offset_at(at - 1) != self.offset_at(at))
    }

    /// The last time before `time` at which the offset changes.
    pub(super) fn previous_transition(&self, time: i64) -> Option<i64> {
        let changes = self.around(time);
        changes.iter().rev().map(|&(at, _)| at).find(|&at| at < time && self.offset_at(at - 1) != self.offset_at(at))
    }
}

#[cfg(test)]
mod tests {
    use super::Rule;

    /// Epoch seconds of 2021-01-01T00:00Z.
    const YEAR_2021: i64 = 1_609_459_200;
    const DAY: i64 = 86_400;

    fn rule(text: &str) -> Rule {
        Rule::parse(text.as_bytes()).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn northern_summer_time() {
        let berlin = rule("CET-1CEST,M3.5.0,M10.5.0/3");
        // 28 March and 31 October 2021, both at 01:00 UTC.
        let (start, end) = (YEAR_2021 + 86 * DAY + 3600, YEAR_2021 + 303 * DAY + 3600);
        assert_eq!([start - 1, start, end - 1, end].map(|time| berlin.offset_at(time)), [3600, 7200, 7200, 3600]);
        assert_eq!(berlin.next_transition(YEAR_2021), Some(start));
        assert_eq!(berlin.next_transition(start), Some(end));
        assert_eq!(berlin.previous_transition(end), Some(start));
        assert_eq!(berlin.previous_transition(end + 1), Some(end));
    }

    #[test]
    fn southern_summer_time_spans_the_new_year() {
        let lord_howe = rule("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0");
        assert_eq!(lord_howe.offset_at(YEAR_2021), 39_600);
        assert_eq!(lord_howe.offset_at(YEAR_2021 + 180 * DAY), 37_800);
        assert_eq!(lord_howe.next_transition(YEAR_2021), Some(YEAR_2021 + 92 * DAY + 15 * 3600));
    }

    #[test]
    fn days_of_the_year_and_times_outside_of_the_day() {
        // All year long summer time, as an old way to say a fixed offset.
        let always = rule("XXX3EDT4,0/0,J365/23");
        assert_eq!(always.offset_at(YEAR_2021 + 100 * DAY), -14_400);
        assert_eq!(always.next_transition(YEAR_2021), None);
        // The second Sunday of March at -01:00 is 23:00 on Saturday.
        let negative = rule("AAA0BBB,M3.2.0/-1,J60/0");
        assert_eq!(negative.previous_transition(YEAR_2021 + 100 * DAY), Some(YEAR_2021 + 72 * DAY - 3600));
        assert_eq!(negative.next_transition(YEAR_2021), Some(YEAR_2021 + 59 * DAY - 3600));
    }

    #[test]
    fn texts_that_are_no_rules() {
        for text in ["", "CET", "<CET-1", "CET-1CEST", "CET-1CEST,M3.5", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,"] {
            assert!(Rule::parse(text.as_bytes()).is_none(), "{text}");
        }
    }
}
