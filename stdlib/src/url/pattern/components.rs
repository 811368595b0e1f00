//! What is proposed for single components of patterns: which of two is more restrictive, and texts that match one. Neither is in the standard
//! yet; the suite's tentative tests say what is meant. <https://github.com/whatwg/urlpattern/issues/61>, <https://github.com/whatwg/urlpattern/issues/73>

use std::cmp::Ordering;

use super::parts::{self, Encode, Modifier, Options, Part, PartType};
use super::{Component, Invalid, PATTERN_STRINGS, REGULAR_EXPRESSIONS, rules};
use crate::streams::support::Slots;
use crate::webidl::prelude::*;

/// The parts of a component, read from its pattern string again, and the rules under which they are read.
pub(super) fn parts_of(cx: &mut Context, pattern: Object, component: Component) -> Result<(Vec<Part>, Encode, Options)> {
    let record = |cx: &Context, slot: u32| pattern.at(cx, slot).as_cell::<Values>();
    let text = record(cx, PATTERN_STRINGS).and_then(|patterns| patterns.at(cx, component as u32).as_string());
    let text = text.map_or_else(String::new, |text| text.to_text(&cx.heap));
    let protocol = record(cx, REGULAR_EXPRESSIONS).and_then(|expressions| expressions.object(cx, Component::Protocol as u32));
    // Case matters to regular expressions alone.
    let (encode, options) = rules(cx, component, &text, protocol, false)?;
    match parts::parse(&text, options, encode) {
        Ok(list) => Ok((list, encode, options)),
        Err(Invalid(why)) => Err(cx.throw_type_error(&why)),
    }
}

/// Later is more restrictive.
fn type_rank(part: &Part) -> u8 {
    match part.ty {
        PartType::FullWildcard => 0,
        PartType::SegmentWildcard => 1,
        PartType::Regexp => 2,
        PartType::FixedText => 3,
    }
}

/// Later is more restrictive.
fn modifier_rank(part: &Part) -> u8 {
    match part.modifier {
        Modifier::ZeroOrMore => 0,
        Modifier::Optional => 1,
        Modifier::OneOrMore => 2,
        Modifier::None => 3,
    }
}

fn compare_parts(left: &Part, right: &Part) -> Ordering {
    let key = |part: &Part| (type_rank(part), modifier_rank(part));
    let texts = |part: &Part| [part.prefix.clone(), part.value.clone(), part.suffix.clone()];
    key(left).cmp(&key(right)).then_with(|| texts(left).cmp(&texts(right)))
}

/// Part by part; where one list ends, the other one's next part is compared with empty fixed text, so that `/a/` is more than `/a/*`.
pub(super) fn compare(left: &[Part], right: &[Part]) -> Ordering {
    let empty = String::new;
    let nothing =
        Part { ty: PartType::FixedText, value: empty(), modifier: Modifier::None, name: empty(), prefix: empty(), suffix: empty() };
    for index in 0..left.len().max(right.len()) {
        let ended = left.len() <= index || right.len() <= index;
        let order = compare_parts(left.get(index).unwrap_or(&nothing), right.get(index).unwrap_or(&nothing));
        if ended || order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// The text that a component matches with these values of its groups. Only fixed text and groups that stand for one segment can be
/// generated.
pub(super) fn generate<'v>(
    parts: &[Part],
    value_of: impl Fn(&str) -> Option<&'v str>,
    encode: Encode,
    options: Options,
) -> std::result::Result<String, Invalid> {
    let mut text = String::new();
    for part in parts {
        if part.modifier != Modifier::None {
            return Err(Invalid::new("the pattern has an optional or repeated part"));
        }
        match part.ty {
            PartType::FixedText => text.push_str(&part.value),
            PartType::SegmentWildcard => {
                let value =
                    value_of(&part.name).ok_or_else(|| Invalid::new(&format!("there is no value for the group '{}'", part.name)))?;
                let value = encode(value)?;
                if value.is_empty() || options.delimiter.is_some_and(|delimiter| value.contains(delimiter)) {
                    return Err(Invalid::new(&format!("the value of the group '{}' does not match it", part.name)));
                }
                text.extend([part.prefix.as_str(), value.as_str(), part.suffix.as_str()]);
            }
            PartType::Regexp | PartType::FullWildcard => {
                return Err(Invalid::new("the pattern has a wildcard or a regular expression"));
            }
        }
    }
    Ok(text)
}
