//! Calendar arithmetic for Date: pure functions on time values (milliseconds since 1970-01-01 UTC, as doubles).
//!
//! | part | functions |
//! |---|---|
//! | arithmetic | [`make_day`], [`make_time`], [`make_date`], [`time_clip`], [`Fields::of`] |
//! | local time | [`local_to_utc`], given the host's offsets |
//! | text → time | [`parse`]: ISO format first, then the looser forms that browsers agree on |
//! | time → text | [`iso_text`], [`date_text`], [`time_text`], [`utc_text`], … |

/// Milliseconds per day.
pub const DAY_MS: f64 = 86_400_000.0;
const MINUTE_MS: f64 = 60_000.0;
const DAY_NAMES: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTH_NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A time value taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields {
    /// Year, astronomical (0 is 1 BC).
    pub year: i64,
    /// Month, 0 to 11.
    pub month: i64,
    /// Day of the month, from 1.
    pub day: i64,
    /// 0 to 23
    pub hour: i64,
    /// 0 to 59
    pub minute: i64,
    /// 0 to 59
    pub second: i64,
    /// 0 to 999
    pub millisecond: i64,
    /// 0 (Sunday) to 6
    pub weekday: i64,
}

impl Fields {
    /// The fields of a finite time value.
    pub fn of(time: f64) -> Fields {
        let time = time as i64;
        let days = time.div_euclid(86_400_000);
        let rest = time.rem_euclid(86_400_000);
        let (year, month, day) = civil_from_days(days);
        Fields {
            year,
            month,
            day,
            hour: rest / 3_600_000,
            minute: rest / 60_000 % 60,
            second: rest / 1000 % 60,
            millisecond: rest % 1000,
            weekday: (days + 4).rem_euclid(7),
        }
    }
}

/// Days since the epoch of a proleptic Gregorian date; `month` is 0 to 11.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March put the leap day last; eras are 400 years.
    let year = if month < 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (month + 10) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month (0 to 11) and day of a number of days since the epoch.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12;
    let year = year_of_era + era * 400 + i64::from(month < 2);
    (year, month, day)
}

/// ToIntegerOrInfinity of a number that is finite.
fn integral(number: f64) -> f64 {
    number.trunc() + 0.0
}

// 21.4.1.27 MakeTime ( hour, min, sec, ms ), https://tc39.es/ecma262/#sec-maketime
/// Milliseconds within a day; NaN when a part is not finite.
pub fn make_time(hour: f64, minute: f64, second: f64, millisecond: f64) -> f64 {
    if ![hour, minute, second, millisecond].iter().all(|part| part.is_finite()) {
        return f64::NAN;
    }
    integral(hour) * 3_600_000.0 + integral(minute) * MINUTE_MS + integral(second) * 1000.0 + integral(millisecond)
}

// 21.4.1.28 MakeDay ( year, month, date ), https://tc39.es/ecma262/#sec-makeday
/// Day number; months and days may be out of range and carry. NaN when a part is not finite or the day is out of reach.
pub fn make_day(year: f64, month: f64, day: f64) -> f64 {
    if ![year, month, day].iter().all(|part| part.is_finite()) {
        return f64::NAN;
    }
    let (year, month, day) = (integral(year), integral(month), integral(day));
    let year = year + (month / 12.0).floor();
    // Far beyond every time value, and still exact.
    if year.abs() > 400_000.0 || month.abs() > 12_000_000.0 {
        return f64::NAN;
    }
    let month = (month as i64).rem_euclid(12);
    days_from_civil(year as i64, month, 1) as f64 + day - 1.0
}

// 21.4.1.29 MakeDate ( day, time ), https://tc39.es/ecma262/#sec-makedate
/// Time value of day number and milliseconds.
pub fn make_date(day: f64, time: f64) -> f64 {
    if !day.is_finite() || !time.is_finite() {
        return f64::NAN;
    }
    let date = day * DAY_MS + time;
    if date.is_finite() { date } else { f64::NAN }
}

