//! Format specifiers of `console.log`. <https://console.spec.whatwg.org/#formatter>

use super::object::number;
use super::{Options, inspect, inspect_with};
use mayfly_engine::context::Context;
use mayfly_engine::heap::Kind;
use mayfly_engine::native::Result;
use mayfly_engine::realm::Intrinsic;
use mayfly_engine::string::atoms::key;
use mayfly_engine::value::{Type, Value};

/// Arguments of a log function as one text. A first argument that is a string may hold `%s %d %i %f %j %o %O %c %%`.
pub fn format(cx: &mut Context, arguments: &[Value]) -> Result<String> {
    let Some(first) = arguments.first() else { return Ok(String::new()) };
    let mut text = String::new();
    let mut used = 0;
    if let Some(template) = first.as_string() {
        let template = template.to_text(&cx.heap);
        used = 1;
        if arguments.len() == 1 {
            return Ok(template);
        }
        let mut rest = template.as_str();
        while let Some(at) = rest.find('%') {
            text.push_str(&rest[..at]);
            let specifier = rest[at + 1..].chars().next();
            let known = match specifier {
                Some('%') => {
                    text.push('%');
                    true
                }
                Some(letter @ ('s' | 'd' | 'i' | 'f' | 'j' | 'o' | 'O' | 'c')) if used < arguments.len() => {
                    let shown = substitute(cx, letter, arguments[used])?;
                    text.push_str(&shown);
                    used += 1;
                    true
                }
                _ => false,
            };
            if known {
                rest = &rest[at + 2..];
            } else {
                text.push('%');
                rest = &rest[at + 1..];
            }
        }
        text.push_str(rest);
    }
    for (i, argument) in arguments.iter().enumerate().skip(used) {
        if i > 0 {
            text.push(' ');
        }
        match argument.as_string() {
            Some(string) => text.push_str(&string.to_text(&cx.heap)),
            None => text.push_str(&inspect(cx, *argument)),
        }
    }
    Ok(text)
}

fn substitute(cx: &mut Context, letter: char, argument: Value) -> Result<String> {
    Ok(match letter {
        's' => as_string(cx, argument)?,
        'd' => match argument.type_of() {
            Type::BigInt => inspect(cx, argument),
            Type::Symbol => "NaN".to_string(),
            _ => {
                let converted = Value::number(cx.to_number(argument)?);
                number(cx, converted)
            }
        },
        'i' | 'f' => match argument.type_of() {
            Type::BigInt if letter == 'i' => inspect(cx, argument),
            Type::Symbol => "NaN".to_string(),
            _ => {
                let parse = cx.intrinsic(if letter == 'i' { Intrinsic::ParseInt } else { Intrinsic::ParseFloat });
                let parsed = cx.call(parse.value(), Value::UNDEFINED, &[argument])?;
                number(cx, parsed)
            }
        },
        'j' => json(cx, argument)?,
        'o' => inspect_with(cx, argument, Options { show_hidden: true, depth: 4, ..Options::default() }),
        'O' => inspect(cx, argument),
        _ => String::new(),
    })
}

fn as_string(cx: &mut Context, argument: Value) -> Result<String> {
    if argument.is_number() {
        return Ok(number(cx, argument));
    }
    let Some(object) = argument.as_object() else {
        return Ok(match argument.as_string() {
            Some(text) => text.to_text(&cx.heap),
            None => inspect(cx, argument),
        });
    };
    if has_own_to_string(cx, object)? {
        cx.to_text(argument)
    } else {
        Ok(inspect_with(cx, argument, Options { depth: 0, ..Options::default() }))
    }
}

/// Whether an object's `toString` is its class's own rather than a built-in one.
fn has_own_to_string(cx: &mut Context, object: mayfly_engine::object::Object) -> Result<bool> {
    if object.is(&cx.heap, Kind::Error) {
        return Ok(false);
    }
    let method = cx.get(object, key::to_string)?;
    Ok(method.as_object().is_some_and(|method| method.is(&cx.heap, Kind::Closure)))
}

fn json(cx: &mut Context, argument: Value) -> Result<String> {
    let json = cx.intrinsic(Intrinsic::Json);
    let name = cx.key("stringify");
    match cx.invoke(json.value(), name, &[argument]) {
        Ok(text) => Ok(text.as_string().map_or_else(|| "undefined".to_string(), |text| text.to_text(&cx.heap))),
        Err(thrown) => match cx.take_exception() {
            // A cycle: JSON.stringify says so by a TypeError.
            Some(error) if error.as_object().is_some_and(|error| error.is(&cx.heap, Kind::Error)) => Ok("[Circular]".to_string()),
            Some(error) => Err(cx.throw(error)),
            None => Err(thrown),
        },
    }
}
