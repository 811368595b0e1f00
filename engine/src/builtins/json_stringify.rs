//! Writing JSON text. https://tc39.es/ecma262/#sec-json.stringify
//!
//! One serializer for all cases. Where an object is ordinary and no code can run (no `toJSON`, no replacer, no getter), its properties come
//! from a list made once per shape, with names already quoted; everything else goes through the abstract operations.

use std::rc::Rc;

use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::context::Context;
use crate::heap::{Heap, Kind, object_flag};
use crate::native::{Result, Thrown};
use crate::object::{EnumerableKind, Object, attribute};
use crate::string::atoms::{EMPTY, key};
use crate::string::{JsString, PropertyKey, StringBuilder, Units};
use crate::value::{Type, Value};

/// Appends a string as a JSON string literal.
// 25.5.4.3 QuoteJSONString ( value ), https://tc39.es/ecma262/#sec-quotejsonstring
fn quote(out: &mut StringBuilder, units: Units<'_>) {
    out.push_byte(b'"');
    match units {
        Units::Latin1(bytes) => {
            let mut rest = bytes;
            while let Some(at) = rest.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
                out.push_units(Units::Latin1(&rest[..at]));
                push_escape(out, u16::from(rest[at]));
                rest = &rest[at + 1..];
            }
            out.push_units(Units::Latin1(rest));
        }
        Units::Utf16(wide) => {
            let mut rest = wide;
            let special = |unit: u16| unit < 0x20 || unit == 0x22 || unit == 0x5C || (0xD800..0xE000).contains(&unit);
            while let Some(at) = rest.iter().position(|&unit| special(unit)) {
                out.push_units(Units::Utf16(&rest[..at]));
                let pair = Units::Utf16(&rest[at..]).code_point_at(0).1 == 2;
                if pair {
                    out.push_units(Units::Utf16(&rest[at..at + 2]));
                } else {
                    push_escape(out, rest[at]);
                }
                rest = &rest[at + if pair { 2 } else { 1 }..];
            }
            out.push_units(Units::Utf16(rest));
        }
    }
    out.push_byte(b'"');
}

fn push_escape(out: &mut StringBuilder, unit: u16) {
    let short = match unit {
        0x08 => b'b',
        0x09 => b't',
        0x0A => b'n',
        0x0C => b'f',
        0x0D => b'r',
        0x22 => b'"',
        0x5C => b'\\',
        // UnicodeEscape: lower-case digits.
        _ => return out.push_str(&format!("\\u{unit:04x}")),
    };
    out.push_byte(b'\\');
    out.push_byte(short);
}

fn push_int(out: &mut StringBuilder, int: i32) {
    let mut digits = [0u8; 11];
    let mut at = digits.len();
    let mut rest = int.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if int < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    out.push_units(Units::Latin1(&digits[at..]));
}

/// A property of a shape, ready to be written.
struct Entry {
    key: PropertyKey,
    slot: u32,
    /// Whether the slot holds the value itself.
    is_plain: bool,
    /// The quoted name and the colon.
    label: StringBuilder,
}

/// The enumerable string-keyed properties of a shape, in order.
type Layout = Rc<Vec<Entry>>;

/// How the properties of an object are found.
enum Plan {
    /// From the layout of its shape.
    Layout(Layout),
    /// From its shape, whose layout is not worth making yet: key, slot, whether the slot holds the value.
    Shape(SmallVec<[(PropertyKey, u32, bool); 16]>),
    /// By the abstract operations.
    Generic,
}

struct Serializer {
    out: StringBuilder,
    replacer: Option<Object>,
    property_list: Option<Vec<PropertyKey>>,
    gap: StringBuilder,
    depth: usize,
    /// Keys that lead to the objects of `cx.cycle_stack` above `base`.
    path: SmallVec<[PropertyKey; 16]>,
    base: usize,
    /// Layouts by shape offset. Shapes never change, except dictionaries, which are not kept.
    layouts: HashMap<u32, Layout>,
    /// Shapes seen once: a layout is made when a shape comes again.
    seen: SmallVec<[u32; 16]>,
    /// Shapes whose objects were found to have no `toJSON`, while the epoch stays.
    without_to_json: SmallVec<[u32; 32]>,
    epoch: u32,
    unpaid: u32,
}

