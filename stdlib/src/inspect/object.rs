//! Objects by kind.

use super::Inspector;
use super::layout::Entries;
use super::primitive::{number_text, quoted};
use crate::class;
use crate::fetch::pair_iterator;
use crate::webidl::class_of;
use hashbrown::HashMap;
use mayfly_engine::builtins::promise::{self, PromiseState};
use mayfly_engine::builtins::typed_array;
use mayfly_engine::heap::{Kind, Values};
use mayfly_engine::object::Object;
use mayfly_engine::realm::Intrinsic;
use mayfly_engine::string::atoms::{key, symbol};
use mayfly_engine::string::{PropertyKey, Units};
use mayfly_engine::value::{Type, Value};

/// Most bytes of a buffer.
const MOST_BYTES: usize = 50;

/// What an object looks like, but for its own properties.
struct Frame {
    base: String,
    open: String,
    close: &'static str,
    entries: Entries,
    output: Vec<String>,
}

/// `Name(size) [tag] `, with a note where there is no constructor.
fn prefix(constructor: Option<&str>, tag: &str, fallback: &str, size: &str) -> String {
    match constructor {
        None if !tag.is_empty() && tag != fallback => format!("[{fallback}{size}: null prototype] [{tag}] "),
        None => format!("[{fallback}{size}: null prototype] "),
        Some(name) if !tag.is_empty() && tag != name => format!("{name}{size} [{tag}] "),
        Some(name) => format!("{name}{size} "),
    }
}