// 21.4.1.30 MakeFullYear ( year ), https://tc39.es/ecma262/#sec-makefullyear
/// Two-digit years are of the 20th century.
pub fn make_full_year(year: f64) -> f64 {
    if year.is_nan() {
        return f64::NAN;
    }
    let truncated = year.trunc();
    if (0.0..=99.0).contains(&truncated) { 1900.0 + truncated } else { truncated }
}

// 21.4.1.31 TimeClip ( time ), https://tc39.es/ecma262/#sec-timeclip
/// An integral time value within range, or NaN.
pub fn time_clip(time: f64) -> f64 {
    if !time.is_finite() || time.abs() > 8.64e15 { f64::NAN } else { integral(time) }
}

// 21.4.1.26 UTC ( t ), https://tc39.es/ecma262/#sec-utc-t
/// The UTC time of a local time. `offset_minutes` gives minutes east of UTC at a UTC time. Times that are repeated or skipped are read
/// with the offset before the transition.
pub fn local_to_utc(local: f64, mut offset_minutes: impl FnMut(f64) -> f64) -> f64 {
    if !local.is_finite() {
        return f64::NAN;
    }
    let before = offset_minutes(local - DAY_MS) * MINUTE_MS;
    let after = offset_minutes(local + DAY_MS) * MINUTE_MS;
    if before == after || offset_minutes(local - before) * MINUTE_MS == before {
        return local - before;
    }
    if offset_minutes(local - after) * MINUTE_MS == after { local - after } else { local - before }
}

// ── text → time ──

/// A parsed date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Parsed {
    /// UTC time value.
    Utc(f64),
    /// Local time value, still to be converted.
    Local(f64),
}

// 21.4.3.2 Date.parse ( string ), https://tc39.es/ecma262/#sec-date.parse
/// Reads a date: the interchange format, and failing that the free forms that toString, toUTCString and people write.
pub fn parse(text: &str) -> Option<Parsed> {
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace());
    parse_iso(text.as_bytes()).or_else(|| parse_legacy(text))
}

struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Exactly `count` digits.
    fn digits(&mut self, count: usize) -> Option<f64> {
        let digits = self.text.get(self.at..self.at + count)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        self.at += count;
        Some(digits.iter().fold(0.0, |number, digit| number * 10.0 + f64::from(digit - b'0')))
    }
}

// 21.4.1.32 Date Time String Format, https://tc39.es/ecma262/#sec-date-time-string-format
fn parse_iso(text: &[u8]) -> Option<Parsed> {
    let mut scanner = Scanner { text, at: 0 };
    let year = match scanner.peek()? {
        sign @ (b'+' | b'-') => {
            scanner.at = 1;
            let year = scanner.digits(6)?;
            // -000000 is refused.
            match sign {
                b'-' if year == 0.0 => return None,
                b'-' => -year,
                _ => year,
            }
        }
        _ => scanner.digits(4)?,
    };
    let (mut month, mut day) = (1.0, 1.0);
    if scanner.skip(b'-') {
        month = scanner.digits(2)?;
        if scanner.skip(b'-') {
            day = scanner.digits(2)?;
        }
    }
    if !(1.0..=12.0).contains(&month) || !(1.0..=31.0).contains(&day) {
        return None;
    }
    let date = make_day(year, month - 1.0, day);
    if scanner.at == text.len() {
        return Some(Parsed::Utc(make_date(date, 0.0)));
    }
    if !scanner.skip(b'T') && !scanner.skip(b't') {
        return None;
    }
    let hour = scanner.digits(2)?;
    if !scanner.skip(b':') {
        return None;
    }
    let minute = scanner.digits(2)?;
    let (mut second, mut millisecond) = (0.0, 0.0);
    if scanner.skip(b':') {
        second = scanner.digits(2)?;
        if scanner.skip(b'.') {
            let from = scanner.at;
            let mut weight = 100.0;
            while let Some(digit @ b'0'..=b'9') = scanner.peek() {
                // Digits past the milliseconds are cut off.
                if weight >= 1.0 {
                    millisecond += f64::from(digit - b'0') * weight;
                    weight = f64::trunc(weight / 10.0);
                }
                scanner.at += 1;
            }
            if scanner.at == from {
                return None;
            }
        }
    }
    if hour > 24.0 || minute > 59.0 || second > 59.0 || (hour == 24.0 && (minute != 0.0 || second != 0.0 || millisecond != 0.0)) {
        return None;
    }
    let time = make_date(date, make_time(hour, minute, second, millisecond));
    let parsed = match scanner.peek() {
        None => Parsed::Local(time),
        Some(b'Z' | b'z') => {
            scanner.at += 1;
            Parsed::Utc(time)
        }
        Some(sign @ (b'+' | b'-')) => {
            scanner.at += 1;
            let hours = scanner.digits(2)?;
            if !scanner.skip(b':') {
                return None;
            }
            let minutes = scanner.digits(2)?;
            if hours > 23.0 || minutes > 59.0 {
                return None;
            }
            let offset = (hours * 60.0 + minutes) * MINUTE_MS;
            Parsed::Utc(if sign == b'-' { time + offset } else { time - offset })
        }
        Some(_) => return None,
    };
    (scanner.at == text.len()).then_some(parsed)
}