// 25.5.4 JSON.stringify ( value [ , replacer [ , space ] ] ), https://tc39.es/ecma262/#sec-json.stringify
pub(super) fn stringify(cx: &mut Context, value: Value, replacer: Value, space: Value) -> Result<Option<JsString>> {
    let mut serializer = Serializer {
        out: StringBuilder::Latin1(Vec::with_capacity(256)),
        replacer: None,
        property_list: None,
        gap: StringBuilder::new(),
        depth: 0,
        path: SmallVec::new(),
        base: cx.cycle_stack.len(),
        layouts: HashMap::new(),
        seen: SmallVec::new(),
        without_to_json: SmallVec::new(),
        epoch: cx.heap.shape_epoch(),
        unpaid: 0,
    };
    if let Some(object) = replacer.as_object() {
        if object.is_callable(&cx.heap) {
            serializer.replacer = Some(object);
        } else if cx.is_array(replacer)? {
            serializer.property_list = Some(property_list(cx, object)?);
        }
    }
    serializer.gap = gap(cx, space)?;
    // The wrapper can be seen by a replacer function only.
    let holder = match serializer.replacer {
        Some(_) => {
            let wrapper = cx.new_plain_object();
            wrapper.add_property(&cx.heap, PropertyKey::atom(EMPTY), value, attribute::ALL);
            Some(wrapper)
        }
        None => None,
    };
    let outcome = match serializer.prepare(cx, holder, PropertyKey::atom(EMPTY), value) {
        Ok(Some(value)) => serializer.value(cx, PropertyKey::atom(EMPTY), value).map(|()| true),
        Ok(None) => Ok(false),
        Err(thrown) => Err(thrown),
    };
    // Errors leave objects behind.
    cx.cycle_stack.truncate(serializer.base);
    if !outcome? {
        return Ok(None);
    }
    cx.spend_fuel(u64::from(serializer.unpaid))?;
    super::string::finish(cx, serializer.out).map(Some)
}

/// Step 5.b: the keys that an array as replacer lists.
fn property_list(cx: &mut Context, array: Object) -> Result<Vec<PropertyKey>> {
    let mut list: Vec<PropertyKey> = Vec::new();
    let mut seen = hashbrown::HashSet::new();
    for index in 0..cx.length_of_array_like(array)? {
        cx.spend_fuel(1)?;
        let name = cx.heap.number_key(index);
        let item = cx.get(array, name)?;
        let wraps_text = |object: Object| {
            object.is(&cx.heap, Kind::PrimitiveWrapper) && {
                let value = object.internal(&cx.heap, 0);
                value.is_string() || value.is_number()
            }
        };
        if item.is_string() || item.is_number() || item.as_object().is_some_and(wraps_text) {
            let text = cx.to_string(item)?;
            let name = cx.heap.string_key(text);
            if seen.insert(name) {
                list.push(name);
            }
        }
    }
    Ok(list)
}

/// Steps 6 to 9: what one level of indentation is.
fn gap(cx: &mut Context, space: Value) -> Result<StringBuilder> {
    let mut space = space;
    if let Some(object) = space.as_object()
        && object.is(&cx.heap, Kind::PrimitiveWrapper)
    {
        let inner = object.internal(&cx.heap, 0);
        if inner.is_number() {
            space = Value::number(cx.to_number(space)?);
        } else if inner.is_string() {
            space = cx.to_string(space)?.value();
        }
    }
    let mut gap = StringBuilder::new();
    if space.is_number() {
        let count = cx.to_integer_or_infinity(space)?.clamp(0.0, 10.0) as usize;
        gap.push_units(Units::Latin1(&b"          "[..count]));
    } else if let Some(text) = space.as_string() {
        gap.push_units(text.units(&cx.heap).window(0, 10));
    }
    Ok(gap)
}

