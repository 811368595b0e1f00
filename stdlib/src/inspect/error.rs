//! Error objects.

use super::Inspector;
use crate::class;
use crate::dom_exception;
use crate::webidl::is_instance;
use mayfly_engine::context::Context;
use mayfly_engine::heap::Kind;
use mayfly_engine::object::Object;
use mayfly_engine::string::PropertyKey;
use mayfly_engine::string::atoms::key;
use mayfly_engine::value::Value;

/// `name: message` of an error; other values as V8's messages show them.
pub fn error_header(cx: &mut Context, value: Value) -> String {
    match value.as_object() {
        Some(error) if is_instance(cx, value, class::DOM_EXCEPTION) => {
            let (name, message) = (dom_exception::name(cx, error), dom_exception::message(cx, error));
            if message.is_empty() { name } else { format!("{name}: {message}") }
        }
        Some(error) if error.is(&cx.heap, Kind::Error) => mayfly_engine::realm::error::header(cx, error),
        _ => cx.display(value),
    }
}

impl Inspector<'_> {
    /// A string property somewhere on the chain, read without running anything.
    fn data_text(&mut self, object: Object, name: PropertyKey) -> Option<String> {
        let mut holder = Some(object);
        while let Some(current) = holder {
            if current.is(&self.cx.heap, Kind::Proxy) {
                return None;
            }
            if let Ok(Some(property)) = self.cx.get_own_property(current, name) {
                return property.value.and_then(Value::as_string).map(|text| text.to_text(&self.cx.heap));
            }
            holder = current.shape(&self.cx.heap).prototype(&self.cx.heap);
        }
        None
    }

    /// The stack, with the class's name where that says more; `keys` loses what the stack shows already, and gains cause and errors.
    pub(super) fn error(&mut self, error: Object, constructor: Option<&str>, keys: &mut Vec<PropertyKey>) -> String {
        let is_dom_exception = is_instance(self.cx, error.value(), class::DOM_EXCEPTION);
        let name = if is_dom_exception { Some(dom_exception::name(self.cx, error)) } else { self.data_text(error, key::name) };
        let name = name.unwrap_or_else(|| "Error".to_string());
        let own_stack = matches!(self.cx.get_own_property(error, key::stack), Ok(Some(_)));
        let stack = if own_stack || !error.is(&self.cx.heap, Kind::Error) {
            self.data_text(error, key::stack)
        } else {
            mayfly_engine::realm::error::stack(self.cx, error).as_string().map(|text| text.to_text(&self.cx.heap))
        };
        let stack = stack.filter(|stack| !stack.is_empty());
        let mut stack = stack.unwrap_or_else(|| error_header(self.cx, error.value()));
        for shown in [key::name, key::message, key::stack] {
            if let Some(at) = keys.iter().position(|known| *known == shown) {
                let text = self.data_text(error, shown).unwrap_or_default();
                if stack.contains(&text) {
                    keys.remove(at);
                }
            }
        }
        for hidden in [key::cause, key::errors] {
            let own = matches!(self.cx.get_own_property(error, hidden), Ok(Some(_)));
            if own && !keys.contains(&hidden) {
                keys.push(hidden);
            }
        }
        // The name that the stack begins with, unless it tells the class already.
        if let Some(class) = constructor
            && class != name
            && (name.ends_with("Error") || is_dom_exception)
            && let Some(rest) = stack.strip_prefix(&name)
            && (rest.is_empty() || rest.starts_with(':') || rest.starts_with('\n'))
        {
            stack = if class.contains(&name) { format!("{class}{rest}") } else { format!("{class} [{name}]{rest}") };
        }
        let mut start = 0;
        if let Some(message) = self.data_text(error, key::message)
            && let Some(at) = stack.find(&message)
        {
            start = at + message.len();
        }
        if !stack[start..].contains("\n    at") {
            stack = format!("[{stack}]");
        }
        if self.indentation > 0 {
            stack = stack.replace('\n', &format!("\n{}", " ".repeat(self.indentation)));
        }
        stack
    }
}
