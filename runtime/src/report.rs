//! Uncaught errors for people: message, the user's own frames, and an excerpt of the code.

use std::fmt::Write;

use hashbrown::HashMap;
use mayfly_engine::heap::Kind;
use mayfly_engine::realm::error::{FramePosition, frames};
use mayfly_engine::{Context, Object, Value};

use crate::source_map::{Place, SourceMap};

/// Widest excerpt, in characters: minified code has very long lines.
const EXCERPT_WIDTH: usize = 120;
/// Most links of a chain of causes.
const MOST_CAUSES: usize = 4;
/// Most errors of an AggregateError.
const MOST_ERRORS: usize = 4;

/// An uncaught error.
#[derive(Clone, Debug, Default)]
pub struct ErrorReport {
    /// `TypeError: x is not a function`; of values that are no errors, the value.
    pub message: String,
    /// Frames, innermost first.
    pub frames: Vec<FramePosition>,
    /// Text of `stack` where it says more than the frames: syntax errors.
    pub details: Option<Box<str>>,
    /// What else people have hung on the error, as an object's text.
    pub properties: Option<Box<str>>,
    /// The error's `cause`, if it has one.
    pub cause: Option<Box<ErrorReport>>,
    /// The first of an AggregateError's `errors`.
    pub errors: Vec<ErrorReport>,
}

impl ErrorReport {
    /// A report without frames.
    pub fn message(message: impl Into<String>) -> ErrorReport {
        ErrorReport { message: message.into(), ..ErrorReport::default() }
    }

    /// Describes a value that was thrown. Runs none of the worker's code.
    pub fn new(cx: &mut Context, thrown: Value) -> ErrorReport {
        describe(cx, thrown, MOST_CAUSES)
    }

    /// The report with places in the files that people wrote, where the modules' source maps know them.
    pub fn mapped(mut self, maps: &HashMap<String, SourceMap>) -> ErrorReport {
        if maps.is_empty() {
            return self;
        }
        for frame in &mut self.frames {
            let place = maps.get(&frame.file).and_then(|map| map.find(frame.line, frame.column));
            if let Some(Place { file, line, column, source_line }) = place {
                *frame = FramePosition { function: frame.function.take(), file, line, column, source_line };
            }
        }
        self.cause = self.cause.map(|cause| Box::new(cause.mapped(maps)));
        self.errors = self.errors.into_iter().map(|error| error.mapped(maps)).collect();
        self
    }

    /// The innermost frame that has a place in the user's code.
    pub fn place(&self) -> Option<&FramePosition> {
        self.frames.iter().find(|frame| frame.line > 0)
    }

    /// Text for terminals and logs.
    pub fn text(&self) -> String {
        let mut text = match &self.details {
            Some(details) => details.to_string(),
            None => format!("{}{}", self.message, self.body()),
        };
        if let Some(properties) = &self.properties {
            let _ = write!(text, "\n    with {}", properties.replace('\n', "\n    "));
        }
        if let Some(cause) = &self.cause {
            let _ = write!(text, "\nCaused by: {}", cause.text());
        }
        for error in &self.errors {
            let _ = write!(text, "\nOne of its errors: {}", error.text());
        }
        text
    }

    /// Excerpt and frames, each line after a line feed.
    fn body(&self) -> String {
        let mut text = String::new();
        if let Some(frame) = self.place() {
            let (code, caret) = excerpt(frame);
            let margin = frame.line.to_string();
            let space = " ".repeat(margin.len());
            let _ = write!(text, "\n{space}--> {}:{}:{}", frame.file, frame.line, frame.column);
            // Source maps need not hold the text.
            if !frame.source_line.is_empty() {
                let _ = write!(text, "\n{space} |\n{margin} | {code}\n{space} | {}^", " ".repeat(caret));
            }
        }
        for frame in &self.frames {
            let _ = write!(text, "\n    at {}", place_text(frame));
        }
        text
    }

