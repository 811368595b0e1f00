//! Temporal as scripts see it, beyond what test262 covers: values in images and after collections, extreme arguments, the cost of lunar
//! calendars, the host's clock and time zone.

use std::rc::Rc;

use mayfly_engine::host::{Host, ModuleSource};
use mayfly_engine::image::Image;
use mayfly_engine::{Context, ContextOptions, Natives};

#[path = "support/stress.rs"]
mod stress;
use stress::run;

/// A host at 2021-08-04T10:20:30.123456Z in Berlin.
struct TestHost;

impl Host for TestHost {
    fn now_ms(&mut self) -> Result<f64, String> {
        Ok(1_628_072_430_123.5)
    }
    fn random_seed(&mut self) -> Result<[u64; 2], String> {
        Ok([1, 2])
    }
    fn time_zone_id(&mut self) -> String {
        "europe/berlin".to_string()
    }
    fn load_module(&mut self, specifier: &str, _: &str, _: &[(String, String)]) -> Result<ModuleSource, String> {
        Err(specifier.to_string())
    }
    fn as_any(&mut self) -> &mut dyn std::any::Any {
        self
    }
}

fn context() -> stress::TestContext {
    stress::context(TestHost)
}

fn check(source: &str, expected: &str) {
    assert_eq!(run(&mut context(), source), expected, "{source}");
}

/// One object of every class, with values at which something could be lost.
const ONE_OF_EACH: &str = "
    var all = [
        new Temporal.Duration(1, 2, 3, 4, 5, 6, 7, 987, 654, 321).negated(),
        Temporal.Duration.from({ microseconds: 9007199254740990000 }),
        new Temporal.Instant(-8640000000000000000000n),
        new Temporal.Instant(8640000000000000000000n),
        new Temporal.PlainDate(-271821, 4, 19, 'hebrew'),
        new Temporal.PlainDate(275760, 9, 13),
        new Temporal.PlainTime(23, 59, 59, 999, 999, 999),
        new Temporal.PlainTime(),
        new Temporal.PlainDateTime(-271821, 4, 19, 0, 0, 0, 0, 0, 1),
        new Temporal.PlainYearMonth(-271821, 4, 'iso8601', 18),
        new Temporal.PlainYearMonth(275760, 9, 'japanese', 30),
        new Temporal.PlainMonthDay(2, 29, 'islamicc', 1972),
        new Temporal.ZonedDateTime(1n, 'america/new_york', 'ROC'),
        new Temporal.ZonedDateTime(-1n, '+05:30', 'ethiopic-amete-alem'),
    ];";

const SHOW_ALL: &str = "all.map(String).join('\\n')";

const SHOWN: &str = "-P1Y2M3W4DT5H6M7.987654321S
PT9007199254740.989952S
-271821-04-20T00:00:00Z
+275760-09-13T00:00:00Z
-271821-04-19[u-ca=hebrew]
+275760-09-13
23:59:59.999999999
00:00:00
-271821-04-19T00:00:00.000000001
-271821-04
+275760-09-30[u-ca=japanese]
1972-02-29[u-ca=islamic-civil]
1969-12-31T19:00:00.000000001-05:00[America/New_York][u-ca=roc]
1970-01-01T05:29:59.999999999+05:30[+05:30][u-ca=ethioaa]";

#[test]
fn every_class_keeps_its_value_in_slots() {
    let mut cx = context();
    run(&mut cx, ONE_OF_EACH);
    assert_eq!(run(&mut cx, SHOW_ALL), SHOWN);
    cx.collect_garbage();
    assert_eq!(run(&mut cx, SHOW_ALL), SHOWN, "after a collection");
}

#[test]
fn temporal_objects_survive_in_images() {
    let natives = Rc::new(Natives::of_engine());
    let mut built = Context::new(Box::new(TestHost), natives.clone(), ContextOptions::default()).expect("a cage");
    run(&mut built, ONE_OF_EACH);
    let bytes = built.to_image_bytes().expect("an image");
    let image = Image::from_bytes(&bytes, &natives).expect("a good image");
    let mut restored = Context::from_image(&image, Box::new(TestHost), natives, ContextOptions::default()).expect("an instance");
    assert_eq!(run(&mut restored, SHOW_ALL), SHOWN);
    run(&mut restored, "all = all.map(value => value.with === undefined ? value : value)");
    restored.reset();
    assert_eq!(run(&mut restored, SHOW_ALL), SHOWN, "after a reset");
}