/// What a word means in a free-form date.
enum Word {
    Month(f64),
    Afternoon(bool),
    Zone(f64),
    Unknown,
}

fn classify(word: &str) -> Word {
    let lower = word.to_ascii_lowercase();
    if lower.len() >= 3
        && let Some(month) = MONTH_NAMES.iter().position(|name| lower.as_bytes()[..3].eq_ignore_ascii_case(name.as_bytes()))
    {
        return Word::Month(month as f64);
    }
    match lower.as_str() {
        "am" => Word::Afternoon(false),
        "pm" => Word::Afternoon(true),
        "z" | "ut" | "utc" | "gmt" => Word::Zone(0.0),
        "edt" => Word::Zone(-240.0),
        "est" | "cdt" => Word::Zone(-300.0),
        "cst" | "mdt" => Word::Zone(-360.0),
        "mst" | "pdt" => Word::Zone(-420.0),
        "pst" => Word::Zone(-480.0),
        _ => Word::Unknown,
    }
}

/// State of the free-form parser.
#[derive(Default)]
struct Legacy {
    /// Year of a sign and six digits, which stands first and is not counted among the numbers of the date.
    extended_year: Option<f64>,
    /// Numbers of the date, in order.
    date: Vec<f64>,
    /// 0 to 11
    month: Option<f64>,
    /// Hour, minute, second, millisecond.
    time: Vec<f64>,
    /// A colon promised another number of the time.
    time_open: bool,
    time_closed: bool,
    afternoon: Option<bool>,
    /// Minutes east of UTC.
    zone: Option<f64>,
    /// Sign and hours of an offset whose minutes follow a colon.
    open_offset: Option<(f64, f64)>,
}

