//! Cron expressions: `minute hour day month weekday`, in UTC.
//! <https://pubs.opengroup.org/onlinepubs/9699919799/utilities/crontab.html>, with steps (`*/5`) and names (`MON`, `jan`).

use std::fmt;
use std::str::FromStr;

/// Days in which each expression that can ever be met is met: February 29th may be eight years away.
const FARTHEST_DAYS: i64 = 8 * 366;
const MINUTES_OF_DAY: i64 = 24 * 60;

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Times that come again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    text: String,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    /// Sunday is 0.
    weekdays: u64,
    /// Whether a day must be one of both: else either will do.
    both: bool,
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Cron {
    type Err = String;

    fn from_str(text: &str) -> Result<Cron, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else {
            return Err(format!("it has {} fields, not the five of minute, hour, day, month, day of the week", fields.len()));
        };
        let weekday_set = set(weekdays, 0, 7, &WEEKDAYS, 0)?;
        let cron = Cron {
            text: text.to_string(),
            minutes: set(minutes, 0, 59, &[], 0)?,
            hours: set(hours, 0, 23, &[], 0)?,
            days: set(days, 1, 31, &[], 0)?,
            months: set(months, 1, 12, &MONTHS, 1)?,
            // 7 is Sunday too.
            weekdays: (weekday_set | (weekday_set >> 7)) & 0x7f,
            both: days.starts_with('*') || weekdays.starts_with('*'),
        };
        match cron.next_after(0) {
            Some(_) => Ok(cron),
            None => Err("there is no such day".to_string()),
        }
    }
}

/// The numbers that a field names, as bits.
fn set(field: &str, least: u32, most: u32, names: &[&str], first_name: u32) -> Result<u64, String> {
    let number = |text: &str| -> Result<u32, String> {
        if let Some(at) = names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
            return Ok(at as u32 + first_name);
        }
        match text.parse() {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            _ => Err(format!("'{text}' in '{field}' is not a number from {least} to {most}")),
        }
    };
    let mut bits = 0;
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => match step.parse::<usize>() {
                Ok(step) if step > 0 => (range, Some(step)),
                _ => return Err(format!("'{step}' in '{field}' is not a step")),
            },
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((from, to)) => (number(from)?, number(to)?),
            // 5/15 is 5, 20, 35, …
            None if step.is_some() => (number(range)?, most),
            None => (number(range)?, number(range)?),
        };
        if from > to {
            return Err(format!("'{part}' ends before it begins"));
        }
        (from..=to).step_by(step.unwrap_or(1)).for_each(|number| bits |= 1 << number);
    }
    Ok(bits)
}

/// Month and day of a day since 1970-01-01: Howard Hinnant's `civil_from_days`,
/// <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>
fn month_and_day(days: i64) -> (u32, u32) {
    let of_era = (days + 719_468).rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    ((if month < 10 { month + 3 } else { month - 9 }) as u32, day as u32)
}

fn has(set: u64, number: i64) -> bool {
    (set >> number) & 1 == 1
}

impl Cron {
    /// The first time after `minute`, both in minutes since 1970-01-01 UTC; none when it never comes.
    pub fn next_after(&self, minute: i64) -> Option<i64> {
        let first = minute + 1;
        let first_day = first.div_euclid(MINUTES_OF_DAY);
        (first_day..=first_day + FARTHEST_DAYS).filter(|&day| self.has_day(day)).find_map(|day| {
            let start = day * MINUTES_OF_DAY;
            (first.max(start)..start + MINUTES_OF_DAY).find(|minute| {
                let of_day = minute - start;
                has(self.hours, of_day / 60) && has(self.minutes, of_day % 60)
            })
        })
    }

    fn has_day(&self, day: i64) -> bool {
        let (month, of_month) = month_and_day(day);
        // 1970-01-01 was a Thursday.
        let weekday = (day + 4).rem_euclid(7);
        let (by_month, by_week) = (has(self.days, i64::from(of_month)), has(self.weekdays, weekday));
        let is_day = if self.both { by_month && by_week } else { by_month || by_week };
        is_day && has(self.months, i64::from(month))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minutes from 2026-01-01 00:00 UTC, a Thursday, to the first times after that.
    fn times(cron: &str, count: usize) -> Vec<i64> {
        const START: i64 = 20_454 * MINUTES_OF_DAY;
        let cron: Cron = cron.parse().unwrap_or_else(|why| panic!("{cron}: {why}"));
        let mut times = Vec::new();
        let mut minute = START;
        for _ in 0..count {
            minute = cron.next_after(minute).expect("a next time");
            times.push(minute - START);
        }
        times
    }

    const DAY: i64 = MINUTES_OF_DAY;

    #[test]
    fn times_come_in_order() {
        assert_eq!(times("* * * * *", 2), [1, 2]);
        assert_eq!(times("*/20 * * * *", 4), [20, 40, 60, 80]);
        assert_eq!(times("5/25 2-3 * * *", 5), [125, 150, 175, 185, 210]);
        assert_eq!(times("0 0 * * *", 2), [DAY, 2 * DAY]);
        assert_eq!(times("59 23 31 * *", 2), [31 * DAY - 1, 90 * DAY - 1]);
        assert_eq!(times("0,30 12 1 feb *", 3), [31 * DAY + 720, 31 * DAY + 750, (31 + 365) * DAY + 720]);
    }

    #[test]
    fn weekdays_by_number_and_name() {
        for sunday in ["0 0 * * 0", "0 0 * * 7", "0 0 * * sun", "0 0 * * SUN,7"] {
            assert_eq!(times(sunday, 2), [3 * DAY, 10 * DAY], "{sunday}");
        }
        assert_eq!(times("0 0 * * MON-FRI", 3), [DAY, 4 * DAY, 5 * DAY]);
        // Where both are given, either will do.
        assert_eq!(times("0 0 4 * MON", 3), [3 * DAY, 4 * DAY, 11 * DAY]);
        assert_eq!(times("0 0 */2 * MON", 1), [4 * DAY]);
    }

    #[test]
    fn leap_days_are_found_and_impossible_ones_refused() {
        // 2028-02-29
        assert_eq!(times("0 0 29 2 *", 1), [(365 + 365 + 31 + 28) * DAY]);
        for wrong in ["", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "a * * * *"] {
            assert!(wrong.parse::<Cron>().is_err(), "{wrong}");
        }
        for wrong in ["5-1 * * * *", "*/0 * * * *", "1- * * * *", ", * * * *", "* * 30 2 *", "* * * foo *", "-1 * * * *"] {
            assert!(wrong.parse::<Cron>().is_err(), "{wrong}");
        }
    }
}
