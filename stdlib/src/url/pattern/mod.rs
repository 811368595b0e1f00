//! URLPattern. <https://urlpattern.spec.whatwg.org/>
//!
//! | file | contents |
//! |---|---|
//! | `tokenizer` | tokens of pattern strings |
//! | `parts` | part lists, regular expressions and pattern strings from them |
//! | `constructor_string` | constructor strings |
//! | `canonical` | canonicalization of components |
//! | `components` | what is proposed for components: comparing them, generating them |

mod canonical;
mod components;
mod constructor_string;
mod parts;
mod tokenizer;

use crate::streams::support::{Slots, caught};
use crate::url::record::Record;
use crate::webidl::prelude::*;
use canonical::InitType;
use parts::{Encode, Options, PartType};

/// Slot: RegExp objects of the components.
const REGULAR_EXPRESSIONS: u32 = 1;
/// Slot: pattern strings of the components.
const PATTERN_STRINGS: u32 = 2;
/// Slot: lists of group names of the components, each a record.
const GROUP_NAMES: u32 = 3;
/// Slot: whether a component has a group with a regular expression.
const HAS_REGEXP_GROUPS: u32 = 4;

/// What is wrong with a pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Invalid(String);

impl Invalid {
    fn new(why: &str) -> Invalid {
        Invalid(why.to_string())
    }
}

/// What ends the making of a pattern: something wrong with it, or a thrown exception.
enum Failure {
    Invalid(Invalid),
    Thrown(Thrown),
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Failure {
        Failure::Invalid(invalid)
    }
}

impl From<Thrown> for Failure {
    fn from(thrown: Thrown) -> Failure {
        Failure::Thrown(thrown)
    }
}

/// The components of a URL.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enumeration)]
#[idl(name = "URLPatternComponent")]
pub(super) enum Component {
    Protocol,
    Username,
    Password,
    Hostname,
    Port,
    Pathname,
    Search,
    Hash,
}

impl Component {
    const ALL: [Component; 8] = [
        Component::Protocol,
        Component::Username,
        Component::Password,
        Component::Hostname,
        Component::Port,
        Component::Pathname,
        Component::Search,
        Component::Hash,
    ];

    fn name(self) -> &'static str {
        match self {
            Component::Protocol => "protocol",
            Component::Username => "username",
            Component::Password => "password",
            Component::Hostname => "hostname",
            Component::Port => "port",
            Component::Pathname => "pathname",
            Component::Search => "search",
            Component::Hash => "hash",
        }
    }
}

/// The members of URLPatternInit and URLPatternResult in the order of their names; `None` stands for the base URL and the inputs.
const BY_NAME: [Option<Component>; 9] = [
    None,
    Some(Component::Hash),
    Some(Component::Hostname),
    Some(Component::Password),
    Some(Component::Pathname),
    Some(Component::Port),
    Some(Component::Protocol),
    Some(Component::Search),
    Some(Component::Username),
];

/// URLPatternInit. <https://urlpattern.spec.whatwg.org/#dictdef-urlpatterninit>
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Init {
    components: [Option<String>; 8],
    base_url: Option<String>,
}

impl std::ops::Index<Component> for Init {
    type Output = Option<String>;
    fn index(&self, component: Component) -> &Option<String> {
        &self.components[component as usize]
    }
}

impl std::ops::IndexMut<Component> for Init {
    fn index_mut(&mut self, component: Component) -> &mut Option<String> {
        &mut self.components[component as usize]
    }
}

/// URLPatternInput: a string or a URLPatternInit.
enum Input {
    Text(String),
    Init(Init),
}