/// The free forms, as V8 reads them: words before the first number and text in parentheses are skipped; a number followed by a colon
/// begins a time; a sign after a time or zone begins an offset; other numbers are month, day, year, or year, month, day when the first
/// cannot be a day.
fn parse_legacy(text: &str) -> Option<Parsed> {
    let bytes = text.as_bytes();
    let mut state = Legacy::default();
    let mut at = 0;
    if let [sign @ (b'+' | b'-'), year @ ..] = bytes
        && let Some(digits) = year.get(..6).filter(|digits| digits.iter().all(u8::is_ascii_digit))
    {
        let year = read_number(digits);
        if bytes.get(7).is_some_and(u8::is_ascii_digit) || (*sign == b'-' && year == 0.0) {
            return None;
        }
        state.extended_year = Some(if *sign == b'-' { -year } else { year });
        at = 7 + usize::from(bytes.get(7) == Some(&b'-'));
    }
    let mut seen_number = at > 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => {
                seen_number = true;
                let start = at;
                while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                    at += 1;
                }
                let number = read_number(&bytes[start..at]);
                at = state.number(number, bytes, at)?;
            }
            b'A'..=b'Z' | b'a'..=b'z' => {
                let start = at;
                while bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
                    at += 1;
                }
                match classify(&text[start..at]) {
                    Word::Month(month) => {
                        state.month = Some(month);
                        if bytes.get(at) == Some(&b'-') {
                            at += 1;
                        }
                    }
                    Word::Afternoon(afternoon) if !state.time.is_empty() => state.afternoon = Some(afternoon),
                    Word::Zone(zone) if seen_number => state.zone = Some(zone),
                    // A `T` belongs to the interchange format, so not to what was refused as such. Names of days and the like are only welcome before the numbers.
                    _ if seen_number => return None,
                    _ if bytes.get(at).is_some_and(u8::is_ascii_digit) => return None,
                    _ => {}
                }
            }
            b'+' | b'-' if state.zone == Some(0.0) || !state.time.is_empty() => {
                let sign = if byte == b'-' { -1.0 } else { 1.0 };
                at += 1;
                let start = at;
                while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                    at += 1;
                }
                seen_number = true;
                let number = read_number(&bytes[start..at]);
                state.time_closed = true;
                if bytes.get(at) == Some(&b':') {
                    state.open_offset = Some((sign, number));
                    at += 1;
                } else {
                    let minutes = match at - start {
                        1 | 2 => number * 60.0,
                        3 | 4 => f64::trunc(number / 100.0) * 60.0 + number % 100.0,
                        _ => return None,
                    };
                    state.zone = Some(sign * minutes);
                }
            }
            b'+' | b'-' | b')' if seen_number => return None,
            b'(' => {
                let mut depth = 0;
                while let Some(&byte) = bytes.get(at) {
                    match byte {
                        b'(' => depth += 1,
                        b')' => depth -= 1,
                        _ => {}
                    }
                    at += 1;
                    if depth == 0 {
                        break;
                    }
                }
            }
            _ => at += 1,
        }
    }
    state.finish()
}

/// Value of digits; enough of them to tell that it is out of range.
fn read_number(digits: &[u8]) -> f64 {
    digits.iter().take(12).fold(0.0, |number, digit| number * 10.0 + f64::from(digit - b'0'))
}

impl Legacy {
    /// Takes a number that ended at `at`; returns where to go on.
    fn number(&mut self, number: f64, bytes: &[u8], mut at: usize) -> Option<usize> {
        let next = bytes.get(at).copied();
        if let Some((sign, hours)) = self.open_offset.take() {
            self.zone = Some(sign * (hours * 60.0 + number));
            return Some(at);
        }
        if next == Some(b':') && !self.time_closed {
            if self.time.len() >= 3 {
                return None;
            }
            self.time.push(number);
            self.time_open = true;
            at += 1;
            if bytes.get(at) == Some(&b':') {
                self.time.push(0.0);
                at += 1;
            }
            return Some(at);
        }
        if self.time_open && !self.time_closed {
            self.time.push(number);
            self.time_open = false;
            self.time_closed = true;
            if next == Some(b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
                while self.time.len() < 3 {
                    self.time.push(0.0);
                }
                let start = at + 1;
                at = start;
                while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                    at += 1;
                }
                let digits: Vec<u8> = bytes[start..at].iter().copied().chain(*b"00").take(3).collect();
                self.time.push(read_number(&digits));
            }
            // A time ends at white space, a zone or the end.
            return match bytes.get(at) {
                None | Some(b' ' | b'\t' | b'\n' | b'\r' | b'Z' | b'z' | b'+' | b'-' | b'(' | b',') => Some(at),
                Some(b'A' | b'a' | b'P' | b'p') => Some(at),
                Some(_) => None,
            };
        }
        if self.date.len() >= 3 {
            return None;
        }
        self.date.push(number);
        Some(at + usize::from(next == Some(b'-')))
    }

    fn finish(self) -> Option<Parsed> {
        let is_day = |number: f64| (1.0..=31.0).contains(&number);
        let first = self.date.first().copied().or(self.extended_year.map(|_| 1.0))?;
        let part = |index: usize| self.date.get(index).copied().unwrap_or(1.0);
        let count = self.date.len();
        // Without a year it is 2001, as everywhere else.
        let (year, month, day) = match self.month {
            _ if self.extended_year.is_some() && count + usize::from(self.month.is_some()) > 2 => return None,
            None if self.extended_year.is_some() => (2001.0, first - 1.0, part(1)),
            Some(month) if self.extended_year.is_some() => (2001.0, month, first),
            None if count == 3 && !is_day(first) => (first, part(1) - 1.0, part(2)),
            None if count == 1 && !is_day(first) => (first, 0.0, 1.0),
            None => (if count == 3 { part(2) } else { 2001.0 }, first - 1.0, part(1)),
            Some(month) if count == 1 => (2001.0, month, first),
            Some(month) if !is_day(first) => (first, month, part(1)),
            Some(month) => (part(1), month, first),
        };
        if !(0.0..12.0).contains(&month) || !is_day(day) {
            return None;
        }
        let year = match year {
            0.0..50.0 => year + 2000.0,
            50.0..100.0 => year + 1900.0,
            _ => year,
        };
        let year = self.extended_year.unwrap_or(year);
        let clock = |index: usize| self.time.get(index).copied().unwrap_or(0.0);
        let mut hour = clock(0);
        if let Some(afternoon) = self.afternoon {
            if !(1.0..=12.0).contains(&hour) {
                return None;
            }
            hour = hour % 12.0 + if afternoon { 12.0 } else { 0.0 };
        }
        let (minute, second, millisecond) = (clock(1), clock(2), clock(3));
        let midnight = hour == 24.0 && minute == 0.0 && second == 0.0 && millisecond == 0.0;
        if (hour > 23.0 && !midnight) || minute > 59.0 || second > 59.0 {
            return None;
        }
        let time = make_date(make_day(year, month, day), make_time(hour, minute, second, millisecond));
        Some(match self.zone {
            Some(minutes) => Parsed::Utc(time - minutes * MINUTE_MS),
            None => Parsed::Local(time),
        })
    }
}