    /// A page for browsers, for use while developing.
    pub fn html(&self, title: &str) -> String {
        let mut page = String::from("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
        page.push_str(&escape(title));
        page.push_str(STYLE);
        let _ = writeln!(page, "<h1>{}</h1>", escape(title));
        self.html_part(&mut page);
        page.push_str(
            "<footer>Mayfly development page. With <code>--production</code> only a plain message is sent.</footer>\n</body></html>\n",
        );
        page
    }

    fn html_part(&self, page: &mut String) {
        let _ = writeln!(page, "<p class=\"message\">{}</p>", escape(&self.message));
        if let Some(details) = &self.details {
            let _ = writeln!(page, "<pre>{}</pre>", escape(details));
        } else {
            if let Some(frame) = self.place() {
                let (code, caret) = excerpt(frame);
                let _ = writeln!(page, "<p class=\"place\">{}:{}:{}</p>", escape(&frame.file), frame.line, frame.column);
                if !frame.source_line.is_empty() {
                    let _ = writeln!(page, "<pre class=\"code\">{}\n{}<b>^</b></pre>", escape(&code), " ".repeat(caret));
                }
            }
            if !self.frames.is_empty() {
                page.push_str("<pre class=\"stack\">");
                for frame in &self.frames {
                    let _ = writeln!(page, "    at {}", escape(&place_text(frame)));
                }
                page.push_str("</pre>\n");
            }
        }
        if let Some(properties) = &self.properties {
            let _ = writeln!(page, "<pre>with {}</pre>", escape(properties));
        }
        if let Some(cause) = &self.cause {
            page.push_str("<h2>Caused by</h2>\n");
            cause.html_part(page);
        }
        for error in &self.errors {
            page.push_str("<h2>One of its errors</h2>\n");
            error.html_part(page);
        }
    }
}

const STYLE: &str = "</title>\n<style>body{font:16px/1.5 system-ui,sans-serif;margin:3em auto;max-width:60em;padding:0 1em}h1{font-size:1.3em}\
.message{font-weight:600;color:#b00020;white-space:pre-wrap}.place{color:#666;margin-bottom:0}pre{background:#f4f4f4;padding:1em;overflow-x:auto}\
b{color:#b00020}footer{color:#888;font-size:.8em;margin-top:3em}</style></head><body>\n";

fn place_text(frame: &FramePosition) -> String {
    let place = if frame.line == 0 { frame.file.clone() } else { format!("{}:{}:{}", frame.file, frame.line, frame.column) };
    match &frame.function {
        Some(name) => format!("{name} ({place})"),
        None => place,
    }
}

/// The frame's line of code, cut to a readable width, and the characters before the column.
fn excerpt(frame: &FramePosition) -> (String, usize) {
    let units_before = (frame.column as usize).saturating_sub(1);
    let mut units = 0;
    let line: Vec<char> = frame.source_line.trim_end().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let at = line
        .iter()
        .position(|c| {
            let here = units >= units_before;
            units += c.len_utf16();
            here
        })
        .unwrap_or(line.len());
    let from = if line.len() <= EXCERPT_WIDTH { 0 } else { at.saturating_sub(EXCERPT_WIDTH / 2) };
    (line.iter().skip(from).take(EXCERPT_WIDTH).collect(), at - from)
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// Own data property of an object, read without running anything.
fn own_data(cx: &Context, object: Object, name: &str) -> Option<Value> {
    let property = object.shape(&cx.heap).lookup(&cx.heap, cx.key(name))?;
    let special = mayfly_engine::object::attribute::ACCESSOR | mayfly_engine::object::attribute::LAZY;
    (property.attributes & special == 0).then(|| object.slot_value(&cx.heap, property.slot))
}

/// Element of an array, read without running anything.
fn own_element(cx: &Context, array: Object, index: u32) -> Option<Value> {
    let element = array.own_element(&cx.heap, index)?;
    (element.attributes & mayfly_engine::object::attribute::ACCESSOR == 0).then_some(element.value)
}

/// What else people have hung on an error (`code`, `status`), as text.
fn properties(cx: &mut Context, error: Object) -> Option<String> {
    let shown = cx.new_plain_object();
    let mut is_bare = true;
    for key in cx.own_keys(error).ok()? {
        let known = ["name", "message", "stack", "cause", "errors"];
        if known.contains(&key.to_text(&cx.heap).as_str()) {
            continue;
        }
        if let Ok(Some(property)) = cx.get_own_property(error, key)
            && property.enumerable == Some(true)
            && let Some(value) = property.value
        {
            cx.create_data_property_or_throw(shown, key, value).ok()?;
            is_bare = false;
        }
    }
    (!is_bare).then(|| mayfly_stdlib::inspect::inspect(cx, shown.value()))
}

fn describe(cx: &mut Context, thrown: Value, causes: usize) -> ErrorReport {
    let Some(error) = thrown.as_object().filter(|object| object.is(&cx.heap, Kind::Error)) else {
        return ErrorReport::message(mayfly_stdlib::inspect::inspect(cx, thrown));
    };
    let message = mayfly_stdlib::inspect::error_header(cx, thrown);
    let frames = frames(cx, error);
    // Syntax errors of files keep place and excerpt in their stack; so may errors whose stack the worker wrote itself.
    let stack = own_data(cx, error, "stack").unwrap_or_else(|| mayfly_engine::realm::error::stack(cx, error));
    let details = stack.as_string().map(|text| text.to_text(&cx.heap)).filter(|stack| frames.is_empty() && stack.len() > message.len());
    let cause = match own_data(cx, error, "cause") {
        Some(cause) if causes > 0 && cause != thrown => Some(Box::new(describe(cx, cause, causes - 1))),
        _ => None,
    };
    let errors = match own_data(cx, error, "errors").and_then(Value::as_object) {
        Some(errors) if causes > 0 && errors.is(&cx.heap, Kind::Array) => {
            let count = errors.array_length(&cx.heap).min(MOST_ERRORS as u32);
            let found: Vec<Value> = (0..count).filter_map(|at| own_element(cx, errors, at)).collect();
            // They show no errors of their own: the text would grow with a power of the depth.
            found.into_iter().filter(|&error| error != thrown).map(|error| describe(cx, error, 0)).collect()
        }
        _ => Vec::new(),
    };
    let properties = properties(cx, error);
    let (details, properties) = (details.map(String::into_boxed_str), properties.map(String::into_boxed_str));
    ErrorReport { message, frames, details, properties, cause, errors }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(column: u32, source_line: &str) -> FramePosition {
        FramePosition { function: Some("f".into()), file: "a.js".into(), line: 3, column, source_line: source_line.into() }
    }

    #[test]
    fn text_points_at_the_column() {
        let report = ErrorReport { message: "Error: no".into(), frames: vec![frame(3, "\tthrow x;\r")], ..ErrorReport::default() };
        assert_eq!(report.text(), "Error: no\n --> a.js:3:3\n  |\n3 |  throw x;\n  |   ^\n    at f (a.js:3:3)");
    }

    #[test]
    fn columns_count_utf16_units() {
        assert_eq!(excerpt(&frame(4, "a😀b")), ("a😀b".to_string(), 2));
        assert_eq!(excerpt(&frame(99, "ab")), ("ab".to_string(), 2));
        let (code, caret) = excerpt(&frame(5001, &format!("{}!{}", "a".repeat(5000), "b".repeat(5000))));
        assert_eq!((code.len(), code.find('!')), (EXCERPT_WIDTH, Some(caret)));
    }

    #[test]
    fn html_is_escaped() {
        let report = ErrorReport { message: "Error: <script>".into(), frames: vec![frame(1, "a<b&&c")], ..ErrorReport::default() };
        let page = report.html("<500>");
        assert!(!page.contains("<script>") && !page.contains("<500>"));
        assert!(page.contains("a&lt;b&amp;&amp;c"));
    }

    #[test]
    fn causes_follow() {
        let report = ErrorReport { cause: Some(Box::new(ErrorReport::message("Error: inner"))), ..ErrorReport::message("Error: outer") };
        assert_eq!(report.text(), "Error: outer\nCaused by: Error: inner");
    }
}