impl Serializer {
    // 25.5.4.2 SerializeJSONProperty ( state, key, holder ), https://tc39.es/ecma262/#sec-serializejsonproperty (steps 2 to 4)
    /// The value to be written for a property, after toJSON and replacer; `None` where the property is left out.
    #[inline]
    fn prepare(&mut self, cx: &mut Context, holder: Option<Object>, name: PropertyKey, value: Value) -> Result<Option<Value>> {
        let mut value = value;
        if value.is_object() || value.is_bigint() {
            value = self.apply_to_json(cx, name, value)?;
        }
        if let Some(replacer) = self.replacer {
            let holder = holder.map_or(Value::UNDEFINED, Object::value);
            let name = name.to_value(&cx.heap);
            value = cx.call(replacer.value(), holder, &[name, value])?;
        }
        if let Some(object) = value.as_object() {
            match object.kind(&cx.heap) {
                Kind::Object | Kind::Array => {}
                Kind::PrimitiveWrapper => value = unwrap(cx, object)?,
                Kind::RawJson => {}
                _ if object.is_callable(&cx.heap) => return Ok(None),
                _ => {}
            }
        }
        match value.type_of() {
            Type::Undefined | Type::Symbol | Type::Internal => Ok(None),
            _ => Ok(Some(value)),
        }
    }

    fn apply_to_json(&mut self, cx: &mut Context, name: PropertyKey, value: Value) -> Result<Value> {
        if let Some(object) = value.as_object()
            && self.lacks_to_json(cx, object)
        {
            return Ok(value);
        }
        let method = cx.get_v(value, key::to_json)?;
        if !cx.is_callable(method) {
            return Ok(value);
        }
        let name = name.to_value(&cx.heap);
        cx.call(method, value, &[name])
    }

    /// OPTIMIZATION: whether looking `toJSON` up finds nothing and runs no code, by shape. Structural changes of prototypes advance the
    /// epoch, which forgets what is known.
    fn lacks_to_json(&mut self, cx: &Context, object: Object) -> bool {
        let heap = &cx.heap;
        if heap.shape_epoch() != self.epoch {
            self.epoch = heap.shape_epoch();
            self.without_to_json.clear();
        }
        let shape = object.shape(heap).offset();
        if self.without_to_json.contains(&shape) {
            return true;
        }
        let mut holder = Some(object);
        while let Some(next) = holder {
            // An ordinary object's lookup depends on its shape alone; String.prototype and Array.prototype are exotic for other keys.
            if !matches!(next.kind(heap), Kind::Object | Kind::Array) || next.has_flag(heap, object_flag::EXOTIC) {
                return false;
            }
            let shape = next.shape(heap);
            if shape.lookup(heap, key::to_json).is_some() || (next != object && !next.has_flag(heap, object_flag::PROTOTYPE)) {
                return false;
            }
            holder = shape.prototype(heap);
        }
        if !object.shape(heap).is_dictionary(heap) {
            if self.without_to_json.len() >= 32 {
                self.without_to_json.clear();
            }
            self.without_to_json.push(shape);
        }
        true
    }

    // 25.5.4.2 SerializeJSONProperty ( state, key, holder ), https://tc39.es/ecma262/#sec-serializejsonproperty (steps 5 to 12)
    /// Writes a prepared value.
    fn value(&mut self, cx: &mut Context, name: PropertyKey, value: Value) -> Result<()> {
        if let Some(int) = value.as_int() {
            push_int(&mut self.out, int);
            return Ok(());
        }
        if let Some(string) = value.as_string() {
            quote(&mut self.out, string.units(&cx.heap));
            self.unpaid += 1 + string.length(&cx.heap) / 64;
            return self.pay(cx);
        }
        match value.type_of() {
            Type::Null => self.out.push_str("null"),
            Type::Boolean => self.out.push_str(if value == Value::TRUE { "true" } else { "false" }),
            Type::Number => match value.as_number() {
                Some(number) if number.is_finite() => crate::numeric::push_number(&mut self.out, number),
                _ => self.out.push_str("null"),
            },
            Type::BigInt => return Err(cx.throw_type_error("Do not know how to serialize a BigInt")),
            _ => {
                if let Some(object) = value.as_object() {
                    return self.object_or_array(cx, name, object);
                }
            }
        }
        Ok(())
    }