impl Input {
    fn convert(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<Input> {
        if value.is_nullish() {
            return Ok(Input::Init(Init::default()));
        }
        let Some(object) = value.as_object() else { return Ok(Input::Text(cx.to_text(value)?)) };
        let _ = place;
        let mut init = Init::default();
        for member in BY_NAME {
            let property_key = cx.key(member.map_or("baseURL", Component::name));
            let text = cx.get(object, property_key)?;
            if text.is_undefined() {
                continue;
            }
            let text = Some(cx.to_text(text)?);
            match member {
                Some(component) => init[component] = text,
                None => init.base_url = text,
            }
        }
        Ok(Input::Init(init))
    }

    /// As an element of `inputs`.
    fn to_value(&self, cx: &mut Context) -> Result<Value> {
        let init = match self {
            Input::Text(text) => return Ok(cx.new_string(text)),
            Input::Init(init) => init,
        };
        let object = cx.new_plain_object();
        for member in BY_NAME {
            let text = match member {
                Some(component) => &init[component],
                None => &init.base_url,
            };
            if let Some(text) = text {
                let property_key = cx.key(member.map_or("baseURL", Component::name));
                let text = cx.new_string(text);
                cx.create_data_property_or_throw(object, property_key, text)?;
            }
        }
        Ok(object.value())
    }
}

/// URLPatternOptions
#[derive(Dictionary, Default)]
struct URLPatternOptions {
    ignore_case: bool,
}

/// A compiled component.
struct Compiled {
    regular_expression: Object,
    pattern: String,
    names: Vec<String>,
    has_regexp_groups: bool,
}

const DEFAULT: Options = Options { delimiter: None, prefix: None, ignore_case: false };

// https://urlpattern.spec.whatwg.org/#compile-a-component
fn compile(cx: &mut Context, input: &str, encode: Encode, options: Options) -> std::result::Result<Compiled, Failure> {
    let list = parts::parse(input, options, encode)?;
    let (source, names) = parts::regular_expression(&list, options);
    let constructor = cx.intrinsic(Intrinsic::RegExp);
    let arguments = [cx.new_string(&source), cx.new_string(if options.ignore_case { "vi" } else { "v" })];
    let regular_expression = match cx.construct(constructor, &arguments, constructor) {
        Ok(object) => object,
        Err(thrown) => {
            caught(cx, thrown)?;
            return Err(Invalid::new(&format!("'{input}' holds an invalid regular expression")).into());
        }
    };
    let has_regexp_groups = list.iter().any(|part| part.ty == PartType::Regexp);
    Ok(Compiled { regular_expression, pattern: parts::pattern_string(&list, options), names, has_regexp_groups })
}

/// RegExpBuiltinExec with a RegExp object that nobody else has: the array of the match, or `None`.
fn execute(cx: &mut Context, regular_expression: Object, input: &str) -> Result<Option<Object>> {
    let exec = cx.intrinsic(Intrinsic::RegExpExec);
    let input = cx.new_string(input);
    Ok(cx.call(exec.value(), regular_expression.value(), &[input])?.as_object())
}

// https://urlpattern.spec.whatwg.org/#protocol-component-matches-a-special-scheme
fn matches_special_scheme(cx: &mut Context, protocol: Object) -> Result<bool> {
    for scheme in ["ftp", "file", "http", "https", "ws", "wss"] {
        if execute(cx, protocol, scheme)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

// https://urlpattern.spec.whatwg.org/#hostname-pattern-is-an-ipv6-address
fn is_ipv6_pattern(input: &str) -> bool {
    (input.starts_with('[') && input.chars().count() >= 2) || input.starts_with("{[") || input.starts_with("\\[")
}

/// How the pattern of a component is read. `protocol` is the protocol's regular expression, which matters for the pathname alone.
fn rules(cx: &mut Context, component: Component, input: &str, protocol: Option<Object>, ignore_case: bool) -> Result<(Encode, Options)> {
    let case_options = Options { ignore_case, ..DEFAULT };
    let hostname_options = Options { delimiter: Some('.'), ..DEFAULT };
    Ok(match component {
        Component::Protocol => (canonical::protocol, DEFAULT),
        Component::Username | Component::Password => (canonical::credentials, DEFAULT),
        Component::Hostname if is_ipv6_pattern(input) => (canonical::ipv6_hostname, hostname_options),
        Component::Hostname => (canonical::hostname, hostname_options),
        Component::Port => (canonical::port, DEFAULT),
        Component::Pathname => {
            let special = match protocol {
                Some(protocol) => matches_special_scheme(cx, protocol)?,
                None => false,
            };
            if special {
                (canonical::pathname, Options { delimiter: Some('/'), prefix: Some('/'), ignore_case })
            } else {
                (canonical::opaque_pathname, case_options)
            }
        }
        Component::Search => (canonical::search, case_options),
        Component::Hash => (canonical::hash, case_options),
    })
}

// https://urlpattern.spec.whatwg.org/#url-pattern-create
fn create(cx: &mut Context, this: Object, input: Input, base_url: Option<String>, ignore_case: bool) -> std::result::Result<(), Failure> {
    let init = match input {
        Input::Text(text) => {
            let mut init = constructor_string::parse::<Failure>(&text, |protocol| {
                let component = compile(cx, protocol, canonical::protocol, DEFAULT)?;
                Ok(matches_special_scheme(cx, component.regular_expression)?)
            })?;
            if base_url.is_none() && init[Component::Protocol].is_none() {
                return Err(Invalid::new("a relative pattern needs a base URL").into());
            }
            init.base_url = base_url;
            init
        }
        Input::Init(_) if base_url.is_some() => return Err(Invalid::new("a pattern from an object takes its base URL from there").into()),
        Input::Init(init) => init,
    };
    let mut processed = canonical::process(&init, InitType::Pattern)?;
    for component in Component::ALL {
        processed[component].get_or_insert_with(|| "*".to_string());
    }
    let text = |processed: &Init, component: Component| processed[component].clone().unwrap_or_default();
    if canonical::is_default_port(&text(&processed, Component::Protocol), &text(&processed, Component::Port)) {
        processed[Component::Port] = Some(String::new());
    }
    let count = Component::ALL.len() as u32;
    let (expressions, patterns, names) = (cx.heap.new_values(count), cx.heap.new_values(count), cx.heap.new_values(count));
    this.put(cx, REGULAR_EXPRESSIONS, Value::cell(expressions));
    this.put(cx, PATTERN_STRINGS, Value::cell(patterns));
    this.put(cx, GROUP_NAMES, Value::cell(names));
    this.put(cx, HAS_REGEXP_GROUPS, false);
    for component in Component::ALL {
        let input = text(&processed, component);
        let protocol = if component == Component::Pathname { expressions.object(cx, Component::Protocol as u32) } else { None };
        let (encode, options) = rules(cx, component, &input, protocol, ignore_case)?;
        let compiled = compile(cx, &input, encode, options)?;
        expressions.put(cx, component as u32, compiled.regular_expression);
        let pattern = cx.heap.new_string(&compiled.pattern);
        patterns.put(cx, component as u32, pattern);
        let mut list = cx.heap.new_values(compiled.names.len() as u32);
        for name in &compiled.names {
            list = list.push(&cx.heap, cx.new_string(name));
        }
        names.put(cx, component as u32, Value::cell(list));
        if compiled.has_regexp_groups {
            this.put(cx, HAS_REGEXP_GROUPS, true);
        }
    }
    Ok(())
}

/// What is to be matched, by component.
fn components_of(url: &Record) -> Init {
    let mut result = Init::default();
    result[Component::Protocol] = Some(url.scheme.clone());
    result[Component::Username] = Some(url.username.clone());
    result[Component::Password] = Some(url.password.clone());
    result[Component::Hostname] = Some(url.host.clone().unwrap_or_default());
    result[Component::Port] = Some(url.port.map_or_else(String::new, |port| port.to_string()));
    result[Component::Pathname] = Some(url.path_text());
    result[Component::Search] = Some(url.query.clone().unwrap_or_default());
    result[Component::Hash] = Some(url.fragment.clone().unwrap_or_default());
    result
}

/// Component texts and matches of [`matched`].
type Matches = (Init, Vec<(Component, Object)>);

// https://urlpattern.spec.whatwg.org/#url-pattern-match
fn matched(cx: &mut Context, this: Object, input: &Input, base_url: Option<&str>, place: &Place<'_>) -> Result<Option<Matches>> {
    let texts = match input {
        Input::Init(_) if base_url.is_some() => {
            return Err(place.type_error(cx, "an object takes its base URL from its own 'baseURL' member"));
        }
        Input::Init(init) => match canonical::process(init, InitType::Url) {
            Ok(texts) => texts,
            Err(_) => return Ok(None),
        },
        Input::Text(text) => match super::parse(text, base_url) {
            Some(url) => components_of(&url),
            None => return Ok(None),
        },
    };
    let Some(expressions) = this.at(cx, REGULAR_EXPRESSIONS).as_cell::<Values>() else { return Ok(None) };
    let mut matches = Vec::with_capacity(Component::ALL.len());
    for component in Component::ALL {
        let Some(expression) = expressions.object(cx, component as u32) else { return Ok(None) };
        let text = texts[component].as_deref().unwrap_or_default();
        match execute(cx, expression, text)? {
            Some(array) => matches.push((component, array)),
            None => return Ok(None),
        }
    }
    Ok(Some((texts, matches)))
}

// https://urlpattern.spec.whatwg.org/#create-a-component-match-result
fn component_result(cx: &mut Context, this: Object, component: Component, text: &str, array: Object) -> Result<Object> {
    let groups = cx.new_plain_object();
    let names = this.at(cx, GROUP_NAMES).as_cell::<Values>().and_then(|names| names.at(cx, component as u32).as_cell::<Values>());
    if let Some(names) = names {
        for index in 0..names.length(&cx.heap) {
            let value = cx.get(array, PropertyKey::index(index + 1))?;
            let name = cx.to_property_key(names.at(cx, index))?;
            cx.create_data_property_or_throw(groups, name, value)?;
        }
    }
    let result = cx.new_plain_object();
    let (groups_key, input_key) = (cx.key("groups"), cx.key("input"));
    cx.create_data_property_or_throw(result, groups_key, groups.value())?;
    let text = cx.new_string(text);
    cx.create_data_property_or_throw(result, input_key, text)?;
    Ok(result)
}

fn pattern_of(cx: &Context, this: Object, component: Component) -> Value {
    let patterns = this.at(cx, PATTERN_STRINGS).as_cell::<Values>();
    patterns.map_or(Value::UNDEFINED, |patterns| patterns.at(cx, component as u32))
}

/// `URLPattern`.
#[interface(name = "URLPattern", class = class::URL_PATTERN, uses = [URLPatternOptions])]
impl URLPattern {
    // https://urlpattern.spec.whatwg.org/#dom-urlpattern-urlpattern
    // https://urlpattern.spec.whatwg.org/#dom-urlpattern-urlpattern-input-options
    #[constructor(
        ts = "(input: URLPatternInput, baseURL: string, options?: URLPatternOptions): URLPattern",
        ts = "(input?: URLPatternInput, options?: URLPatternOptions): URLPattern"
    )]
    fn new(cx: &mut Context, this: Object, input: Optional<Value>, second: Optional<Value>, third: Optional<Value>) -> Result<()> {
        const PLACE: Place<'_> = Place::member(PlaceKind::Constructor, "URLPattern", "constructor");
        let input = Input::convert(cx, input.unwrap_or(Value::UNDEFINED), &PLACE)?;
        let second = second.unwrap_or(Value::UNDEFINED);
        // Overloads: a base URL in the second place is anything but an object, null and undefined, unless there is a third argument.
        let (base_url, options) = if third.is_some() || !(second.is_nullish() || second.is_object()) {
            (Some(cx.to_text(second)?), third.unwrap_or(Value::UNDEFINED))
        } else {
            (None, second)
        };
        let options = URLPatternOptions::from_js(cx, options, &PLACE)?;
        match create(cx, this, input, base_url, options.ignore_case) {
            Ok(()) => Ok(()),
            Err(Failure::Thrown(thrown)) => Err(thrown),
            Err(Failure::Invalid(Invalid(why))) => Err(PLACE.type_error(cx, &why)),
        }
    }

    // https://urlpattern.spec.whatwg.org/#dom-urlpattern-test
    #[method]
    fn test(
        cx: &mut Context,
        this: Object,
        #[ts("URLPatternInput")] input: Optional<Value>,
        base_url: Optional<USVString>,
    ) -> Result<bool> {
        const PLACE: Place<'_> = Place::method("URLPattern", "test");
        let input = Input::convert(cx, input.unwrap_or(Value::UNDEFINED), &PLACE)?;
        Ok(matched(cx, this, &input, base_url.as_deref(), &PLACE)?.is_some())
    }

    // https://urlpattern.spec.whatwg.org/#dom-urlpattern-exec
    #[method(ts = "URLPatternResult | null")]
    fn exec(
        cx: &mut Context,
        this: Object,
        #[ts("URLPatternInput")] input: Optional<Value>,
        base_url: Optional<USVString>,
    ) -> Result<Option<Object>> {
        const PLACE: Place<'_> = Place::method("URLPattern", "exec");
        let input = Input::convert(cx, input.unwrap_or(Value::UNDEFINED), &PLACE)?;
        let Some((texts, matches)) = matched(cx, this, &input, base_url.as_deref(), &PLACE)? else { return Ok(None) };
        let mut inputs = vec![input.to_value(cx)?];
        if let Some(base_url) = base_url.as_deref() {
            inputs.push(cx.new_string(base_url));
        }
        let inputs = cx.new_array(&inputs);
        let result = cx.new_plain_object();
        for member in [
            Some(Component::Hash),
            Some(Component::Hostname),
            None,
            Some(Component::Password),
            Some(Component::Pathname),
            Some(Component::Port),
            Some(Component::Protocol),
            Some(Component::Search),
            Some(Component::Username),
        ] {
            let property_key = cx.key(member.map_or("inputs", Component::name));
            let value = match member {
                None => inputs,
                Some(component) => {
                    let Some((_, array)) = matches.iter().find(|(known, _)| *known == component) else { continue };
                    component_result(cx, this, component, texts[component].as_deref().unwrap_or_default(), *array)?
                }
            };
            cx.create_data_property_or_throw(result, property_key, value.value())?;
        }
        Ok(Some(result))
    }

    /// Which of two patterns is more restrictive in a component: -1, 0 or 1. <https://github.com/whatwg/urlpattern/issues/61>
    #[static_method(ts = "-1 | 0 | 1")]
    fn compare_component(cx: &mut Context, component: Component, left: Instance<URLPattern>, right: Instance<URLPattern>) -> Result<i32> {
        let (left, _, _) = components::parts_of(cx, left.object, component)?;
        let (right, _, _) = components::parts_of(cx, right.object, component)?;
        Ok(components::compare(&left, &right) as i32)
    }

    /// The text of a component in which groups have these values. <https://github.com/whatwg/urlpattern/issues/73>
    #[method]
    fn generate(
        cx: &mut Context,
        this: Object,
        component: Component,
        groups: crate::webidl::Record<USVString, USVString>,
    ) -> Result<String> {
        let (parts, encode, options) = components::parts_of(cx, this, component)?;
        let value = |name: &str| groups.0.iter().find(|(known, _)| **known == *name).map(|(_, value)| &**value);
        components::generate(&parts, value, encode, options)
            .map_err(|Invalid(why)| Place::method("URLPattern", "generate").type_error(cx, &why))
    }

    // https://urlpattern.spec.whatwg.org/#dom-urlpattern-protocol
    #[getter(ts = "string")]
    fn protocol(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(pattern_of(cx, this, Component::Protocol))
    }

    // https://urlpattern.spec.whatwg.org/#dom-urlpattern-username
    #[getter(ts = "string")]
    fn username(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(pattern_of(cx, this, Component::Username))
    }

    // https://urlpattern.spec.whatwg.org/#dom-urlpattern-password
    #[getter(ts = "string")]
    fn password(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(pattern_of(cx, this, Component::Password))
    }

    // https://urlpattern.spec.whatwg.org/#dom-urlpattern-hostname
    #[getter(ts = "string")]
    fn hostname(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(pattern_of(cx, this, Component::Hostname))
    }

    // https://urlpattern.spec.whatwg.org/#dom-urlpattern-port
    #[getter(ts = "string")]
    fn port(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(pattern_of(cx, this, Component::Port))
    }

    // https://urlpattern.spec.whatwg.org/#dom-urlpattern-pathname
    #[getter(ts = "string")]
    fn pathname(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(pattern_of(cx, this, Component::Pathname))
    }

    // https://urlpattern.spec.whatwg.org/#dom-urlpattern-search
    #[getter(ts = "string")]
    fn search(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(pattern_of(cx, this, Component::Search))
    }

    // https://urlpattern.spec.whatwg.org/#dom-urlpattern-hash
    #[getter(ts = "string")]
    fn hash(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(pattern_of(cx, this, Component::Hash))
    }

    // https://urlpattern.spec.whatwg.org/#dom-urlpattern-hasregexpgroups
    #[getter(name = "hasRegExpGroups", ts = "boolean")]
    fn has_reg_exp_groups(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, HAS_REGEXP_GROUPS))
    }
}
