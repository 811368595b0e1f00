//! Unicode property escapes: `\p{…}`.

use crate::charset::CharSet;
use crate::emoji;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, IdContinue, IdStart, Script};
use icu_properties::script::ScriptWithExtensions;
use icu_properties::{CodePointMapData, CodePointSetData, PropertyParser};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

/// How many sets are kept.
const MAX_REMEMBERED: usize = 64;

/// What a property stands for.
pub(crate) enum Property {
    Set(CharSet),
    /// A property of strings (v flag): single characters, and strings of other lengths.
    Strings(CharSet, Vec<Vec<u32>>),
}

fn collect(ranges: impl Iterator<Item = RangeInclusive<u32>>) -> CharSet {
    CharSet::from_ranges(ranges.map(|r| (*r.start(), *r.end())))
}

// 22.2.2.9.8 UnicodeMatchPropertyValue ( p, v ), https://tc39.es/ecma262/#sec-runtime-semantics-unicodematchpropertyvalue-p-v
/// The set of `\p{name=value}`, or nothing where the name or value does not exist.
pub(crate) fn with_value(name: &str, value: &str) -> Option<CharSet> {
    remembered(name, value, || find_with_value(name, value))
}

fn find_with_value(name: &str, value: &str) -> Option<CharSet> {
    match name {
        "General_Category" | "gc" => general_category(value),
        "Script" | "sc" => {
            let script = PropertyParser::<Script>::new().get_strict(value)?;
            Some(collect(CodePointMapData::<Script>::new().iter_ranges_for_value(script)))
        }
        "Script_Extensions" | "scx" => {
            let script = PropertyParser::<Script>::new().get_strict(value)?;
            Some(collect(ScriptWithExtensions::new().get_script_extensions_ranges(script)))
        }
        _ => None,
    }
}

fn general_category(value: &str) -> Option<CharSet> {
    remembered("gc", value, || find_general_category(value))
}

/// A set found before, or what `find` finds. Collecting one takes 100 µs and more; the standard knows less than 2,000 of them.
fn remembered(name: &str, value: &str, find: impl FnOnce() -> Option<CharSet>) -> Option<CharSet> {
    static SETS: Mutex<BTreeMap<String, Arc<CharSet>>> = Mutex::new(BTreeMap::new());
    let key = format!("{name}={value}");
    // The map is whole even if a thread panicked while it held the lock: entries are only ever added.
    let found = SETS.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    if let Some(set) = found {
        return Some(CharSet::clone(&set));
    }
    let set = find()?;
    let mut sets = SETS.lock().unwrap_or_else(PoisonError::into_inner);
    if sets.len() < MAX_REMEMBERED {
        sets.insert(key, Arc::new(set.clone()));
    }
    Some(set)
}

fn find_general_category(value: &str) -> Option<CharSet> {
    let group = PropertyParser::<GeneralCategoryGroup>::new().get_strict(value)?;
    Some(collect(CodePointMapData::<GeneralCategory>::new().iter_ranges_for_group(group)))
}

// 22.2.2.9.7 UnicodeMatchProperty ( rer, p ), https://tc39.es/ecma262/#sec-runtime-semantics-unicodematchproperty-p
/// What `\p{name}` stands for: a general category, a binary property, or under `v` a property of strings.
pub(crate) fn lone(name: &str, unicode_sets: bool) -> Option<Property> {
    if let Some(set) = general_category(name) {
        return Some(Property::Set(set));
    }
    match name {
        "Any" => return Some(Property::Set(CharSet::all())),
        "ASCII" => return Some(Property::Set(CharSet::from_ranges([(0, 0x7F)]))),
        "Assigned" => return general_category("Unassigned").map(|set| Property::Set(set.complement())),
        _ => {}
    }
    // The ICU tables know White_Space by two of its three names only.
    let name = if name == "space" { "White_Space" } else { name };
    if let Some(data) = CodePointSetData::new_for_ecma262(name.as_bytes()) {
        return Some(Property::Set(collect(data.iter_ranges())));
    }
    if unicode_sets { emoji::property_of_strings(name).map(|(set, strings)| Property::Strings(set, strings)) } else { None }
}

// 22.2.1 Patterns, RegExpIdentifierStart, https://tc39.es/ecma262/#prod-RegExpIdentifierStart
/// Whether `c` may start a group name.
pub(crate) fn is_identifier_start(c: u32) -> bool {
    if c < 128 {
        let c = c as u8;
        return c.is_ascii_alphabetic() || c == b'$' || c == b'_';
    }
    CodePointSetData::new::<IdStart>().contains32(c)
}

// 22.2.1 Patterns, RegExpIdentifierPart, https://tc39.es/ecma262/#prod-RegExpIdentifierPart
/// Whether `c` may continue a group name.
pub(crate) fn is_identifier_part(c: u32) -> bool {
    if c < 128 {
        let c = c as u8;
        return c.is_ascii_alphanumeric() || c == b'$' || c == b'_';
    }
    matches!(c, 0x200C | 0x200D) || CodePointSetData::new::<IdContinue>().contains32(c)
}