    fn pay(&mut self, cx: &mut Context) -> Result<()> {
        if self.unpaid > 1000 {
            super::string::check_length(cx, self.out.len() as u64)?;
            // The text is outside the heap until it is complete.
            cx.reserve(self.out.len() as u64)?;
            cx.spend_fuel(u64::from(std::mem::take(&mut self.unpaid)))?;
        }
        Ok(())
    }

    fn object_or_array(&mut self, cx: &mut Context, name: PropertyKey, object: Object) -> Result<()> {
        if object.is(&cx.heap, Kind::RawJson) {
            if let Some(text) = object.internal(&cx.heap, 0).as_string() {
                self.out.push_string(&cx.heap, text);
            }
            return Ok(());
        }
        cx.check_native_stack()?;
        if cx.cycle_stack[self.base..].contains(&object) {
            return Err(self.circular(cx, name, object));
        }
        cx.cycle_stack.push(object);
        self.path.push(name);
        self.depth += 1;
        if cx.is_array(object.value())? {
            self.array(cx, object)?;
        } else {
            self.object(cx, object)?;
        }
        self.depth -= 1;
        self.path.pop();
        cx.cycle_stack.pop();
        self.unpaid += 1;
        self.pay(cx)
    }

    /// Begins a line inside an array or object, where there is a gap.
    fn new_line(&mut self, depth: usize) {
        if self.gap.is_empty() {
            return;
        }
        self.out.push_byte(b'\n');
        for _ in 0..depth {
            self.out.push_units(self.gap.units());
        }
    }

    // 25.5.4.4 SerializeJSONObject ( state, value ), https://tc39.es/ecma262/#sec-serializejsonobject
    fn object(&mut self, cx: &mut Context, object: Object) -> Result<()> {
        self.out.push_byte(b'{');
        let mut any = false;
        match self.plan(cx, object) {
            Plan::Layout(layout) => {
                let shape = object.shape(&cx.heap);
                for entry in layout.iter() {
                    // Code that ran meanwhile may have changed the object.
                    let value = if entry.is_plain && object.shape(&cx.heap) == shape {
                        object.slot_value(&cx.heap, entry.slot)
                    } else {
                        cx.get(object, entry.key)?
                    };
                    if let Some(value) = self.prepare(cx, Some(object), entry.key, value)? {
                        self.begin_member(&mut any);
                        self.out.push_units(entry.label.units());
                        if !self.gap.is_empty() {
                            self.out.push_byte(b' ');
                        }
                        self.value(cx, entry.key, value)?;
                    }
                }
            }
            Plan::Shape(properties) => {
                let shape = object.shape(&cx.heap);
                for (name, slot, is_plain) in properties {
                    let value =
                        if is_plain && object.shape(&cx.heap) == shape { object.slot_value(&cx.heap, slot) } else { cx.get(object, name)? };
                    self.member(cx, object, name, value, &mut any)?;
                }
            }
            Plan::Generic => {
                let keys = match &self.property_list {
                    Some(list) => list.clone(),
                    None => {
                        let mut keys = Vec::new();
                        for name in cx.enumerable_own_properties(object, EnumerableKind::Keys)? {
                            keys.push(cx.to_property_key(name)?);
                        }
                        keys
                    }
                };
                for name in keys {
                    let value = cx.get(object, name)?;
                    self.member(cx, object, name, value, &mut any)?;
                    self.unpaid += 1;
                }
            }
        }
        if any {
            self.new_line(self.depth - 1);
        }
        self.out.push_byte(b'}');
        Ok(())
    }

