//! Values as text for people, the way Node's `console.log` shows them.
//!
//! [`inspect`] shows a value with the defaults (two levels of nesting, lines of 80), [`inspect_with`] with [`Options`]. Getters and proxies'
//! traps are not run; only attributes of platform objects are read.

mod error;
pub mod format;
mod layout;
mod object;
mod primitive;

pub use error::error_header;
pub use primitive::quoted;

use mayfly_engine::context::Context;
use mayfly_engine::object::Object;
use mayfly_engine::value::Value;

/// How values are shown.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Levels of nesting that are shown.
    pub depth: usize,
    /// Non-enumerable properties too.
    pub show_hidden: bool,
    /// Width of lines that are broken.
    pub break_length: usize,
    /// Innermost levels that share a line.
    pub compact: usize,
    /// Most elements of arrays, sets, maps.
    pub max_array_length: usize,
    /// Most code units of strings.
    pub max_string_length: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { depth: 2, show_hidden: false, break_length: 80, compact: 3, max_array_length: 100, max_string_length: 10_000 }
    }
}

/// Deepest nesting whatever the options say: the inspector recurses natively.
const DEEPEST: usize = 100;

/// State of one inspection.
pub(crate) struct Inspector<'c> {
    pub cx: &'c mut Context,
    pub options: Options,
    /// Objects being shown, outermost first.
    pub seen: Vec<Object>,
    /// Objects that contain themselves, in the order found.
    pub circular: Vec<Object>,
    pub indentation: usize,
    pub current_depth: usize,
    /// Text left before the rest is cut: values can be exponentially larger than their graph.
    pub budget: usize,
}

/// Most characters of one inspection.
const BUDGET: usize = 8 << 20;

/// Shows a value with the default options.
pub fn inspect(cx: &mut Context, value: Value) -> String {
    inspect_with(cx, value, Options::default())
}

/// Shows a value.
pub fn inspect_with(cx: &mut Context, value: Value, options: Options) -> String {
    let options = Options { depth: options.depth.min(DEEPEST), ..options };
    let mut inspector = Inspector { cx, options, seen: Vec::new(), circular: Vec::new(), indentation: 0, current_depth: 0, budget: BUDGET };
    inspector.value(value, 0)
}

impl Inspector<'_> {
    /// Shows a value `depth` levels down.
    pub fn value(&mut self, value: Value, depth: usize) -> String {
        if self.cx.spend_fuel(1).is_err() {
            // The instance is being stopped: no more text.
            self.budget = 0;
            return String::new();
        }
        let text = match value.as_object() {
            Some(object) => self.object(object, depth),
            None => self.primitive(value),
        };
        self.budget = self.budget.saturating_sub(text.len());
        text
    }

    /// Whether no more text should be made.
    pub fn exhausted(&self) -> bool {
        self.budget == 0
    }
}
