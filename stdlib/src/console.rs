//! console. <https://console.spec.whatwg.org/>
//!
//! Counts, timers and the depth of groups lie in a record (embedder root `CONSOLE`): 0 indentation, 1 counts, 2 timers; both are lists of
//! label, number.

use crate::inspect::format::format;
use crate::inspect::{Options, inspect, inspect_with};
use crate::platform::{LogLevel, log, try_platform};
use crate::webidl::prelude::*;

const INDENTATION: u32 = 0;
const COUNTS: u32 = 1;
const TIMERS: u32 = 2;
const GROUP_STEP: i32 = 2;
/// Deepest indentation of groups.
const DEEPEST: i32 = 1000;

fn state(cx: &mut Context) -> Ref<Values> {
    match cx.embedder_root(roots::CONSOLE).as_cell() {
        Some(state) => state,
        None => {
            let state = cx.heap.new_values_from(&[Value::ZERO, Value::UNDEFINED, Value::UNDEFINED]);
            cx.set_embedder_root(roots::CONSOLE, Value::cell(state));
            state
        }
    }
}

fn write(cx: &mut Context, level: LogLevel, text: &str) {
    let indentation = state(cx).get(&cx.heap, INDENTATION).as_int().unwrap_or(0) as usize;
    if indentation == 0 {
        return log(cx, level, text);
    }
    let lead = " ".repeat(indentation);
    let text = format!("{lead}{}", text.replace('\n', &format!("\n{lead}")));
    log(cx, level, &text);
}

// https://console.spec.whatwg.org/#logger
fn print(cx: &mut Context, level: LogLevel, data: &[Value]) -> Result<()> {
    let text = format(cx, data)?;
    write(cx, level, &text);
    Ok(())
}

/// A number kept under a label; changes it when `change` gives a new one, removes it for `None`.
fn labelled(cx: &mut Context, table: u32, label: &str, change: impl FnOnce(Option<f64>) -> Option<f64>) -> Option<f64> {
    let state = state(cx);
    let list = state.get(&cx.heap, table).as_cell::<Values>().unwrap_or_else(|| cx.heap.new_values(8));
    let found = (0..list.length(&cx.heap))
        .step_by(2)
        .find(|&at| list.get(&cx.heap, at).as_string().is_some_and(|known| known.equals_text(label, &cx.heap)));
    let old = found.and_then(|at| list.get(&cx.heap, at + 1).as_number());
    match (found, change(old)) {
        (Some(at), Some(number)) => list.set(&cx.heap, at + 1, Value::number(number)),
        (Some(at), None) => {
            list.set(&cx.heap, at, Value::HOLE);
            list.set(&cx.heap, at + 1, Value::HOLE);
        }
        (None, Some(number)) => {
            let label = cx.heap.new_string(label).value();
            let list = list.push(&cx.heap, label).push(&cx.heap, Value::number(number));
            state.set(&cx.heap, table, Value::cell(list));
        }
        (None, None) => {}
    }
    old
}

fn label_text(label: &Optional<DOMString>, cx: &Context) -> String {
    label.0.map_or_else(|| "default".to_string(), |label| label.to_text(cx))
}

fn now(cx: &mut Context) -> f64 {
    try_platform(cx).and_then(|platform| platform.monotonic_ms().ok()).unwrap_or(0.0)
}

fn duration(ms: f64) -> String {
    if ms >= 60_000.0 {
        return format!("{}:{:06.3} (m:ss.mmm)", (ms / 60_000.0).floor(), ms % 60_000.0 / 1000.0);
    }
    if ms >= 1000.0 { format!("{:.3}s", ms / 1000.0) } else { format!("{:.3}ms", ms).replace(".000ms", "ms") }
}

/// The console of the worker.
#[namespace(name = "console", class = class::CONSOLE)]
impl Console {
    #[method]
    fn log(cx: &mut Context, data: Rest<Value>) -> Result<()> {
        print(cx, LogLevel::Log, &data)
    }

    #[method]
    fn info(cx: &mut Context, data: Rest<Value>) -> Result<()> {
        print(cx, LogLevel::Info, &data)
    }

