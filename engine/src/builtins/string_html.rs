//! HTML methods of strings. https://tc39.es/ecma262/#sec-additional-properties-of-the-string.prototype-object

use super::string::{finish, this_string};
use crate::context::Context;
use crate::native::{Args, Result};
use crate::string::{StringBuilder, Units};
use crate::value::Value;

// B.2.2.2.1 CreateHTML ( string, tag, attribute, value ), https://tc39.es/ecma262/#sec-createhtml
fn create_html(cx: &mut Context, this: Value, method: &str, tag: &str, attribute: Option<(&str, Value)>) -> Result<Value> {
    let string = this_string(cx, this, method)?;
    let mut html = StringBuilder::new();
    html.push_byte(b'<');
    html.push_str(tag);
    if let Some((name, value)) = attribute {
        let value = cx.to_string(value)?;
        html.push_byte(b' ');
        html.push_str(name);
        html.push_str("=\"");
        let units = value.units(&cx.heap);
        for i in 0..units.len() {
            match units.at(i) {
                0x22 => html.push_units(Units::Latin1(b"&quot;")),
                unit => html.push_unit(unit),
            }
        }
        html.push_byte(b'"');
    }
    html.push_byte(b'>');
    html.push_string(&cx.heap, string);
    html.push_str("</");
    html.push_str(tag);
    html.push_byte(b'>');
    Ok(finish(cx, html)?.value())
}

// B.2.2.2 String.prototype.anchor ( name ), https://tc39.es/ecma262/#sec-string.prototype.anchor
pub(super) fn anchor(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    create_html(cx, this, "anchor", "a", Some(("name", args.at(0))))
}

// B.2.2.3 String.prototype.big ( ), https://tc39.es/ecma262/#sec-string.prototype.big
pub(super) fn big(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    create_html(cx, this, "big", "big", None)
}

// B.2.2.4 String.prototype.blink ( ), https://tc39.es/ecma262/#sec-string.prototype.blink
pub(super) fn blink(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    create_html(cx, this, "blink", "blink", None)
}

// B.2.2.5 String.prototype.bold ( ), https://tc39.es/ecma262/#sec-string.prototype.bold
pub(super) fn bold(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    create_html(cx, this, "bold", "b", None)
}

// B.2.2.6 String.prototype.fixed ( ), https://tc39.es/ecma262/#sec-string.prototype.fixed
pub(super) fn fixed(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    create_html(cx, this, "fixed", "tt", None)
}

// B.2.2.7 String.prototype.fontcolor ( colour ), https://tc39.es/ecma262/#sec-string.prototype.fontcolor
pub(super) fn fontcolor(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    create_html(cx, this, "fontcolor", "font", Some(("color", args.at(0))))
}

// B.2.2.8 String.prototype.fontsize ( size ), https://tc39.es/ecma262/#sec-string.prototype.fontsize
pub(super) fn fontsize(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    create_html(cx, this, "fontsize", "font", Some(("size", args.at(0))))
}

// B.2.2.9 String.prototype.italics ( ), https://tc39.es/ecma262/#sec-string.prototype.italics
pub(super) fn italics(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    create_html(cx, this, "italics", "i", None)
}

// B.2.2.10 String.prototype.link ( url ), https://tc39.es/ecma262/#sec-string.prototype.link
pub(super) fn link(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    create_html(cx, this, "link", "a", Some(("href", args.at(0))))
}

// B.2.2.11 String.prototype.small ( ), https://tc39.es/ecma262/#sec-string.prototype.small
pub(super) fn small(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    create_html(cx, this, "small", "small", None)
}

// B.2.2.12 String.prototype.strike ( ), https://tc39.es/ecma262/#sec-string.prototype.strike
pub(super) fn strike(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    create_html(cx, this, "strike", "strike", None)
}

// B.2.2.13 String.prototype.sub ( ), https://tc39.es/ecma262/#sec-string.prototype.sub
pub(super) fn sub(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    create_html(cx, this, "sub", "sub", None)
}

// B.2.2.14 String.prototype.sup ( ), https://tc39.es/ecma262/#sec-string.prototype.sup
pub(super) fn sup(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    create_html(cx, this, "sup", "sup", None)
}