    /// Writes a member, unless its value leaves it out.
    fn member(&mut self, cx: &mut Context, object: Object, name: PropertyKey, value: Value, any: &mut bool) -> Result<()> {
        if let Some(value) = self.prepare(cx, Some(object), name, value)? {
            self.begin_member(any);
            push_label(&mut self.out, &cx.heap, name);
            if !self.gap.is_empty() {
                self.out.push_byte(b' ');
            }
            self.value(cx, name, value)?;
        }
        Ok(())
    }

    fn begin_member(&mut self, any: &mut bool) {
        if *any {
            self.out.push_byte(b',');
        }
        *any = true;
        self.new_line(self.depth);
    }

    /// How to go through an object: by its shape when it is ordinary, has no elements or names of large indices, and all its
    /// properties are to be written.
    fn plan(&mut self, cx: &Context, object: Object) -> Plan {
        let heap = &cx.heap;
        if self.property_list.is_some()
            || !object.is(heap, Kind::Object)
            || object.has_flag(heap, object_flag::EXOTIC)
            || object.has_elements(heap)
        {
            return Plan::Generic;
        }
        let shape = object.shape(heap);
        if shape.is_dictionary(heap) {
            return Plan::Generic;
        }
        if let Some(known) = self.layouts.get(&shape.offset()) {
            return Plan::Layout(known.clone());
        }
        let mut properties = SmallVec::new();
        let mut in_order = true;
        shape.for_each(heap, |key, property| {
            if property.attributes & attribute::ENUMERABLE != 0 && !key.is_symbol(heap) {
                in_order &= !key.is_large_index(heap);
                let is_plain = property.attributes & (attribute::ACCESSOR | attribute::LAZY) == 0;
                properties.push((key, property.slot, is_plain));
            }
        });
        // Names of large array indices come first, wherever the shape has them.
        if !in_order {
            return Plan::Generic;
        }
        if !self.seen.contains(&shape.offset()) {
            if self.seen.len() == self.seen.inline_size() {
                self.seen.clear();
            }
            self.seen.push(shape.offset());
            return Plan::Shape(properties);
        }
        let entry = |(key, slot, is_plain): (PropertyKey, u32, bool)| {
            let mut label = StringBuilder::new();
            push_label(&mut label, heap, key);
            Entry { key, slot, is_plain, label }
        };
        let layout = Rc::new(properties.into_iter().map(entry).collect::<Vec<_>>());
        if self.layouts.len() >= 1024 {
            self.layouts.clear();
        }
        self.layouts.insert(shape.offset(), layout.clone());
        Plan::Layout(layout)
    }

    // 25.5.4.5 SerializeJSONArray ( state, value ), https://tc39.es/ecma262/#sec-serializejsonarray
    fn array(&mut self, cx: &mut Context, array: Object) -> Result<()> {
        self.out.push_byte(b'[');
        let length =
            if array.is(&cx.heap, Kind::Array) { u64::from(array.array_length(&cx.heap)) } else { cx.length_of_array_like(array)? };
        let mut any = false;
        for index in 0..length {
            // A dense element that is there can be read without lookup. Code that runs between elements may change the array.
            let dense = match u32::try_from(index) {
                Ok(index) if array.is(&cx.heap, Kind::Array) => array.dense_element(&cx.heap, index),
                _ => None,
            };
            let name = cx.heap.number_key(index);
            let value = match dense {
                Some(value) => value,
                None => cx.get(array, name)?,
            };
            let value = self.prepare(cx, Some(array), name, value)?;
            self.begin_member(&mut any);
            match value {
                Some(value) => self.value(cx, name, value)?,
                None => self.out.push_str("null"),
            }
            self.unpaid += 1;
            self.pay(cx)?;
        }
        if any {
            self.new_line(self.depth - 1);
        }
        self.out.push_byte(b']');
        Ok(())
    }