    #[method]
    fn debug(cx: &mut Context, data: Rest<Value>) -> Result<()> {
        print(cx, LogLevel::Debug, &data)
    }

    #[method]
    fn warn(cx: &mut Context, data: Rest<Value>) -> Result<()> {
        print(cx, LogLevel::Warn, &data)
    }

    #[method]
    fn error(cx: &mut Context, data: Rest<Value>) -> Result<()> {
        print(cx, LogLevel::Error, &data)
    }

    // https://console.spec.whatwg.org/#trace
    #[method]
    fn trace(cx: &mut Context, data: Rest<Value>) -> Result<()> {
        let text = format(cx, &data)?;
        let error = cx.new_error(mayfly_engine::ErrorKind::Error, "");
        let frames = mayfly_engine::realm::error::frames_text(cx, error);
        let head = if text.is_empty() { "Trace".to_string() } else { format!("Trace: {text}") };
        write(cx, LogLevel::Error, &(head + &frames));
        Ok(())
    }

    // https://console.spec.whatwg.org/#assert
    #[method]
    fn assert(cx: &mut Context, condition: Optional<bool>, data: Rest<Value>) -> Result<()> {
        if condition.unwrap_or(false) {
            return Ok(());
        }
        let text = match data.first().and_then(|first| first.as_string()) {
            Some(first) => {
                let first = cx.new_string(&format!("Assertion failed: {}", first.to_text(&cx.heap)));
                let mut all = vec![first];
                all.extend_from_slice(&data[1..]);
                format(cx, &all)?
            }
            None if data.is_empty() => "Assertion failed".to_string(),
            None => {
                let mut all = vec![cx.new_string("Assertion failed:")];
                all.extend_from_slice(&data);
                format(cx, &all)?
            }
        };
        write(cx, LogLevel::Warn, &text);
        Ok(())
    }

    // https://console.spec.whatwg.org/#dir
    #[method]
    fn dir(cx: &mut Context, item: Optional<Value>, options: Optional<Value>) -> Result<()> {
        let mut how = Options::default();
        if let Some(object) = options.unwrap_or(Value::UNDEFINED).as_object() {
            let (depth, hidden) = (cx.key("depth"), cx.key("showHidden"));
            let depth = cx.get(object, depth)?;
            if depth.is_null() {
                how.depth = usize::MAX;
            } else if let Some(depth) = depth.as_number() {
                how.depth = depth.max(0.0) as usize;
            }
            let hidden = cx.get(object, hidden)?;
            how.show_hidden = cx.to_boolean(hidden);
        }
        let text = inspect_with(cx, item.unwrap_or(Value::UNDEFINED), how);
        write(cx, LogLevel::Log, &text);
        Ok(())
    }

    #[method]
    fn dirxml(cx: &mut Context, data: Rest<Value>) -> Result<()> {
        print(cx, LogLevel::Log, &data)
    }

    // https://console.spec.whatwg.org/#table
    #[method]
    fn table(cx: &mut Context, data: Optional<Value>, columns: Optional<Vec<DOMString>>) -> Result<()> {
        let data = data.unwrap_or(Value::UNDEFINED);
        let Some(object) = data.as_object() else { return print(cx, LogLevel::Log, &[data]) };
        let columns = columns.0.map(|columns| columns.into_iter().map(|column| column.to_text(cx)).collect());
        let text = table::render(cx, object, columns)?;
        write(cx, LogLevel::Log, &text);
        Ok(())
    }

    // https://console.spec.whatwg.org/#group
    #[method]
    fn group(cx: &mut Context, data: Rest<Value>) -> Result<()> {
        if !data.is_empty() {
            print(cx, LogLevel::Log, &data)?;
        }
        let state = state(cx);
        let depth = state.get(&cx.heap, INDENTATION).as_int().unwrap_or(0);
        state.set(&cx.heap, INDENTATION, Value::int((depth + GROUP_STEP).min(DEEPEST)));
        Ok(())
    }

    #[method]
    fn group_collapsed(cx: &mut Context, data: Rest<Value>) -> Result<()> {
        Console::group(cx, data)
    }