#[test]
fn now_is_the_time_of_the_host_in_its_zone() {
    check("Temporal.Now.timeZoneId()", "Europe/Berlin");
    check("Temporal.Now.instant()", "2021-08-04T10:20:30.1235Z");
    check("Temporal.Now.zonedDateTimeISO()", "2021-08-04T12:20:30.1235+02:00[Europe/Berlin]");
    check("Temporal.Now.plainDateTimeISO('Asia/Tokyo')", "2021-08-04T19:20:30.1235");
    check("Temporal.Now.plainDateISO('-11:00')", "2021-08-03");
    check("Temporal.Now.plainTimeISO('UTC')", "10:20:30.1235");
}

#[test]
fn prototypes_are_no_instances() {
    check(
        "['Duration', 'Instant', 'PlainDate', 'PlainTime', 'PlainDateTime', 'PlainYearMonth', 'PlainMonthDay', 'ZonedDateTime'].filter(name => {
             try { Temporal[name].prototype.toString(); return true; } catch (error) { return !(error instanceof TypeError); }
         }).length",
        "0",
    );
    check("Temporal.PlainDate.prototype.toString.call(new Temporal.PlainTime())", INCOMPATIBLE);
}

const INCOMPATIBLE: &str = "TypeError: Method Temporal.PlainDate.prototype.toString called on incompatible receiver #<PlainTime>";

#[test]
fn subclasses_get_their_prototype_but_methods_make_plain_objects() {
    check(
        "class Day extends Temporal.PlainDate { get double() { return this.day * 2 } }
         const day = new Day(2020, 2, 28);
         [day.double, day instanceof Day, day.add({ days: 1 }) instanceof Day, Day.from('2020-01-01') instanceof Day].join()",
        "56,true,false,false",
    );
}

#[test]
fn time_zones_have_their_history_and_their_rules() {
    check("new Temporal.ZonedDateTime(0n, 'Africa/Monrovia').offset", "-00:44:30");
    check(
        "const zoned = Temporal.ZonedDateTime.from('2021-03-28T00:00[Europe/Berlin]');
         [zoned.hoursInDay, zoned.getTimeZoneTransition('next'), zoned.with({ hour: 2, minute: 30 })].join()",
        "23,2021-03-28T03:00:00+02:00[Europe/Berlin],2021-03-28T03:30:00+02:00[Europe/Berlin]",
    );
    check("Temporal.PlainDateTime.from('2500-07-01T12:00').toZonedDateTime('Europe/Berlin').offset", "+02:00");
    check("Temporal.PlainDate.from('2020-01-01').toZonedDateTime('Mars/Phobos')", "RangeError: Not a valid time zone string");
}

#[test]
fn calendars_count_their_own_way() {
    check(
        "['gregory', 'japanese', 'hebrew', 'chinese', 'islamic-umalqura', 'ethiopic', 'persian'].map(calendar => {
             const date = Temporal.PlainDate.from('2024-02-29').withCalendar(calendar);
             return [date.era, date.eraYear, date.year, date.monthCode, date.day, date.daysInMonth, date.inLeapYear].join(' ');
         }).join('\\n')",
        "ce 2024 2024 M02 29 29 true
reiwa 6 2024 M02 29 29 true
am 5784 5784 M05L 20 30 true
  2024 M01 20 29 false
ah 1445 1445 M08 19 29 false
am 2016 2016 M06 21 30 false
ap 1402 1402 M12 10 29 false",
    );
    check("new Temporal.PlainDate(2020, 1, 1, 'islamic')", "RangeError: Invalid calendar specified: islamic");
    check("Temporal.PlainDate.from('2020-01-01[u-ca=islamic-rgsa]')", "RangeError: Invalid calendar specified: islamic-rgsa");
    check("Temporal.PlainTime.from('10:20[u-ca=unknown]')", "10:20:00");
}