impl Inspector<'_> {
    pub(super) fn object(&mut self, object: Object, depth: usize) -> String {
        let mut object = object;
        // A proxy is shown as its target.
        while object.is(&self.cx.heap, Kind::Proxy) {
            match object.internal(&self.cx.heap, 0).as_object() {
                Some(target) if !object.internal(&self.cx.heap, 1).is_null() => object = target,
                _ => return "<Revoked Proxy>".to_string(),
            }
        }
        if self.seen.contains(&object) {
            let index = self.circular.iter().position(|known| *known == object).unwrap_or_else(|| {
                self.circular.push(object);
                self.circular.len() - 1
            });
            return format!("[Circular *{}]", index + 1);
        }
        self.raw(object, depth)
    }

    /// The element of an array-like, without running anything.
    pub(super) fn element_quietly(&self, object: Object, index: u32) -> Value {
        let heap = &self.cx.heap;
        if object.is(heap, Kind::TypedArray) {
            return typed_array::load_element(heap, object, index).unwrap_or(Value::UNDEFINED);
        }
        object.own_element(heap, index).map_or(Value::UNDEFINED, |element| element.value)
    }

    /// Name of the constructor that the object is an instance of; `None` without prototype.
    pub(super) fn constructor_name(&mut self, object: Object) -> Option<String> {
        let mut holder = Some(object);
        while let Some(current) = holder {
            if current.is(&self.cx.heap, Kind::Proxy) {
                return None;
            }
            if let Ok(Some(property)) = self.cx.get_own_property(current, key::constructor)
                && let Some(constructor) = property.value.and_then(Value::as_object)
                && !constructor.is(&self.cx.heap, Kind::Proxy)
                && let Ok(Some(name)) = self.cx.get_own_property(constructor, key::name)
                && let Some(name) = name.value.and_then(Value::as_string)
                && !name.is_empty(&self.cx.heap)
                && self.inherits(object, constructor)
            {
                return Some(name.to_text(&self.cx.heap));
            }
            holder = current.shape(&self.cx.heap).prototype(&self.cx.heap);
        }
        None
    }

    fn inherits(&mut self, object: Object, constructor: Object) -> bool {
        let Ok(Some(property)) = self.cx.get_own_property(constructor, key::prototype) else { return false };
        let Some(prototype) = property.value.and_then(Value::as_object) else { return false };
        let mut holder = object.shape(&self.cx.heap).prototype(&self.cx.heap);
        while let Some(current) = holder {
            if current == prototype {
                return true;
            }
            holder = current.shape(&self.cx.heap).prototype(&self.cx.heap);
        }
        false
    }

    /// `Symbol.toStringTag` when it is a string that is no own enumerable property.
    fn tag(&mut self, object: Object) -> String {
        let mut holder = Some(object);
        while let Some(current) = holder {
            if current.is(&self.cx.heap, Kind::Proxy) {
                break;
            }
            if let Ok(Some(property)) = self.cx.get_own_property(current, symbol::to_string_tag) {
                if current == object && property.enumerable == Some(true) {
                    break;
                }
                let value = match property.get {
                    // Classes commonly say it by a getter, which Node runs too.
                    Some(getter) if self.cx.is_callable(getter) => match self.cx.call(getter, object.value(), &[]) {
                        Ok(value) => Some(value),
                        Err(_) => {
                            self.cx.take_exception();
                            None
                        }
                    },
                    _ => property.value,
                };
                return value.and_then(Value::as_string).map_or_else(String::new, |tag| tag.to_text(&self.cx.heap));
            }
            holder = current.shape(&self.cx.heap).prototype(&self.cx.heap);
        }
        String::new()
    }

    /// Own keys to show: enumerable ones, without indices for array-likes.
    fn keys(&mut self, object: Object, without_indices: bool) -> Vec<PropertyKey> {
        let Ok(all) = self.cx.own_keys(object) else {
            self.cx.take_exception();
            return Vec::new();
        };
        let mut keys = Vec::new();
        for name in all {
            if without_indices && (name.is_index() || (name == key::length && !self.options.show_hidden)) {
                continue;
            }
            let enumerable = matches!(self.cx.get_own_property(object, name), Ok(Some(property)) if property.enumerable == Some(true));
            if enumerable || (self.options.show_hidden && !name.is_symbol(&self.cx.heap)) {
                keys.push(name);
            }
        }
        keys
    }

    fn raw(&mut self, object: Object, depth: usize) -> String {
        let constructor = self.constructor_name(object);
        let constructor = constructor.as_deref();
        let mut tag = self.tag(object);
        if constructor == Some(tag.as_str()) {
            tag.clear();
        }
        let kind = object.kind(&self.cx.heap);
        let array_like = matches!(kind, Kind::Array | Kind::TypedArray)
            || (kind == Kind::PrimitiveWrapper && object.internal(&self.cx.heap, 0).is_string());
        let mut keys = self.keys(object, array_like);
        let mut frame = Frame { base: String::new(), open: "{".to_string(), close: "}", entries: Entries::Properties, output: Vec::new() };
        if let Some(done) = self.describe(object, kind, constructor, &tag, &mut keys, &mut frame, depth) {
            return done;
        }
        if depth > self.options.depth || self.exhausted() {
            let fallback = if kind == Kind::Array { "Array" } else { "Object" };
            let name = prefix(constructor, &tag, fallback, "");
            return format!("[{}]", name.trim_end());
        }
        self.seen.push(object);
        self.current_depth = depth;
        let inner = depth + 1;
        self.contents(object, kind, &mut frame, inner);
        for name in keys {
            let entry = self.property(object, name, inner);
            frame.output.push(entry);
        }
        self.attributes(object, kind, &mut frame, inner);
        self.seen.pop();
        if let Some(index) = self.circular.iter().position(|known| *known == object) {
            let reference = format!("<ref *{}>", index + 1);
            frame.base = if frame.base.is_empty() { reference } else { format!("{reference} {}", frame.base) };
        }
        if frame.output.is_empty() {
            let lead = if frame.base.is_empty() { String::new() } else { format!("{} ", frame.base) };
            return format!("{lead}{}{}", frame.open, frame.close);
        }
        self.join(frame.output, &frame.base, (&frame.open, frame.close), frame.entries, depth, object)
    }

    /// Head of an object; the whole text when there is no more to it.
    #[allow(clippy::too_many_arguments)]
    fn describe(
        &mut self,
        object: Object,
        kind: Kind,
        constructor: Option<&str>,
        tag: &str,
        keys: &mut Vec<PropertyKey>,
        frame: &mut Frame,
        depth: usize,
    ) -> Option<String> {
        let bare = keys.is_empty();
        match kind {
            Kind::Array => {
                let length = object.array_length(&self.cx.heap);
                let lead = if constructor != Some("Array") || !tag.is_empty() {
                    prefix(constructor, tag, "Array", &format!("({length})"))
                } else {
                    String::new()
                };
                frame.open = format!("{lead}[");
                frame.close = "]";
                frame.entries = Entries::Elements;
                if length == 0 && bare {
                    return Some(format!("{}]", frame.open));
                }
            }
            Kind::TypedArray => {
                let length = typed_array::View::of(&self.cx.heap, object).map_or(0, |view| view.length);
                frame.open = format!("{}[", prefix(constructor, tag, "TypedArray", &format!("({length})")));
                frame.close = "]";
                frame.entries = Entries::Elements;
                if length == 0 && bare {
                    return Some(format!("{}]", frame.open));
                }
            }
            Kind::Map | Kind::Set => {
                let name = if kind == Kind::Map { "Map" } else { "Set" };
                let size = self.pairs(object).len() / 2;
                frame.open = format!("{}{{", prefix(constructor, tag, name, &format!("({size})")));
                if size == 0 && bare {
                    return Some(format!("{}}}", frame.open));
                }
            }
            Kind::Arguments => {
                frame.open = "[Arguments] {".to_string();
                if bare {
                    return Some("[Arguments] {}".to_string());
                }
            }
            _ if object.is_callable(&self.cx.heap) => {
                frame.base = self.function(object, constructor, tag);
                if bare {
                    return Some(std::mem::take(&mut frame.base));
                }
            }
            Kind::RegExp => {
                let text =
                    |slot| object.internal(&self.cx.heap, slot).as_string().map_or_else(String::new, |text| text.to_text(&self.cx.heap));
                let base = format!("/{}/{}", escape_source(&text(1)), text(2));
                return self.based(base, constructor, tag, "RegExp", bare, frame, depth);
            }
            Kind::Date => {
                let time = object.internal(&self.cx.heap, 0).as_number().unwrap_or(f64::NAN);
                let base = if time.is_nan() { "Invalid Date".to_string() } else { self.iso_date(object) };
                return self.based(base, constructor, tag, "Date", bare, frame, depth);
            }
            Kind::Error => {
                frame.base = self.error(object, constructor, keys);
                if keys.is_empty() {
                    return Some(std::mem::take(&mut frame.base));
                }
            }
            Kind::PrimitiveWrapper => {
                let value = object.internal(&self.cx.heap, 0);
                let name = match value.type_of() {
                    Type::String => "String",
                    Type::Number => "Number",
                    Type::Boolean => "Boolean",
                    Type::BigInt => "BigInt",
                    _ => "Symbol",
                };
                let note = match constructor {
                    None => " (null prototype)".to_string(),
                    Some(other) if other != name => format!(" ({other})"),
                    Some(_) => String::new(),
                };
                let indentation = std::mem::replace(&mut self.indentation, 0);
                let shown = self.primitive(value);
                self.indentation = indentation;
                let tag = if tag.is_empty() || constructor == Some(tag) { String::new() } else { format!(" [{tag}]") };
                frame.base = format!("[{name}{note}: {shown}]{tag}");
                if bare {
                    return Some(std::mem::take(&mut frame.base));
                }
            }
            Kind::ArrayBuffer | Kind::SharedArrayBuffer => {
                let name = if kind == Kind::ArrayBuffer { "ArrayBuffer" } else { "SharedArrayBuffer" };
                frame.open = format!("{}{{", prefix(constructor, tag, name, ""));
            }
            Kind::DataView => frame.open = format!("{}{{", prefix(constructor, tag, "DataView", "")),
            Kind::Promise => frame.open = format!("{}{{", prefix(constructor, tag, "Promise", "")),
            Kind::WeakSet => frame.open = format!("{}{{", prefix(constructor, tag, "WeakSet", "")),
            Kind::WeakMap => frame.open = format!("{}{{", prefix(constructor, tag, "WeakMap", "")),
            Kind::WeakRef => frame.open = format!("{}{{", prefix(constructor, tag, "WeakRef", "")),
            Kind::ModuleNamespace => frame.open = "[Module: null prototype] {".to_string(),
            Kind::MapIterator | Kind::SetIterator | Kind::Generator | Kind::AsyncGenerator => {
                frame.open = format!("Object [{}] {{", if tag.is_empty() { "Iterator" } else { tag });
                if bare && matches!(kind, Kind::Generator | Kind::AsyncGenerator) {
                    return Some(format!("{}}}", frame.open));
                }
            }
            Kind::Platform | Kind::PlatformLarge => {
                frame.open = format!("{}{{", prefix(constructor, tag, "Object", ""));
            }
            _ => {
                if constructor == Some("Object") && tag.is_empty() {
                    if bare {
                        return Some("{}".to_string());
                    }
                } else {
                    frame.open = format!("{}{{", prefix(constructor, tag, "Object", ""));
                    if bare {
                        return Some(format!("{}}}", frame.open));
                    }
                }
            }
        }
        None
    }

    #[allow(clippy::too_many_arguments)]
    fn based(
        &mut self,
        base: String,
        constructor: Option<&str>,
        tag: &str,
        name: &str,
        bare: bool,
        frame: &mut Frame,
        depth: usize,
    ) -> Option<String> {
        let lead = prefix(constructor, tag, name, "");
        frame.base = if lead.trim_end() == name { base } else { lead + &base };
        if bare || depth > self.options.depth { Some(std::mem::take(&mut frame.base)) } else { None }
    }

    fn iso_date(&mut self, date: Object) -> String {
        // The intrinsic's own method: nothing of the script runs.
        let prototype = self.cx.intrinsic(Intrinsic::DatePrototype);
        let name = self.cx.key("toISOString");
        let method = self.cx.get_own_property(prototype, name).ok().flatten().and_then(|property| property.value);
        let native = method.and_then(Value::as_object).is_some_and(|method| method.is(&self.cx.heap, Kind::NativeFunction));
        match method {
            Some(method) if native => match self.cx.call(method, date.value(), &[]) {
                Ok(text) => self.cx.display(text),
                Err(_) => {
                    self.cx.take_exception();
                    "Invalid Date".to_string()
                }
            },
            _ => format!("Date({})", self.cx.display(date.internal(&self.cx.heap, 0))),
        }
    }

    fn function(&mut self, function: Object, constructor: Option<&str>, tag: &str) -> String {
        let name = match self.cx.get_own_property(function, key::name) {
            Ok(Some(property)) => property.value.and_then(Value::as_string).map_or_else(String::new, |name| name.to_text(&self.cx.heap)),
            _ => String::new(),
        };
        let source = mayfly_engine::realm::function::source_text(self.cx, function);
        let source = source.map_or_else(String::new, |source| source.to_text(&self.cx.heap));
        if function.is(&self.cx.heap, Kind::Closure) && source.starts_with("class") {
            let shown = if name.is_empty() { "(anonymous)".to_string() } else { name };
            let mut text = format!("[class {shown}");
            if constructor.is_none_or(|constructor| constructor != "Function") && constructor.is_some() {
                text.push_str(&format!(" [{}]", constructor.unwrap_or_default()));
            }
            match function.shape(&self.cx.heap).prototype(&self.cx.heap) {
                None => text.push_str(" extends null"),
                Some(parent) if parent.is_callable(&self.cx.heap) => {
                    if let Ok(Some(property)) = self.cx.get_own_property(parent, key::name)
                        && let Some(name) = property.value.and_then(Value::as_string)
                        && !name.is_empty(&self.cx.heap)
                    {
                        text.push_str(&format!(" extends {}", name.to_text(&self.cx.heap)));
                    }
                }
                Some(_) => {}
            }
            return text + "]";
        }
        let kind = constructor
            .filter(|name| matches!(*name, "AsyncFunction" | "GeneratorFunction" | "AsyncGeneratorFunction"))
            .unwrap_or("Function");
        let mut text = format!("[{kind}");
        if constructor.is_none() {
            text.push_str(" (null prototype)");
        }
        text.push_str(&if name.is_empty() { " (anonymous)".to_string() } else { format!(": {name}") });
        text.push(']');
        if let Some(constructor) = constructor
            && constructor != kind
            && constructor != "Function"
        {
            text.push_str(&format!(" {constructor}"));
        }
        if !tag.is_empty() && constructor != Some(tag) {
            text.push_str(&format!(" [{tag}]"));
        }
        text
    }

    /// Live (key, value) pairs of a Map or Set, flattened.
    fn pairs(&self, object: Object) -> Vec<Value> {
        let heap = &self.cx.heap;
        let Some(list) = object.internal(heap, 0).as_cell::<Values>() else { return Vec::new() };
        let mut pairs = Vec::new();
        for at in (0..list.length(heap)).step_by(2) {
            let name = list.get(heap, at);
            if !name.is_hole() {
                pairs.push(name);
                pairs.push(list.get(heap, at + 1));
            }
        }
        pairs
    }

    fn nested(&mut self, value: Value, depth: usize) -> String {
        self.indentation += 2;
        let text = self.value(value, depth);
        self.indentation -= 2;
        text
    }

    fn more(&self, rest: usize, what: &str) -> String {
        format!("... {rest} more {what}{}", if rest > 1 { "s" } else { "" })
    }

    /// Entries that are no properties.
    fn contents(&mut self, object: Object, kind: Kind, frame: &mut Frame, depth: usize) {
        let most = self.options.max_array_length;
        match kind {
            Kind::Array => self.elements(object, frame, depth),
            Kind::TypedArray => {
                let length = typed_array::View::of(&self.cx.heap, object).map_or(0, |view| view.length) as usize;
                for i in 0..length.min(most) {
                    let element = self.element_quietly(object, i as u32);
                    let text = self.primitive(element);
                    frame.output.push(text);
                }
                if length > most {
                    frame.output.push(self.more(length - most, "item"));
                }
            }
            Kind::Map => {
                let pairs = self.pairs(object);
                let size = pairs.len() / 2;
                for pair in pairs.chunks_exact(2).take(most) {
                    let name = self.nested(pair[0], depth);
                    let value = self.nested(pair[1], depth);
                    frame.output.push(format!("{name} => {value}"));
                }
                if size > most {
                    frame.output.push(self.more(size - most, "item"));
                }
            }
            Kind::Set => {
                let pairs = self.pairs(object);
                let size = pairs.len() / 2;
                for pair in pairs.chunks_exact(2).take(most) {
                    let text = self.nested(pair[0], depth);
                    frame.output.push(text);
                }
                if size > most {
                    frame.output.push(self.more(size - most, "item"));
                }
            }
            Kind::Promise => {
                let text = match promise::state(self.cx, object) {
                    (PromiseState::Pending, _) => "<pending>".to_string(),
                    (PromiseState::Fulfilled, value) => self.nested(value, depth),
                    (PromiseState::Rejected, reason) => format!("<rejected> {}", self.nested(reason, depth)),
                };
                frame.output.push(text);
            }
            Kind::WeakSet | Kind::WeakMap => frame.output.push("<items unknown>".to_string()),
            Kind::WeakRef => {
                let target = object.internal(&self.cx.heap, 0);
                let text = if target.is_object() { self.nested(target, depth) } else { "<cleared>".to_string() };
                frame.output.push(text);
            }
            Kind::ArrayBuffer | Kind::SharedArrayBuffer => self.buffer(object, frame),
            Kind::DataView => {
                let length = typed_array::byte_range(&self.cx.heap, object.value()).map_or(0, |(_, length)| length);
                frame.output.push(format!("byteLength: {length}"));
                frame.output.push(format!("byteOffset: {}", self.cx.display(object.internal(&self.cx.heap, 1))));
                if let Some(buffer) = typed_array::buffer_of(&self.cx.heap, object.value()) {
                    let text = self.nested(buffer.value(), depth);
                    frame.output.push(format!("buffer: {text}"));
                }
            }
            _ => {}
        }
    }

    fn buffer(&mut self, object: Object, frame: &mut Frame) {
        if typed_array::view::is_detached(&self.cx.heap, object) {
            frame.output.push("(detached)".to_string());
            frame.output.push("byteLength: 0".to_string());
            return;
        }
        let bytes = typed_array::bytes(&self.cx.heap, object.value()).unwrap_or(&[]);
        let shown: Vec<String> = bytes.iter().take(MOST_BYTES).map(|byte| format!("{byte:02x}")).collect();
        let mut text = shown.join(" ");
        if bytes.len() > MOST_BYTES {
            text.push_str(&format!(" {}", self.more(bytes.len() - MOST_BYTES, "byte")));
        }
        frame.output.push(format!("[Uint8Contents]: <{text}>"));
        frame.output.push(format!("byteLength: {}", bytes.len()));
    }

    fn elements(&mut self, object: Object, frame: &mut Frame, depth: usize) {
        let length = object.array_length(&self.cx.heap);
        let most = self.options.max_array_length;
        let mut index = 0;
        while index < length && frame.output.len() < most && !self.exhausted() {
            if self.is_hole(object, index) {
                // Sparse arrays can be long: the next element is looked up rather than stepped to.
                let next = if object.has_sparse_elements(&self.cx.heap) {
                    object.element_indices(&self.cx.heap).into_iter().filter(|&known| known >= index).min().unwrap_or(length)
                } else {
                    (index..length.min(object.dense_length(&self.cx.heap))).find(|&at| !self.is_hole(object, at)).unwrap_or(length)
                };
                let next = next.min(length);
                let count = next - index;
                frame.output.push(format!("<{count} empty item{}>", if count > 1 { "s" } else { "" }));
                index = next;
                continue;
            }
            let entry = self.property_value(object, PropertyKey::index(index), depth);
            frame.output.push(entry);
            index += 1;
        }
        if index < length {
            frame.output.push(self.more((length - index) as usize, "item"));
        }
    }

    fn is_hole(&self, object: Object, index: u32) -> bool {
        object.own_element(&self.cx.heap, index).is_none()
    }

    /// Value of a property, accessors by name.
    fn property_value(&mut self, object: Object, name: PropertyKey, depth: usize) -> String {
        let property = match self.cx.get_own_property(object, name) {
            Ok(Some(property)) => property,
            Ok(None) => return "undefined".to_string(),
            Err(_) => {
                // An uninitialised binding of a module.
                self.cx.take_exception();
                return "<uninitialized>".to_string();
            }
        };
        if let Some(value) = property.value {
            return self.nested(value, depth);
        }
        let callable = |value: Option<Value>| value.is_some_and(Value::is_object);
        match (callable(property.get), callable(property.set)) {
            (true, true) => "[Getter/Setter]",
            (true, false) => "[Getter]",
            (false, true) => "[Setter]",
            (false, false) => "undefined",
        }
        .to_string()
    }

    fn property(&mut self, object: Object, name: PropertyKey, depth: usize) -> String {
        let value = self.property_value(object, name, depth);
        let enumerable = matches!(self.cx.get_own_property(object, name), Ok(Some(property)) if property.enumerable == Some(true));
        format!("{}: {value}", self.key_text(name, enumerable))
    }

    fn key_text(&self, name: PropertyKey, enumerable: bool) -> String {
        let heap = &self.cx.heap;
        let text = name.to_text(heap);
        if name.is_symbol(heap) {
            return format!("[{text}]");
        }
        if text == "__proto__" {
            return "['__proto__']".to_string();
        }
        if !enumerable {
            return format!("[{text}]");
        }
        let mut characters = text.chars();
        let plain = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && characters.all(|character| character.is_ascii_alphanumeric() || character == '_');
        if plain {
            return text;
        }
        match name.as_atom(heap) {
            Some(atom) => quoted(atom.units(heap)),
            None => format!("'{text}'"),
        }
    }

    /// Headers, URLSearchParams, FormData: their pairs. Values of the same name stand together, but where they are a list of pairs.
    fn pair_list(&mut self, object: Object, number: u32, frame: &mut Frame, depth: usize) {
        let Ok(pairs) = pair_iterator::all(self.cx, object) else {
            self.cx.take_exception();
            return;
        };
        let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
        // Position of each name: forms and headers of thousands of fields come from outside.
        let mut known: HashMap<String, usize> = HashMap::new();
        for (name, value) in pairs {
            let name = name.to_text(&self.cx.heap);
            match known.get(&name) {
                Some(&at) if number != class::URL_SEARCH_PARAMS => groups[at].1.push(value),
                _ => {
                    known.insert(name.clone(), groups.len());
                    groups.push((name, vec![value]));
                }
            }
        }
        let most = self.options.max_array_length;
        let size = groups.len();
        for (name, values) in groups.into_iter().take(most) {
            let value = match values[..] {
                [value] => self.nested(value, depth),
                _ if number == class::HEADERS => {
                    let texts: Vec<String> = values.iter().map(|value| self.cx.display(*value)).collect();
                    quoted(Units::Utf16(&texts.join(", ").encode_utf16().collect::<Vec<u16>>()))
                }
                _ => {
                    let list = self.cx.new_array(&values);
                    self.nested(list.value(), depth)
                }
            };
            frame.output.push(if number == class::URL_SEARCH_PARAMS {
                let name: Vec<u16> = name.encode_utf16().collect();
                format!("{} => {value}", quoted(Units::Utf16(&name)))
            } else {
                let key = self.cx.key(&name);
                format!("{}: {value}", self.key_text(key, true))
            });
        }
        if size > most {
            frame.output.push(self.more(size - most, "item"));
        }
    }

    /// Attributes of platform objects: native getters of their classes' prototypes.
    fn attributes(&mut self, object: Object, kind: Kind, frame: &mut Frame, depth: usize) {
        if !matches!(kind, Kind::Platform | Kind::PlatformLarge) {
            return;
        }
        let Some(number) = class_of(self.cx, object) else { return };
        if matches!(number, class::HEADERS | class::URL_SEARCH_PARAMS | class::FORM_DATA) {
            return self.pair_list(object, number, frame, depth);
        }
        let mut holder = Some(self.cx.intrinsic(Intrinsic::embedder(2 * number)));
        let stop = self.cx.intrinsic(Intrinsic::ObjectPrototype);
        while let Some(prototype) = holder {
            if prototype == stop {
                break;
            }
            for name in self.cx.own_keys(prototype).unwrap_or_default() {
                let text = name.to_text(&self.cx.heap);
                // Reading `body` makes a stream of what may be plain bytes; handlers say nothing.
                if name.is_symbol(&self.cx.heap) || text == "body" || text.starts_with("on") || is_event_alias(number, &text) {
                    continue;
                }
                let Ok(Some(property)) = self.cx.get_own_property(prototype, name) else { continue };
                let Some(getter) = property.get.and_then(Value::as_object) else { continue };
                if !getter.is(&self.cx.heap, Kind::NativeFunction) {
                    continue;
                }
                let value = match self.cx.call(getter.value(), object.value(), &[]) {
                    Ok(value) => value,
                    Err(_) => {
                        self.cx.take_exception();
                        continue;
                    }
                };
                let value = self.nested(value, depth);
                let entry = format!("{}: {value}", self.key_text(name, true));
                frame.output.push(entry);
            }
            holder = prototype.shape(&self.cx.heap).prototype(&self.cx.heap);
        }
    }
}

/// Attributes of events that say what others say already.
fn is_event_alias(number: u32, name: &str) -> bool {
    class::derives(number, class::EVENT) && matches!(name, "srcElement" | "cancelBubble" | "returnValue")
}

/// A pattern as between slashes.
fn escape_source(source: &str) -> String {
    if source.is_empty() { "(?:)".to_string() } else { source.to_string() }
}

/// A number for `%d` and tables.
pub(super) fn number(cx: &mayfly_engine::context::Context, value: Value) -> String {
    number_text(cx, value)
}