// ── time → text ──

fn year_text(year: i64) -> String {
    if year < 0 { format!("-{:04}", -year) } else { format!("{year:04}") }
}

// 21.4.4.36 Date.prototype.toISOString ( ), https://tc39.es/ecma262/#sec-date.prototype.toisostring
/// The interchange format, for a finite time value.
pub fn iso_text(time: f64) -> String {
    let f = Fields::of(time);
    let year = match f.year {
        0..=9999 => format!("{:04}", f.year),
        year if year < 0 => format!("-{:06}", -year),
        year => format!("+{year:06}"),
    };
    format!("{year}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", f.month + 1, f.day, f.hour, f.minute, f.second, f.millisecond)
}

// 21.4.4.41.2 DateString ( tv ), https://tc39.es/ecma262/#sec-datestring
/// `Thu Jan 01 1970`, for a finite local time value.
pub fn date_text(local: f64) -> String {
    let f = Fields::of(local);
    format!("{} {} {:02} {}", DAY_NAMES[f.weekday as usize % 7], MONTH_NAMES[f.month as usize % 12], f.day, year_text(f.year))
}

// 21.4.4.41.1 TimeString ( tv ) and 21.4.4.41.3 TimeZoneString ( tv ), https://tc39.es/ecma262/#sec-timestring
/// `00:00:00 GMT+0000 (…)`, for a finite local time value.
pub fn time_text(local: f64, offset_minutes: f64) -> String {
    let f = Fields::of(local);
    let sign = if offset_minutes < 0.0 { '-' } else { '+' };
    let offset = offset_minutes.abs() as i64;
    let (hours, minutes) = (offset / 60, offset % 60);
    let zone = if offset == 0 { "Coordinated Universal Time".to_string() } else { format!("GMT{sign}{hours:02}:{minutes:02}") };
    format!("{:02}:{:02}:{:02} GMT{sign}{hours:02}{minutes:02} ({zone})", f.hour, f.minute, f.second)
}