#[test]
fn arguments_out_of_all_bounds_are_range_errors() {
    for expression in [
        "new Temporal.PlainDate(1e300, 1, 1)",
        "new Temporal.PlainDate(2020, -1, 1)",
        "new Temporal.PlainDate(2020, 257, 1)",
        "new Temporal.PlainTime(256)",
        "new Temporal.PlainYearMonth(275760, 10)",
        "new Temporal.PlainMonthDay(2, 30)",
        "new Temporal.Instant(2n ** 200n)",
        "new Temporal.Duration(2 ** 32)",
        "new Temporal.Duration(0, 0, 0, 0, 0, 0, 0, 0, 0, Number.MAX_VALUE)",
        "new Temporal.Duration(1, -1)",
        "Temporal.PlainDate.from({ year: 1e20, month: 1, day: 1 })",
        "Temporal.PlainDate.from({ year: 2020, month: 1, day: 300 }, { overflow: 'reject' })",
        "Temporal.PlainTime.from({ hour: -1 }, { overflow: 'reject' })",
        "Temporal.PlainDate.from({ era: 'x'.repeat(100), eraYear: 1, month: 1, day: 1, calendar: 'gregory' })",
        "Temporal.PlainDate.from({ era: '\\u{1F600}', eraYear: 1, month: 1, day: 1, calendar: 'gregory' })",
        "Temporal.PlainDate.from({ year: 2020, monthCode: 'M13', day: 1 })",
        "Temporal.PlainDate.from('2020-01-01\\u{D800}')",
        "new Temporal.PlainDate(2020, 1, 1).add({ years: 2 ** 32 - 1 })",
        "new Temporal.PlainDate(2020, 1, 1, 'chinese').add({ months: 2 ** 32 - 1 })",
        "new Temporal.PlainDate(2020, 1, 1, 'hebrew').subtract({ weeks: 2 ** 32 - 1 })",
        "new Temporal.Instant(0n).round({ smallestUnit: 'hour', roundingIncrement: 1e9 })",
        "new Date(NaN).toTemporalInstant()",
    ] {
        let answer = run(&mut context(), expression);
        assert!(answer.starts_with("RangeError: "), "{expression}: {answer}");
    }
    check("Temporal.PlainTime.from({ hour: -1, minute: 1e9 })", "00:59:00");
    check("Temporal.PlainDate.from({ year: 2020, month: 1e9, day: 1e9 })", "2020-12-31");
}

#[test]
fn missing_fields_are_told_before_fields_out_of_range() {
    check(
        "try { Temporal.PlainDateTime.from({ month: 1, day: 1, hour: 99 }, { overflow: 'reject' }) } catch (error) { error.name }",
        "TypeError",
    );
    check(
        "try { Temporal.PlainDate.from({ era: 'no such era', eraYear: 1, month: 1, calendar: 'gregory' }) } catch (error) { error.name }",
        "TypeError",
    );
}

#[test]
fn lunar_months_are_not_counted_over_ages() {
    let far = "const one = new Temporal.PlainDate(-200000, 1, 1, 'chinese'), two = new Temporal.PlainDate(200000, 1, 1, 'chinese');";
    for expression in [
        "one.until(two, { largestUnit: 'months' })",
        "one.since(two, { smallestUnit: 'months' })",
        "one.toPlainDateTime().until(two, { largestUnit: 'month' })",
        "one.toPlainYearMonth().until(two.toPlainYearMonth(), { largestUnit: 'months' })",
        "one.toZonedDateTime('UTC').until(two.toZonedDateTime('UTC'), { largestUnit: 'months' })",
        "new Temporal.Duration(0, 0, 0, 1e7).round({ relativeTo: one, largestUnit: 'months' })",
        "new Temporal.Duration(0, 0, 0, 1e7).round({ relativeTo: one, smallestUnit: 'months' })",
        "new Temporal.Duration(0, 2e6).round({ relativeTo: one, smallestUnit: 'days' })",
        "new Temporal.Duration(0, 0, 0, 1e7).total({ relativeTo: one, unit: 'months' })",
    ] {
        let answer = run(&mut context(), &format!("{far} {expression}"));
        assert_eq!(answer, "RangeError: Dates are too far apart to count their months", "{expression}");
    }
    check(&format!("{far} one.until(two, {{ largestUnit: 'years' }}).years"), "399999");
    check("new Temporal.PlainDate(2020, 1, 1, 'chinese').until('4020-01-01[u-ca=chinese]', { largestUnit: 'months' }).months", "24736");
}