    #[method]
    fn group_end(cx: &mut Context) -> Result<()> {
        let state = state(cx);
        let depth = state.get(&cx.heap, INDENTATION).as_int().unwrap_or(0);
        state.set(&cx.heap, INDENTATION, Value::int((depth - GROUP_STEP).max(0)));
        Ok(())
    }

    // https://console.spec.whatwg.org/#clear
    #[method]
    fn clear(cx: &mut Context) -> Result<()> {
        state(cx).set(&cx.heap, INDENTATION, Value::ZERO);
        Ok(())
    }

    // https://console.spec.whatwg.org/#count
    #[method]
    fn count(cx: &mut Context, label: Optional<DOMString>) -> Result<()> {
        let label = label_text(&label, cx);
        let count = labelled(cx, COUNTS, &label, |old| Some(old.unwrap_or(0.0) + 1.0)).unwrap_or(0.0) + 1.0;
        write(cx, LogLevel::Info, &format!("{label}: {count}"));
        Ok(())
    }

    #[method]
    fn count_reset(cx: &mut Context, label: Optional<DOMString>) -> Result<()> {
        let label = label_text(&label, cx);
        if labelled(cx, COUNTS, &label, |_| None).is_none() {
            write(cx, LogLevel::Warn, &format!("Count for '{label}' does not exist"));
        }
        Ok(())
    }

    // https://console.spec.whatwg.org/#time
    #[method]
    fn time(cx: &mut Context, label: Optional<DOMString>) -> Result<()> {
        let label = label_text(&label, cx);
        let now = now(cx);
        if labelled(cx, TIMERS, &label, |old| Some(old.unwrap_or(now))).is_some() {
            write(cx, LogLevel::Warn, &format!("Label '{label}' already exists for console.time()"));
        }
        Ok(())
    }

    #[method]
    fn time_log(cx: &mut Context, label: Optional<DOMString>, data: Rest<Value>) -> Result<()> {
        let label = label_text(&label, cx);
        let now = now(cx);
        match labelled(cx, TIMERS, &label, |old| old) {
            Some(start) => {
                let mut text = format!("{label}: {}", duration(now - start));
                for value in data.iter() {
                    text.push(' ');
                    text.push_str(&match value.as_string() {
                        Some(string) => string.to_text(&cx.heap),
                        None => inspect(cx, *value),
                    });
                }
                write(cx, LogLevel::Info, &text);
            }
            None => write(cx, LogLevel::Warn, &format!("No such label '{label}' for console.timeLog()")),
        }
        Ok(())
    }

    #[method]
    fn time_end(cx: &mut Context, label: Optional<DOMString>) -> Result<()> {
        let label = label_text(&label, cx);
        let now = now(cx);
        match labelled(cx, TIMERS, &label, |_| None) {
            Some(start) => write(cx, LogLevel::Info, &format!("{label}: {}", duration(now - start))),
            None => write(cx, LogLevel::Warn, &format!("No such label '{label}' for console.timeEnd()")),
        }
        Ok(())
    }
}

/// Gives `console` its own empty prototype. <https://console.spec.whatwg.org/#console-namespace>
pub fn install(cx: &mut Context) -> Result<()> {
    let console = cx.intrinsic(Intrinsic::embedder(2 * class::CONSOLE + 1));
    let prototype = cx.new_plain_object();
    cx.set_prototype_of(console, Some(prototype))?;
    Ok(())
}

/// Tables of `console.table`.
mod table {
    use super::*;
    use mayfly_engine::object::EnumerableKind;

    const INDEX: &str = "(index)";
    const ITERATION_INDEX: &str = "(iteration index)";
    const VALUES: &str = "Values";
    /// Most rows.
    const MOST_ROWS: usize = 10_000;

    /// Table of a Map: keys and values.
    fn render_map(cx: &mut Context, map: Object) -> Result<String> {
        let titles = [ITERATION_INDEX, "Key", VALUES].map(str::to_string);
        let mut lines = Vec::new();
        for (i, pair) in cx.iterator_to_list(map.value())?.into_iter().take(MOST_ROWS).enumerate() {
            let mut line = vec![i.to_string()];
            for part in 0..2 {
                let value = match pair.as_object() {
                    Some(pair) => cx.get(pair, PropertyKey::index(part))?,
                    None => Value::UNDEFINED,
                };
                line.push(inspect(cx, value));
            }
            lines.push(line);
        }
        Ok(draw(&titles, &lines))
    }