// 21.4.4.43 Date.prototype.toUTCString ( ), https://tc39.es/ecma262/#sec-date.prototype.toutcstring
/// `Thu, 01 Jan 1970 00:00:00 GMT`, for a finite time value.
pub fn utc_text(time: f64) -> String {
    let f = Fields::of(time);
    format!(
        "{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
        DAY_NAMES[f.weekday as usize % 7],
        f.day,
        MONTH_NAMES[f.month as usize % 12],
        year_text(f.year),
        f.hour,
        f.minute,
        f.second
    )
}

/// `1/31/1970`: the date as English readers in America write it, which is what V8 gives by default.
pub fn locale_date_text(local: f64) -> String {
    let f = Fields::of(local);
    format!("{}/{}/{}", f.month + 1, f.day, f.year)
}

/// `1:05:00 PM`, the time in the same style.
pub fn locale_time_text(local: f64) -> String {
    let f = Fields::of(local);
    let hour = if f.hour % 12 == 0 { 12 } else { f.hour % 12 };
    format!("{hour}:{:02}:{:02} {}", f.minute, f.second, if f.hour < 12 { "AM" } else { "PM" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_dates_round_trip() {
        for days in (-100_000_000..100_000_000).step_by(9973) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
            assert!((0..12).contains(&month) && (1..=31).contains(&day));
        }
        assert_eq!(civil_from_days(0), (1970, 0, 1));
        assert_eq!(civil_from_days(59), (1970, 2, 1));
        assert_eq!(civil_from_days(11_016), (2000, 1, 29));
        assert_eq!(Fields::of(-1.0).millisecond, 999);
        assert_eq!(Fields::of(0.0).weekday, 4);
        assert_eq!(
            Fields::of(8.64e15),
            Fields { year: 275_760, month: 8, day: 13, hour: 0, minute: 0, second: 0, millisecond: 0, weekday: 6 }
        );
    }

    #[test]
    fn parts_carry() {
        assert_eq!(make_day(1970.0, 12.0, 1.0), 365.0);
        assert_eq!(make_day(1970.0, -1.0, 1.0), -31.0);
        assert_eq!(make_day(1970.0, 0.0, 0.0), -1.0);
        assert!(make_day(f64::NAN, 0.0, 1.0).is_nan());
        assert!(make_day(1e9, 0.0, 1.0).is_nan());
        assert_eq!(time_clip(8.64e15), 8.64e15);
        assert!(time_clip(8.64e15 + 1.0).is_nan());
        assert!(time_clip(-0.0).is_sign_positive());
        assert_eq!(make_full_year(99.9), 1999.0);
        assert_eq!(make_full_year(-0.5), 1900.0);
    }

    #[test]
    fn iso_forms() {
        let utc = |text| match parse(text) {
            Some(Parsed::Utc(time)) => time,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(utc("1970"), 0.0);
        assert_eq!(utc("1970-01"), 0.0);
        assert_eq!(utc("1970-01-02"), DAY_MS);
        assert_eq!(utc("1970-01-01T00:00:00.123456Z"), 123.0);
        assert_eq!(utc("1970-01-01T00:00:00.1Z"), 100.0);
        assert_eq!(utc("1970-01-01T24:00Z"), DAY_MS);
        assert_eq!(utc("1970-01-01T00:00+01:30"), -5_400_000.0);
        assert_eq!(utc("-000001-01-01T00:00:00Z"), -62_198_755_200_000.0);
        assert_eq!(utc("+275760-09-13T00:00:00.000Z"), 8.64e15);
        assert_eq!(parse("1970-01-01T00:00"), Some(Parsed::Local(0.0)));
        for bad in
            ["-000000-01-01T00:00:00Z", "1970-13-01", "1970-01-32", "1970-01-01T25:00Z", "1970-01-01T24:01Z", "1970-01-01T00:60Z", "", "x"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn legacy_forms() {
        let day = |y: f64, m: f64, d: f64| make_date(make_day(y, m, d), 0.0);
        assert_eq!(parse("Thu Jan 01 1970 00:00:00 GMT+0100 (Somewhere (nice))"), Some(Parsed::Utc(-3_600_000.0)));
        assert_eq!(parse("Thu, 01 Jan 1970 00:00:01 GMT"), Some(Parsed::Utc(1000.0)));
        assert_eq!(parse("12/25/1995"), Some(Parsed::Local(day(1995.0, 11.0, 25.0))));
        assert_eq!(parse("1995/12/25"), Some(Parsed::Local(day(1995.0, 11.0, 25.0))));
        assert_eq!(parse("2020-1-5"), Some(Parsed::Local(day(2020.0, 0.0, 5.0))));
        assert_eq!(parse("Dec 25, 95"), Some(Parsed::Local(day(1995.0, 11.0, 25.0))));
        assert_eq!(parse("25-Dec-2015"), Some(Parsed::Local(day(2015.0, 11.0, 25.0))));
        assert_eq!(parse("Dec 25, 1995 1:30 PM"), Some(Parsed::Local(day(1995.0, 11.0, 25.0) + 48_600_000.0)));
        assert_eq!(parse("Dec 25, 1995 12:30 am EST"), Some(Parsed::Utc(day(1995.0, 11.0, 25.0) + 1_800_000.0 + 18_000_000.0)));
        assert_eq!(parse("2020-01-02 03:04:05.6"), Some(Parsed::Local(day(2020.0, 0.0, 2.0) + 11_045_600.0)));
        assert_eq!(parse("Tue Mar 01 2022 10:00:00 GMT-08:00"), Some(Parsed::Utc(day(2022.0, 2.0, 1.0) + 64_800_000.0)));
        assert_eq!(parse("1"), Some(Parsed::Local(day(2001.0, 0.0, 1.0))));
        assert_eq!(parse("+001997-3-8 1:00"), Some(Parsed::Local(day(1997.0, 2.0, 8.0) + 3_600_000.0)));
        assert_eq!(parse("-001997-3-8"), Some(Parsed::Local(day(-1997.0, 2.0, 8.0))));
        assert_eq!(parse("+001997-3"), Some(Parsed::Local(day(1997.0, 2.0, 1.0))));
        assert_eq!(parse("+000050 Mar 8"), Some(Parsed::Local(day(50.0, 2.0, 8.0))));
        for bad in ["+001997-1-2-3", "-000000-3-4", "+0019970-3-8", "+001997-3-8T01:00", "1997-03-08T1:19", "1997-03-08T", "2000/1/1T10:00"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
        for bad in ["1 hello", "Jan 32 2000", "13:00 PM 1/1/2000", "1/2/3/4", "25:00 1/1/2000", "Jan"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn texts() {
        assert_eq!(iso_text(-1.0), "1969-12-31T23:59:59.999Z");
        assert_eq!(iso_text(8.64e15), "+275760-09-13T00:00:00.000Z");
        assert_eq!(iso_text(-62_198_755_200_000.0), "-000001-01-01T00:00:00.000Z");
        assert_eq!(date_text(0.0), "Thu Jan 01 1970");
        assert_eq!(date_text(-62_198_755_200_000.0), "Fri Jan 01 -0001");
        assert_eq!(time_text(0.0, -90.0), "00:00:00 GMT-0130 (GMT-01:30)");
        assert_eq!(utc_text(0.0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(locale_time_text(43_200_000.0), "12:00:00 PM");
    }

    #[test]
    fn transitions() {
        // Summer time, +1 h → +2 h at UTC hour 100, back at UTC hour 200.
        let offset = |utc: f64| if (360_000_000.0..720_000_000.0).contains(&utc) { 120.0 } else { 60.0 };
        let hour = 3_600_000.0;
        assert_eq!(local_to_utc(100.0 * hour, offset), 99.0 * hour);
        // Skipped: 101 to 102 local.
        assert_eq!(local_to_utc(101.5 * hour, offset), 100.5 * hour);
        assert_eq!(local_to_utc(102.0 * hour, offset), 100.0 * hour);
        // Repeated: 201 to 202 local; the first one counts.
        assert_eq!(local_to_utc(201.5 * hour, offset), 199.5 * hour);
        assert_eq!(local_to_utc(202.0 * hour, offset), 201.0 * hour);
    }
}