    /// The TypeError for an object that contains itself: the way from it back to it, as V8 shows it.
    #[cold]
    fn circular(&mut self, cx: &mut Context, closing: PropertyKey, object: Object) -> Thrown {
        const SHOWN_FIRST: usize = 2;
        let objects: Vec<Object> = cx.cycle_stack[self.base..].to_vec();
        let start = objects.iter().position(|&known| known == object).unwrap_or(0);
        let step = |cx: &Context, name: PropertyKey| match name.as_index() {
            Some(index) => format!("index {index}"),
            None => format!("property '{}'", name.to_text(&cx.heap)),
        };
        let mut message =
            format!("Converting circular structure to JSON\n    --> starting at object with constructor {}", constructor_name(cx, object));
        let steps = &objects[start + 1..];
        for (i, &next) in steps.iter().enumerate() {
            if i >= SHOWN_FIRST && i + 1 < steps.len() {
                if i == SHOWN_FIRST {
                    message.push_str("\n    |     ...");
                }
                continue;
            }
            let name = self.path[start + 1 + i];
            message.push_str(&format!("\n    |     {} -> object with constructor {}", step(cx, name), constructor_name(cx, next)));
        }
        message.push_str(&format!("\n    --- {} closes the circle", step(cx, closing)));
        cx.throw_type_error(&message)
    }
}

/// The quoted name of a property and its colon.
fn push_label(out: &mut StringBuilder, heap: &Heap, name: PropertyKey) {
    match name.as_index() {
        Some(index) => out.push_str(&format!("\"{index}\"")),
        None => {
            if let Some(atom) = name.as_atom(heap) {
                quote(out, atom.units(heap));
            }
        }
    }
    out.push_byte(b':');
}

/// Name of the constructor that an object's prototypes tell of, found without running code.
fn constructor_name(cx: &Context, object: Object) -> String {
    let heap = &cx.heap;
    let data = |object: Object, name: PropertyKey| {
        let property = object.shape(heap).lookup(heap, name)?;
        if property.attributes & (attribute::ACCESSOR | attribute::LAZY) != 0 {
            return None;
        }
        Some(object.slot_value(heap, property.slot))
    };
    let mut holder = Some(object);
    while let Some(next) = holder {
        if let Some(constructor) = data(next, key::constructor).and_then(Value::as_object) {
            let name = data(constructor, key::name).and_then(Value::as_string).map(|name| name.to_text(heap));
            return format!("'{}'", name.unwrap_or_default());
        }
        holder = next.shape(heap).prototype(heap);
    }
    "'Object'".to_string()
}

/// Step 4: the primitive that a wrapper stands for.
fn unwrap(cx: &mut Context, object: Object) -> Result<Value> {
    let inner = object.internal(&cx.heap, 0);
    match inner.type_of() {
        Type::Number => Ok(Value::number(cx.to_number(object.value())?)),
        Type::String => Ok(cx.to_string(object.value())?.value()),
        Type::Boolean | Type::BigInt => Ok(inner),
        _ => Ok(object.value()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(units: &[u16]) -> String {
        let mut out = StringBuilder::new();
        quote(&mut out, Units::Utf16(units));
        out.units().to_text()
    }

    #[test]
    fn quoting() {
        let narrow = |text: &[u8]| {
            let mut out = StringBuilder::new();
            quote(&mut out, Units::Latin1(text));
            out.units().to_text()
        };
        assert_eq!(narrow(b"a\"b\\c\n\x01\x1f\x7f\xff"), "\"a\\\"b\\\\c\\n\\u0001\\u001f\x7f\u{ff}\"");
        assert_eq!(quoted(&[0xD800]), "\"\\ud800\"");
        assert_eq!(quoted(&[0xDC00, 0xD800]), "\"\\udc00\\ud800\"");
        assert_eq!(quoted(&[0xD83D, 0xDE00, 0x08]), "\"😀\\b\"");
    }

    #[test]
    fn ints() {
        for int in [0, 7, -1, 10, i32::MAX, i32::MIN] {
            let mut out = StringBuilder::new();
            push_int(&mut out, int);
            assert_eq!(out.units().to_text(), int.to_string());
        }
    }
}