    /// Rows of an object: name and value of each.
    fn rows(cx: &mut Context, object: Object) -> Result<(&'static str, Vec<(String, Value)>)> {
        if object.is(&cx.heap, Kind::Set) {
            let values = cx.iterator_to_list(object.value())?;
            let named = values.into_iter().take(MOST_ROWS).enumerate().map(|(i, value)| (i.to_string(), value)).collect();
            return Ok((ITERATION_INDEX, named));
        }
        let names = cx.enumerable_own_properties(object, EnumerableKind::Keys)?;
        let mut named = Vec::new();
        for name in names.into_iter().take(MOST_ROWS) {
            let property = cx.to_property_key(name)?;
            let value = cx.get(object, property)?;
            named.push((property.to_text(&cx.heap), value));
        }
        Ok((INDEX, named))
    }

    pub fn render(cx: &mut Context, object: Object, wanted: Option<Vec<String>>) -> Result<String> {
        if object.is(&cx.heap, Kind::Map) {
            return render_map(cx, object);
        }
        let (index_title, rows) = rows(cx, object)?;
        let mut columns: Vec<String> = wanted.clone().unwrap_or_default();
        let mut any_plain = false;
        let mut cells: Vec<(String, Vec<(String, String)>, Option<String>)> = Vec::new();
        for (name, value) in rows {
            let mut row = Vec::new();
            let mut plain = None;
            match value.as_object().filter(|object| !object.is_callable(&cx.heap)) {
                Some(inner) => {
                    for column in cx.enumerable_own_properties(inner, EnumerableKind::Keys)? {
                        let property = cx.to_property_key(column)?;
                        let column = property.to_text(&cx.heap);
                        if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&column)) {
                            continue;
                        }
                        if !columns.contains(&column) {
                            columns.push(column.clone());
                        }
                        let value = cx.get(inner, property)?;
                        let shown = inspect_with(cx, value, Options { depth: 0, ..Options::default() });
                        row.push((column, shown));
                    }
                }
                None => {
                    any_plain = true;
                    plain = Some(inspect(cx, value));
                }
            }
            cells.push((name, row, plain));
        }
        // As keys of an object: indices first, in order.
        if wanted.is_none() {
            columns.sort_by_key(|column| column.parse::<u32>().map_or(u64::MAX, u64::from));
        }
        let mut titles = vec![index_title.to_string()];
        titles.extend(columns.iter().cloned());
        if any_plain {
            titles.push(VALUES.to_string());
        }
        let mut lines = Vec::new();
        for (name, row, plain) in cells {
            let mut line = vec![name];
            for column in &columns {
                line.push(row.iter().find(|(known, _)| known == column).map_or_else(String::new, |(_, shown)| shown.clone()));
            }
            if any_plain {
                line.push(plain.unwrap_or_default());
            }
            lines.push(line);
        }
        Ok(draw(&titles, &lines))
    }

    fn draw(titles: &[String], lines: &[Vec<String>]) -> String {
        let width = |text: &String| text.chars().count();
        let widths: Vec<usize> = (0..titles.len())
            .map(|i| lines.iter().filter_map(|line| line.get(i)).chain(titles.get(i)).map(width).max().unwrap_or(0) + 2)
            .collect();
        let rule = |left: &str, middle: &str, right: &str| {
            let parts: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
            format!("{left}{}{right}", parts.join(middle))
        };
        let row = |cells: &[String]| {
            let parts: Vec<String> =
                cells.iter().zip(&widths).map(|(cell, width_of)| format!(" {cell}{}", " ".repeat(width_of - 1 - width(cell)))).collect();
            format!("│{}│", parts.join("│"))
        };
        let mut text = vec![rule("┌", "┬", "┐"), row(titles), rule("├", "┼", "┤")];
        text.extend(lines.iter().map(|line| row(line)));
        text.push(rule("└", "┴", "┘"));
        text.join("\n")
    }
}
